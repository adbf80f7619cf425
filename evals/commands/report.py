"""`pincite eval report`. Nothing heavy is imported until the command runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.command_line import Allow, ExitCode

if TYPE_CHECKING:
    from evals.report.contents import RunReport


def report(
    file: Annotated[Path, typer.Argument(metavar="RUN", help="A run of `pincite eval run`.")],
    baseline: Annotated[
        Path | None, typer.Argument(metavar="[BASELINE]", help="A run to report it beside.")
    ] = None,
    *,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="One page that loads nothing.")] = None,
    md: Annotated[Path | None, typer.Option(metavar="FILE", help="Markdown, for a pull request.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="JUnit XML, for a build server.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="JSON, as evals/report/schema.json says.")
    ] = None,
    allow: Allow = None,
) -> int:
    r"""Report on a run, alone or beside a baseline.

    Prints the measures, what changed and what could not be scored, and writes the files that are named. Plots
    of the page need matplotlib: pip install "pincite[evals]".

    \b
    Examples:
      pincite eval report run.jsonl
      pincite eval report run.jsonl evals/reference_runs/dev.jsonl --html report.html --md report.md

    \b
    Exit codes:
      0  reported, whatever the report says: `pincite eval gate` is what gates
      4  usage, files, or the runs are not of the same papers, cases, prompts and judge
    """
    from evals.command_line import require_extra
    from evals.files import write_whole
    from evals.report.terminal import terminal
    from evals.report.wording import console

    require_extra()
    contents = _contents(file, baseline, allow or [])
    console().print(terminal(contents))
    for form, place in (("html", html), ("md", md), ("junit", junit), ("json", json_file)):
        if place is not None:
            write_whole(place, _form(form, contents))
            typer.echo(f"wrote {place}")
    return ExitCode.FINE


def _contents(file: Path, baseline: Path | None, allow: list[str]) -> "RunReport":
    from evals.gate.regression import gate, why_not_qualified
    from evals.judges.qualifications import read_qualifications
    from evals.report.gather import ReferenceRun, gather
    from evals.suite.run_files import read_run

    run, beside = read_run(file), None
    if baseline is not None:
        before = read_run(baseline)
        beside = ReferenceRun(before, gate(run, before, why_not_qualified, allow))
    return gather(run, beside, read_qualifications(), why_not_qualified)


def _form(form: str, contents: "RunReport") -> str:
    from evals.report import contents as published
    from evals.report import junit, markdown, page

    make = {"html": page.html, "md": markdown.markdown, "junit": junit.junit, "json": published.to_json}
    return make[form](contents)
