"""The walk of one question through the project: which modules and functions it really enters."""

import io
import os
import sys
import threading
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

from ui.cli.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
HOUSES = tuple(f"{ROOT / house}/" for house in ("rag", "ui", "ingest", "models"))
OPTIMISED = 2
"""The flag of code that has local variables: a function's, not that of a module or a class."""


def functions_entered(question, home, since="Assistant.ask", until="Assistant.close"):
    """What `pincite ask --json` of a question enters, in all threads, from one function on until another.

    Opening and closing the collection are no part of it, nor is what is called because a module is imported,
    nor the making and the truth of plain values (``__init__``, ``__bool__``).

    Returns:
        The modules in the order in which they are first entered, each with its functions in that order.
    """
    walk = {}
    inside = not since

    def note(frame, event, _argument):
        nonlocal inside
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(HOUSES) or not code.co_flags & OPTIMISED:
            return
        if frame.f_lineno != code.co_firstlineno:  # a coroutine that goes on
            return
        name = code.co_qualname.partition(".<locals>")[0]
        inside = (inside or name == since) and name != until
        if not inside or name.startswith("<") or name.endswith("__"):
            return
        module = Path(code.co_filename).relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        functions = walk.get(module := module.removesuffix(".__init__"), [])
        if name not in functions and not is_importing(frame):
            walk[module] = [*functions, name]

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        with patch.dict(os.environ, PINCITE_HOME=str(home)), redirect_stdout(io.TextIOWrapper(io.BytesIO())):
            assert main(["ask", "--json", question]) == 0
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return walk


def is_importing(frame):
    """Whether a call happens because a module is imported, and would not happen again."""
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None
