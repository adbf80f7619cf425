"""A second process for the tests: opens a collection and writes papers until it is killed.

Usage: python edge_child.py FOLDER. Prints `open`, then the id of every paper whose writing was acknowledged.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from stores import FINGERPRINT, passages_of

from rag.store.embedded_store import open_edge_store
from rag.types import Paper

SENTENCES = ["First one. ", "Second one. ", "Third one. ", "Fourth one. ", "Fifth one. "]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main() -> None:
    store = await open_edge_store(Path(sys.argv[1]), FINGERPRINT, create=True, lock_timeout_s=0)
    say("open")
    for number in itertools.count():
        await store.upsert(passages_of(Paper(f"p{number}", "T", ""), SENTENCES))
        say(f"p{number}")


if __name__ == "__main__":
    asyncio.run(main())
