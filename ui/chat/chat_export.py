"""The chat's Export button: the answer above it as files, which the chat hands to the browser."""

from typing import cast

import chainlit as cl

from rag.assistant import Assistant
from rag.errors import PinciteError
from rag.types import Answer
from ui.chat.markup import escape
from ui.exports import FORMATS, exported_papers

EXPORT = "export_answer"
MOST_KEPT = 100
"""Answers of one chat that can be exported; older ones are forgotten."""

_KEPT = "answers"
_FORGOTTEN = "This answer is no longer kept; ask again to export it."


def wire_export(assistant: Assistant) -> None:
    """Have a click on Export answered with files, in the chat it was clicked in."""

    async def on_export(action: cl.Action) -> None:
        answer = _kept().get(str(action.payload.get("answer")))
        if answer is None:
            await cl.ErrorMessage(content=_FORGOTTEN).send()  # type: ignore[no-untyped-call]
            return
        try:
            files = await _files(assistant, answer)
        except PinciteError as exc:
            await cl.ErrorMessage(content=escape(str(exc))).send()  # type: ignore[no-untyped-call]
            return
        said = f"Export of *{escape(answer.question)}*"
        await cl.Message(content=said, elements=files).send()  # type: ignore[no-untyped-call]

    cl.action_callback(EXPORT)(on_export)


def export_action(answer: Answer) -> cl.Action:
    """The button under an answer; the chat keeps the answer for it."""
    kept = _kept()
    name = str(answer.receipt["id"])
    kept[name] = answer
    for oldest in list(kept)[:-MOST_KEPT]:
        del kept[oldest]
    cl.user_session.set(_KEPT, kept)  # type: ignore[no-untyped-call]
    tooltip = "Download the answer, or its papers for a reference manager"
    return cl.Action(EXPORT, {"answer": name}, label="Export", tooltip=tooltip)


def _kept() -> dict[str, Answer]:
    return cast("dict[str, Answer]", cl.user_session.get(_KEPT) or {})  # type: ignore[no-untyped-call]


async def _files(assistant: Assistant, answer: Answer) -> list[cl.File]:
    papers = await exported_papers(assistant, answer)
    return [
        cl.File(
            name=f"pincite-{answer.receipt['id'][:8]}{each.suffix}",
            content=each.write(answer, papers).encode("utf-8"),
            mime=each.media_type,
        )
        for each in FORMATS.values()
    ]
