"""What a report says in words, and figures with the digits that their units deserve. Pure."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from evals.catalogue import BY_NAME
from evals.gate.comparison import MeasureVerdict
from evals.judges.qualifications import Estimate, Qualification
from evals.records import Result, Run
from evals.report.contents import MeasureRow, RunReport, ScoreChange

TITLES = {
    "fine": "Nothing got worse",
    "regression": "Something got worse",
    "inconclusive": "The data cannot say",
    "not good enough": "Not measured well enough",
    "not compared": "One run, compared with nothing",
}
MARKS = {"fine": "✓", "regression": "✗", "inconclusive": "?", "not good enough": "!", "not compared": "·"}
"""A sign for each conclusion, so that none rests on colour alone."""

NAMED = 4
"""Measures that a sentence names; of more it gives the number."""


def title(contents: RunReport) -> str:
    """The conclusion in a few words."""
    return TITLES[contents.conclusion]


def summary(contents: RunReport) -> str:
    """One or two sentences: what was run, and what follows."""
    ran = f"{counted(len(contents.cases), 'case')} of {contents.head.suite}, {_writer(contents.head.writer)}."
    gating = [line for line in contents.measures if line.gates and line.compared]
    by_verdict = {
        verdict: [line.measure for line in gating if line.compared and line.compared.verdict is verdict]
        for verdict in MeasureVerdict
    }
    if contents.conclusion == "not compared":
        return ran
    if contents.conclusion == "fine":
        better = by_verdict[MeasureVerdict.BETTER]
        more = f" Better: {_names(better)}." if better else ""
        return f"{ran} None of {counted(len(gating), 'measure')} that gate lost more than its margin.{more}"
    parts = [
        f"{words}: {_names(by_verdict[verdict])}."
        for verdict, words in (
            (MeasureVerdict.WORSE, "Worse"),
            (MeasureVerdict.NOT_COMPARED, "Not compared"),
            (MeasureVerdict.INCONCLUSIVE, "Too few cases or too much noise to tell"),
        )
        if by_verdict[verdict]
    ]
    return " ".join([ran, *parts])


def counted(count: int, noun: str) -> str:
    """A number with its noun in the right form."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _writer(writer: str) -> str:
    return "by the extractive reader" if writer == "extractive" else f"written by {writer}"


def _names(names: Sequence[str]) -> str:
    return counted(len(names), "measure") if len(names) > NAMED else ", ".join(names)


def mean(line: MeasureRow) -> str:
    """Of the run."""
    return figure(line.run.mean if line.run else None, line.unit)


def interval(line: MeasureRow) -> str:
    """Of the run's mean; empty where there is none."""
    if line.run is None or line.run.low is None:
        return ""
    return f"{figure(line.run.low, line.unit)} to {figure(line.run.high, line.unit)}"


def before(line: MeasureRow) -> str:
    """The baseline's mean over the cases that both scored."""
    return figure(line.compared.a if line.compared else None, line.unit)


def difference(line: MeasureRow) -> str:
    """To the baseline, with its sign."""
    return signed(line.compared.difference if line.compared else None, line.unit)


def difference_interval(line: MeasureRow) -> str:
    """Of that difference; empty where there is none."""
    if line.compared is None or line.compared.low is None:
        return ""
    return f"{signed(line.compared.low, line.unit)} to {signed(line.compared.high, line.unit)}"


def detectable(line: MeasureRow) -> str:
    """The least loss that such a comparison finds in 80 % of cases."""
    return figure(line.compared.mde if line.compared else None, line.unit)


def chance(line: MeasureRow) -> str:
    """The p of no difference, after Holm; empty where nothing was compared."""
    p = line.compared.p_holm if line.compared else None
    return "" if p is None else f"{p:.3f}"


def covered(line: MeasureRow) -> str:
    """Cases with a value, of those that should have one, and what the gaps could make of the mean."""
    if line.run is None:
        return "—"
    told = f"{line.run.scored} of {line.run.scored + line.run.gaps}"
    if line.run.least is None:
        return told
    return f"{told}, mean {figure(line.run.least, line.unit)} to {figure(line.run.most, line.unit)}"


def verdict(line: MeasureRow) -> str:
    """Against the baseline; empty without one."""
    return str(line.compared.verdict) if line.compared else ""


def change(moved: ScoreChange) -> str:
    """A value before and after, without digits that say nothing."""
    return f"{_short(moved.before)} → {_short(moved.after)}"


def _short(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


def milliseconds(value: float | None) -> str:
    """A latency; a dash for none."""
    return "—" if value is None else f"{value:,.0f} ms"


def dollars(value: float) -> str:
    """A cost."""
    return figure(value, "usd")


def margin(line: MeasureRow) -> str:
    """The loss that a change may cost; a dash where it stops nothing."""
    return figure(line.margin, line.unit) if line.gates else "—"


def share(value: float) -> str:
    """A share or an estimate of the exam."""
    return figure(value, "share")


def is_share(measure: str) -> bool:
    """Whether a measure is a share, of which 1 is all."""
    return measure in BY_NAME and BY_NAME[measure].unit == "share" and BY_NAME[measure].better == "higher"


def value(measure: str, found: float | None) -> str:
    """A value of a case, in the unit of its measure."""
    return figure(found, BY_NAME[measure].unit if measure in BY_NAME else "share")


def marks(exam: Qualification) -> Iterator[tuple[str, Estimate | None]]:
    """What an exam measures, in the order of its table."""
    yield "balanced accuracy", exam.balanced_accuracy
    yield "kappa", exam.kappa
    yield "AUROC", exam.auroc
    yield "calibration error", exam.calibration_error
    yield "changes caught", exam.caught
    yield "verdicts held", exam.held


def provenance(contents: RunReport) -> Iterator[tuple[str, str, str]]:
    """What was run: a name, how it is in the run, and how it is in the baseline (empty without one)."""
    run, baseline = contents.head, contents.baseline
    for name in ("writer", "judge", "cases", "collection", "prompts", "settings", "seed", "subset"):
        yield name, str(getattr(run, name)) or "—", str(getattr(baseline, name)) or "—" if baseline else ""
    others = baseline.versions if baseline else {}
    for package in dict.fromkeys((*run.versions, *others)):
        yield package, run.versions.get(package, "—"), others.get(package, "—")


SHORT_OF = {"fact match", "abstained rightly", "papers compared", "turns right", "attack failed"}
"""Measures whose failing cases are listed: each is right or wrong."""


WIDTH = 110
"""Columns where no terminal says how many there are."""


def console() -> Console:
    """Standard output."""
    found = Console()
    return found if found.is_terminal else Console(width=WIDTH)


def figure(value: float | None, unit: str) -> str:
    """A value with the digits that its unit deserves; a dash for none."""
    if value is None:
        return "—"
    return f"{value:.3f}" if unit == "share" else f"${value:.4f}" if unit == "usd" else f"{value:,.0f}"


def shortfalls(run: Run) -> Iterator[str]:
    """A line for each case that is wrong, so that a figure can be looked into."""
    for result in run.results:
        yield from _wrong(result)


def _wrong(result: Result) -> Iterator[str]:
    for score in result.scores:
        if score.measure in SHORT_OF and score.value is not None and score.value < 1:
            read = result.answer.get("asked")
            yield (
                f"{result.case_id} {score.measure} {score.value:g}"
                f"{f' ({score.why})' if score.why else ''}: {result.question}"
                f"{f' (read as: {read})' if read else ''}"
            )


def signed(value: float | None, unit: str) -> str:
    """A difference, with its sign."""
    if value is None:
        return "—"
    return f"{'-' if value < 0 else '+'}{figure(abs(value), unit)}"


REPLACEMENT = "\ufffd"
_UNSEEN = dict.fromkeys(
    [
        *(
            *range(0x09),
            0x0B,
            0x0C,
            *range(0x0E, 0x20),
            *range(0x7F, 0xA0),
        ),  # terminals obey, XML forbids them
        *(
            0x061C,
            0x200E,
            0x200F,
            *range(0x202A, 0x202F),
            *range(0x2066, 0x206A),
        ),  # turn the direction of text
        *(*range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0), 0xFFFE, 0xFFFF),  # no characters: XML forbids them
    ],
    REPLACEMENT,
)


def sanitize(text: str) -> str:
    """The text with a replacement character for each that would act on what shows it; lines stay."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)


def one_line(text: str) -> str:
    """The same with every run of white space as one space."""
    return " ".join(sanitize(text).split())
