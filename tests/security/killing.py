"""Kills commands at random points, finishes them, and tells where they were hit and what is left on disk."""

import contextlib
import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processes import ROOT

DRIVER = Path(__file__).with_name("killed_command.py")
END_S = 120
"""Seconds in which any command here is over, also on a busy machine."""

ROUNDS = 2
"""Of each of two folders; in a round a command is killed once in each `WAYS`, then finished."""

WAYS = ("by the clock", "while it works", "between two files")

INSIDE_A_SEGMENT = re.compile(r"/segments/[^/]+/")
ENGINES_OWN = re.compile(r"(?<=/segments/)[^/]+|(?<=/wal/open-)[0-9]+")
"""Names that the engine draws or counts."""


def environment(folder, **variables):
    """Ours without settings of pincite; caches and temporary files are kept in the folder, to be seen."""
    ours = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PINCITE_", "CHAINLIT_", "PYTHON"))
    }
    places = {"XDG_CACHE_HOME": folder / "cache", "TMPDIR": folder / "tmp"}
    for place in places.values():
        place.mkdir(exist_ok=True)
    ours |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"}
    return ours | {name: str(place) for name, place in places.items()} | variables


def heed_interrupts():
    """A shell has what it runs in the background ignore them, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(folder, arguments, fatal=0, **variables):
    """`pincite ARGUMENTS`, in a folder and killed before its ``fatal``-th change there; says it in a log."""
    Path(f"{folder}.begun").unlink(missing_ok=True)
    with Path(f"{folder}.out").open("wb") as out, Path(f"{folder}.err").open("wb") as err:
        return subprocess.Popen(
            [sys.executable, DRIVER, folder, str(fatal), *map(str, arguments)],
            cwd=folder,
            env=environment(folder, **variables),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - it takes no lock
        )


def wait_until_begun(folder, process):
    """Until the interpreter is up and what goes on is pincite's own doing."""
    while not Path(f"{folder}.begun").exists():
        assert process.poll() is None, said(folder)
        time.sleep(0.001)


def run(folder, arguments, **variables):
    """To the end; it must be a good one."""
    process = start(folder, arguments, **variables)
    try:
        assert process.wait(END_S) == 0, said(folder)
    finally:
        process.kill()
        process.wait()


def said(folder, stream="err"):
    return Path(f"{folder}.{stream}").read_text("utf-8")


def tree(folder):
    """Names below a folder, each with how many there are; what the engine keeps in a segment is its own."""
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")))
    return Counter(ENGINES_OWN.sub("*", name) for name in names if not INSIDE_A_SEGMENT.search(name))


def whole_lines(file):
    """The lines of a file that is being written; one that is only half there is none."""
    content = file.read_bytes() if file.exists() else b""
    return content[: content.rfind(b"\n") + 1].splitlines()


@dataclass(frozen=True)
class Trial:
    """What is killed.

    Attributes:
        name: of the command, for messages and as the seed of the points.
        arguments: of the command, by the folder it works in.
        reset: makes the folder as it was before the command was ever run.
        sign: something that changes with each piece of work that is stored.
        progress: how many papers or lines are stored; refuses those that are not whole.
        outcome: all that is there in the end, as what can be compared.
        total: what ``progress`` is in the end.
        variables: of the environment.
    """

    name: str
    arguments: Callable[[Path], list[Any]]
    reset: Callable[[Path], None]
    sign: Callable[[Path], Any]
    progress: Callable[[Path], int]
    outcome: Callable[[Path], Any]
    total: int
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Uninterrupted:
    """A run that nobody disturbed, and what it left.

    Attributes:
        begun_s: seconds to its first work.
        work_s: from there to its end.
        steps: how often work was seen to be stored.
        moments: the changes of files that the driver saw.
        outcome: as `Trial.outcome`.
        names: of the files it left.
    """

    begun_s: float
    work_s: float
    steps: int
    moments: list[str]
    outcome: Any
    names: Counter


@dataclass(frozen=True)
class Fall:
    """A kill: how its point was chosen, where that was, and what was stored before and after."""

    way: str
    point: str
    where: str
    before: int
    after: int


def finish(trial, folder):
    """Run to the end; seconds to the first work and from there to the end, and how often work was stored."""
    started = time.monotonic()
    process = start(folder, trial.arguments(folder), **trial.variables)
    try:
        seen = steps(trial, folder, process)
        assert process.wait(END_S) == 0, said(folder)
    finally:
        process.kill()
        process.wait()
    ended = time.monotonic()
    begun = seen[0] if seen else ended
    return begun - started, ended - begun, len(seen)


def steps(trial, folder, process, wanted=math.inf):
    """The times at which work was stored, until it was as often as wanted or the process is over."""
    deadline = time.monotonic() + END_S
    last, seen = trial.sign(folder), []
    while process.poll() is None and len(seen) < wanted:
        assert time.monotonic() < deadline, said(folder)
        time.sleep(0.005)
        if (now := trial.sign(folder)) != last:
            last = now
            seen.append(time.monotonic())
    return seen


def uninterrupted(trial, folder):
    trial.reset(folder)
    times = finish(trial, folder)
    assert trial.progress(folder) == trial.total
    moments = said(folder, "moments").splitlines()
    return Uninterrupted(*times, moments, trial.outcome(folder), tree(folder))


def kill(trial, folder, whole, way, draw):
    """Start the command, and kill it at a point that is drawn from all that it still has to do."""
    before, sign = trial.progress(folder), trial.sign(folder)
    left = 1 - before / trial.total
    fatal, step, wait_s = 0, 0, END_S
    if way == "while it works" and not left:
        way = "by the clock"
    if way == "by the clock":
        wait_s = draw.uniform(0, whole.begun_s + left * whole.work_s)
        point = f"{wait_s:.2f} s"
    elif way == "while it works":
        step = draw.randint(1, max(1, round(left * whole.steps)))
        wait_s = draw.uniform(0, whole.work_s / whole.steps)
        point = f"step {step} of {whole.steps}, {1000 * wait_s:.0f} ms"
    else:
        fatal = draw.randint(1, len(whole.moments))
        point = f"change {fatal} of {len(whole.moments)}"
    process = start(folder, trial.arguments(folder), fatal, **trial.variables)
    try:
        steps(trial, folder, process, step)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait_s)
    finally:
        process.kill()
        code = process.wait()
    assert code in {0, -signal.SIGKILL}, said(folder)
    worked = "at work" if trial.sign(folder) != sign else "before the first work"
    return Fall(way, point, worked if code else "after the end", before, trial.progress(folder))


def kill_and_finish(trial, folder, whole, number):
    """In one folder, rounds of kills, each of them finished and compared with the undisturbed run."""
    draw = random.Random(f"{trial.name} {number}")
    falls = []
    for _ in range(ROUNDS):
        trial.reset(folder)
        for way in draw.sample(WAYS, len(WAYS)):
            falls.append(kill(trial, folder, whole, way, draw))
            assert falls[-1].after >= falls[-1].before, falls
            if falls[-1].where == "after the end":
                compare(trial, folder, whole, falls)
                trial.reset(folder)
        finish(trial, folder)
        compare(trial, folder, whole, falls)
    return falls


def kill_between_files(trial, folder, whole, fatal):
    """Kill before the change of that number, and finish: nothing is left of what was being written."""
    trial.reset(folder)
    process = start(folder, trial.arguments(folder), fatal, **trial.variables)
    try:
        assert process.wait(END_S) == -signal.SIGKILL, said(folder)
    finally:
        process.kill()
        process.wait()
    finish(trial, folder)
    compare(trial, folder, whole, [whole.moments[fatal - 1]])


def compare(trial, folder, whole, falls):
    """Nothing tells that there were kills."""
    where = "\n".join(map(str, falls))
    assert trial.progress(folder) == trial.total, where
    assert trial.outcome(folder) == whole.outcome, where
    assert tree(folder) == whole.names, f"{where}\n{differing(tree(folder), whole.names)}"


def differing(found, wanted):
    """Names that are too many or too few."""
    return json.dumps({"too many": found - wanted, "missing": wanted - found}, indent=1)


def in_both(folders, act):
    """Do something in two folders at the same time; what comes of it in each."""
    with ThreadPoolExecutor(len(folders)) as pool:
        return list(pool.map(act, folders))
