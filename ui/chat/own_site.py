"""The names that the chat answers to, and whether a request is for one of them, from its own page."""

import re
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers

_NETLOC = re.compile(r"(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?")
_ORIGIN = re.compile(r"https?://(?P<netloc>.*)")
_DEFAULT_PORT = re.compile(r":(?:80|443)$")


@dataclass(frozen=True)
class Site:
    """The page's names: those of this machine's loopback at ``port``, and ``public_host`` where one is set.

    Whoever owns a domain can have its name point to 127.0.0.1. For a browser the chat is then a page of that
    domain, and only the name in ``Host`` tells the two apart.
    """

    port: int
    public_host: str = ""

    def objection(self, headers: Headers, method: str | None) -> str | None:
        """Why a request is not served; None where it is.

        ``X-Forwarded-Host`` can only narrow what is served: a page may set it to whatever it likes.

        Args:
            headers: of the request, or of a WebSocket's handshake.
            method: of the request; None for a WebSocket, for which browsers always name the origin.
        """
        hosts = headers.getlist("host")
        names = [each.strip() for value in headers.getlist("x-forwarded-host") for each in value.split(",")]
        foreign = [name for name in hosts + names if not self._serves(name)]
        if foreign or len(hosts) != 1:
            named = repr(foreign[0][:80]) if foreign else "no one host"
            return f"it is for {named}, and only loopback and chat.public_host are served"
        origins = headers.getlist("origin")
        own = {_bare(name) for name in (*hosts, *names, self.public_host) if name}
        if any(_site_of(origin) not in own for origin in origins):
            return f"it comes from the page of another site, {origins[0][:80]!r}"
        if method is not None and _is_fetched_elsewhere(headers, method):
            return "a page of another site fetched it"
        return None

    def _serves(self, name: str) -> bool:
        if self.public_host and _bare(name) == _bare(self.public_host):
            return True
        found = _NETLOC.fullmatch(name.lower())
        return found is not None and int(found["port"] or 80) == self.port and is_loopback(found["host"])


def is_loopback(host: str) -> bool:
    """Whether a host, as it stands in an address, is this machine and no other can reach it."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def _bare(name: str) -> str:
    """A host and its port, comparable: browsers leave out the port that goes with the scheme."""
    return _DEFAULT_PORT.sub("", name.lower())


def _site_of(origin: str) -> str | None:
    found = _ORIGIN.fullmatch(origin.lower())
    return _bare(found["netloc"]) if found else None


def _is_fetched_elsewhere(headers: Headers, method: str) -> bool:
    """Whether a browser says that another page had it fetch this; to follow a link to the chat is no fetch.

    Loopback addresses on other ports are the same site, but not the same origin.
    """
    if headers.get("sec-fetch-site") not in {"cross-site", "same-site"}:
        return False
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not (followed and method in {"GET", "HEAD"})
