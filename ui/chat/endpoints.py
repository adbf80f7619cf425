"""What the page asks of pincite itself: each endpoint is a function and a row in `ENDPOINTS`."""

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from rag.assistant import Assistant
from rag.errors import PinciteError
from rag.types import Span
from ui.chat import page

PUBLIC = files("ui.chat") / "public"
"""What the page loads beside Chainlit's own."""


async def healthz(_assistant: Assistant) -> dict[str, str]:
    """Whether the server answers."""
    return {"status": "ok"}


async def source(
    assistant: Assistant, paper: str, start: int | None = None, end: int | None = None
) -> page.SourcePanel:
    """A paper beside the chat, with a part of its abstract marked; 404 where there is none of either."""
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


async def similar(assistant: Assistant, paper: str) -> list[page.SimilarPaper]:
    """Papers like a stored one."""
    try:
        return [page.similar(each) for each in await assistant.similar(paper)]
    except PinciteError as exc:
        raise HTTPException(503, str(exc)) from exc


async def favicon(_assistant: Assistant) -> FileResponse:
    """The icon of the page."""
    return FileResponse(str(PUBLIC / "favicon.svg"))


Endpoint = Callable[..., Awaitable[object]]
"""Takes the assistant, then what stands in the query; what it returns is sent as JSON."""

ENDPOINTS: dict[str, Endpoint] = {
    "/healthz": healthz,
    "/source": source,
    "/similar": similar,
    "/favicon": favicon,
}
"""By path."""


def add_endpoints(app: FastAPI, assistant: Assistant) -> None:
    """Serve all of them, for GET, and the public files."""
    for path, endpoint in ENDPOINTS.items():
        app.get(path)(partial(endpoint, assistant))
    app.mount("/public", StaticFiles(directory=str(PUBLIC)))
