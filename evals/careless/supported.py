"""The supported kinds: rules whose drafts say no more than their evidence."""

import random
import re
from dataclasses import replace

from evals.careless import form, trimming, wording
from evals.careless.scene import Rewrite, Rule, Scene, lowered, own_name, usable
from rag.drafts import Draft, Mark
from rag.text import sentence_spans

SHORT = 28
"""Most words of a sentence that is joined to another."""

PART_LEAST = 8


def reworded(rewrite: Rewrite) -> Rule:
    """The rule that rewrites the sentence and quotes it whole."""

    def rule(scene: Scene, rng: random.Random) -> Draft | None:
        text = rewrite(scene.text, scene, rng)
        return scene.cited(text, scene.sentence) if text and text != scene.text else None

    return rule


def verbatim(scene: Scene, _rng: random.Random) -> Draft | None:
    """The sentence, quoted whole."""
    return scene.cited(scene.text, scene.sentence)


def without_quote(scene: Scene, rng: random.Random) -> Draft | None:
    """The sentence, as it is or in the third person, and only the number of its paper."""
    told = wording.third_person(scene.text, scene, rng)
    return scene.cited(rng.choice((scene.text, told or scene.text)), "")


def part_quoted(scene: Scene, rng: random.Random) -> Draft | None:
    """A clause of the sentence, and a quote of just that clause."""
    rules = (wording.finding_alone, trimming.trailing_clause_dropped)
    for rule in rng.sample(rules, len(rules)):
        text = rule(scene.text, scene, rng)
        if text and len(text.split()) >= PART_LEAST:
            at = scene.text.casefold().find(text[:-1].casefold())
            return scene.cited(text, scene.text[at : at + len(text) - 1]) if at >= 0 else None
    return None


def two_facts(scene: Scene, rng: random.Random) -> Draft | None:
    """Two sentences of the same abstract in one, each quoted."""
    others = [index for index in usable(scene.source.paper) if index > scene.index]
    if not others:
        return None
    second = scene.source.sentence(rng.choice(others))
    joined = _joined((scene.text, second), rng.choice((", and ", "; ")), scene, rng)
    told = wording.third_person(joined, scene, rng) or joined if joined else None
    return scene.cited(told, scene.sentence, second) if told else None


def two_papers(scene: Scene, rng: random.Random) -> Draft | None:
    """A sentence of each of two papers in one, each naming its method, quoted under its own number."""
    others = [item for item in scene.shown if item.number != scene.number and own_name(item.paper)]
    if not others or not scene.name or scene.name not in scene.text:
        return None
    other = rng.choice(others)
    named = [index for index in usable(other.paper) if own_name(other.paper) in other.sentence(index)]
    if not named:
        return None
    second = " ".join(other.sentence(rng.choice(named)).split())
    texts = _about(scene.text, scene, rng), _about(second, replace(scene, number=other.number), rng)
    if re.search(r"\bauthors\b|\bthis (?:paper|work|article|study)\b", texts[1], re.IGNORECASE):  # whose?
        return None
    joined = _joined(texts, rng.choice((", while ", "; ", ", whereas ")), scene, rng)
    return Draft(joined, (Mark(scene.number, scene.sentence), Mark(other.number, second))) if joined else None


def _about(text: str, scene: Scene, rng: random.Random) -> str:
    """A sentence with the paper's method as its subject where that can be, else in the third person."""
    rules = (wording.copula, wording.name_as_subject, wording.third_person)
    return next((told for rule in rules if (told := rule(text, scene, rng))), text)


def _joined(texts: tuple[str, str], link: str, scene: Scene, rng: random.Random) -> str | None:
    """Two sentences as one, without their connectives."""
    plain = [" ".join(text.split()) for text in texts]
    first, second = (trimming.connective_dropped(text, scene, rng) or text for text in plain)
    inner = lowered(second)
    if not inner or max(len(first.split()), len(inner.split())) > SHORT:
        return None
    joined = f"{first[:-1]}{link}{inner}"
    return joined if len(sentence_spans(joined)) == 1 and joined.count(";") < FEW_STOPS else None


FEW_STOPS = 2


SUPPORTED: dict[str, Rule] = {
    "verbatim": verbatim,
    "quote retyped": form.quote_retyped,
    "quote shortened": form.quote_shortened,
    "quote runs on": form.quote_runs_on,
    "no quote": without_quote,
    "part quoted": part_quoted,
    "two facts": two_facts,
    "two papers": two_papers,
    "third person": reworded(wording.third_person),
    "paper as subject": reworded(wording.paper_as_subject),
    "X is a Y": reworded(wording.copula),
    "passive voice": reworded(wording.passive),
    "past tense": reworded(wording.past_tense),
    "name as subject": reworded(wording.name_as_subject),
    "paper named": reworded(wording.paper_named),
    "finding alone": reworded(wording.finding_alone),
    "connective dropped": reworded(trimming.connective_dropped),
    "parenthesis dropped": reworded(trimming.parenthesis_dropped),
    "clause dropped": reworded(trimming.trailing_clause_dropped),
    "adverb dropped": reworded(trimming.adverb_dropped),
    "reordered": reworded(trimming.reordered),
    "synonyms": reworded(trimming.synonyms),
    "abbreviated": reworded(trimming.abbreviated),
    "number formatted": reworded(form.number_formatted),
    "unit spelled": reworded(form.unit_spelled),
    "reworded twice": reworded(wording.reworded_twice),
}
"""What must reach the reader, by kind."""
