"""Text from outside, made safe to show: no terminal commands from papers, no secrets from settings."""

import re
from urllib.parse import urlsplit

ACTIVE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line and paragraph separators, overrides of writing direction, lone surrogates."""

URL_USER = re.compile(r"(?<!\S)((?>\S*?://))\S*@")
URL_QUERY = re.compile(r"([?&][^=&?\s]+=)[^&\s'\"]+")


def inert(text: str) -> str:
    """``text`` with every character that could steer a terminal made a space; its length stays."""
    return ACTIVE.sub(" ", text)


def web_address(url: str) -> str:
    """``url`` if it leads to a host over HTTP or HTTPS and a browser may safely open it, else nothing."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and host else ""


def masked(text: str) -> str:
    """``text`` with the user, password and query values of every address in it made ``***``."""
    return URL_QUERY.sub(r"\1***", URL_USER.sub(r"\1***@", text))
