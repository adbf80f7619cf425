"""Have an assistant answer the items of a suite, and score what it says."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from evals.cases.questions import Case
from evals.cases.suites import Item
from evals.command_line import OnDone
from evals.records import JudgedClaim, Result, Run
from evals.suite.asking import Asker, Reply
from evals.suite.judged import Judges, ReplyJudge
from evals.suite.run_files import Journal, ResultCache
from evals.suite.scoring import Scorer, in_order
from rag.assistant import Assistant
from rag.conversation.standalone import EMPTY
from rag.types import Paper
from rag.untrusted.masking import masked


class AssistantAnswers:
    """Results of items. Safe to use for many at once.

    Args:
        asker: asks the assistant.
        scorer: scores without a model.
        judging: scores with one, if there is one.
    """

    def __init__(self, asker: Asker, scorer: Scorer, judging: ReplyJudge | None = None) -> None:
        self._asker = asker
        self._scorer = scorer
        self._judging = judging

    async def results(self, item: Item) -> tuple[list[Result], float]:
        """A result for each turn, and the dollars they cost now; turns after one that failed fail too."""
        history, found, spent = EMPTY, list[Result](), 0.0
        for case in item:
            if found and found[-1].failed:
                found.append(failed(case, "a turn before it failed"))
                continue
            try:
                reply, history, cost = await self._asker.ask(case, history)
                result, judged_cost = await self._scored(case, reply)
            except Exception as exc:  # noqa: BLE001 - a bug that one case meets must not cost the others
                result, cost, judged_cost = failed(case, masked(f"{type(exc).__name__}: {exc}")), 0.0, 0.0
            found.append(result)
            spent += cost + judged_cost
        return found, spent

    async def _scored(self, case: Case, reply: Reply) -> tuple[Result, float]:
        scores, spent = self._scorer.scores(case, reply), 0.0
        claims: tuple[JudgedClaim, ...] = ()
        if self._judging is not None:
            opinion, usage = await self._judging.opinion(case, reply)
            scores, claims, spent = in_order((*scores, *opinion.scores)), opinion.claims, usage.cost_usd
        result = Result(
            case_id=case.case_id,
            cluster=case.cluster,
            kind=case.kind,
            question=case.question,
            answer=reply.answer,
            ranking=reply.ranking,
            scores=scores,
            claims=claims,
            latency_ms=reply.latency_ms,
            tokens=reply.tokens,
            cost_usd=reply.cost_usd,
        )
        return result, spent


def assistant_answers(
    assistant: Assistant,
    papers: Mapping[str, Paper],
    cache: ResultCache,
    identity: Mapping[str, Any],
    judges: Judges | None,
) -> AssistantAnswers:
    """Results of an assistant over these papers by id; ``identity`` is all that its replies depend on."""
    abstracts = {key: paper.abstract for key, paper in papers.items()}
    judging = ReplyJudge(judges, cache, abstracts) if judges else None
    return AssistantAnswers(Asker(assistant, cache, identity), Scorer(papers), judging)


def failed(case: Case, why: str) -> Result:
    """The result of a case that came to nothing."""
    return Result(
        case_id=case.case_id, cluster=case.cluster, kind=case.kind, question=case.question, failed=why
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a run: ``concurrency`` items at the same time, and dollars it may spend, None for any number."""

    concurrency: int = 1
    budget_usd: float | None = None


class Answers(Protocol):
    """Whoever gives the results of items. Safe to call concurrently."""

    async def results(self, item: Item) -> tuple[list[Result], float]:
        """A result for each case of an item, and the dollars they cost."""


async def run_items(
    items: Sequence[Item],
    answers: Answers,
    journal: Journal,
    limits: Limits,
    on_done: OnDone = lambda _done, _all: None,
) -> Run:
    """Get the results that the journal does not have yet, and close it.

    Once the budget is used up no further item is begun, and those left are recorded as failed: what is spent
    is known only when an item is done, so that as many as run at once may go beyond it.

    Args:
        items: in the order of the run.
        answers: gives the results.
        journal: where they go, each as soon as it is there.
        limits: how many at once, and for how much.
        on_done: told how far it is.
    """
    at_once = asyncio.Semaphore(limits.concurrency)
    spent, done = 0.0, 0

    async def one(item: Item) -> None:
        nonlocal spent, done
        async with at_once:
            if limits.budget_usd is not None and spent >= limits.budget_usd:
                why = f"the budget of ${limits.budget_usd:g} is used up: raise --budget-usd and run again"
                journal.add(failed(case, why) for case in item)
            else:
                results, cost = await answers.results(item)
                spent += cost
                journal.add(results)
        done += 1
        on_done(done, len(left))

    left = [item for item in items if journal.done(case.case_id for case in item) is None]
    try:
        async with asyncio.TaskGroup() as tasks:
            for item in left:
                tasks.create_task(one(item))
    except BaseException:
        journal.close()
        raise
    return journal.finish(case.case_id for item in items for case in item)
