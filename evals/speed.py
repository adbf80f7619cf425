"""Measure speed on this machine: `python -m evals.speed`.

Builds the sample collection into an empty folder, asks the dev questions in one process and waits for their
first statements, runs the whole `pincite ask` command again and again, and checks statements made from the
collection, with the support classifier and without. Prints seconds and milliseconds; the figures depend on
the machine and on what else it does.
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

from evals.careless.chain import TimedGate
from evals.careless.making import SEED, make_cases
from evals.careless.report import judged, sample_papers
from evals.first_statement import first_statement_times
from evals.questions import CASES, read_cases
from ingest.sample_collection import ensure_sample
from models import folder
from rag.adapters.bm25 import Bm25Encoder
from rag.adapters.support_onnx import SupportClassifier
from rag.build import load_settings, open_assistant
from rag.settings import Settings
from rag.verify import VERBATIM

PROCESS_RUNS = 7
CHECKED = 60
"""Cases whose statements are checked, up to four each."""
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


async def check_times() -> dict[str, list[float]]:
    """Milliseconds of checks of statements, by what checks them."""
    gate = TimedGate(Bm25Encoder())
    found = judged(make_cases(sample_papers(), CHECKED, SEED), gate.verify)
    classifier = SupportClassifier(folder("support"), load_settings().encoder.threads)
    beside_quotes, beside_abstract = [], []
    for each, seconds in zip(found, gate.seconds, strict=True):
        if each.shown and each.statement.reason != VERBATIM:  # a verbatim quote needs no second opinion
            text, cited = each.statement.text, each.statement.citations
            source = next(one for one in each.case.shown if one.paper.paper_id == cited[0].paper_id)
            abstract = [source.sentence(index) for index in range(len(source.sentences))]
            quotes = await milliseconds(classifier, text, [citation.quote for citation in cited])
            beside_quotes.append(seconds * 1000 + quotes)
            beside_abstract.append(await milliseconds(classifier, text, abstract))
    return {
        "check a statement, gate alone (ms)": [seconds * 1000 for seconds in gate.seconds],
        "check a statement, gate and support classifier (ms)": beside_quotes,
        "support classifier beside a whole abstract (ms)": beside_abstract,
    }


async def milliseconds(classifier: SupportClassifier, statement: str, evidence: Sequence[str]) -> float:
    """How long the classifier takes for one statement."""
    started = time.perf_counter()
    await classifier.judge([(statement, evidence)])
    return (time.perf_counter() - started) * 1000


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
        firsts = asyncio.run(first_statement_times(settings))
        processes = process_times(Path(folder))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    table = Table("what", "p50", "p95", "runs", title=machine)
    table.add_row("build the sample collection (s)", f"{built:.1f}", "", "1")
    table.add_row("answer a question, warm process (ms)", *row(questions, 0))
    for what, values in firsts.items():
        table.add_row(what, *row(values, 0))
    table.add_row("whole `pincite ask` command (s)", *row(processes, 2))
    for what, values in asyncio.run(check_times()).items():
        table.add_row(what, *row(values, 1))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
