"""What a name means: the sentence that defines it, found by the forms in which abstracts define. Pure."""

import re
from collections.abc import Callable, Sequence

from rag.phrases import Phrases
from rag.question.aspects import DOES, FILLS
from rag.retrieval.candidates import Candidate, Sentence, short_name
from rag.retrieval.paper_names import INTRODUCES, OWNED, ownership

DEFINES = 2.0
"""Least strength of a sentence that defines."""

SPELT_OUT, STATED, INTRODUCED, BESIDE = 2.5, 3.0, 3.0, 2.0
WANTED_SPELT_OUT = 2.0
"""Added to the words a short form stands for where those are asked for."""

_ARTICLE = r"(?:(?:[Aa]n?|[Tt]he)\s+(?:term\s+|word\s+|acronym\s+|name\s+)?)?"
_LITTLE = r"(?:in|for|of|on|to|by|with|used|do|does|is|are|and|or|about)\b"
_TERM = rf"[“\"']?(?P<term>[\w-]+(?:\s+(?!{_LITTLE})[\w-]+){{0,3}})[”\"']?"
_FOLLOWS = r"(?:\s+(?!to\b|and\b|with\b)\w+)?\s*(?:,\s+(?:an?|the|which|that|where)\b|\(|:|[-–—]\s|\s+that\b)"
ASKED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^what\s+(?:does|do|did)\s+{_ARTICLE}{_TERM}\s+(?:stand\s+for|mean|abbreviate)\W*$",
        rf"^what\s+(?:is|are)\s+(?:meant\s+by|the\s+(?:meaning|definition|full\s+form)\s+of)\s+{_ARTICLE}{_TERM}\W*$",
        rf"^(?:please\s+)?(?:define|explain|describe)\s+{_ARTICLE}{_TERM}\W*$",
        rf"^what\s+(?:is|are)\s+(?!(?:the|its?|their|this|that|these|there|new|wrong|known)\b)(?:an?\s+)?{_TERM}\W*$",
    )
)
_PHRASES = Phrases("rag.selection", "definitions.toml")
HERE, NAME_WANTED, COINS, STANDS_FOR = map(_PHRASES.pattern, ("here", "name_wanted", "coins", "stands_for"))

FITS = 0.2
"""Least share of what a question is about in a sentence that coins the name for it."""


def term_asked(clause: str) -> str:
    """The name or term whose meaning a question asks for, "" if it asks for something else."""
    found = next((match for pattern in ASKED if (match := pattern.match(clause.strip()))), None)
    return found["term"] if found else ""


def defining(clause: str, candidates: Sequence[Candidate]) -> tuple[Candidate, Sentence] | None:
    """The sentence that defines what a question asks to define, or None.

    Of a method named by a title, where no sentence defines the name, the one on what the paper does.
    """
    term = term_asked(clause)
    if not term:
        return None
    wanted = WANTED_SPELT_OUT if STANDS_FOR.search(clause) else 0.0
    found = [
        (strength + ownership(term, item), -place, -sentence.span.start, item, sentence)
        for place, item in enumerate(candidates)
        for sentence in item.sentences
        if (strength := definition_strength(term, sentence.text, wanted)) >= DEFINES
    ]
    if found:
        return max(found, key=lambda each: each[:3])[3:]
    return None if wanted else _title_says(term, candidates)


def naming(
    clause: str, papers: Sequence[Candidate], about: Callable[[Sentence], float]
) -> list[tuple[Candidate, Sentence]]:
    """The sentences that coin a name, where a question asks how something is called; the most fitting first.

    Args:
        clause: a question.
        papers: those it names.
        about: how much of what it is about a sentence holds, 0 to 1.
    """
    if not NAME_WANTED.search(clause):
        return []
    found = [
        (about(sentence), item, sentence)
        for item in papers
        for sentence in item.sentences
        if COINS.search(sentence.text)
    ]
    fitting = [each for each in found if each[0] >= FITS]
    fitting.sort(key=lambda each: (-each[0], each[1].paper.paper_id, each[2].span.start))
    return [(item, sentence) for _, item, sentence in fitting]


def _title_says(term: str, candidates: Sequence[Candidate]) -> tuple[Candidate, Sentence] | None:
    named = [item for item in candidates if short_name(item.paper.title) == term]
    if len(named) != 1 or ownership(term, named[0]) < OWNED:
        return None
    best = max(named[0].sentences, key=lambda each: (DOES.strength(each.text, [term]), -each.span.start))
    return (named[0], best) if DOES.strength(best.text, [term]) >= FILLS else None


def definition_strength(term: str, text: str, wanted: float = 0.0) -> float:
    """How plainly a sentence says what a term means, 0 if it does not.

    Args:
        term: as asked; its case counts where it has a capital.
        text: the sentence.
        wanted: added where the sentence spells a short form out.
    """
    flags = re.NOFLAG if term != term.lower() else re.IGNORECASE
    word = rf"(?<![\w-]){re.escape(term)}(?:s|es)?(?![\w-]*\w)"
    if not re.search(word, text, flags):
        return 0.0
    if spells_out(term, text):
        return SPELT_OUT + wanted
    forms = [
        (rf"(?:^|[,;]\s+){_ARTICLE}{word},?\s+(?:is|are)\s+(?:an?|the|one\s+of)\s", STATED),
        (rf"{word},?\s+(?:refers?\s+to|denotes?|(?:is|are)\s+defined\s+as)\s", STATED),
        (
            rf"\b(?:namely|called|named|termed|dubbed|known\s+as|referred\s+to\s+as)\s+(?:the\s+)?{word}",
            INTRODUCED,
        ),
    ]
    if HERE.search(text):
        forms += [
            (rf"\b{INTRODUCES}\s+(?:[^.;,]{{0,60}},?\s+)?{word}{_FOLLOWS}", INTRODUCED),
            (rf"\b{INTRODUCES}\s+(?:\w+\s+){{0,2}}{word}", BESIDE),
            (rf"\b(?:[Oo]ur|[Tt]he|[Tt]his)\s+(?:\w+\s+){{0,2}}\w+,\s+{word},\s+\w+s\b", BESIDE),
        ]
    return max((worth for form, worth in forms if re.search(form, text, flags)), default=0.0)


def spells_out(term: str, text: str) -> bool:
    """Whether a text says what a short form stands for: "… words (TERM)", "TERM (words …)", "stands for"."""
    word = re.escape(term)
    if re.search(rf"(?<![\w-]){word},?\s+(?:which\s+)?(?:stands?|is\s+short)\s+for\s", text):
        return True
    before = re.search(rf"\({word}s?\)", text)
    after = re.search(rf"(?<![\w-]){word}\s*\(([^()]+)\)", text)
    return bool((before and _initials(term, text[: before.start()])) or (after and _initials(term, after[1])))


def _initials(term: str, words: str) -> bool:
    """Whether the last words spell the short form: its letters in order, the first at the start of a word."""
    letters = [sign for sign in term.casefold() if sign.isalnum()]
    text = words.casefold()
    at = len(text)
    if len(letters) < 2:  # noqa: PLR2004 - one letter begins too many words
        return False
    for letter in reversed(letters[1:]):
        at = text.rfind(letter, 0, at)
        if at < 0:
            return False
    starts = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(letters[0])}", text[:at])]
    return bool(starts) and len(text[starts[-1] :].split()) <= 2 * len(letters)
