"""One table of what moves a judge's score though the answer stays the same, and of what was not run."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from rich.markup import escape
from rich.table import Table

from evals.estimate import Estimate
from evals.judging.families import family_warning
from evals.judging.voting import agreement, alpha, peer_weights
from evals.noise.alt_test import alt_test
from evals.noise.lengths import length_controlled, length_slope
from evals.noise.options import selection
from evals.noise.positions import positions
from evals.noise.rows import LabelRow, OptionRow, PairRow, ScoreRow
from evals.noise.variance import NAMES, components
from evals.prediction_powered import prediction_powered_mean

Line = tuple[str, str]
Lines = Iterator[Line]
Labels = Mapping[str, str]
"""By item, of one annotator."""

SUPPORTED = "supported"


def noise_report(
    scores: Sequence[ScoreRow],
    *,
    pairs: Sequence[PairRow] = (),
    options: Sequence[OptionRow] = (),
    labels: Sequence[LabelRow] = (),
    people: Collection[str] = (),
    writer: str = "",
) -> Table:
    """The table. What lacks rows is listed as not run, with the reason; nothing is filled in.

    Args:
        scores: of one judge or several, over repeats, paraphrases and orders.
        pairs: comparisons by one judge.
        options: log-probabilities by one judge.
        labels: of people and judges: for agreement, the alternative annotator test, and to set judges right.
        people: which annotators of the labels are people; all others are judges.
        writer: who wrote the answers, as a run's head has it.
    """
    table = Table("what", "found (95 %)", title="bias and noise of judges")
    for judge, rows in _by_judge(scores).items():
        table.add_section()
        table.add_row(f"[bold]{escape(judge or 'judge')}[/bold]", _scored(rows))
        for line in _of_scores(judge, rows, writer):
            table.add_row(*map(escape, line))
    table.add_section()
    for line in (*_of_pairs(pairs), *_of_options(options), *_of_labels(labels, people)):
        table.add_row(*map(escape, line))
    return table


def _of_scores(judge: str, rows: Sequence[ScoreRow], writer: str) -> Lines:
    yield from _tried("variance of a score", lambda: _variances(rows))
    yield from _tried(
        "score per 100 words more", lambda: [("score per 100 words more", _signed(length_slope(rows)))]
    )
    if warning := family_warning(judge, writer):
        yield "warning", warning


def _variances(rows: Sequence[ScoreRow]) -> list[Line]:
    found = {each.name: each for each in components(rows)}
    lines = []
    for name in NAMES:
        each = found.get(name)
        if each is None:
            lines.append((f"variance: {name}", f"not run: every score has the same {name}"))
            continue
        said = f"{each.variance:.4f} ({each.low:.4f}–{each.high:.4f}), {each.share:.0%} of all"
        lines.append((f"variance: {name}", f"{said}; negative, set to 0" if each.truncated else said))
    return lines


def _of_pairs(rows: Sequence[PairRow]) -> Lines:
    def by_position() -> list[Line]:
        found = positions(rows)
        return [
            (
                "position consistency",
                f"{_share(found.consistency)} of {found.pairs} pairs, {found.unscored} without",
            ),
            ("preference fairness (-1 first, 1 second)", _signed(found.fairness)),
            ("repetition stability", _share(found.stability) if found.stability else "not run: no repeats"),
        ]

    def by_length() -> list[Line]:
        found = length_controlled(rows)
        return [
            ("first answer preferred", f"{found.raw:.3f} of {found.pairs} pairs"),
            ("… had both been equally long", _share(found.controlled)),
        ]

    yield from _tried("position bias", by_position if rows else "no comparisons of two answers")
    yield from _tried("length-controlled preference", by_length if rows else "no comparisons of two answers")


def _of_options(rows: Sequence[OptionRow]) -> Lines:
    def by_id() -> list[Line]:
        found = selection(rows)
        prior = ", ".join(f"{each:.2f}" for each in found.prior)
        return [
            ("prior of option ids", f"{prior} from {found.learned} questions"),
            ("same option in every order", f"{_share(found.before)} of {found.tested} questions"),
            ("… without the prior", _share(found.after)),
        ]

    yield from _tried("prior of option ids", by_id if rows else "no log-probabilities")


def _of_labels(rows: Sequence[LabelRow], people: Collection[str]) -> Lines:
    said: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        said[row.annotator][row.item] = row.label
    judges = {name: labels for name, labels in said.items() if name not in people}
    if len(judges) > 1:
        yield "judges call an item the same", _plain(agreement(judges))
        yield "Krippendorff's alpha of judges", _plain(alpha(judges))
        weights = peer_weights(judges)
        yield "weights by peers", ", ".join(f"{name} {each:.2f}" for name, each in weights.items())
    else:
        yield "agreement of a panel", f"not run: {len(judges)} judges with labels"
    if people:
        for judge, labels in judges.items():
            yield from _set_right(judge, labels, {name: said[name] for name in people if name in said})
    for judge in judges or [""]:
        of_one = [row for row in rows if row.annotator in people or row.annotator == judge]
        yield f"alternative annotator test {judge}".strip(), _alternative(of_one, judge)


def _set_right(judge: str, labels: Labels, people: Mapping[str, Labels]) -> Lines:
    """The share that people would call supported, from their labels of some and the judge's of all."""

    def line() -> list[Line]:
        human = {
            item: _supported([each[item] for each in people.values() if item in each]) for item in labels
        }
        seen = [item for item in labels if human[item] is not None]
        rest = [item for item in labels if human[item] is None]
        of_judge = {item: float(label == SUPPORTED) for item, label in labels.items()}
        found = prediction_powered_mean(
            [share for share in human.values() if share is not None],
            [of_judge[item] for item in seen],
            [of_judge[item] for item in rest],
        )
        raw = sum(of_judge.values()) / len(of_judge)
        return [
            (f"supported by {judge}, as people would say", f"{_share(found)}; by the judge alone {raw:.3f}")
        ]

    yield from _tried(f"supported by {judge}, as people would say", line)


def _supported(labels: Sequence[str]) -> float | None:
    """Share of people who call it so; None where nobody looked."""
    return sum(label == SUPPORTED for label in labels) / len(labels) if labels else None


def _alternative(rows: Sequence[LabelRow], judge: str) -> str:
    found = alt_test(rows, judge)
    if isinstance(found, str):
        return found
    outcome = "may stand in for people" if found.passed else "may not stand in for people"
    wins = f"wins against {found.winning_rate:.0%} of {len(found.people)}"
    return f"{outcome}: {wins}, advantage {found.advantage:.2f}"


def _tried(what: str, make: Callable[[], list[Line]] | str) -> list[Line]:
    """The lines; or, where the rows do not suffice, why there are none."""
    if isinstance(make, str):
        return [(what, f"not run: {make}")]
    try:
        return make()
    except ValueError as exc:
        return [(what, f"not run: {exc}")]


def _by_judge(rows: Sequence[ScoreRow]) -> dict[str, list[ScoreRow]]:
    found: defaultdict[str, list[ScoreRow]] = defaultdict(list)
    for row in rows:
        found[row.judge].append(row)
    return dict(found)


def _scored(rows: Sequence[ScoreRow]) -> str:
    scored = sum(row.score is not None for row in rows)
    return f"{scored} of {len(rows)} asks scored, {len({row.question for row in rows})} questions"


def _share(value: Estimate) -> str:
    return f"{value.mean:.3f} ({value.low:.3f}–{value.high:.3f})"


def _signed(value: Estimate) -> str:
    return f"{value.mean:+.3f} ({value.low:+.3f} to {value.high:+.3f})"


def _plain(value: float | None) -> str:
    return "not run: nothing to disagree on" if value is None else f"{value:.3f}"
