"""The command line's front door: whatever goes wrong in a command ends in one line and an exit code."""

import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence

from rag.errors import PinciteError
from rag.untrusted.masking import masked
from ui.safe import inert, mask_logs, shown_traceback

USAGE = 2
UNAVAILABLE = 3
BUG = 70
INTERRUPTED = 130
BROKEN_PIPE = 141
TERMINATED = 143
COLLECT_EVERY = 100_000
"""Objects between garbage collections: at the default, they take a sixth of the time of a command."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: without the program's name; None for those of the process.

    Returns:
        The exit code: 0 done, 1 finished with records or lines left out, 2 usage or configuration,
        3 store or model unavailable, 70 a bug of ours, 130 interrupted, 141 nobody reads the output,
        143 told to end.
    """
    gc.set_threshold(COLLECT_EVERY)
    mask_logs()
    given = list(sys.argv[1:] if arguments is None else arguments)
    told: list[int] = []
    try:
        with _ends_on_sigterm(told):
            code = _run([argument for argument in given if argument != "--debug"])
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except (BrokenPipeError, SystemExit):  # typer makes the one of the other, and raises no other SystemExit
        _let_go_of_stdout()
        return BROKEN_PIPE
    except Exception as exc:  # noqa: BLE001 - the last resort: a person gets a line, not a traceback
        _learn_secrets()
        if "--debug" in given:
            sys.stderr.write(shown_traceback(exc))
        line, code = _explain(exc)
        _complain(_with_remedy(line, exc))
    if code == INTERRUPTED:
        _complain("interrupted; what was stored is whole")
    return TERMINATED if told and code == INTERRUPTED else code


@contextlib.contextmanager
def _ends_on_sigterm(told: list[int]) -> Iterator[None]:
    """SIGTERM ends a command as Ctrl-C does; ``told`` then says so."""

    def end(number: int, _frame: object) -> None:
        told.append(number)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell has background jobs ignore it
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a character shows "?" in its place
            stream.reconfigure(errors="replace")
    from ui.cli.application import app  # here, so that Ctrl-C while it loads is caught too

    return app(arguments, prog_name="pincite", standalone_mode=False) or 0


def _learn_secrets() -> None:
    """What failed before the settings were read may have a key of the environment in it."""
    with contextlib.suppress(ImportError):  # of what failed to load, perhaps
        from rag.build import know_secrets

        know_secrets()


def _explain(exc: Exception) -> tuple[str, int]:
    import typer

    if isinstance(exc, PinciteError):
        return str(exc), exc.exit_code
    if isinstance(exc, typer.TyperException):
        context = getattr(exc, "ctx", None)
        command = context.command_path if context else "pincite"
        return f"{exc.format_message().removesuffix('.')}; see `{command} --help`", USAGE
    if isinstance(exc, OSError):
        return f"{exc.strerror or exc}: {exc.filename!r}" if exc.filename else str(exc), UNAVAILABLE
    return f"a bug: {type(exc).__name__}: {exc}; please report it with what --debug shows", BUG


def _with_remedy(line: str, exc: Exception) -> str:
    from rag.files import is_full

    return f"{line}; the disk is full: make space and run it again" if is_full(exc) else line


def _complain(line: str) -> None:
    sys.stderr.write(f"pincite: {inert(masked(line))}\n")


def _let_go_of_stdout() -> None:
    """Point standard output nowhere, or Python complains once more when it flushes on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
