"""Open the assistant for a command or the chat, building the sample collection first where that is wanted."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager

from ingest.records import OnProgress
from ingest.sample_collection import ensure_sample
from rag.assistant import Assistant
from rag.build import open_assistant
from rag.settings import Settings


@asynccontextmanager
async def session(settings: Settings) -> AsyncIterator[Assistant]:
    """An open assistant, closed again whatever happens; the sample collection is built on first use.

    Raises:
        StoreError: the collection cannot be opened or built.
        ModelError: the encoder cannot be loaded.
        ConfigError: the settings name an encoder or encoding that does not exist.
    """
    with progress("Building the sample collection, once …") as on_progress:
        await ensure_sample(settings, on_progress=on_progress)
    assistant = await open_assistant(settings)
    try:
        yield assistant
    finally:
        await assistant.close()


@contextmanager
def progress(description: str) -> Iterator[OnProgress]:
    """A progress bar on standard error (one line, if that is no terminal), from the first report on."""
    with ExitStack() as stack:
        show: OnProgress | None = None

        def on_progress(done: int, total: int | None) -> None:
            nonlocal show
            if show is None:
                show = stack.enter_context(_bar(description))
            show(done, total)

        yield on_progress


@contextmanager
def _bar(description: str) -> Iterator[OnProgress]:
    if not sys.stderr.isatty():
        sys.stderr.write(f"{description}\n")
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(description)
        yield lambda done, total: bar.update(task, completed=done, total=total)
