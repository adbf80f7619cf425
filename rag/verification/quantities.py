"""Numbers in a sentence with their units, and whether a statement's are those of its evidence. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.verification.wording import LEXICON, Word, Wording, likeness, stems_of

CARDINALS = {word: float(value) for word, value in LEXICON.meanings("cardinals").items()}
SCALES = {word: float(value) for word, value in LEXICON.meanings("scales").items()}
SPELLED_OUT = frozenset(CARDINALS) | frozenset(SCALES)
"""Words that are numbers or part of one."""

UNITS = LEXICON.meanings("units")
BOUNDS = LEXICON.meanings("bounds")
LOOSE = LEXICON.words("loose")
UPPER, LOWER = ("at most", "below"), ("at least", "above")
OPPOSED = {**dict.fromkeys(UPPER, LOWER), **dict.fromkeys(LOWER, UPPER)}

NEAR = 8
"""Words around a number of the evidence among which what is counted must stand."""

ROUNDING = 0.05
"""How far a number that is said to be about right may be off, as a share."""

IN_NAME = re.compile(r"[^\W\d_][-–]?\Z|[_^]\Z|(?<!\d)/\Z")
"""Before a number that is part of a name: GPT-4, Llama3, MoE^2."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is meant: ``value`` in units of ``unit`` ("" if none known), at word ``at``."""

    value: float
    unit: str
    bound: str
    loose: bool
    at: int
    last: int


def quantities(text: Wording) -> list[Quantity]:
    """Every number of a text, in order; those that are part of a name (GPT-4, top-1, F1) are none."""
    words, found, at = text.words, list[Quantity](), 0
    while at < len(words):
        value, last = _value(text, at), at
        if value is not None:
            while last + 1 < len(words) and (scale := _scale(words, last + 1)):
                value, last = value * scale, last + 1
            unit = UNITS.get(words[at].text, "") or _unit(words[last + 1 : last + 3])
            loose = any(word.text in LOOSE for word in words[max(0, at - 2) : at])
            found.append(Quantity(value, unit, _bound(words, at), loose, at, last))
        at = last + 1
    return found


def is_number(word: Word) -> bool:
    """Whether a word is a number or part of one, in digits or spelt out."""
    return word.is_number or word.text in SPELLED_OUT


def _value(text: Wording, at: int) -> float | None:
    word = text.words[at]
    if not word.is_number:
        return CARDINALS.get(word.text)
    before = text.text[max(0, word.start - 2) : word.start]
    after = text.text[word.start + len(word.shown) :]
    if IN_NAME.search(before) or (before.endswith("(") and after.startswith(")")):  # "(1) …; (2) …"
        return None
    try:
        return float(word.text.replace(",", ""))
    except ValueError:
        return None


def _scale(words: Sequence[Word], at: int) -> float | None:
    word, before = words[at], words[at - 1]
    gap = word.start - before.start - len(before.shown)
    if len(word.text) == 1 and (gap > 0 or not before.is_number):
        return None
    return SCALES.get(word.text)


def _unit(following: Sequence[Word]) -> str:
    spelt = [word.text for word in following]
    if spelt in (["%", "point"], ["%", "points"]):
        return "points"
    if spelt and spelt[0] in {"order", "orders"}:
        return "orders"
    return UNITS.get(spelt[0], "") if spelt else ""


def _bound(words: Sequence[Word], at: int) -> str:
    before = [word.text for word in words[max(0, at - 4) : at] if word.text not in {"a", "an", "the"}]
    phrases = (" ".join(before[-size:]) for size in (3, 2, 1))
    return next((BOUNDS[phrase] for phrase in phrases if phrase in BOUNDS), "")


def misquoted(statement: Wording, evidence: Sequence[Wording]) -> tuple[str, bool] | None:
    """The first number of a statement that its evidence does not carry.

    Args:
        statement: what is said.
        evidence: the sentences it rests on.

    Returns:
        What is wrong, and whether the evidence says otherwise (else it says nothing of it), or None.
    """
    theirs = [(sentence, quantity) for sentence in evidence for quantity in quantities(sentence)]
    faults = (_fault(statement, ours, theirs) for ours in quantities(statement))
    return next(filter(None, faults), None)


def _fault(
    statement: Wording, ours: Quantity, theirs: Sequence[tuple[Wording, Quantity]]
) -> tuple[str, bool] | None:
    shown = f"“{_shown(statement, ours)}”"
    same = [(s, q) for s, q in theirs if _equal(ours, q)]
    if not same:
        return f"{shown} is not in the evidence", False
    fitting = [(s, q) for s, q in same if _same_unit(ours, q) and _counts_the_same(statement, ours, s, q)]
    if not fitting:
        return f"{shown} stands for something else in the evidence", True
    if all(q.bound in OPPOSED.get(ours.bound, ()) for _, q in fitting):
        return f"{shown} has another bound in the evidence", True
    if ours.bound and all(not q.bound for _, q in fitting) and ours.bound != "only":
        return f"the evidence does not say “{ours.bound}” of {shown}", False
    rivals = [(s, q) for s, q in theirs if not _equal(ours, q) and q.unit == ours.unit]
    if _likest(statement, ours, rivals) > _likest(statement, ours, fitting):
        return f"{shown} belongs to something else in the evidence", True
    return None


def _likest(statement: Wording, ours: Quantity, theirs: Sequence[tuple[Wording, Quantity]]) -> float:
    """How well the number fits the place of that which it fits best."""
    context, place = statement.context(ours.at), (statement, ours.at, ours.last)
    return max((likeness(place, (s, q.at, q.last), context) for s, q in theirs), default=0.0)


def _shown(statement: Wording, quantity: Quantity) -> str:
    first, last = statement.words[quantity.at], statement.words[quantity.last]
    sign = quantity.unit if quantity.unit in {"%", "x"} and last.is_number else ""
    return statement.text[first.start : last.start + len(last.shown)] + sign


def _equal(ours: Quantity, theirs: Quantity) -> bool:
    if ours.value == theirs.value:
        return True
    return ours.loose and abs(ours.value - theirs.value) <= ROUNDING * abs(theirs.value)


def _same_unit(ours: Quantity, theirs: Quantity) -> bool:
    if ours.unit == theirs.unit:
        return True
    return {ours.unit, theirs.unit} == {"", "x"} and ours.value in (0.5, 2.0, 3.0)


def _counts_the_same(statement: Wording, ours: Quantity, sentence: Wording, theirs: Quantity) -> bool:
    """Whether what follows a number without a known unit stands near it in the evidence too."""
    following = statement.words[ours.last + 1 : ours.last + 3]
    counted = stems_of(following)
    if ours.unit or not counted or following[0].clause != statement.words[ours.at].clause:
        return True
    near = sentence.words[max(0, theirs.at - NEAR) : theirs.last + 1 + NEAR]
    return any(word.stem in counted for word in near)
