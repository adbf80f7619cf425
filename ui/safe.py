"""Text from outside, made safe to show: no terminal commands from papers, no secrets from settings."""

import re

ACTIVE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line and paragraph separators, overrides of writing direction, lone surrogates."""

URL_USER = re.compile(r"(?<!\S)((?>\S*?://))\S*@")
URL_QUERY = re.compile(r"([?&][^=&?\s]+=)[^&\s'\"]+")


def inert(text: str) -> str:
    """``text`` with every character that could steer a terminal made a space; its length stays."""
    return ACTIVE.sub(" ", text)


def masked(text: str) -> str:
    """``text`` with the user, password and query values of every address in it made ``***``."""
    return URL_QUERY.sub(r"\1***", URL_USER.sub(r"\1***@", text))
