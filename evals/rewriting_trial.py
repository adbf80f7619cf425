"""What rewriting queries does to answers: `python -m evals.rewriting_trial --model NAME [--suite NAME]`.

The cases of a suite are asked twice: with the words of the questions, and with the queries that the model
makes of them. Found sentences are quoted both times, so that nothing else differs. Prints what came of the
model's queries, each one that was searched for, and the difference in every measure; rankings are those of
`pincite search`, which rewrites nothing.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.suite.cases import Suite, load_suite
from evals.suite.catalogue import BY_NAME
from evals.suite.compare import compare
from evals.suite.comparison import Compared
from evals.suite.execution import Wanted, run_assistant
from evals.suite.records import Run
from evals.suite.shown import figure, signed
from ingest.sample_collection import ensure_sample
from rag.assistant import Assistant
from rag.build import load_settings, open_assistant
from rag.settings import SAMPLE, Settings

SEARCHED = "searched for"


def with_rewriting(settings: Settings, *, on: bool) -> Settings:
    """The settings with rewriting switched on or off."""
    return settings.model_copy(update={"model": settings.model.model_copy(update={"rewrite": on})})


async def tried(assistant: Assistant, suite: Suite, folder: Path) -> tuple[Run, Run]:
    """Run a suite without rewriting and with it; raises as `run_assistant`.

    Args:
        assistant: opened with rewriting on.
        suite: what is asked.
        folder: for the files of the runs.
    """
    quoting = replace(assistant.parts, writer=None)
    off = replace(quoting, rewriter=None, settings=with_rewriting(quoting.settings, on=False))
    runs = []
    for name, parts in (("typed", off), ("rewritten", quoting)):
        runs.append(
            await run_assistant(Assistant(parts), suite, Wanted(suite.name, folder / f"{name}.jsonl"))
        )
    return runs[0], runs[1]


def outcome(account: dict[str, str]) -> str:
    """What came of one query, without what is particular to it."""
    if account["failure"]:
        return "the model failed"
    return account["refused"].partition(":")[0] or SEARCHED


def report(typed: Run, rewritten: Run) -> Iterator[str]:
    """Lines: outcomes by number, the queries searched for, the measures."""
    receipts = [result.answer["receipt"] for result in rewritten.results if result.answer]
    asked = [receipt for receipt in receipts if "rewrite" in receipt]
    yield f"{len(rewritten.results)} questions, {len(asked)} queries that the model was asked to rewrite"
    counts = Counter(outcome(receipt["rewrite"]) for receipt in asked)
    yield from (f"{count:5} {what}" for what, count in counts.most_common())
    for receipt in asked:
        if query := receipt["rewrite"]["query"]:
            yield f"  {receipt['understood']['query']!r} -> {query!r}"
    yield f"\n{'measure':24}{'typed':>8}{'rewritten':>11}{'difference (95 %)':>28}{'cases':>7}"
    yield from (_line(each) for each in compare(typed, rewritten).measures if each.difference is not None)


def _line(each: Compared) -> str:
    unit = BY_NAME[each.measure].unit
    low, high = signed(each.low, unit), signed(each.high, unit)
    difference = f"{signed(each.difference, unit)} ({low} to {high})"
    return f"{each.measure:24}{figure(each.a, unit):>8}{figure(each.b, unit):>11}{difference:>28}{each.n:7}"


async def trial(model: str, suite: str) -> list[str]:
    """Open the sample collection and try; the lines of the report."""
    settings = load_settings(collection=SAMPLE, model={"name": model, "rewrite": True})
    await ensure_sample(settings)
    assistant = await open_assistant(settings)
    try:
        with TemporaryDirectory() as folder:
            return list(report(*await tried(assistant, load_suite(suite), Path(folder))))
    finally:
        await assistant.close()


def main() -> int:
    """Print the report."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.rewriting_trial", description="Rewriting, measured."
    )
    parser.add_argument("--model", required=True, help="litellm's model string, or local/smollm2")
    parser.add_argument("--suite", default="dev", help="name of a suite, or a question file")
    options = parser.parse_args()
    print("\n".join(asyncio.run(trial(options.model, options.suite))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
