"""An exam of the gate: statements as a careless model writes them, made by rule, labelled by construction.

`python -m evals.careless` makes cases from the shipped collection, has each statement verified, and prints
how many unsupported ones would reach the reader and how many supported ones would be removed. With
``--model`` a server on loopback plays the careless model, so that all between its reply and the reader is
examined too.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from evals.careless.chain import TimedGate, through_chain
from evals.careless.making import COUNT, SEED, Case, make_cases
from evals.careless.report import Judged, judged, report, sample_papers, timing, written_out
from rag.adapters.bm25 import Bm25Encoder


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the cases, have them verified, print the report; returns the exit code."""
    chosen = _options(arguments)
    cases = make_cases(sample_papers(), chosen.count, chosen.seed)
    if chosen.list:
        print("\n".join(written_out(cases)))
        return 0
    found, seconds = _examined(cases, with_model=chosen.model)
    print("\n".join([*report(found, chosen.wrong), "", timing(seconds)]))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.careless", description="An exam of the gate.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT, help=f"cases, {COUNT} if not said")
    parser.add_argument(
        "--model",
        action="store_true",
        help="a server on loopback plays the model, and what counts is what reaches the reader",
    )
    parser.add_argument("--list", action="store_true", help="print the drafts and verify nothing")
    parser.add_argument(
        "--wrong", type=int, default=0, metavar="N", help="print N wrong verdicts of each kind"
    )
    return parser.parse_args(arguments)


def _examined(cases: Sequence[Case], *, with_model: bool) -> tuple[list[Judged], list[float]]:
    """What became of every draft, and the gate's seconds."""
    if with_model:
        return asyncio.run(through_chain(cases, Bm25Encoder()))
    gate = TimedGate(Bm25Encoder())
    return judged(cases, gate.verify), gate.seconds


if __name__ == "__main__":
    sys.exit(main())
