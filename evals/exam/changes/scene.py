"""What a rule looks at: a sentence of one paper among the papers of a collection."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from rag.retrieval.candidates import short_name
from rag.text.sentences import sentence_spans
from rag.types import Paper

LEAST_WORDS, MOST_WORDS = 7, 45
NAME_WORDS = 2
DOUBTFUL = re.compile(
    r"https?:|www\.|github|[\\?$|~_{}`]|\.\.\.|'s\b[^']*'\s|\bi\.e\b|\be\.g\b", re.IGNORECASE
)
"""Addresses, formulae, questions and abbreviations with stops: rules would break them."""

PROPOSED = re.compile(
    r"\b(?:propose|introduce|present)s?,? (?P<set>[A-Z][\w-]*[A-Z][\w-]*), an? "
    r"|\b(?:propose|introduce|present)s? an? [^.,]*?(?:called|named|dubbed) "
    r"(?P<named>[A-Z][\w-]*[A-Z][\w-]*)[.,]"
)

ASKS = re.compile(r"\b(?:whether|if|how|what|which of|why)\b", re.IGNORECASE)
"""A sentence that asks asserts nothing that could be turned round."""

OPENERS = re.compile(
    r"(?:A|An|The|Our|We|This|These|Those|It|They|In|On|By|For|With|Through|Using|To|Existing|Previous|Prior"
    r"|Recent|Current|Many|Most|Some|Several|Both|Each|All|Such|As|When|While|Although|Extensive|Empirical"
    r"|Based|Experiments?|Experimental|Results|Evaluation|Evaluations|From|Under|Among|At|After|Compared|Unlike|One"
    r"|[A-Z][a-z]+ly)\b"
)
"""First words that lose their capital inside a sentence; any other may be a name."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence to change.

    Attributes:
        paper: that the sentence stands in.
        index: of the sentence in the abstract.
        papers: the whole collection, to take foreign sentences and names from.
    """

    paper: Paper
    index: int
    papers: Sequence[Paper]

    @property
    def text(self) -> str:
        """The sentence, each white space one blank."""
        return " ".join(sentences(self.paper)[self.index].split())

    @property
    def name(self) -> str:
        """What the paper calls its method, if title and abstract agree on one; else empty."""
        return own_name(self.paper)


Rewrite = Callable[[str, Scene, random.Random], str | None]
"""Another text for a statement, or None where the rule does not apply cleanly."""


def sentences(paper: Paper) -> list[str]:
    """Of the abstract, verbatim and in order."""
    return [paper.abstract[span.start : span.end] for span in sentence_spans(paper.abstract)]


def usable(paper: Paper) -> tuple[int, ...]:
    """Indices of the sentences that the rules may work on."""
    return _usable(paper.abstract)


@cache
def _usable(abstract: str) -> tuple[int, ...]:
    spans = enumerate(sentence_spans(abstract))
    return tuple(index for index, span in spans if is_plain(abstract[span.start : span.end]))


def is_plain(sentence: str) -> bool:
    """A whole sentence of some words, without what the rules would break."""
    words = sentence.split()
    return (
        LEAST_WORDS <= len(words) <= MOST_WORDS
        and sentence.endswith(".")
        and sentence[0].isupper()
        and sentence.count("(") == sentence.count(")")
        and sentence.count('"') % 2 == 0
        and not DOUBTFUL.search(sentence)
    )


def own_name(paper: Paper) -> str:
    """The name of the paper's method, written in its abstract and given by its title or a proposal."""
    return _own_name(paper.title, paper.abstract)


@cache
def _own_name(title: str, abstract: str) -> str:
    name = short_name(title)
    if 0 < len(name.split()) <= NAME_WORDS and any(map(str.isupper, name)) and has_word(name, abstract):
        return name
    proposed = {match["named"] or match["set"] for match in PROPOSED.finditer(abstract)}
    return proposed.pop() if len(proposed) == 1 else ""


def has_word(word: str, text: str) -> bool:
    """Whether a name stands in a text by itself, in this case."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-]|\.\d)", text) is not None


@cache
def content(text: str) -> frozenset[str]:
    """Its longer words, cut to six letters: enough to tell one subject from another."""
    return frozenset(word[:6] for word in re.findall(r"[a-z]{4,}", text.lower()))


def told_by(text: str, abstract: str) -> float:
    """Share of a text's content words that stand in an abstract, 0 to 1."""
    words = content(text)
    return len(words & content(abstract)) / len(words) if words else 1.0


def said(term: str, scene: Scene) -> bool:
    """Whether a term stands in the paper, title or abstract, in any case."""
    return term.casefold() in f"{scene.paper.title} {scene.paper.abstract}".casefold()


def lowered(text: str) -> str | None:
    """The text as it stands inside a sentence; None where its first word may be a name or not."""
    if OPENERS.match(text) and not text.startswith(("A-", "All-")):
        return text[0].lower() + text[1:]
    first = text.split(maxsplit=1)[0]
    return text if re.search(r"[A-Z\d].*[A-Z\d]|[a-z][A-Z]", first) else None


def raised(text: str) -> str:
    """The text with a capital, unless it begins with a name like xFinder."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return text if any(map(str.isupper, first[1:])) else text[:1].upper() + text[1:]


def swapped_word(text: str, span: tuple[int, int], new: str) -> str:
    """The text with a span replaced, in the case of what stood there, and "a" or "an" before it mended."""
    start, end = span
    new = raised(new) if text[start].isupper() and new[0].islower() else new
    before = re.sub(r"\b([Aa])n?(\s)\Z", rf"\1{'n' if new[0] in 'aeiouAEIO' else ''}\2", text[:start])
    return before + new + text[end:]
