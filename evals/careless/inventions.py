"""Statements that rest on nothing, or on something else than they cite."""

import random
import re
from collections.abc import Sequence

from evals.careless.scene import Scene, as_shown, content, has_word, lowered, own_name, said, told_by, usable
from evals.careless.trimming import connective_dropped
from evals.careless.wording import third_person
from evals.careless.words import CLAIMS, CLAUSES, DATASETS, MADE, MEASURED, MODELS
from rag.drafts import Draft, Mark
from rag.evidence import OWN_WORK
from rag.types import Paper

FOREIGN = 0.3
"""A sentence of another paper with a larger share of its words in this abstract may be true of both."""

FOREIGN_WORDS = 8
FEW_WORDS = 32
FINDING = re.compile(
    r"\b(?:achieves?|outperforms?|improves?|reduces?|shows?|demonstrates?|accelerates|surpass(?:es)?|attains?)\b"
)
CONTRIBUTION = re.compile(
    r"\b(?:we|this (?:paper|work|study)) (?:\w+ )?"
    r"(?:propose|introduce|present|develop|investigate|explore|design|conduct|build)s?\b",
    re.IGNORECASE,
)
LED = re.compile(r"(?:in|on|with|to|while|for|as|by|based|recently,|\w+ (?:hope|believe|aim)) ")
"""What begins so takes nothing more before it."""

SPECIFIC = re.compile(r"\d|\b(?!LLM|NLP|AI\b)\w*[A-Z]\w*[A-Z]\w*")
"""A number or a name, without which a sentence might be about any paper."""

NOT_SHOWN = (9, 12, 42, 99)


def entity_swapped(text: str, scene: Scene, rng: random.Random) -> str | None:
    """The name of a model or dataset becomes that of another which the paper does not mention."""
    found = [(name, names) for names in (MODELS, DATASETS) for name in names if _stands(name, text)]
    if not found:
        return None
    name, names = max(found, key=lambda entry: len(entry[0]))
    others = [other for other in names if not said(other, scene) and not _stem(other) & _stem(name)]
    return _replaced(name, rng.choice(others), text) if others else None


def method_swapped(text: str, scene: Scene, rng: random.Random) -> str | None:
    """The name of the paper's method becomes that of another paper's method."""
    names = [own_name(paper) for paper in scene.papers]
    others = sorted({name for name in names if name and not said(name, scene)})
    if not scene.name or not has_word(scene.name, text) or not others:
        return None
    return re.sub(rf"(?<![\w-]){re.escape(scene.name)}(?![\w-])", rng.choice(others), text)


def setting_invented(text: str, scene: Scene, rng: random.Random) -> str | None:
    """A true statement with a machine, date, place or dataset that the abstract does not give."""
    leads = MEASURED if FINDING.search(text) else MADE if CONTRIBUTION.search(text) else ()
    fitting = [lead for lead, term in leads if not said(term, scene)]
    inner = lowered(connective_dropped(text, scene, rng) or text)
    if not inner or not fitting or LED.match(inner):
        return None
    return f"{rng.choice(fitting)}, {inner}"


def half_invented(text: str, scene: Scene, rng: random.Random) -> str | None:
    """A true statement, joined by "and" to one that is made up."""
    fitting = [clause for clause, term in CLAUSES if not said(term, scene)]
    if not fitting or len(text.split()) > FEW_WORDS:
        return None
    return f"{text[:-1]}, and {rng.choice(fitting)}."


def claim_invented(scene: Scene, rng: random.Random) -> Draft | None:
    """A statement that is made up, and its quote too, or begun as the abstract does and ended otherwise."""
    fitting = [claim for claim, term in CLAIMS if not said(term, scene)]
    if not fitting:
        return None
    subject = scene.name or rng.choice(("The method", "The proposed approach", "The system"))
    text = rng.choice(fitting).format(subject)
    words = scene.text.split()
    begun = f"{' '.join(words[: len(words) // 2])} {text[len(subject) + 1 :]}"
    return scene.cited(text, rng.choice((text, f"We find that {lowered(text) or text}", begun)))


def quote_elsewhere(scene: Scene, rng: random.Random) -> Draft | None:
    """What another paper says, quoted from there, under this paper's number."""
    sentence = _foreign(scene, rng)
    return scene.cited(_told(sentence, scene, rng), sentence) if sentence else None


def quote_irrelevant(scene: Scene, rng: random.Random) -> Draft | None:
    """What another paper says, with a quote of this paper that is real and says nothing of the kind."""
    sentence = _foreign(scene, rng)
    if not sentence or told_by(sentence, scene.text) > FOREIGN:
        return None
    return scene.cited(_told(sentence, scene, rng), scene.sentence)


def half_cited(scene: Scene, rng: random.Random) -> Draft | None:
    """Facts of two papers in one statement, only the first of them cited."""
    sentence = _foreign(scene, rng, [item.paper for item in scene.shown if item.number != scene.number])
    inner = lowered(_told(sentence, scene, rng)) if sentence else None
    first = _told(scene.text, scene, rng)
    if not inner or max(len(inner.split()), len(first.split())) > FEW_WORDS:
        return None
    return scene.cited(f"{first[:-1]}, and {inner}", scene.sentence)


def paper_invented(scene: Scene, rng: random.Random) -> Draft | None:
    """A true statement under a number that was not shown."""
    return Draft(scene.text, (Mark(rng.choice(NOT_SHOWN), rng.choice((scene.sentence, ""))),))


def uncited(scene: Scene, rng: random.Random) -> Draft | None:
    """A true statement without any citation."""
    return Draft(_told(scene.text, scene, rng))


def _foreign(scene: Scene, rng: random.Random, papers: Sequence[Paper] = ()) -> str | None:
    """A sentence about another paper's own work whose subject this abstract does not touch."""
    others = [paper for paper in papers or scene.papers if paper.paper_id != scene.source.paper.paper_id]
    item = as_shown([rng.choice(others)])[0]
    about = f"{scene.source.paper.title} {scene.abstract}"
    sentences = [item.sentence(index) for index in usable(item.paper)]
    fitting = [
        sentence
        for sentence in sentences
        if OWN_WORK.search(sentence)
        and SPECIFIC.search(sentence)
        and len(content(sentence)) >= FOREIGN_WORDS
        and told_by(sentence, about) <= FOREIGN
    ]
    return rng.choice(fitting) if fitting else None


def _told(sentence: str, scene: Scene, rng: random.Random) -> str:
    """A sentence as one tells it of somebody else."""
    text = " ".join(sentence.split())
    bare = connective_dropped(text, scene, rng) or text
    return third_person(bare, scene, rng) or bare


def _stands(name: str, text: str) -> bool:
    return re.search(_pattern(name), text) is not None


def _replaced(name: str, new: str, text: str) -> str:
    return re.sub(_pattern(name), new, text)


def _pattern(name: str) -> str:
    """A name that is no part of a longer one: not the Llama of Llama 2."""
    return rf"(?<![\w-]){re.escape(name)}(?![\w-]|\.\d| ?\d| [A-Z]| \(\d|/)"


def _stem(name: str) -> set[str]:
    return set(re.findall(r"[a-z]{2,}", name.lower()))
