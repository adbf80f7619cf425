"""The chat as a web application: Chainlit's page, wired to one assistant, and the source panel's endpoint.

Importing this imports Chainlit, which writes to ``CHAINLIT_APP_ROOT`` at import: `ui.chat.server` sets
that first.
"""

import warnings

import chainlit as cl
from chainlit.server import app as chainlit_app
from chainlit.server import sio
from chainlit.session import WebsocketSession
from fastapi import FastAPI
from starlette.types import ASGIApp

from rag.assistant import Assistant
from rag.errors import PinciteError
from rag.kinds.abstention import NO_PAPERS
from rag.settings import SAMPLE
from ui.chat.admission import PageRequestsOnly
from ui.chat.endpoints import add_endpoints
from ui.chat.markup import escape
from ui.chat.own_site import OwnSiteOnly, Site
from ui.chat.page_messages import PROFILE
from ui.chat.replies import wire_replies
from ui.chat.socket_gate import keep_page_events

SAMPLE_STARTERS = (
    "Which papers do KV cache compression?",
    "What accuracy does the smallest xFinder model reach, and what does RegEx reach?",
    "surveys of efficient LLM inference",
    "Compare PRP with FIRST for reranking.",
)


def build_app(assistant: Assistant, collection: str, site: Site) -> ASGIApp:
    """The whole application, answering with ``assistant``.

    Chainlit keeps its callbacks in one place for the whole process: build one application a process.

    The assistant stays open as long as the application runs; the welcome names its collection.
    """

    async def profiles(_user: cl.User | None) -> list[cl.ChatProfile]:
        return [await _welcome(assistant, collection)]

    # At each connection Chainlit also calls this where it cannot wait for it, and drops the coroutine.
    warnings.filterwarnings("ignore", r"coroutine '.*profiles' was never awaited", RuntimeWarning)
    cl.set_chat_profiles(profiles)
    # Without this, Chainlit would store chats in whatever database a stray DATABASE_URL names.
    cl.data_layer(lambda: None)  # type: ignore[arg-type, return-value]
    wire_replies(assistant)
    keep_page_events(sio, lambda socket: WebsocketSession.get(socket) is not None)
    app = FastAPI(openapi_url=None)
    add_endpoints(app, assistant)
    chats = PageRequestsOnly(chainlit_app, lambda chat: WebsocketSession.get_by_id(chat) is not None, sio.eio)
    app.mount("/", chats)
    return OwnSiteOnly(app, site)


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
