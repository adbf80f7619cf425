"""A comparison as a table: papers beside each other, aspect by aspect, a verified sentence a cell. Pure.

What no sentence says plainly stays empty: an empty cell is better than a wrong one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.question.aspects import DOES, FILLS, NAMED, SHARED, TOUCHES, Aspect, aspects, is_asked
from rag.reading.extractive import Reading, compared
from rag.retrieval.candidates import Candidate, Sentence, short_name
from rag.retrieval.paper_names import runs
from rag.selection.answer_signals import CLAIMS
from rag.selection.citations import cite, quotation
from rag.selection.pinpoint import showing
from rag.types import Answer, Compared, Statement, Table
from rag.untrusted.instructions import is_plea
from rag.verification.claim_verifier import ITSELF, OTHERS

NEAREST = "nearest to the question"
"""A row of its own where the sentence that shows a paper best speaks of none of the aspects."""

ELSEWHERE = "quoted beside another aspect"
"""Reason of a statement that only points to another cell."""

SHOWN_BONUS = 0.3
"""For the sentence that is nearest to the question."""

COSINE_WEIGHT = 0.3
MOST_COLUMNS = 4

TAIL = re.compile(
    r"\s(?:for|in|on|at|by|over|under|using|with\s+(?:respect|regard)|regarding)\s|:\s", re.IGNORECASE
)
Column = tuple[str, Candidate]
Row = tuple[Statement | None, ...]


def side_by_side(answer: Answer, reading: Reading) -> Answer:
    """The answer to a comparison as a table, and what it says of things that no paper is about.

    Any other answer, and one about fewer than two papers or too many for a table, keeps its statements.
    """
    if answer.kind != "compare" or reading.question.record_field is not None:
        return answer
    columns = compared(reading)
    note = " ".join(filter(None, (nobodys(reading, columns), answer.note)))
    table = comparison(reading, columns)
    if table is None:
        return replace(answer, note=note)
    return replace(answer, table=table, statements=statements(table), note=note)


def comparison(reading: Reading, columns: Sequence[Column]) -> Table | None:
    """The papers side by side, or None if there are fewer than two or more than `MOST_COLUMNS`.

    Args:
        reading: the question and its evidence.
        columns: what the question calls each paper, and the paper.
    """
    if not 1 < len(columns) <= MOST_COLUMNS:
        return None
    text = reading.question.text
    rows_wanted = aspects(text)
    filled = [_filled(rows_wanted, name, item, showing(item, reading.evidence.idf)) for name, item in columns]
    by_row = list(
        zip((*(each.name for each in rows_wanted), NEAREST), zip(*filled, strict=True), strict=True)
    )
    asked = {each.name for each in rows_wanted if is_asked(each, text)}
    rows = [(name, cells) for name, cells in by_row if name in asked or any(map(is_own, cells))]
    return Table(
        aspects=tuple(name for name, _ in rows),
        papers=tuple(Compared(name, item.paper.paper_id, item.paper.title) for name, item in columns),
        cells=tuple(cells for _, cells in rows),
    )


def is_own(cell: Statement | None) -> bool:
    """Whether something stands in a cell that stands nowhere else."""
    return cell is not None and cell.reason != ELSEWHERE


def statements(table: Table) -> tuple[Statement, ...]:
    """What the cells say, row by row; cells that point to others say nothing themselves."""
    return tuple(cell for row in table.cells for cell in row if cell is not None and is_own(cell))


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence and the aspect that it fills."""

    aspect: Aspect
    sentence: Sentence


def _filled(rows: Sequence[Aspect], name: str, item: Candidate, shown: Sentence) -> list[Statement | None]:
    """One cell for each aspect and one for `NEAREST`."""
    names = tuple(filter(None, (name, short_name(item.paper.title))))
    found = placed(rows, names, item, shown)
    cells: list[Statement | None] = []
    for aspect in rows:
        own = next((each for each in found if each.aspect == aspect), None)
        other = None if own else _also(aspect, names, found)
        cells.append(quotation(item, own.sentence) if own else _pointer(item, other) if other else None)
    there = next((each for each in found if each.sentence == shown), None)
    return [*cells, _pointer(item, there) if there else quotation(item, shown)]


def placed(rows: Sequence[Aspect], names: Sequence[str], item: Candidate, shown: Sentence) -> list[Placed]:
    """Sentences and the aspect each fills: what the paper does first, then the strongest cue first.

    Args:
        rows: the aspects to fill, each by one sentence at most.
        names: what the paper's subject is called.
        item: the paper.
        shown: the sentence that shows it best.
    """
    scores = [
        (
            0 if aspect == DOES else 1 if aspect in NAMED else 2,
            -(strength + COSINE_WEIGHT * sentence.cosine + (SHOWN_BONUS if sentence == shown else 0.0)),
            place,
            sentence.span.start,
            Placed(aspect, sentence),
        )
        for place, aspect in enumerate(rows)
        for sentence in _own(item)
        if (strength := _strength(aspect, sentence, names)) >= FILLS
    ]
    found: list[Placed] = []
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
    first = next((n for n, each in enumerate(item.sentences) if CLAIMS.search(each.text)), 0)
    return [
        sentence
        for sentence in item.sentences[first:]
        if (sentence.own or not OTHERS.search(sentence.text) or ITSELF.search(sentence.text))
        and not SHARED.search(sentence.text)
        and not is_plea(sentence.text)
    ]


def _also(aspect: Aspect, names: Sequence[str], placed: Iterable[Placed]) -> Placed | None:
    """The sentence of another cell that speaks of this aspect too, if one does."""
    told = [(aspect.strength(each.sentence.text, names), each) for each in placed]
    strength, best = max(told, key=lambda pair: pair[0], default=(0.0, None))
    return best if strength >= TOUCHES else None


def _pointer(item: Candidate, there: Placed) -> Statement:
    return Statement(f"see “{there.aspect.name}”", "supported", (cite(item, there.sentence),), ELSEWHERE)


def nobodys(reading: Reading, columns: Sequence[Column]) -> str:
    """What to say of the things compared that no paper of the collection is about; may be empty."""
    text = reading.question.text
    things = runs(reading.question.names, text)
    if reading.scope or len(things) < 2:  # noqa: PLR2004 - a comparison needs a pair
        return ""
    end = TAIL.search(text, text.find(things[1]) + len(things[1]))
    head = text[: end.start()] if end else text
    owned = {name for name, _ in columns}
    left = [thing for thing in things if thing in head and not any(name in thing for name in owned)]
    said = " ".join(f"{item.paper.title} {item.paper.abstract}" for item in reading.evidence.candidates)
    unknown = [thing for thing in left if thing not in said]
    mentioned = [thing for thing in left if thing in said]
    return " ".join(
        f"{start} {' or '.join(named)}."
        for start, named in (
            ("The collection has no paper on", unknown),
            ("No paper of the collection introduces", mentioned),
        )
        if named
    )
