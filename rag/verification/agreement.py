"""Whether a statement points the way its evidence does: direction, order of comparison, negation, strength.

Each check looks at the words around: of two opposite words in the evidence that counts which stands among
what the statement speaks of. Pure.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from rag.verification.quantities import is_number
from rag.verification.wording import LEXICON, Wording, likeness, stems_of

SCOPE = 4
"""Words with a meaning of their own that a negation reaches, to its right and within its clause."""

HEADS = 2
COMPARED = 5
"""Words on each side of a comparison that say what is compared."""

ENDS = {
    word: (axis, end)
    for end, side in ((1, "up"), (-1, "down"))
    for word, axis in LEXICON.meanings(f"opposites.{side}").items()
}
STRONG, WEAK, DOUBT = LEXICON.words("strong"), LEXICON.words("weak"), LEXICON.words("doubt")
NEGATIONS, OUTDOES = LEXICON.words("negations"), LEXICON.words("outdoes")
QUANTIFIERS = LEXICON.words("quantifiers")
STRONG_KIN = [frozenset(group.split()) for group in LEXICON.ordered("strong_kin.groups")]
KIN = {word: kin for kin in STRONG_KIN for word in kin}
Fault = tuple[str, bool]
"""What is wrong, and whether the evidence says otherwise; else it says nothing of it."""


def misrepresented(statement: Wording, evidence: Sequence[Wording]) -> Fault | None:
    """The first way in which a statement turns, reverses, negates or overstates its evidence, or None."""
    checks = (_direction, _order, _negation, _dropped_negation, _doubt, _strength)
    return next((fault for check in checks if (fault := check(statement, evidence))), None)


def opposed(one: Wording, other: Wording) -> bool:
    """Whether two sentences about the same point opposite ways: direction, order, denial."""
    turned = any(check(one, [other]) and check(other, [one]) for check in (_direction, _order))
    return bool(turned or _dropped_negation(one, [other]) or _dropped_negation(other, [one]))


def _direction(statement: Wording, evidence: Sequence[Wording]) -> Fault | None:
    for at, word in enumerate(statement.words):
        axis, end = ENDS.get(word.text, ("", 0))
        is_method = len(word.shown) > 1 and word.shown.isupper()  # FIRST is one, and first is not
        if not axis or word.shown.casefold() != word.text or is_method:
            continue
        context = statement.context(at)
        fits = {1: -1.0, -1: -1.0}
        for sentence in evidence:
            for place, other in enumerate(sentence.words):
                theirs = ENDS.get(other.text)
                if theirs and theirs[0] == axis:
                    fit = likeness((statement, at, at), (sentence, place, place), context)
                    fits[theirs[1]] = max(fits[theirs[1]], fit)
        if fits[-end] > fits[end]:
            return f"“{word.shown}”: the evidence says the opposite", True
    return None


def _order(statement: Wording, evidence: Sequence[Wording]) -> Fault | None:
    theirs = [sides for sentence in evidence for sides in _compared(sentence)]
    for left, right in _compared(statement):
        ours = left ^ right
        straight = max((len(left & a & ours) + len(right & b & ours) for a, b in theirs), default=0)
        turned = max((len(left & b & ours) + len(right & a & ours) for a, b in theirs), default=0)
        if turned > straight:
            return "the evidence compares the other way round", True
    return None


def _compared(text: Wording) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """What stands before and after each word of comparison, as stems; turned round in the passive.

    Neither by how much nor in which direction is part of what is compared.
    """
    named = [None if is_number(word) or word.text in ENDS else word.stem for word in text.words]
    for at, word in enumerate(text.words):
        if word.text in OUTDOES:
            left = frozenset([stem for stem in named[:at] if stem is not None][-COMPARED:])
            right = frozenset([stem for stem in named[at + 1 :] if stem is not None][:COMPARED])
            passive = word.text != "than" and any(w.text == "by" for w in text.words[at + 1 : at + 2])
            yield (right, left) if passive else (left, right)


def _negations(text: Wording) -> Iterator[tuple[str, list[int]]]:
    """Each negation and the stems it reaches, nearest first."""
    words = text.words
    for at, word in enumerate(words):
        if word.text not in NEGATIONS and not word.text.endswith("n't"):
            continue
        following = words[at + 1 : at + 2]
        if word.text == "not" and any(w.text in {"only", "just", "merely"} for w in following):
            continue
        if word.text == "no" and any(w.is_number for w in following):
            continue
        yield word.shown, stems_of(w for w in words[at + 1 :] if w.clause == word.clause)[:SCOPE]


def _negation(statement: Wording, evidence: Sequence[Wording]) -> Fault | None:
    theirs = [set(reached) for sentence in evidence for _, reached in _negations(sentence)]
    for shown, reached in _negations(statement):
        if reached and not any(set(reached) & others for others in theirs):
            return f"“{shown}”: the evidence does not deny it", True
    return None


def _dropped_negation(statement: Wording, evidence: Sequence[Wording]) -> Fault | None:
    ours = [set(reached) for _, reached in _negations(statement)]
    for sentence in evidence:
        for shown, reached in _negations(sentence):
            heads = set(reached[:HEADS])
            denied = heads and heads <= statement.stems and not any(heads & mine for mine in ours)
            # They may also stand elsewhere in the sentence, where nothing denies them.
            counts = Counter(stems_of(sentence.words))
            if denied and min(counts[head] for head in heads) == 1:
                return f"the evidence denies it (“{shown}”)", True
    return None


def _doubt(statement: Wording, evidence: Sequence[Wording]) -> Fault | None:
    if any(word.text in WEAK for word in statement.words):
        return None
    for sentence in evidence:
        for at, word in enumerate(sentence.words):
            reached = stems_of(sentence.words[at + 1 : at + 4]) if word.text in DOUBT else []
            if reached and reached[0] in statement.stems:
                return f"the evidence only says “{word.shown}”", False
    return None


def _strength(statement: Wording, evidence: Sequence[Wording]) -> Fault | None:
    there = {word.text for sentence in evidence for word in sentence.words}
    joined = " ".join(sentence.text.casefold() for sentence in evidence)
    for at, word in enumerate(statement.words):
        kin = KIN.get(word.text, frozenset({word.text}))
        if word.text in STRONG and not kin & there:
            return f"“{word.shown}” goes further than the evidence", word.text in QUANTIFIERS
        if word.text in QUANTIFIERS and not _of_the_same(statement, at, kin, evidence):
            return f"the evidence does not say “{word.shown}” of it", True
    if "state-of-the-art" in statement.text.casefold() and "state-of-the-art" not in joined.replace(" ", "-"):
        return "“state-of-the-art” goes further than the evidence", False
    return None


def _of_the_same(statement: Wording, at: int, kin: frozenset[str], evidence: Sequence[Wording]) -> bool:
    """Whether one of these words stands in the evidence right before the same thing."""
    clause, following = statement.words[at].clause, statement.words[at + 1 : at + 1 + SCOPE]
    heads = stems_of(w for w in following if w.clause == clause and not is_number(w))
    reached = [
        stem
        for sentence in evidence
        for place, other in enumerate(sentence.words)
        if other.text in kin
        for stem in stems_of(sentence.words[place + 1 : place + 1 + SCOPE])
    ]
    return not heads or heads[0] in reached
