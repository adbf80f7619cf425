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
from typing import Any, NamedTuple

from processes import ROOT, heed_interrupts

DRIVER = Path(__file__).with_name("killed_command.py")
END_S = 120
"""Seconds in which any command here is over, also on a busy machine."""

ROUNDS = 2
"""In each folder; in a round a command is killed once in each `WAYS`, then finished."""

WAYS = ("by the clock", "while it works", "between two files")

UNSEEN = re.compile(r"/segments/[^/]+/|/shard/\.atomicwrite|^tmp/[a-z0-9_]{8}$")
"""The engine's own in a segment and its drafts, and what Python writes at its start to see whether it can."""

ENGINES_OWN = re.compile(r"(?<=/segments/)[^/]+|(?<=/wal/open-)[0-9]+")
"""Names that the engine draws or counts."""


def environment(folder, **variables):
    """Ours without settings of pincite; caches and temporary files are kept in the folder, to be seen."""
    foreign = ("PINCITE_", "CHAINLIT_", "PYTHON")
    ours = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    places = {"XDG_CACHE_HOME": folder / "cache", "TMPDIR": folder / "tmp"}
    for place in places.values():
        place.mkdir(exist_ok=True)
    ours |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"}
    return ours | {name: str(place) for name, place in places.items()} | variables


def tree(folder):
    """Names below a folder, each with how many there are."""
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")))
    return Counter(ENGINES_OWN.sub("*", name) for name in names if not UNSEEN.search(name))


def differing(found, wanted):
    """Names that are too many or too few."""
    return json.dumps({"too many": found - wanted, "missing": wanted - found}, indent=1)


def whole_lines(file):
    """The lines of a file that is being written, as JSON; one that is only half there is none."""
    content = file.read_bytes() if file.exists() else b""
    return [json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]


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


class Fall(NamedTuple):
    """A kill: how its point was chosen, where that was, and what was stored before and after."""

    way: str
    point: str
    where: str
    before: int = 0
    after: int = 0


class Lane:
    """A folder in which a trial is run, first by nobody disturbed, then killed."""

    def __init__(self, trial, folder):
        self.trial, self.folder = trial, folder
        trial.reset(folder)
        started = time.monotonic()
        seen = self.finish()
        self._begun_s = (seen[0] if seen else time.monotonic()) - started
        self._work_s = time.monotonic() - started - self._begun_s
        self._steps = max(1, len(seen))
        assert trial.progress(folder) == trial.total
        self.moments = self.said("moments").splitlines()
        self.outcome, self.names = trial.outcome(folder), tree(folder)

    def said(self, stream="err"):
        return Path(f"{self.folder}.{stream}").read_text("utf-8")

    @contextlib.contextmanager
    def running(self, fatal=0, arguments=()):
        """The command in the folder, killed before its ``fatal``-th change there, or in the end."""
        Path(f"{self.folder}.begun").unlink(missing_ok=True)
        own = map(str, arguments or self.trial.arguments(self.folder))
        with Path(f"{self.folder}.out").open("wb") as out, Path(f"{self.folder}.err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, DRIVER, self.folder, str(fatal), *own],
                cwd=self.folder,
                env=environment(self.folder, **self.trial.variables),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                preexec_fn=heed_interrupts,  # noqa: PLW1509 - it takes no lock
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def finish(self, arguments=()):
        """Run to a good end; the times at which work was seen to be stored."""
        with self.running(arguments=arguments) as process:
            seen = self.steps(process)
            assert process.wait(END_S) == 0, self.said()
        return seen

    def steps(self, process, wanted=math.inf):
        """The times at which work was stored, until it was as often as wanted or the process is over."""
        deadline = time.monotonic() + END_S
        last, seen = self.trial.sign(self.folder), []
        while process.poll() is None and len(seen) < wanted:
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.005)
            if (now := self.trial.sign(self.folder)) != last:
                last = now
                seen.append(time.monotonic())
        return seen

    def kill(self, way, draw):
        """Start the command, and kill it at a point that is drawn from all that it still has to do."""
        before, sign = self.trial.progress(self.folder), self.trial.sign(self.folder)
        left = 1 - before / self.trial.total
        fatal, step, wait_s = 0, 0, END_S
        if way == "between two files":
            fatal = draw.randint(1, len(self.moments))
        elif way == "while it works" and left:
            step = draw.randint(1, max(1, round(left * self._steps)))
            wait_s = draw.uniform(0, self._work_s / self._steps)
        else:
            wait_s = draw.uniform(0, self._begun_s + left * self._work_s)
        with self.running(fatal) as process:
            self.steps(process, step)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(wait_s)
        assert process.returncode in {0, -signal.SIGKILL}, self.said()
        worked = "at work" if self.trial.sign(self.folder) != sign else "before the first work"
        where = worked if process.returncode else "after the end"
        point = f"change {fatal}, step {step}, {wait_s:.2f} s"
        return Fall(way, point, where, before, self.trial.progress(self.folder))

    def kill_and_finish(self, number):
        """Rounds of kills, each of them finished and compared with the undisturbed run."""
        draw = random.Random(f"{self.trial.name} {number}")
        falls = []
        for _ in range(ROUNDS):
            self.trial.reset(self.folder)
            for way in draw.sample(WAYS, len(WAYS)):
                falls.append(self.kill(way, draw))
                assert falls[-1].after >= falls[-1].before, falls
                if falls[-1].where == "after the end":
                    self.compare(falls)
                    self.trial.reset(self.folder)
            self.finish()
            self.compare(falls)
        return falls

    def kill_before(self, fatal):
        """Kill before the change of that number, and finish: nothing is left of what was being written."""
        self.trial.reset(self.folder)
        with self.running(fatal) as process:
            assert process.wait(END_S) == -signal.SIGKILL, self.said()
        self.finish()
        self.compare([self.moments[fatal - 1]])

    def compare(self, falls=()):
        """Nothing tells that there were kills."""
        where, names = "\n".join(map(str, falls)), tree(self.folder)
        assert self.trial.progress(self.folder) == self.trial.total, where
        assert self.trial.outcome(self.folder) == self.outcome, where
        assert names == self.names, f"{where}\n{differing(names, self.names)}"


def in_each(act, *of_each):
    """Do something for several at the same time; what comes of each."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(act, *of_each))
