"""Run the items of a suite: several at once, each once, within a budget; what fails is recorded as failed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from evals.suite.answering import failed
from evals.suite.cases import Item
from evals.suite.files import Journal
from evals.suite.records import Result, Run

OnDone = Callable[[int, int], None]
"""Called with the number of items that are done and of all."""


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
