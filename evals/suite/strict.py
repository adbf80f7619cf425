"""Commands whose mistakes exit 4: 1, 2 and 3 are verdicts of the gate."""

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from evals.suite.errors import SuiteError
from rag.errors import PinciteError

if TYPE_CHECKING:
    from typer._click.core import Context  # typer has its own copy of click


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
