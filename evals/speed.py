"""Measure speed on this machine: `python -m evals.speed`.

Builds the sample collection into an empty folder, asks the dev questions in one process, and runs the whole
`pincite ask` command again and again. Prints seconds and milliseconds; the figures depend on the machine and
on what else it does.
"""

import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.cases.questions import CASES, read_cases
from ingest.sample_collection import ensure_sample
from rag.build import load_settings, open_assistant
from rag.settings import Settings

PROCESS_RUNS = 7
QUESTION = "which papers do KV cache compression?"


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; ``share`` from 0 to 1, at least one value."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def question_times(settings: Settings) -> list[float]:
    """Milliseconds of each dev question in one warm process."""
    assistant = await open_assistant(settings)
    try:
        await assistant.ask(QUESTION)  # the first question pays for lazy imports
        answers = [await assistant.ask(case.question) for case in read_cases(CASES / "dev.jsonl")]
    finally:
        await assistant.close()
    return [answer.receipt["timings_ms"]["total"] for answer in answers]


def process_times(home: Path) -> list[float]:
    """Seconds of the whole command, interpreter start included."""
    command = [sys.executable, "-m", "ui.cli", "ask", QUESTION, "--home", str(home)]
    times = []
    for _ in range(PROCESS_RUNS):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
        times.append(time.perf_counter() - started)
    return times


def row(values: Sequence[float], digits: int) -> tuple[str, str, str]:
    """Median, 95th percentile and number of values."""
    return f"{percentile(values, 0.5):.{digits}f}", f"{percentile(values, 0.95):.{digits}f}", str(len(values))


def main() -> int:
    """Measure and print one table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder), collection="sample")
        started = time.perf_counter()
        asyncio.run(ensure_sample(settings))
        built = time.perf_counter() - started
        questions = asyncio.run(question_times(settings))
        processes = process_times(Path(folder))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    table = Table("what", "p50", "p95", "runs", title=machine)
    table.add_row("build the sample collection (s)", f"{built:.1f}", "", "1")
    table.add_row("answer a question, warm process (ms)", *row(questions, 0))
    table.add_row("whole `pincite ask` command (s)", *row(processes, 2))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
