"""Runs a peer's scorers in the peer's own interpreter, where nothing of pincite is installed.

`python -I apart.py SCORERS.py JUDGE_URL OUT.jsonl < ANSWERS.jsonl`. The scorers' file defines LIBRARY, the
name of its package, and SYSTEMS: name to a function that takes the judge's URL, the model's name and an
answer, and gives a score. What it raises is written down as such. Whatever wants to leave this machine fails.
"""

import asyncio
import importlib.metadata
import json
import math
import runpy
import sys
from pathlib import Path
from typing import Any

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: no other machine is looked up or connected to."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in LOOPBACK:
        raise PermissionError(f"{host!r} is not this machine")


async def row(system: str, score: Any, url: str, answer: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a function of the peer's file
    """What came of one answer: a value, or what was said in its place."""
    found: dict[str, Any] = {"system": system, "answer_id": answer["answer_id"], "value": None}
    try:
        value = float(await score(url, f"{system}--{answer['answer_id']}", answer))
    except Exception as exc:  # noqa: BLE001 - whatever a peer raises is what it said
        cause = exc.__cause__ or exc
        return {**found, "said": f"{type(exc).__name__}: {' '.join(str(cause).split())[:200]}"}
    return {**found, "said": "nan"} if math.isnan(value) else {**found, "value": value, "said": ""}


async def scored(scorers: str, url: str) -> list[dict[str, Any]]:
    """A row on the library, then every answer's score by every system, one after the other."""
    module = runpy.run_path(scorers)
    library = module["LIBRARY"]
    rows: list[dict[str, Any]] = [{"library": library, "version": importlib.metadata.version(library)}]
    for answer in map(json.loads, sys.stdin):
        rows += [await row(system, score, url, answer) for system, score in module["SYSTEMS"].items()]
    return rows


def main(scorers: str, url: str, out: str) -> None:
    """Score what comes in and write the rows."""
    rows = asyncio.run(scored(scorers, url))
    Path(out).write_text("".join(f"{json.dumps(each)}\n" for each in rows), encoding="utf-8")


if __name__ == "__main__":
    sys.addaudithook(stay_here)
    main(*sys.argv[1:])
