"""What the commands share: exit codes, mistakes that exit 4, what has to be installed, progress."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from rag.errors import PinciteError

if TYPE_CHECKING:
    from typer._click.core import Context  # typer has its own copy of click
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from importlib.util import find_spec
from inspect import cleandoc
from pathlib import Path

from rag.errors import ConfigError

Suite = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="dev, heldout, calibration, injection, injection-held-out, or a question file."
    ),
]
ModelName = Annotated[str, typer.Option("--model", metavar="NAME", help="Language model that writes.")]
Seed = Annotated[int, typer.Option(min=0, metavar="S", help="Of everything drawn.")]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N cases.")]
Collection = Annotated[str, typer.Option(metavar="NAME", help="Collection that is asked.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD", help="May differ: collection, cases, prompts or judge; several are fine."),
]
Baseline = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Default: that of the suite in evals/reference_runs.")
]
Home = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of all collections.")]

OnDone = Callable[[int, int], None]
"""Called with the number of items that are done and of all."""


class Command(TyperCommand):
    """A command whose mistakes exit 4: 1, 2 and 3 are verdicts."""

    def make_context(  # noqa: D102 - as its base says
        self,
        info_name: str | None,
        args: list[str],
        parent: "Context | None" = None,
        **extra: Any,  # noqa: ANN401 - as its base has it
    ) -> "Context":
        try:
            return super().make_context(info_name, args, parent, **extra)
        except typer.TyperException as exc:
            line = exc.format_message().removesuffix(".")
            path = f"{parent.command_path} {info_name}" if parent else info_name
            raise SuiteError(f"{line}; see `{path} --help`") from exc

    def invoke(self, ctx: "Context") -> Any:  # noqa: ANN401, D102 - whatever the command returns
        try:
            return super().invoke(ctx)
        except (PinciteError, OSError, typer.TyperException) as exc:
            raise SuiteError(str(exc)) from exc


class Group(TyperGroup):
    """A group of commands that exits 4 where there is no such command: 2 is a verdict of the gate."""

    def resolve_command(  # noqa: D102 - as its base says
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Any, list[str]]":
        try:
            return super().resolve_command(ctx, args)
        except typer.TyperException as exc:
            raise SuiteError(f"{exc.format_message()}; see `{ctx.command_path} --help`") from exc


class ExitCode(IntEnum):
    """What the gate says, as an exit code; 2 to 4 are not known to be worse, nor known not to be."""

    FINE = 0
    REGRESSION = 1
    INCONCLUSIVE = 2
    NOT_GOOD_ENOUGH = 3
    INFRASTRUCTURE = 4

    @property
    def told(self) -> str:
        """In words."""
        return self.name.lower().replace("_", " ")


class SuiteError(PinciteError):
    """Usage, configuration, files, or a part of the system that cannot be used: nothing was measured."""

    exit_code = ExitCode.INFRASTRUCTURE


def require_extra() -> None:
    """Make sure that measures, intervals and tests can be computed.

    Raises:
        ConfigError: the extra `evals` is not installed.
    """
    missing = [name for name in ("scipy", "ir_measures") if find_spec(name) is None]
    if missing:
        raise ConfigError(f"measures and tests need {missing[0]}: pip install 'pincite[evals]'")


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


def add_to(app: typer.Typer, *commands: Callable[..., int], cls: type[TyperCommand] = Command) -> None:
    r"""Add commands; in a docstring, \b keeps the paragraph below it as it is broken."""
    for command in commands:
        app.command(cls=cls, help=cleandoc(command.__doc__ or "").replace(r"\b", "\b"))(command)
