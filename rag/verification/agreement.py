"""Whether a statement points the way its evidence does: direction, order of comparison, negation, strength.

Each check looks at the words around: of two opposite words in the evidence that counts which stands among
what the statement speaks of. Pure.
"""

from collections.abc import Iterator, Sequence

from rag.verification.lexicon import NEGATIONS, OPPOSITES, OUTDOES, STRONG, STRONG_KIN, WEAK
from rag.verification.quantities import is_number
from rag.verification.wording import Word, Worded, likeness

SCOPE = 4
"""Words with a meaning of their own that a negation reaches, to its right and within its clause."""

HEADS = 2
COMPARED = 5
"""Words on each side of a comparison that say what is compared."""

ENDS: dict[str, tuple[str, int]] = {
    word: (axis, end)
    for axis, up, down in OPPOSITES
    for end, words in ((1, up), (-1, down))
    for word in words.split()
}
QUANTIFIERS = frozenset({"all", "every", "any"})
KIN: dict[str, frozenset[str]] = {word: kin for kin in STRONG_KIN for word in kin}
Fault = tuple[str, bool]
"""What is wrong, and whether the evidence says otherwise; else it says nothing of it."""


def disagreement(statement: Worded, evidence: Sequence[Worded]) -> Fault | None:
    """The first way in which a statement turns, reverses, negates or overstates its evidence, or None."""
    checks = (_direction, _order, _negation, _dropped_negation, _doubt, _strength)
    return next((fault for check in checks if (fault := check(statement, evidence))), None)


def opposed(one: Worded, other: Worded) -> bool:
    """Whether two sentences about the same point opposite ways: direction, order, denial."""
    turned = (_direction(one, [other]) and _direction(other, [one])) or (
        _order(one, [other]) and _order(other, [one])
    )
    return bool(turned or _dropped_negation(one, [other]) or _dropped_negation(other, [one]))


def _direction(statement: Worded, evidence: Sequence[Worded]) -> Fault | None:
    for at, word in enumerate(statement.words):
        axis, end = ENDS.get(word.text, ("", 0))
        if not axis or word.shown.casefold() != word.text or _is_name(word):
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


def _is_name(word: Word) -> bool:
    """FIRST is a method, and first is not."""
    return len(word.shown) > 1 and word.shown.isupper()


def _sides(worded: Worded) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """What stands before and after each word of comparison, as stems; turned round in the passive."""
    for at, word in enumerate(worded.words):
        if word.text not in OUTDOES:
            continue
        before = [w.stem for w in worded.words[:at] if w.stem is not None and _is_compared(w)]
        after = [w.stem for w in worded.words[at + 1 :] if w.stem is not None and _is_compared(w)]
        left, right = frozenset(before[-COMPARED:]), frozenset(after[:COMPARED])
        passive = word.text != "than" and any(w.text == "by" for w in worded.words[at + 1 : at + 2])
        yield (right, left) if passive else (left, right)


def _is_compared(word: Word) -> bool:
    """Whether a word may name what is compared: not by how much, nor in which direction."""
    return not is_number(word) and word.text not in ENDS


def _order(statement: Worded, evidence: Sequence[Worded]) -> Fault | None:
    theirs = [sides for sentence in evidence for sides in _sides(sentence)]
    for left, right in _sides(statement):
        ours = left ^ right
        straight = max((len(left & a & ours) + len(right & b & ours) for a, b in theirs), default=0)
        turned = max((len(left & b & ours) + len(right & a & ours) for a, b in theirs), default=0)
        if turned > straight:
            return "the evidence compares the other way round", True
    return None


def _negations(worded: Worded) -> Iterator[tuple[str, list[int]]]:
    """Each negation and the stems it reaches, nearest first."""
    words = worded.words
    for at, word in enumerate(words):
        if word.text not in NEGATIONS and not word.text.endswith("n't"):
            continue
        if word.text == "not" and at + 1 < len(words) and words[at + 1].text in {"only", "just", "merely"}:
            continue
        if word.text == "no" and at + 1 < len(words) and words[at + 1].is_number:
            continue
        reached = [w.stem for w in words[at + 1 :] if w.stem is not None and w.clause == word.clause]
        yield word.shown, reached[:SCOPE]


def _negation(statement: Worded, evidence: Sequence[Worded]) -> Fault | None:
    theirs = [set(reached) for sentence in evidence for _, reached in _negations(sentence)]
    for shown, reached in _negations(statement):
        if reached and not any(set(reached) & others for others in theirs):
            return f"“{shown}”: the evidence does not deny it", True
    return None


def _dropped_negation(statement: Worded, evidence: Sequence[Worded]) -> Fault | None:
    ours = [set(reached) for _, reached in _negations(statement)]
    for sentence in evidence:
        for shown, reached in _negations(sentence):
            heads = set(reached[:HEADS])
            denied = heads and heads <= statement.stems and not any(heads & mine for mine in ours)
            if denied and not _also_affirmed(heads, sentence):
                return f"the evidence denies it (“{shown}”)", True
    return None


def _also_affirmed(heads: set[int], sentence: Worded) -> bool:
    """Whether the denied words also stand elsewhere in the sentence, where nothing denies them."""
    counts = [sum(1 for word in sentence.words if word.stem == head) for head in heads]
    return min(counts) > 1


def _doubt(statement: Worded, evidence: Sequence[Worded]) -> Fault | None:
    if any(word.text in WEAK for word in statement.words):
        return None
    for sentence in evidence:
        for at, word in enumerate(sentence.words):
            if word.text not in {"may", "might", "could", "potentially", "possibly", "perhaps"}:
                continue
            reached = [w.stem for w in sentence.words[at + 1 : at + 4] if w.stem is not None]
            if reached and reached[0] in statement.stems:
                return f"the evidence only says “{word.shown}”", False
    return None


def _strength(statement: Worded, evidence: Sequence[Worded]) -> Fault | None:
    there = {word.text for sentence in evidence for word in sentence.words}
    joined = " ".join(sentence.text.casefold() for sentence in evidence)
    for at, word in enumerate(statement.words):
        kin = KIN.get(word.text, frozenset({word.text}))
        if word.text in STRONG and not kin & there:
            return f"“{word.shown}” goes further than the evidence", word.text in QUANTIFIERS
        if word.text in QUANTIFIERS and not _said_of_the_same(statement, at, kin, evidence):
            return f"the evidence does not say “{word.shown}” of it", True
    if "state-of-the-art" in statement.text.casefold() and "state-of-the-art" not in joined.replace(" ", "-"):
        return "“state-of-the-art” goes further than the evidence", False
    return None


def _said_of_the_same(statement: Worded, at: int, kin: frozenset[str], evidence: Sequence[Worded]) -> bool:
    """Whether one of these words stands in the evidence right before the same thing."""
    following = [
        w for w in statement.words[at + 1 : at + 1 + SCOPE] if w.clause == statement.words[at].clause
    ]
    head = next((w.stem for w in following if w.stem is not None and not is_number(w)), None)
    reached = [
        w.stem
        for sentence in evidence
        for place, other in enumerate(sentence.words)
        if other.text in kin
        for w in sentence.words[place + 1 : place + 1 + SCOPE]
    ]
    return head is None or head in reached
