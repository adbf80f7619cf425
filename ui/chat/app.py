"""The chat as a web application: Chainlit's page, wired to one assistant, and the source panel's endpoint.

Importing this imports Chainlit, which writes to ``CHAINLIT_APP_ROOT`` at import: `ui.chat.server` sets
that first.
"""

import asyncio
import logging
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from importlib.resources import files
from typing import Any

import chainlit as cl
from chainlit.server import app as chainlit_app
from chainlit.server import sio
from chainlit.session import WebsocketSession
from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from rag.assistant import Assistant
from rag.conversation.standalone import EMPTY, History
from rag.errors import PinciteError
from rag.models.usage import OnStatement
from rag.reading.abstention import NO_PAPERS
from rag.settings import SAMPLE
from rag.types import Answer, Span, Statement
from ui.chat import page
from ui.chat.admission import PageRequestsOnly
from ui.chat.admission_queue import AdmissionQueue, ClientLeft, QueueFull, places
from ui.chat.chat_export import export_action, wire_export
from ui.chat.markup import escape
from ui.chat.middleware import OwnSiteOnly
from ui.chat.own_site import Site
from ui.chat.page_messages import PROFILE
from ui.chat.socket_gate import keep_page_events

PUBLIC = files("ui.chat") / "public"
SAMPLE_STARTERS = (
    "Which papers do KV cache compression?",
    "What accuracy does the smallest xFinder model reach, and what does RegEx reach?",
    "surveys of efficient LLM inference",
    "Compare PRP with FIRST for reranking.",
)
LONG_LINE = 4
"""Questions before one's own from which on their number is shown."""

_AS_TYPED = "ask_as_typed"
_FAILED = "Something went wrong inside pincite; the log has details."

_log = logging.getLogger(__name__)


def build_app(assistant: Assistant, collection: str, site: Site) -> ASGIApp:
    """The whole application, answering with ``assistant``.

    Chainlit keeps its callbacks in one place for the whole process: build one application a process.

    Args:
        assistant: answers the questions; stays open as long as the application runs.
        collection: its name, for the welcome.
        site: the names the page is served under.
    """
    _wire_chat(assistant, collection)
    keep_page_events(sio, lambda socket: WebsocketSession.get(socket) is not None)
    app = FastAPI(openapi_url=None)
    _add_routes(app, assistant)
    chats = PageRequestsOnly(chainlit_app, lambda chat: WebsocketSession.get_by_id(chat) is not None, sio.eio)
    app.mount("/", chats)
    return OwnSiteOnly(app, site)


def _wire_chat(assistant: Assistant, collection: str) -> None:
    queue = AdmissionQueue(places(with_model=assistant.parts.writer is not None))

    async def profiles(_user: cl.User | None) -> list[cl.ChatProfile]:
        return [await _welcome(assistant, collection)]

    async def on_message(message: cl.Message) -> None:
        await in_turn(queue, lambda: reply(assistant, message.content, _history()))

    async def on_as_typed(action: cl.Action) -> None:
        question = str(action.payload.get("question", ""))
        await cl.Message(content=question, type="user_message").send()  # type: ignore[no-untyped-call]
        await in_turn(queue, lambda: reply(assistant, question, EMPTY, as_typed=True))

    async def on_leave() -> None:
        queue.leave(cl.context.session.id)

    # At each connection Chainlit also calls this where it cannot wait for it, and drops the coroutine.
    warnings.filterwarnings("ignore", r"coroutine '.*profiles' was never awaited", RuntimeWarning)
    cl.set_chat_profiles(profiles)
    cl.on_message(on_message)
    cl.on_stop(on_leave)
    cl.on_chat_end(on_leave)
    cl.action_callback(_AS_TYPED)(on_as_typed)
    wire_export(assistant)
    # Without this, Chainlit would store chats in whatever database a stray DATABASE_URL names.
    cl.data_layer(lambda: None)  # type: ignore[arg-type, return-value]


async def _welcome(assistant: Assistant, collection: str) -> cl.ChatProfile:
    starters = SAMPLE_STARTERS if collection == SAMPLE else ()
    try:
        counts = await assistant.counts()
        text = (
            f"Ask the **{counts.papers:,} papers** of *{escape(collection)}*. Every sentence of the "
            "answer is quoted from an abstract; click its number to see where."
            if counts.papers
            else escape(NO_PAPERS)
        )
    except PinciteError as exc:
        text = escape(str(exc))
    return cl.ChatProfile(
        name=PROFILE,
        markdown_description=f"### pincite\n\n{text}",
        icon="/public/favicon.svg",
        default=True,
        starters=[cl.Starter(label=starter, message=starter) for starter in starters],
    )


def _history() -> History:
    """What was said in the current chat; nothing in a new one."""
    kept = cl.user_session.get("history")  # type: ignore[no-untyped-call]
    return kept if isinstance(kept, History) else EMPTY


async def in_turn(queue: AdmissionQueue, answer: Callable[[], Awaitable[None]]) -> None:
    """Answer when the turn of the current chat comes; where it must wait long, or cannot, one line says so.

    Args:
        queue: of all chats.
        answer: begins when the turn has come, so that it knows what was answered meanwhile.
    """
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


async def reply(assistant: Assistant, question: str, history: History, *, as_typed: bool = False) -> None:
    """Answer in the current chat; whatever fails becomes one line there, and the conversation goes on.

    Args:
        assistant: answers.
        question: as typed.
        history: what the question may lean on; the chat remembers the answer whatever it was asked with.
        as_typed: no model is to rewrite what is searched for.
    """
    try:
        message = cl.Message(content="")
        answer = await _told(message, lambda tell: assistant.ask(question, tell, history, as_typed=as_typed))
        remembered = await asyncio.to_thread(assistant.remember, _history(), answer)
        cl.user_session.set("history", remembered)  # type: ignore[no-untyped-call]
        message.actions = [export_action(answer), *_actions(answer)]
        message.content = "".join(page.blocks(answer))
        await message.send()  # type: ignore[no-untyped-call]
    except PinciteError as exc:
        await _complain(escape(str(exc)))
    except Exception:  # noqa: BLE001 - the last resort of the page; the traceback is logged
        _log.exception("answering %r failed", question)
        await _complain(_FAILED)


async def _told(message: cl.Message, ask: Callable[[OnStatement], Coroutine[Any, Any, Answer]]) -> Answer:
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
    """The way out where a question was read as another or rewritten: the same words, by themselves."""
    if not answer.asked and not answer.rewritten:
        return []
    tooltip = "Ask this again by itself, word for word"
    return [cl.Action(_AS_TYPED, {"question": answer.question}, label="Ask as typed", tooltip=tooltip)]


async def _complain(line: str) -> None:
    await cl.ErrorMessage(content=line).send()  # type: ignore[no-untyped-call]


def _add_routes(app: FastAPI, assistant: Assistant) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/source")
    async def source(paper: str, start: int | None = None, end: int | None = None) -> page.Source:
        try:
            found = await assistant.paper(paper)
        except PinciteError as exc:
            raise HTTPException(503, str(exc)) from exc
        if found is None:
            raise HTTPException(404, f"no paper {paper!r} in this collection")
        try:
            return page.source(found, None if start is None or end is None else Span(start, end))
        except ValueError as exc:
            raise HTTPException(404, str(exc)) from exc

    @app.get("/similar")
    async def similar(paper: str) -> list[page.Listed]:
        try:
            return [page.listed(each) for each in await assistant.similar(paper)]
        except PinciteError as exc:
            raise HTTPException(503, str(exc)) from exc

    @app.get("/favicon")
    async def favicon() -> FileResponse:
        return FileResponse(str(PUBLIC / "favicon.svg"))

    app.mount("/public", StaticFiles(directory=str(PUBLIC)))
