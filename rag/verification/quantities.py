"""Numbers in a sentence with their units, and whether a statement's are those of its evidence. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.verification.wording import Word, Worded, likeness

CARDINALS = {
    **dict(
        zip(
            ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
            range(2, 13),
            strict=True,
        )
    ),
    "twice": 2,
    "double": 2,
    "doubles": 2,
    "doubled": 2,
    "triple": 3,
    "triples": 3,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "half": 0.5,
    "hundred": 1e2,
    "hundreds": 1e2,
    "dozens": 12,
    "thousands": 1e3,
    "millions": 1e6,
    "billions": 1e9,
}
SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "b": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "trillion": 1e12,
}
UNITS = {
    **dict.fromkeys(("%", "percent", "percents"), "%"),
    **dict.fromkeys(("x", "fold", "twice"), "x"),
    **dict.fromkeys(("point", "points", "pp", "pts"), "points"),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "day"),
    **dict.fromkeys(("week", "weeks"), "week"),
    **dict.fromkeys(("month", "months"), "month"),
    **dict.fromkeys(("year", "years"), "year"),
    **dict.fromkeys(("kb", "kilobyte", "kilobytes"), "kb"),
    **dict.fromkeys(("mb", "megabyte", "megabytes"), "mb"),
    **dict.fromkeys(("gb", "gigabyte", "gigabytes"), "gb"),
    **dict.fromkeys(("tb", "terabyte", "terabytes"), "tb"),
    **dict.fromkeys(("mg", "milligram", "milligrams"), "mg"),
    **dict.fromkeys(("kg", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("g", "gram", "grams"), "g"),
    **dict.fromkeys(("dollar", "dollars", "usd"), "usd"),
}
BOUNDS = {
    "up to": "at most",
    "at most": "at most",
    "no more than": "at most",
    "as much as": "at most",
    "as many as": "at most",
    "less than": "below",
    "fewer than": "below",
    "under": "below",
    "below": "below",
    "at least": "at least",
    "no less than": "at least",
    "no fewer than": "at least",
    "more than": "above",
    "over": "above",
    "above": "above",
    "exceeding": "above",
    "only": "only",
}
LOOSE = frozenset(["about", "around", "approximately", "nearly", "almost", "roughly", "~"])
SPELLED_OUT = frozenset(CARDINALS) | frozenset(SCALES)
"""Words that are numbers or part of one."""

OPPOSED = {
    "at most": {"at least", "above"},
    "below": {"at least", "above"},
    "at least": {"at most", "below"},
    "above": {"at most", "below"},
}
NEAR = 8
"""Words around a number of the evidence among which what is counted must stand."""

ROUNDING = 0.05
"""How far a number that is said to be about right may be off, as a share."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is meant: ``value`` in units of ``unit`` ("" if none known), at word ``at``."""

    value: float
    unit: str
    bound: str
    loose: bool
    at: int
    last: int


def quantities(worded: Worded) -> list[Quantity]:
    """Every number of a text, in order; those that are part of a name (GPT-4, top-1, F1) are none."""
    return list(_quantities(worded))


def _quantities(worded: Worded) -> Iterator[Quantity]:
    words, skip = worded.words, -1
    for at, word in enumerate(words):
        value = _value(worded, at)
        if value is None or at <= skip:
            continue
        last = at
        while last + 1 < len(words) and (scale := _scale(worded, last + 1)):
            value, last = value * scale, last + 1
        unit = UNITS.get(word.text, "")
        if last + 1 < len(words) and not unit:
            unit = _unit(worded, last + 1)
        skip = last
        yield Quantity(value, unit, _bound(words, at), _is_loose(words, at), at, last)


def _value(worded: Worded, at: int) -> float | None:
    word = worded.words[at]
    if not word.is_number:
        return CARDINALS.get(word.text)
    before = worded.text[max(0, word.start - 2) : word.start]
    if re.search(r"[^\W\d_][-–]?\Z|[_^]\Z|(?<!\d)/\Z", before):  # inside a name: GPT-4, Llama3, MoE^2
        return None
    if before.endswith("(") and worded.text[word.start + len(word.shown) :].startswith(")"):  # "(1) …; (2) …"
        return None
    text = word.text.replace(",", "")
    try:
        return float(text)
    except ValueError:
        return None


def _scale(worded: Worded, at: int) -> float | None:
    word, before = worded.words[at], worded.words[at - 1]
    gap = word.start - before.start - len(before.shown)
    if len(word.text) == 1 and (gap > 0 or not before.is_number):
        return None
    return SCALES.get(word.text)


def _unit(worded: Worded, at: int) -> str:
    word = worded.words[at]
    if word.text == "%" and at + 1 < len(worded.words) and worded.words[at + 1].text in ("point", "points"):
        return "points"
    if word.text in {"order", "orders"}:
        return "orders"
    return UNITS.get(word.text, "")


def _bound(words: Sequence[Word], at: int) -> str:
    before = [word.text for word in words[max(0, at - 4) : at] if word.text not in {"a", "an", "the"}]
    for size in (3, 2, 1):
        phrase = " ".join(before[-size:])
        if phrase in BOUNDS:
            return BOUNDS[phrase]
    return ""


def is_number(word: Word) -> bool:
    """Whether a word is a number or part of one, in digits or spelt out."""
    return word.is_number or word.text in SPELLED_OUT


def _is_loose(words: Sequence[Word], at: int) -> bool:
    return any(word.text in LOOSE for word in words[max(0, at - 2) : at])


def misquoted(statement: Worded, evidence: Sequence[Worded]) -> tuple[str, bool] | None:
    """The first number of a statement that its evidence does not carry.

    Args:
        statement: what is said.
        evidence: the sentences it rests on.

    Returns:
        What is wrong, and whether the evidence says otherwise (else it says nothing of it), or None.
    """
    theirs = [(sentence, quantity) for sentence in evidence for quantity in quantities(sentence)]
    for ours in quantities(statement):
        if fault := _fault(statement, ours, theirs):
            return fault
    return None


def _fault(
    statement: Worded, ours: Quantity, theirs: Sequence[tuple[Worded, Quantity]]
) -> tuple[str, bool] | None:
    said = _said(statement, ours)
    same = [(s, q) for s, q in theirs if _equal(ours, q)]
    if not same:
        return f"“{said}” is not in the evidence", False
    fitting = [(s, q) for s, q in same if _same_unit(ours, q) and _counts_the_same(statement, ours, s, q)]
    if not fitting:
        return f"“{said}” stands for something else in the evidence", True
    if all(q.bound in OPPOSED.get(ours.bound, ()) for _, q in fitting):
        return f"“{said}” has another bound in the evidence", True
    if ours.bound and all(not q.bound for _, q in fitting) and ours.bound != "only":
        return f"the evidence does not say “{ours.bound}” of “{said}”", False
    context = statement.context(ours.at)
    place = (statement, ours.at, ours.last)
    best = max(likeness(place, (s, q.at, q.last), context) for s, q in fitting)
    rivals = [
        likeness(place, (s, q.at, q.last), context)
        for s, q in theirs
        if not _equal(ours, q) and q.unit == ours.unit
    ]
    if max(rivals, default=0.0) > best:
        return f"“{said}” belongs to something else in the evidence", True
    return None


def _said(statement: Worded, quantity: Quantity) -> str:
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


def _counts_the_same(statement: Worded, ours: Quantity, sentence: Worded, theirs: Quantity) -> bool:
    """Whether what follows a number without a known unit stands near it in the evidence too."""
    if ours.unit:
        return True
    following = statement.words[ours.last + 1 : ours.last + 3]
    counted = [word.stem for word in following if word.stem is not None]
    if not counted or following[0].clause != statement.words[ours.at].clause:
        return True
    near = sentence.words[max(0, theirs.at - NEAR) : theirs.last + 1 + NEAR]
    return any(word.stem in counted for word in near)
