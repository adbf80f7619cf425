"""A report for a pull request: the conclusion, then what gates, then the rest folded away. Pure."""

import re
from collections.abc import Iterator, Sequence

from evals.report import wording
from evals.report.contents import CaseChange, MeasureRow, RunReport
from evals.report.wording import figure, one_line

SIGNS = {"worse": "🔴", "better": "🟢", "same": "⚪", "inconclusive": "🟡", "not compared": "⚫"}
FLIPS, GAPS = 10, 10
"""Cases and gaps that are listed: a comment is read, or it is not."""

LONGEST = 160
"""Characters of a question or reason."""

_MARKUP = re.compile(r"([\\`*_\[\]<>&~|$]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
_OPENING = re.compile(r"\A([#+=:-]|\d+(?=[.)]))")
"""What would make a heading, list or underline of a line that begins with it."""

_CALLS = re.compile(r"(?:[@#]|\bGH-)(?=\w)", re.IGNORECASE)
"""What a forge turns into a mention of a person or an issue, however it is escaped."""

JOINER = "\u2060"
"""Has no width and breaks no line, but ends such a call."""


def markdown(contents: RunReport) -> str:
    """GitHub-flavoured Markdown; text of papers and people is shown as it is, and can do nothing."""
    blocks = [
        f"## {wording.MARKS[contents.conclusion]} {wording.title(contents)}",
        escaped(wording.summary(contents), 1000),
        _table([line for line in contents.measures if line.gates], compared=contents.baseline is not None),
        *_reasons(contents.reasons),
        *_flips(contents.flips),
        *_gaps(contents),
        *_folded(contents),
        _footnote(contents),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escaped(text: str, longest: int = LONGEST) -> str:
    """Markdown that shows a text as it is, on one line."""
    line = one_line(text)
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    called = _CALLS.sub(rf"\g<0>{JOINER}", line)
    return _OPENING.sub(_defused, _MARKUP.sub(r"\\\1", called))


def _defused(opening: re.Match[str]) -> str:
    """A number keeps its value and loses its list: the backslash goes before what follows it."""
    return f"{opening[0]}\\" if opening[0].isdigit() else f"\\{opening[0]}"


def _table(lines: Sequence[MeasureRow], *, compared: bool) -> str:
    if not lines:
        return ""
    if not compared:
        rows = [
            f"| {line.measure} | {wording.mean(line)} | {wording.interval(line)} | {wording.covered(line)} |"
            for line in lines
        ]
        return "\n".join(["| measure | mean | 95 % | of |", "|---|---:|---|---:|", *rows])
    heads = "| | measure | before | after | difference | 95 % | finds | |"
    return "\n".join([heads, "|---|---|---:|---:|---:|---|---:|---|", *map(_row, lines)])


def _row(line: MeasureRow) -> str:
    after = figure(line.compared.b if line.compared else None, line.unit)
    cells = (
        SIGNS.get(wording.verdict(line), ""),
        line.measure,
        wording.before(line),
        after,
        wording.difference(line),
        wording.difference_interval(line),
        wording.detectable(line),
        wording.verdict(line),
    )
    return f"| {' | '.join(cells)} |"


def _reasons(reasons: Sequence[str]) -> Iterator[str]:
    if reasons:
        yield "\n".join(f"- {escaped(reason)}" for reason in reasons)


def _flips(flips: Sequence[CaseChange]) -> Iterator[str]:
    if not flips:
        return
    lines = [
        f"- `{_code(flip.case_id)}` {', '.join(f'{m.measure} {wording.change(m)}' for m in flip.moved)}: "
        f"{escaped(flip.question)}"
        for flip in flips[:FLIPS]
    ]
    more = f"\n- … and {len(flips) - FLIPS} more" if len(flips) > FLIPS else ""
    yield f"### {len(flips)} cases changed\n\n" + "\n".join(lines) + more


def _code(text: str) -> str:
    return one_line(text).replace("`", "'")


def _gaps(contents: RunReport) -> Iterator[str]:
    if not contents.gaps:
        return
    lines = [
        f"- `{_code(gap.case_id)}` {gap.measure} {gap.status}: {escaped(gap.why)}"
        for gap in contents.gaps[:GAPS]
    ]
    more = f"\n- … and {len(contents.gaps) - GAPS} more" if len(contents.gaps) > GAPS else ""
    yield f"### {len(contents.gaps)} scores are missing\n\n" + "\n".join(lines) + more


def _folded(contents: RunReport) -> Iterator[str]:
    others = [line for line in contents.measures if not line.gates]
    table = _table(others, compared=contents.baseline is not None)
    changed = [
        f"- {escaped(name)}: {escaped(before)} → {escaped(after)}" for name, before, after in contents.changed
    ]
    if table:
        yield f"<details><summary>Measures that do not gate</summary>\n\n{table}\n\n</details>"
    if changed:
        listed = "\n".join(changed)
        yield f"<details><summary>What differs between the runs</summary>\n\n{listed}\n\n</details>"


def _footnote(contents: RunReport) -> str:
    every = contents.costs[-1]
    judged = ""
    if contents.judge.name:
        fit = "qualified" if not contents.judge.why_not else "not qualified"
        judged = f" · judge {escaped(contents.judge.name)}, {fit}"
    latency = wording.milliseconds(every.latency_median_ms)
    spent = f"median {latency}"
    if every.tokens or every.cost_usd:
        spent += f" · {every.tokens:,} tokens · {wording.dollars(every.cost_usd)}"
    finds = ' · "finds" is the least loss found in 80 % of such comparisons' if contents.baseline else ""
    return f"<sub>{spent}{judged}{finds}</sub>"
