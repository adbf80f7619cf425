"""What is asked of a paper as a whole: its idea, how it works, its problem, its results. Pure.

"How does Quest work?" shares no word with the sentence that answers it, so no likeness finds that sentence;
the wording by which abstracts serve each purpose does (see `rag.question.aspects`).
"""

from collections.abc import Sequence
from operator import itemgetter

from rag.question.aspects import DOES, trouble
from rag.question.intent import names_in
from rag.question.purposes import PROBLEM, Purpose, purpose, subjects
from rag.reading.comparison import placed
from rag.reading.extractive import Reading
from rag.retrieval.candidates import Candidate, Sentence, short_name
from rag.retrieval.paper_names import owners, ownership
from rag.selection.answer_signals import CLAIMS
from rag.selection.pinpoint import showing

FEW = 2
"""Sentences of a paper none of which has a wording that is known."""

AGAIN = 0.6
"""Ownership of a name that an abstract has more than once, without introducing it."""

LEAST_PROBLEM = 1.0
"""Least `trouble` of a sentence that names a problem."""


def told(reading: Reading, *, plain: bool = True) -> list[tuple[Candidate, Sentence]]:
    """The sentences that answer a question about papers as a whole, in their order; none to any other.

    Args:
        reading: the question and its evidence.
        plain: answer what no reading for the words of the question can, else what such reading may fail at.
    """
    asked = purpose(reading.question.text)
    if asked is None or asked[0].plain != plain:
        return []
    wanted, words = asked
    if len(reading.scope) == 1:
        papers = [(item, "") for item in reading.evidence.candidates]
    else:
        papers = _meant(subjects(words), reading.evidence.candidates)
    return [(item, each) for item, name in papers for each in sentences(item, wanted, name)]


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
        found = [item for item in candidates if short_name(item.paper.title).casefold() == small]
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
    names = tuple(filter(None, (name, short_name(item.paper.title))))
    found = [each.sentence for each in placed(wanted.aspects, names, item, showing(item, {}))]
    if not found and DOES in wanted.aspects:
        claiming = [each for each in item.sentences if CLAIMS.search(each.text)]
        found = (claiming or [each for each in item.sentences if each.own] or list(item.sentences))[:FEW]
    return sorted(found, key=lambda each: each.span.start)


def _problem(item: Candidate) -> list[Sentence]:
    """The sentence before the paper's own claims that most says what is wrong, the last of equals."""
    background = _until_claim(item.sentences)
    scored = [(trouble(each.text), each.span.start, each) for each in background]
    best = max(scored, key=lambda each: each[:2], default=None)
    return [best[2]] if best is not None and best[0] >= LEAST_PROBLEM else []


def _until_claim(all_of_them: Sequence[Sentence]) -> Sequence[Sentence]:
    first = next((n for n, each in enumerate(all_of_them) if CLAIMS.search(each.text)), len(all_of_them))
    return all_of_them[:first] or all_of_them[:1]
