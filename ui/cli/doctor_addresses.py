"""What the doctor can reach: the addresses of the store and of the language model."""

import asyncio
from urllib.parse import urlsplit

from rag.build import model_address
from rag.errors import ConfigError, ModelUnavailable, StoreUnavailable
from rag.settings import Settings

QDRANT_PORT = 6333
"""Where a Qdrant server listens unless its address says otherwise."""

WEB_PORTS = {"http": 80, "https": 443}


async def look_at_store(settings: Settings) -> str:
    """Where the store is; a server is connected to.

    Raises:
        ConfigError: its address is none.
        StoreUnavailable: nobody answers there.
    """
    url = settings.store.url
    if url is None:
        return f"embedded, in {settings.home / 'collections'}"
    try:
        await _knock(url, QDRANT_PORT, settings.store.timeout_s)
    except ValueError as exc:
        raise ConfigError(f"setting 'store__url' = {url!r}: {exc}; expected http://HOST:PORT") from exc
    except OSError as exc:
        raise StoreUnavailable(f"no Qdrant server answers at {url!r}: {exc}") from exc
    return f"{url} answers"


async def look_at_address(settings: Settings) -> str:
    """Whether somebody answers where the language model is asked; nothing is asked of it.

    Raises:
        ConfigError: the address is none, or the model of no known provider.
        ModelUnavailable: nobody answers.
    """
    url = await asyncio.to_thread(model_address, settings)
    if not url:
        return "none to knock at"
    try:
        await _knock(url, WEB_PORTS.get(urlsplit(url).scheme, WEB_PORTS["https"]), settings.model.timeout_s)
    except ValueError as exc:
        raise ConfigError(
            f"setting 'model__api_base' = {url!r}: {exc}; expected http://HOST:PORT/v1"
        ) from exc
    except OSError as exc:
        raise ModelUnavailable(f"nobody answers at {url!r}: {exc}") from exc
    return f"{url} answers"


async def _knock(url: str, port: int, timeout_s: float) -> None:
    """Connect, and hang up.

    Args:
        url: of a server.
        port: where it names none.
        timeout_s: for how long to try.

    Raises:
        ValueError: it is no address.
        OSError: nobody answers in time.
    """
    address = urlsplit(url)
    if not address.hostname:
        raise ValueError("it names no host")
    async with asyncio.timeout(timeout_s):
        _, writer = await asyncio.open_connection(address.hostname, address.port or port)
    writer.close()
