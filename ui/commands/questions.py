"""`pincite ask` and `pincite search`: one question, or a batch of them."""

import asyncio
from typing import Annotated

import typer

from rag.assistant import Assistant
from rag.build import load_settings
from rag.errors import QuestionError
from rag.query import understand
from rag.settings import Settings
from rag.types import Answer, Paper
from ui.batch import Batch, Line, run_batch
from ui.commands.options import AsJson, BatchOut, BatchSource, Collection, Home, one_or_batch
from ui.contract import Json, answer_form, dumps, run_form
from ui.render import cited, render_answer, render_ranking, terminal
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
    as_json: AsJson = False,
    batch: BatchSource = None,
    out: BatchOut = None,
    home: Home = None,
    collection: Collection = None,
) -> int:
    r"""Answer a question with quotes from the abstracts of a collection.

    Every sentence is quoted from an abstract and numbered; nothing is made up. Where the collection
    does not say, the answer says so and names the nearest papers. The sample collection (231 abstracts
    on large language models) is built on first use.

    \b
    Examples:
      pincite ask "which papers do KV cache compression?"
      pincite ask "papers since 2023 by Jane Doe on pruning" --favour recall
      pincite ask "By how much does Quest speed up self-attention?" --json
      pincite ask --batch questions.jsonl --out answers.jsonl

    \b
    A line of IN.jsonl and of OUT.jsonl (or --json):
      {"id": "q1", "question": "..."}
      {"id", "question", "kind", "abstained", "statements", "papers",
       "receipt", "note", "partial", "nearest", "judged", "searched",
       "missing", "filters", "corrections", "writer", "removed"}
    For every citation of a statement, abstract[start:end] == quote;
    `pincite papers --json` has the abstracts.

    OUT.jsonl appears when the batch is done; until then the answers are kept in OUT.jsonl.*.part
    beside it, and the same command goes on where an interrupted one stopped.

    \b
    Exit codes:
      0  answered; also where the answer is that the collection does not say
      1  done, but some lines of the batch were not usable
      2  usage or configuration
      3  the store or a model is not available
    """
    retrieval = None if favour is None else {"favour": favour}
    settings = load_settings(home=home, collection=collection, retrieval=retrieval)
    asked = one_or_batch(question, batch, out)
    if isinstance(asked, Batch):
        return run_batch(settings, asked, "question", _answer_line)
    asyncio.run(_ask(settings, understand(asked).text, as_json=as_json))
    return 0


async def _ask(settings: Settings, question: str, *, as_json: bool) -> None:
    async with session(settings) as assistant:
        answer = await assistant.ask(question)
        papers = {} if as_json else await _cited_papers(assistant, answer)
    if as_json:
        typer.echo(dumps(answer_form(answer)))
    else:
        render_answer(terminal(), answer, papers)


async def _cited_papers(assistant: Assistant, answer: Answer) -> dict[str, Paper]:
    found = [await assistant.paper(paper_id) for paper_id in cited(answer)]
    return {paper.paper_id: paper for paper in found if paper is not None}


async def _answer_line(assistant: Assistant, _settings: Settings, line: Line) -> Json:
    """The answer; a question that cannot be asked is answered with the reason, so that no id is lost."""
    try:
        answer = await assistant.ask(line.text)
    except QuestionError as exc:
        answer = Answer(line.text, "other", abstained=True, note=str(exc))
    return answer_form(answer, line.line_id) | {"question": line.text}


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
    retrieval = None if top_k is None else {"top_k": top_k}
    settings = load_settings(home=home, collection=collection, retrieval=retrieval)
    asked = one_or_batch(question, batch, out)
    if isinstance(asked, Batch):
        return run_batch(settings, asked, "query", _run_line)
    asyncio.run(_search(settings, understand(asked).text, as_json=as_json))
    return 0


async def _search(settings: Settings, query: str, *, as_json: bool) -> None:
    async with session(settings) as assistant:
        ranking = await assistant.search(query, settings.retrieval.top_k)
    if as_json:
        typer.echo(dumps(run_form(ranking)))
    else:
        render_ranking(terminal(), ranking)


async def _run_line(assistant: Assistant, settings: Settings, line: Line) -> Json:
    try:
        ranking = await assistant.search(line.text, settings.retrieval.top_k)
    except QuestionError as exc:
        return run_form([], line.line_id) | {"note": str(exc)}
    return run_form(ranking, line.line_id)
