"""Replies in a chat: each question in its turn, its answer with the buttons below it, and what these do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

import chainlit as cl

from rag.assistant import Assistant
from rag.conversation.standalone import EMPTY, History
from rag.errors import PinciteError
from rag.models.budget import OnStatement
from rag.types import Answer, Statement
from ui.chat import page
from ui.chat.admission_queue import AdmissionQueue, ClientLeft, QueueFull, places
from ui.chat.markup import escape
from ui.exports import FORMATS, exported_papers

LONG_LINE = 4
"""Questions before one's own from which on their number is shown."""

MOST_KEPT = 100
"""Answers of one chat that can be exported; older ones are forgotten."""

_AS_TYPED, _EXPORT = "ask_as_typed", "export_answer"
_HISTORY, _KEPT = "history", "answers"
_FAILED = "Something went wrong inside pincite; the log has details."
_FORGOTTEN = "This answer is no longer kept; ask again to export it."

_log = logging.getLogger(__name__)


def wire_replies(assistant: Assistant) -> None:
    """Have what is asked in the chats, and clicked below their answers, answered with ``assistant``."""
    queue = AdmissionQueue(places(with_model=assistant.parts.writer is not None))

    async def on_message(message: cl.Message) -> None:
        await _in_turn(queue, lambda: _reply(assistant, message.content, _history()))

    async def on_as_typed(action: cl.Action) -> None:
        question = str(action.payload.get("question", ""))
        await cl.Message(content=question, type="user_message").send()  # type: ignore[no-untyped-call]
        await _in_turn(queue, lambda: _reply(assistant, question, EMPTY, as_typed=True))

    async def on_export(action: cl.Action) -> None:
        await _export(assistant, _kept().get(str(action.payload.get("answer"))))

    async def on_leave() -> None:
        queue.leave(cl.context.session.id)

    cl.on_message(on_message)
    cl.on_stop(on_leave)
    cl.on_chat_end(on_leave)
    cl.action_callback(_AS_TYPED)(on_as_typed)
    cl.action_callback(_EXPORT)(on_export)


async def _in_turn(queue: AdmissionQueue, answer: Callable[[], Awaitable[None]]) -> None:
    """Answer when the turn of the current chat comes; where it must wait long or cannot, one line says so."""
    try:
        async with queue.turn(cl.context.session.id, _say_how_many):
            await answer()
    except QueueFull as exc:
        await _complain(str(exc))
    except ClientLeft:
        _log.debug("a question of a chat that was left is not answered")
    finally:
        cl.chat_context.clear()  # nothing reads it, and Chainlit would keep all that was said until it ends


async def _say_how_many(before: int) -> None:
    if before >= LONG_LINE:
        await cl.context.emitter.send_toast(f"pincite is busy: {before:,} questions are before yours.")


async def _reply(assistant: Assistant, question: str, history: History, *, as_typed: bool = False) -> None:
    """Answer in the current chat; whatever fails becomes one line there, and the conversation goes on.

    The question may lean on ``history``; the chat remembers the answer whatever it was asked with.
    """
    try:
        message = cl.Message(content="")
        answer = await _streamed(
            message, lambda tell: assistant.ask(question, tell, history, as_typed=as_typed)
        )
        _keep(_HISTORY, await asyncio.to_thread(assistant.remember, _history(), answer))
        message.actions = _actions(answer)
        message.content = "".join(page.blocks(answer))
        await message.send()  # type: ignore[no-untyped-call]
    except PinciteError as exc:
        await _complain(escape(str(exc)))
    except Exception:  # noqa: BLE001 - the last resort of the page; the traceback is logged
        _log.exception("answering %r failed", question)
        await _complain(_FAILED)


async def _streamed(message: cl.Message, ask: Callable[[OnStatement], Coroutine[Any, Any, Answer]]) -> Answer:
    """The answer; of what a model writes, each sentence appears as soon as it is checked."""
    said: asyncio.Queue[Statement | None] = asyncio.Queue()
    asking = asyncio.create_task(ask(said.put_nowait))
    asking.add_done_callback(lambda _: said.put_nowait(None))
    numbers = page.Numbers()
    try:
        while (statement := await said.get()) is not None:
            await message.stream_token(page.paragraph(statement, numbers))
        return await asking
    finally:
        asking.cancel()  # of what is stopped halfway nothing goes on unseen


def _actions(answer: Answer) -> list[cl.Action]:
    """Export, for which the chat keeps the answer; and the same words by themselves, if they were changed."""
    kept = _kept()
    name = str(answer.receipt["id"])
    kept[name] = answer
    for oldest in list(kept)[:-MOST_KEPT]:
        del kept[oldest]
    _keep(_KEPT, kept)
    tooltip = "Download the answer, or its papers for a reference manager"
    actions = [cl.Action(_EXPORT, {"answer": name}, label="Export", tooltip=tooltip)]
    if answer.asked or answer.rewritten:
        tooltip = "Ask this again by itself, word for word"
        question = {"question": answer.question}
        actions.append(cl.Action(_AS_TYPED, question, label="Ask as typed", tooltip=tooltip))
    return actions


async def _export(assistant: Assistant, answer: Answer | None) -> None:
    """Put the answer as files into the current chat, which hands them to the browser."""
    if answer is None:
        await _complain(_FORGOTTEN)
        return
    try:
        papers = await exported_papers(assistant, answer)
    except PinciteError as exc:
        await _complain(escape(str(exc)))
        return
    files = [
        cl.File(
            name=f"pincite-{answer.receipt['id'][:8]}{each.suffix}",
            content=each.write(answer, papers).encode("utf-8"),
            mime=each.media_type,
        )
        for each in FORMATS.values()
    ]
    said = f"Export of *{escape(answer.question)}*"
    await cl.Message(content=said, elements=files).send()  # type: ignore[no-untyped-call]


def _history() -> History:
    """What was said in the current chat; nothing in a new one."""
    kept = cl.user_session.get(_HISTORY)  # type: ignore[no-untyped-call]
    return kept if isinstance(kept, History) else EMPTY


def _kept() -> dict[str, Answer]:
    """The answers of the current chat that can be exported."""
    return cast("dict[str, Answer]", cl.user_session.get(_KEPT) or {})  # type: ignore[no-untyped-call]


def _keep(name: str, value: object) -> None:
    cl.user_session.set(name, value)  # type: ignore[no-untyped-call]


async def _complain(line: str) -> None:
    await cl.ErrorMessage(content=line).send()  # type: ignore[no-untyped-call]
