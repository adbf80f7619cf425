"""`pincite chat` with an assistant that takes its time: run as `python slow_chat.py HOME PORT SECONDS`.

Writes a line for whatever happens to a question: began, answered, stopped.
"""

import asyncio
import sys
from types import SimpleNamespace

import ui.session
from rag.build import load_settings
from rag.conversation.history import History, Turn
from rag.conversation.standalone import EMPTY
from rag.types import Answer, Counts
from ui.chat.server import run_chat


class SlowAssistant:
    """Says nothing, slowly; remembers how much was said before."""

    parts = SimpleNamespace(writer=None)

    def __init__(self, seconds):
        self._seconds = seconds

    async def ask(self, question, on_statement=None, history=EMPTY, *, as_typed=False):
        note("began", question, f"after {len(history.turns)}")
        try:
            await asyncio.sleep(self._seconds)
        except asyncio.CancelledError:
            note("stopped", question)
            raise
        note("answered", question)
        receipt = {"id": "3f9a1c2b00", "writer": "extractive", "timings_ms": {"total": 1.0}}
        return Answer(question, "fact", abstained=True, note="Nothing.", receipt=receipt)

    def remember(self, history, answer):
        return History((*history.turns, Turn(answer.question, answer.question, "fact")))

    async def counts(self):
        return Counts(1, 1)

    async def close(self):
        note("closed")


def note(*words):
    print(*words, sep="|", flush=True)  # noqa: T201 - what the test reads


def main(home, port, seconds):
    async def open_assistant(_settings):
        return SlowAssistant(float(seconds))

    async def ensure_sample(*_, **__):
        return None

    ui.session.open_assistant = open_assistant
    ui.session.ensure_sample = ensure_sample
    settings = load_settings(home=home, collection="sample", chat={"port": int(port)})
    run_chat(settings, headless=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
