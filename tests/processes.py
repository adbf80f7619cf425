"""Commands as processes of their own, and a home folder in which the sample collection is built once."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.sample_collection import ensure_sample
from rag.build import load_settings

ROOT = Path(__file__).resolve().parents[1]
RUN = "import sys; from ui.cli.__main__ import main; sys.exit(main())"


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory):
    """A home folder with the sample collection."""
    home = tmp_path_factory.mktemp("sample_home")
    asyncio.run(ensure_sample(load_settings(home=home, collection="sample")))
    return home


def copy_home(home, copy):
    """A copy with the holes of the engine's files, which are nearly all of their length."""
    options = ["--sparse=always"] if sys.platform == "linux" else []
    subprocess.run(["cp", "-R", *options, home, copy], check=True)


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """Ours without settings of pincite, and with bytecode that is kept, as an installed program has it."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PINCITE_", "PYTHON"))}
    bytecode = str(tmp_path_factory.mktemp("bytecode"))
    return ours | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": bytecode, "PYTHONIOENCODING": "utf-8"}


def heed_interrupts():
    """A shell has what it runs in the background ignore them, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(environment, tmp_path):
    """Starts `pincite ARGUMENTS` in an empty folder; what still runs at the end of the test is killed."""
    started = []

    def process(*arguments, program=RUN, **variables):
        command = [sys.executable, "-c", program, *map(str, arguments)]
        pipe = subprocess.PIPE
        folder = tmp_path / "empty"
        folder.mkdir(exist_ok=True)
        started.append(
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment | variables,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                preexec_fn=heed_interrupts,  # noqa: PLW1509 - it takes no lock
            )
        )
        return started[-1]

    yield process
    for running in started:
        running.kill()
        running.communicate()


@pytest.fixture
def pincite(start):
    """Runs `pincite ARGUMENTS` to its end; the code, and its output as text."""

    def run(*arguments, given=b"", **options):
        process = start(*arguments, **options)
        out, err = process.communicate(given, timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out.decode(), err.decode())

    return run
