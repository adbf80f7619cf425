"""`pincite eval`: measure on this machine what is claimed. Nothing heavy is imported until a command runs."""

import typer
from typer.core import TyperCommand

from evals.command_line import Group, add_to
from evals.commands.cases import app as cases_app
from evals.commands.exam import checklists, qualify
from evals.commands.gate import aa, accept, compare, gate
from evals.commands.report import report
from evals.commands.retrieval import retrieval
from evals.commands.run import run

app = typer.Typer(
    cls=Group,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Measure pincite, and other systems beside it.",
)


@app.callback()
def evaluate() -> None:
    """Measure pincite, and other systems beside it."""


add_to(app, retrieval, qualify, checklists, cls=TyperCommand)
add_to(app, run, compare, gate, accept, aa, report)
app.add_typer(cases_app, name="cases")
