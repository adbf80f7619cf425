"""`pincite eval qualify` and `checklists`. Nothing heavy is imported until a command runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.command_line import Home
from rag.errors import ConfigError

if TYPE_CHECKING:
    from evals.exam.examining import Extent

NOT_QUALIFIED = 3

Judges = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="lexical, cosine, or a model; several are fine."),
]


def qualify(
    *,
    judge: Judges = None,
    everybody: Annotated[bool, typer.Option("--all", help="cosine, lexical and local/smollm2.")] = False,
    path: Annotated[
        Path | None, typer.Option(metavar="SCIFACT", help="corpus.jsonl.gz and claims-train.jsonl.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="About N pairs, drawn label by label.")
    ] = None,
    tests: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="N metamorphic tests of each kind.")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the result where `pincite eval gate` looks it up.")
    ] = False,
    home: Home = None,
) -> int:
    r"""Let judges of faithfulness sit the exam: only one that qualifies may stop a change.

    The exam has two parts. Claims that people labelled beside an abstract, in SciFact's form: supported,
    contradicted, not in context. And metamorphic tests, made by rule from the shipped abstracts: a claim that
    was changed, or put beside another abstract, must not be called supported, and a paraphrase, another
    order, more words or a word to the judge must not change its verdict. Intervals are of
    95 %, by resampling claims and papers. No judge of ours was trained on the labels.

    A local model takes seconds a claim, so it sits a sample unless --limit and --tests say otherwise.

    \b
    Examples:
      pincite eval qualify --all --path scifact
      pincite eval qualify --judge openai/gpt-4o-mini --path scifact --save

    \b
    Exit codes:
      0  all of them are qualified
      2  usage, configuration, or the pairs cannot be read
      3  one is not qualified, or is not available
    """
    from evals.command_line import require_extra
    from evals.exam.examining import EVERYBODY, Extent

    require_extra()
    names = tuple(dict.fromkeys([*(judge or ()), *(EVERYBODY if everybody else ())]))
    if not names:
        raise ConfigError("no judge is named: expected --judge NAME, or --all")
    return _examined(names, Extent(path, limit, tests), home, save=save)


def _examined(names: tuple[str, ...], extent: "Extent", home: Path | None, *, save: bool) -> int:
    from evals.command_line import following
    from evals.exam.examining import examine_each
    from evals.exam.tables import exam_table, notes
    from evals.judges.qualifications import save_qualification
    from evals.report.wording import console

    sat = []
    with following() as on_progress:
        for each in examine_each(names, extent, home, on_progress):
            sat.append(each)
            if save and each.qualification:  # at once: the next one may take an hour
                save_qualification(each.qualification)
    screen = console()
    screen.print(exam_table(sat))
    for line in notes(sat):
        screen.print(line, markup=False, highlight=False)
    qualified = [each.qualification.qualified for each in sat if each.qualification]
    return 0 if all(qualified) and len(qualified) == len(sat) else NOT_QUALIFIED


def checklists(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Checklists (JSONL); those in it are kept.")],
    *,
    cases: Annotated[str, typer.Option(metavar="SUITE", help="dev, heldout, or a question file.")] = "dev",
    judge: Annotated[
        str, typer.Option(metavar="MODEL", help="Have a model write them; default: by rule from the gold.")
    ] = "",
    home: Home = None,
) -> int:
    r"""Write the checklists by which a judge scores relevance and completeness.

    A case whose question is in the file already keeps its list, so nothing is asked twice. What a model wrote
    is not scored before a person has read it: set "reviewed" to accepted, edited or rejected.

    \b
    Example:
      pincite eval checklists evals/cases/checklists.jsonl

    \b
    Exit codes:
      0  written
      2  usage, configuration, or a file cannot be read
      3  the model is not available, or wrote no checklist
    """
    from evals.judges.checklist_making import write_checklists

    made = write_checklists(file, cases, judge, home)
    waiting = sum(not each.usable for each in made)
    typer.echo(f"{len(made)} checklists in {file}; {waiting} wait for a person to accept them")
    return 0
