"""A report as one HTML page that loads nothing and runs no script.

Questions, answers and titles are text of people and papers: jinja2 escapes all of it, characters that cannot
be seen are replaced, and a content security policy forbids whatever might slip through.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from evals.report import wording
from evals.report.answers import ShownAnswer, ShownSentence
from evals.report.contents import CaseChange, MeasureRow, RunReport
from evals.report.plots import available, diagrams, plots
from evals.report.wording import sanitize

if TYPE_CHECKING:
    from jinja2 import Template

FLIPS, CASES, GAPS, DOUBTS = 100, 1000, 200, 100
"""What is listed at most; the JSON form has all."""


def html(contents: RunReport) -> str:
    """The page, UTF-8. Without matplotlib it has the tables and says what would draw the plots."""
    from markupsafe import Markup

    drawn = plots(contents) if available() else {}
    style = _style()
    return _template().render(
        c=contents,
        w=wording,
        glance=list(glance(contents)),
        groups=[group for group in _groups(contents) if group[1]],
        flips=[_Beside.of(flip) for flip in contents.flips[:FLIPS]],
        diagrams=[(exam, f"reliability of {exam.judge}") for exam in diagrams(contents)],
        limits={"flips": FLIPS, "cases": CASES, "gaps": GAPS, "doubts": DOUBTS},
        plots={name: Markup(svg) for name, svg in drawn.items()},  # noqa: S704 - made of figures, by `vector`
        style=Markup(style),  # noqa: S704 - our own file
        policy=policy(style),
    )


def policy(style: str) -> str:
    """The content security policy of a page whose only style sheet is this: nothing else is loaded or run."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class _Beside:
    """A case that changed, with what only one of its answers says."""

    flip: CaseChange
    only_before: frozenset[str]
    only_after: frozenset[str]

    @classmethod
    def of(cls, flip: CaseChange) -> "_Beside":
        ours, theirs = _texts(flip.before), _texts(flip.after)
        return cls(flip, ours - theirs, theirs - ours)

    @property
    def tone(self) -> str:
        """Whether the case lost, gained, or both."""
        moves = {each.lost for each in self.flip.moved} - {None}
        return "bad" if moves == {True} else "good" if moves == {False} else "doubt"

    def sides(self) -> Iterator[tuple[str, ShownAnswer | None, frozenset[str]]]:
        """Each answer with its heading and with the sentences that the other has not."""
        yield "before", self.flip.before, self.only_before
        yield "after", self.flip.after, self.only_after


def _texts(answer: ShownAnswer | None) -> frozenset[str]:
    return frozenset(each.text for each in answer.sentences) if answer else frozenset()


def glance(contents: RunReport) -> Iterator[tuple[str, str]]:
    """The figures that stand first: what they are, and how many."""
    every = contents.costs[-1]
    gating = [line for line in contents.measures if line.gates]
    if contents.baseline is not None:
        held = [line for line in gating if wording.verdict(line) in ("same", "better")]
        yield "gates that hold", f"{len(held)} of {len(gating)}"
        lost = [flip for flip in contents.flips if any(moved.lost for moved in flip.moved)]
        yield "cases that changed", str(len(contents.flips))
        yield "cases that lost", str(len(lost))
    yield "scores missing", str(len(contents.gaps))
    yield "median answer", wording.milliseconds(every.latency_median_ms)
    if every.tokens or every.cost_usd:
        yield "tokens", f"{every.tokens:,}"
        yield "cost", wording.dollars(every.cost_usd)


def _groups(contents: RunReport) -> list[tuple[str, list[MeasureRow]]]:
    return [
        ("These gate", [line for line in contents.measures if line.gates]),
        ("These are only reported", [line for line in contents.measures if not line.gates]),
    ]


def answered(answer: ShownAnswer | None) -> str:
    """What became of a question, in a word or two."""
    return "gave no answer" if answer is None else "abstained" if answer.abstained else "answered"


def shown_quotes(sentence: ShownSentence) -> list[tuple[str, str]]:
    """Titles and quotes of a sentence; the quote is empty where the sentence has it already."""
    return [(each.title, "" if each.quote in sentence.text else each.quote) for each in sentence.quotes]


@cache
def _style() -> str:
    return (files("evals.report") / "page.css").read_text("utf-8").strip()


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"answered": answered, "quotes": shown_quotes}
    return made.from_string((files("evals.report") / "page.html").read_text("utf-8"))


def _seen(value: Any) -> Any:  # noqa: ANN401 - whatever a template shows
    return sanitize(value) if type(value) is str else value
