"""Statements made by rule from open abstracts, with labels by construction: no judge, no exam text.

A sentence of an abstract is reworded; the same rewording is then turned round. Either goes beside a window of
the abstract that holds the sentence as it was or as it was turned: of the four pairs two are supported and
two contradicted, so that neither side alone tells the label. What is not in the context are statements of
the most alike other papers, of the same abstract with their sentence taken out, and statements that speak of
another thing. The greater part are findings from a grammar (`evals.support.made_findings`).
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from evals.support.made_findings import make_findings
from evals.support.made_pair import ABSENT, CONTRADICTED, SUPPORTED, MadePair
from evals.support.statement_changes import LEAD, TURNS, as_sentence, reword, shortened
from rag.text import sentence_spans
from rag.types import Paper

LEAST_SENTENCES = 4
WORDS = 6, 28
PHRASE_WORDS = range(2, 5)
STATED, UNSTATED = 0.6, 0.35
"""Share of a sentence's words in another: from here it restates it; up to here it does not."""
FINDINGS_SHARE = 0.85
SHORTENED = 0.45
"""Chances: of findings instead of sentences of abstracts; that of a sentence only a clause is stated."""
MOST_BESIDE = 3
"""Pairs of one abstract beside its corners."""
NEAR, WHOLE = (0, 0, 0, 1), (4, 6, 8)
"""How many sentences stand around a finding."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[a-z][a-z0-9-]{2,}|\d+(?:\.\d+)?")
_PHRASE_END = re.compile(
    r"\b(?:for|of|with|in|via|using|by|from|on|to|and|through|under|a|an|the|towards?)\b|[:,?!()]"
)
_STOP = _words(
    """the and for that with this are was were from which can our has have its their than these those such
    also not been into between both more most other over under using based show shown results paper method
    approach"""
)


@dataclass(frozen=True, slots=True)
class Abstract:
    """A paper's title, the sentences of its abstract, and the words of each."""

    title: str
    sentences: tuple[str, ...]
    words: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn, and how much of an abstract is evidence."""

    rng: random.Random
    whole: bool = False

    def window(self, own: Abstract, place: int, instead: str | None = None) -> tuple[str, ...]:
        """The sentence, or another INSTEAD of it, alone or with neighbours, or in its whole abstract."""
        first, last = 0, len(own.sentences)
        if not self.whole:
            first = max(0, place - self.rng.choice((0, 0, 0, 1)))
            last = min(last, place + 1 + self.rng.choice((0, 0, 0, 1)))
        texts = list(own.sentences[first:last])
        texts[place - first] = instead or own.sentences[place]
        return tuple(texts)

    def rest(self, own: Abstract, without: int, best: int) -> tuple[str, ...]:
        """The BEST other sentence, or all others."""
        if self.whole:
            return own.sentences[:without] + own.sentences[without + 1 :]
        return (own.sentences[best],)


def content_words(text: str) -> frozenset[str]:
    """Lower-cased words and numbers without the commonest."""
    return frozenset(_WORD.findall(text.lower())) - _STOP


def read_abstract(paper: Paper) -> Abstract | None:
    """Sentences of a paper; None if there are too few to tell one from the rest."""
    spans = sentence_spans(paper.abstract)
    sentences = tuple(" ".join(paper.abstract[span.start : span.end].split()) for span in spans)
    if len(sentences) < LEAST_SENTENCES:
        return None
    return Abstract(paper.title, sentences, tuple(map(content_words, sentences)))


def make_statements(
    papers: Sequence[Paper], seed: int, count: int, *, whole: bool = False
) -> Iterator[MadePair]:
    """Pairs, the same for the same papers and seed.

    Args:
        papers: any; those with fewer than `LEAST_SENTENCES` sentences are left out.
        seed: of everything that is drawn.
        count: how many pairs.
        whole: evidence is a whole abstract, as where answers are checked, instead of a few sentences of one.
    """
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    abstracts = [each for each in map(read_abstract, papers) if each]
    near = nearest(abstracts)
    phrases = title_phrases(abstracts)
    made = 0
    while made < count:
        if rng.random() < FINDINGS_SHARE:
            batch = make_findings(rng, phrases, WHOLE if whole else NEAR)
        else:
            place = rng.randrange(len(abstracts))
            others = [abstracts[other] for other in near[place]]
            batch = _from_abstract(Draw(rng, whole), abstracts[place], others)
        yield from batch[: count - made]
        made += len(batch)


def nearest(abstracts: Sequence[Abstract], count: int = 3) -> list[list[int]]:
    """The places of the COUNT others that share the rarest title words with each; at least one."""
    words = [content_words(each.title) for each in abstracts]
    frequency = Counter(word for each in words for word in each)
    holders: dict[str, list[int]] = {}
    for place, each in enumerate(words):
        for word in each:
            if 1 < frequency[word] <= 200:  # noqa: PLR2004 - words of every other title tell nothing
                holders.setdefault(word, []).append(place)
    found = []
    for place, each in enumerate(words):
        scores: defaultdict[int, float] = defaultdict(float)
        for word in sorted(each & holders.keys()):
            for other in holders[word]:
                scores[other] += log(len(abstracts) / frequency[word])
        scores.pop(place, None)
        best = sorted(scores, key=lambda other: (-scores[other], other))[:count]
        found.append(best or [(place + 1) % len(abstracts)])
    return found


def title_phrases(abstracts: Sequence[Abstract]) -> list[str]:
    """Noun phrases of two to four words, as titles have them between their small words."""
    parts = (part.strip() for each in abstracts for part in _PHRASE_END.split(each.title))
    fit = {
        part for part in parts if len(part.split()) in PHRASE_WORDS and re.fullmatch(r"[A-Za-z0-9 -]+", part)
    }
    return sorted(
        part if any(map(str.isupper, part[1:])) and part.isupper() else part.lower() for part in fit
    )


def _from_abstract(draw: "Draw", own: Abstract, others: Sequence[Abstract]) -> list[MadePair]:
    """Some pairs from one abstract and its neighbours."""
    sentences = [
        place for place, text in enumerate(own.sentences) if WORDS[0] <= len(text.split()) <= WORDS[1]
    ]
    if not sentences:
        return []
    place, other = draw.rng.choice(sentences), draw.rng.choice(others)
    beside = [*absent(draw, own, place, other), *titles(draw, own, other), *restated(draw, own, place)]
    return [*corners(draw, own, place), *draw.rng.sample(beside, min(len(beside), MOST_BESIDE))]


def corners(draw: "Draw", own: Abstract, place: int) -> list[MadePair]:
    """What the sentence says and the opposite, beside the sentence and its opposite: up to four pairs."""
    sentence = own.sentences[place]
    part = as_sentence(
        shortened(sentence, draw.rng) if draw.rng.random() < SHORTENED else LEAD.sub("", sentence)
    )
    as_it_was = draw.window(own, place)
    pairs = [MadePair(_reworded(draw.rng, part), as_it_was, SUPPORTED, "reworded")]
    for kind in draw.rng.sample(list(TURNS), len(TURNS)):
        turned = TURNS[kind](part, draw.rng)
        if turned and turned != part:
            altered = draw.window(own, place, _with_part(sentence, part, as_sentence(turned)))
            said, opposite = _reworded(draw.rng, part), _reworded(draw.rng, turned)
            return [
                *pairs,
                MadePair(opposite, as_it_was, CONTRADICTED, f"turned-{kind}"),
                MadePair(said, altered, CONTRADICTED, f"against-{kind}"),
                MadePair(_reworded(draw.rng, turned), altered, SUPPORTED, f"with-{kind}"),
            ]
    return pairs


def _with_part(sentence: str, part: str, put: str) -> str:
    """The sentence with one part of it exchanged; PUT alone if the part is no longer to be found in it."""
    at = sentence.lower().find(part.rstrip(".").lower())
    if at < 0:
        return put
    core = put.rstrip(".")
    core = core[:1].lower() + core[1:] if at else core
    return sentence[:at] + core + sentence[at + len(part.rstrip(".")) :]


def _reworded(rng: random.Random, sentence: str) -> str:
    return reword(sentence, rng, rng.uniform(0.1, 0.9))


def absent(draw: "Draw", own: Abstract, place: int, other: Abstract) -> list[MadePair]:
    """Statements the evidence does not speak of, though it looks alike."""
    said = _said(draw.rng, own.sentences[place])
    pairs = []
    rest = [each for each in range(len(own.sentences)) if each != place]
    best = max(rest, key=lambda each: _share(own.words[place], own.words[each]))
    if _share(own.words[place], own.words[best]) <= UNSTATED:
        pairs.append(MadePair(said, draw.rest(own, place, best), ABSENT, "own-rest"))
    theirs = max(range(len(other.sentences)), key=lambda each: _share(own.words[place], other.words[each]))
    if _share(own.words[place], other.words[theirs]) <= STATED:
        pairs.append(MadePair(said, draw.window(other, theirs), ABSENT, "neighbour"))
    swapped = other_thing(said, own, other)
    if swapped:
        evidence = draw.window(own, place)
        pairs.append(MadePair(swapped, evidence, ABSENT, "other-thing"))
        shorter = reword(swapped, draw.rng, draw.rng.uniform(0.2, 0.9))
        pairs.append(MadePair(shorter, draw.window(own, place, swapped), SUPPORTED, "same-thing"))
    return pairs


def other_thing(said: str, own: Abstract, other: Abstract) -> str | None:
    """The statement about the other paper's subject: its longest title word that is ours too, exchanged."""
    ours = sorted(content_words(own.title) & content_words(said), key=lambda word: (-len(word), word))
    theirs = sorted(
        content_words(other.title) - content_words(" ".join(own.sentences)), key=lambda w: (-len(w), w)
    )
    if not ours or not theirs:
        return None
    swapped = re.sub(rf"\b{re.escape(ours[0])}\b", theirs[0], said, flags=re.IGNORECASE)
    return as_sentence(swapped) if swapped != said else None


def titles(draw: "Draw", own: Abstract, other: Abstract) -> list[MadePair]:
    """The title, as it is or turned, or the other paper's, beside the sentence nearest to it."""
    pairs = []
    turned = TURNS["pole"](own.title, draw.rng)
    stated = [(own.title, SUPPORTED), (other.title, ABSENT), *([(turned, CONTRADICTED)] if turned else ())]
    for title, label in stated:
        words = content_words(title)
        best = max(range(len(own.sentences)), key=lambda each: _share(words, own.words[each]))
        share = _share(words, own.words[best])
        if share <= STATED if label == ABSENT else share >= UNSTATED:
            pairs.append(MadePair(as_sentence(title), draw.window(own, best), label, f"title-{label}"))
    return draw.rng.sample(pairs, 1) if pairs else []


def restated(draw: "Draw", own: Abstract, place: int) -> list[MadePair]:
    """A sentence that another one of the abstract says again."""
    for each in range(len(own.sentences)):
        words = own.words[place]
        if each != place and len(words) > 4 and _share(words, own.words[each]) >= STATED:  # noqa: PLR2004
            return [
                MadePair(_said(draw.rng, own.sentences[place]), draw.window(own, each), SUPPORTED, "restated")
            ]
    return []


def _said(rng: random.Random, sentence: str) -> str:
    """Reworded, and one time in four turned round: what is absent stays absent."""
    part = shortened(sentence, rng) if rng.random() < SHORTENED else LEAD.sub("", sentence)
    said = _reworded(rng, part)
    turned = TURNS["pole"](said, rng) if rng.random() < 0.25 else None  # noqa: PLR2004
    return as_sentence(turned or said)


def _share(words: frozenset[str], held: frozenset[str]) -> float:
    return len(words & held) / len(words) if words else 0.0
