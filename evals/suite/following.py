"""Show on a terminal how far a run is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from evals.suite.runner import OnDone


@contextmanager
def following() -> Iterator[OnDone]:
    """A progress bar on standard error; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Asking …")
        yield lambda done, total: bar.update(task, completed=done, total=total)
