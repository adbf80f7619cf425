"""A/A: runs of one system, gated by the first of them. Whatever they are called, it is chance."""

from dataclasses import replace

from evals.suite.errors import SuiteError
from evals.suite.execution import Wanted, execute
from evals.suite.gate import Gated, gate, why_not_qualified
from evals.suite.runner import OnDone


async def again(wanted: Wanted, runs: int, on_done: OnDone) -> list[Gated]:
    """What the gate says of each run beside the first, itself included.

    Args:
        wanted: what is run; ``out`` is the folder of the runs, which is made if it is missing.
        runs: how many, each with its number as its seed.
        on_done: told how far each is.

    Raises:
        PinciteError: nothing could be run, or a case failed.
    """
    wanted.out.mkdir(parents=True, exist_ok=True)
    done = [
        await execute(replace(wanted, out=wanted.out / f"{seed}.jsonl", seed=seed), on_done)
        for seed in range(runs)
    ]
    failed = [result.case_id for run in done for result in run.results if result.failed]
    if failed:
        raise SuiteError(f"{len(failed)} cases failed, such as {failed[0]!r}: run it again")
    return [gate(run, done[0], why_not_qualified) for run in done]
