"""`pincite ask` and `pincite search`: one question, or a batch of them."""

import asyncio
from typing import Annotated

import typer

from rag.build import load_settings
from rag.question.understanding import plain_text
from rag.settings import Settings
from ui.cli.batch import Batch, run_batch
from ui.cli.options import (
    AsJson,
    BatchOut,
    BatchSource,
    Collection,
    Home,
    ModelName,
    one_or_batch,
    section,
)
from ui.cli.outputs import ExportFiles, ExportFormat, Outputs, ReceiptFile, outputs, say_if_empty
from ui.cli.terminal import render_ranking, terminal
from ui.exports.contract import dumps, run_form
from ui.session import session

Question = Annotated[str | None, typer.Argument(metavar="QUESTION", help="At most 10,000 characters.")]
Favour = Annotated[
    str | None,
    typer.Option(
        metavar="POINT",
        help="For “which papers …”: recall, balanced or precision; default: balanced.",
    ),
]
TopK = Annotated[int | None, typer.Option(metavar="N", help="Papers to return, 1 to 1000; default: 10.")]


def ask(
    question: Question = None,
    *,
    favour: Favour = None,
    model: ModelName = None,
    as_json: AsJson = False,
    export: ExportFiles = None,
    form: ExportFormat = None,
    receipt: ReceiptFile = None,
    batch: BatchSource = None,
    out: BatchOut = None,
    home: Home = None,
    collection: Collection = None,
) -> int:
    r"""Answer a question with quotes from the abstracts of a collection.

    Every sentence is quoted from an abstract and numbered; nothing is made up. With a language model it
    writes, each sentence is checked against the abstracts it cites, and what they do not carry is removed.
    Where the collection does not say, the answer says so and names the nearest papers. The sample (231
    abstracts on large language models) is built on first use.

    \b
    Examples:
      pincite ask "which papers do KV cache compression?" --export refs.bib --export answer.md
      pincite ask "what is Quest?" --model openai/gpt-4o-mini --receipt quest.json
      pincite ask --batch questions.jsonl --out answers.jsonl

    \b
    A line of IN.jsonl is {"id", "question"}; a line of OUT.jsonl (or --json), where
    abstract[start:end] == quote for every citation and `pincite papers --json` has the abstracts:
      {"id", "question", "kind", "abstained", "statements", "papers", "receipt", "note", "partial", "nearest",
       "judged", "searched", "missing", "filters", "corrections", "writer", "removed", "asked", "table",
       "rewritten"}

    \b
    Exit codes:
      0  answered; also where the collection does not say, and with quotes where a language model fails
      1  done, but some lines of the batch were not usable
      2  usage or configuration
      3  the store or a model is not available
    """
    settings = load_settings(
        home=home, collection=collection, retrieval=section(favour=favour), model=section(name=model)
    )
    asked = one_or_batch(question, batch, out)
    wanted = outputs(one=batch is None, as_json=as_json, receipt=receipt, exports=export or [], printed=form)
    if isinstance(asked, Batch):
        return run_batch(settings, asked, "question")
    asyncio.run(_ask(settings, plain_text(asked), wanted))
    return 0


async def _ask(settings: Settings, question: str, wanted: Outputs) -> None:
    async with session(settings) as assistant:
        await wanted.give(assistant, settings, question, await assistant.ask(question))


def search(
    question: Question = None,
    *,
    top_k: TopK = None,
    as_json: AsJson = False,
    batch: BatchSource = None,
    out: BatchOut = None,
    home: Home = None,
    collection: Collection = None,
) -> int:
    r"""Rank the papers of a collection for a question, best first.

    \b
    Examples:
      pincite search "rerank with a single token" --top-k 5
      pincite search --batch queries.jsonl --out run.jsonl --top-k 100

    \b
    A line of IN.jsonl and of OUT.jsonl (or --json):
      {"id": "q1", "query": "..."}
      {"id": "q1", "hits": [{"paper_id", "title", "score"}, ...]}

    Scores compare within one ranking only. OUT.jsonl appears when the batch is done; until then the
    rankings are kept in OUT.jsonl.*.part beside it, and the same command goes on where an interrupted
    one stopped.

    \b
    Exit codes:
      0  done
      1  done, but some lines of the batch were not usable
      2  usage or configuration
      3  the store or a model is not available
    """
    settings = load_settings(home=home, collection=collection, retrieval=section(top_k=top_k))
    asked = one_or_batch(question, batch, out)
    if isinstance(asked, Batch):
        return run_batch(settings, asked, "query")
    asyncio.run(_search(settings, plain_text(asked), as_json=as_json))
    return 0


async def _search(settings: Settings, query: str, *, as_json: bool) -> None:
    async with session(settings) as assistant:
        ranking = await assistant.search(query, settings.retrieval.top_k)
        if not ranking:
            await say_if_empty(assistant)
    if as_json:
        typer.echo(dumps(run_form(ranking)))
    else:
        render_ranking(terminal(), ranking)
