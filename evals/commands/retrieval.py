"""`pincite eval retrieval`. Nothing heavy is imported until the command runs."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

Runs = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write a TREC run of each system.")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write everything that was found.")
]
Cache = Annotated[
    Path | None, typer.Option("--cache", "--home", metavar="FOLDER", help="Keeps vectors and collections.")
]


def retrieval(
    *,
    on: Annotated[
        str, typer.Option(metavar="SET", help="questions, scifact, tldr, beir or litsearch.")
    ] = "questions",
    path: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the set lies; `questions` needs none.")
    ] = None,
    queries_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Queries of the same form, in place of the set's.")
    ] = None,
    systems: Annotated[
        str, typer.Option(metavar="NAME,...", help="Default: pincite and all baselines that are installed.")
    ] = "",
    baseline: Annotated[
        str | None, typer.Option(metavar="NAME", help="Compare with this one; default: rrf.")
    ] = None,
    depth: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="Papers a ranking.")] = 100,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N queries.")] = None,
    runs: Runs = None,
    json_file: JsonFile = None,
    cache: Cache = None,
) -> int:
    r"""Rank the papers of a set for its queries, with pincite and with other systems.

    All systems index the same papers with the same encoder. Intervals are 95 % bootstrap intervals;
    differences to the baseline are tested by randomisation and adjusted after Holm. The first run
    encodes every paper, which takes some minutes for every thousand; vectors are kept for the next.

    \b
    Examples:
      pincite eval retrieval
      pincite eval retrieval --on scifact --path scifact --systems pincite,rrf --json scifact.json

    \b
    Exit codes:
      0  measured
      2  usage, configuration, or the set cannot be read
      3  a system or the encoder failed on a query; nothing is reported then
    """
    from evals.command_line import require_extra
    from evals.retrieval.evaluation import RetrievalOptions, evaluate_retrieval

    require_extra()
    names = tuple(name.strip() for name in systems.split(",") if name.strip())
    wanted = RetrievalOptions(on, path, queries_file, names, baseline, depth, limit, runs, json_file, cache)
    asyncio.run(evaluate_retrieval(wanted))
    return 0
