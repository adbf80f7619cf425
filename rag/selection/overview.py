"""What is asked of a paper as a whole: its idea, how it works, its problem, its results. Pure.

"How does Quest work?" shares no word with the sentence that answers it, so no likeness finds that sentence;
the wording by which abstracts serve each purpose does (see `rag.question.aspects`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from rag.conversation.resolution import Resolved
from rag.question.aspects import DOES, FILLS, NAMED, SHARED, Aspect, trouble
from rag.question.intent import names_in
from rag.question.purposes import PROBLEM, WHOLE, Purpose, purpose, subjects
from rag.retrieval.candidates import Candidate, Sentence
from rag.retrieval.paper_names import owners, ownership
from rag.selection.selection import Selection
from rag.types import Statement
from rag.untrusted.instructions import is_plea
from rag.verification.claim_verifier import ITSELF, OTHERS

COSINE_WEIGHT = 0.3
SHOWN_BONUS = 0.3
"""For the sentence that is nearest to the question."""

FEW = 2
"""Sentences of a paper none of which has a wording that is known."""

AGAIN = 0.6
"""Ownership of a name that an abstract has more than once, without introducing it."""

LEAST_PROBLEM = 1.0
"""Least `trouble` of a sentence that names a problem."""


def whole_papers(selection: Selection, resolved: Resolved) -> tuple[Statement, ...]:
    """What the papers say of themselves, where that is asked, rather than anything in particular."""
    if not resolved.overview:
        return by_purpose(selection)
    asked = purpose(selection.question.text)
    wanted = asked[0] if asked else WHOLE
    return tuple(
        item.quotation(each) for item in selection.evidence.candidates for each in sentences(item, wanted)
    )


def by_purpose(selection: Selection, *, plain: bool = True) -> tuple[Statement, ...]:
    """The sentences that answer a question about papers as a whole, in their order; none to any other.

    Args:
        selection: the question and its evidence.
        plain: answer what no reading for the words of the question can, else what such reading may fail at.
    """
    asked = purpose(selection.question.text)
    if asked is None or asked[0].plain != plain:
        return ()
    wanted, words = asked
    if len(selection.scope) == 1:
        papers = [(item, "") for item in selection.evidence.candidates]
    else:
        papers = _meant(subjects(words), selection.evidence.candidates)
    return tuple(item.quotation(each) for item, name in papers for each in sentences(item, wanted, name))


def _meant(names: Sequence[str], candidates: Sequence[Candidate]) -> list[tuple[Candidate, str]]:
    """The paper of the first name, else those of the others, each with its name; none if one is nobody's."""
    whole, *parts = names
    if found := _named(whole, candidates):
        return [(found, whole)]
    each = [(_named(part, candidates), part) for part in parts]
    papers = [(item, part) for item, part in each if item is not None]
    return papers if len(papers) == len(parts) else []


def _named(name: str, candidates: Sequence[Candidate]) -> Candidate | None:
    """The one paper that a name or a title stands for, or that alone speaks of it again and again.

    A name of one word may be in any case. None if there are several papers.
    """
    ids = owners((name,), name, candidates)
    found = [item for item in candidates if item.paper.paper_id in ids]
    if not found and len(name.split()) == 1:  # more words in another case are a topic
        small = name.casefold()
        found = [item for item in candidates if item.short_name.casefold() == small]
    if not found and names_in(name):
        held = [(ownership(name, item), item) for item in candidates]
        found = [item for value, item in held if value and max(held, key=itemgetter(0))[0] >= AGAIN]
    return found[0] if len(found) == 1 else None


def sentences(item: Candidate, wanted: Purpose, name: str = "") -> list[Sentence]:
    """What a paper says to a purpose, in the order of its abstract; none if no wording shows it.

    Args:
        item: the paper.
        wanted: with a sentence for each of its aspects; what the whole paper is about can always be told.
        name: what the question calls the paper.
    """
    if wanted is PROBLEM:
        return _problem(item)
    names = tuple(filter(None, (name, item.short_name)))
    found = [each.sentence for each in placed(wanted.aspects, names, item, item.showing({}))]
    if not found and DOES in wanted.aspects:
        claiming = [each for each in item.sentences if each.claims]
        found = (claiming or [each for each in item.sentences if each.own] or list(item.sentences))[:FEW]
    return sorted(found, key=lambda each: each.span.start)


def _problem(item: Candidate) -> list[Sentence]:
    """The sentence before the paper's own claims that most says what is wrong, the last of equals."""
    background = item.sentences[: item.first_claim] or item.sentences[:1]
    best = max(background, key=lambda each: (trouble(each.text), each.span.start))
    return [best] if trouble(best.text) >= LEAST_PROBLEM else []


@dataclass(frozen=True, slots=True)
class AspectSentence:
    """A sentence and the aspect that it fills."""

    aspect: Aspect
    sentence: Sentence


def placed(
    rows: Sequence[Aspect], names: Sequence[str], item: Candidate, shown: Sentence
) -> list[AspectSentence]:
    """Sentences and the aspect each fills: what the paper does first, then the strongest cue first.

    Each aspect is filled by one sentence at most; ``names`` are what the paper's subject is called, ``shown``
    is the sentence that shows it best.
    """
    scores = [
        (
            0 if aspect == DOES else 1 if aspect in NAMED else 2,
            -(strength + COSINE_WEIGHT * sentence.cosine + (SHOWN_BONUS if sentence == shown else 0.0)),
            place,
            sentence.span.start,
            AspectSentence(aspect, sentence),
        )
        for place, aspect in enumerate(rows)
        for sentence in _own(item)
        if (strength := _strength(aspect, sentence, names)) >= FILLS
    ]
    found: list[AspectSentence] = []
    for *_, each in sorted(scores, key=lambda score: score[:-1]):
        if not any(each.aspect == other.aspect or each.sentence == other.sentence for other in found):
            found.append(each)
    return found


def _strength(aspect: Aspect, sentence: Sentence, names: Sequence[str]) -> float:
    """As the aspect has it; what says what a paper does fills no other row, unless plainer or asked for."""
    strength = aspect.strength(sentence.text, names)
    free = aspect == DOES or aspect in NAMED
    return strength if free or strength > DOES.strength(sentence.text, names) else 0.0


def _own(item: Candidate) -> list[Sentence]:
    """The sentences in which a paper speaks of itself: from its first claim on, those on others left out."""
    return [
        sentence
        for sentence in item.sentences[item.first_claim or 0 :]
        if (sentence.own or not OTHERS.search(sentence.text) or ITSELF.search(sentence.text))
        and not SHARED.search(sentence.text)
        and not is_plea(sentence.text)
    ]
