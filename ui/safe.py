"""Text from outside, made safe to show: no terminal commands from papers, no secrets in what is logged."""

import logging
import re
import traceback
from typing import Any
from urllib.parse import urlsplit

from rag.untrusted.masking import masked

ACTIVE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line and paragraph separators, overrides of writing direction, lone surrogates."""


def inert(text: str) -> str:
    """``text`` with every character that could steer a terminal made a space; its length stays."""
    return ACTIVE.sub(" ", text)


def shown_traceback(exc: BaseException) -> str:
    """The traceback of an exception, line by line as Python prints it, inert and without secrets."""
    lines = masked("".join(traceback.format_exception(exc))).splitlines()
    return "".join(f"{inert(line)}\n" for line in lines)


def mask_logs() -> None:
    """Have every line that is logged in this process written without secrets, by whichever library."""
    make = logging.getLogRecordFactory()
    if getattr(make, "masks", False):
        return

    def make_masked(*arguments: Any, **options: Any) -> logging.LogRecord:  # noqa: ANN401 - as logging's own
        return _without_secrets(make(*arguments, **options))

    make_masked.masks = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_masked)


def _without_secrets(record: logging.LogRecord) -> logging.LogRecord:
    """The record, put together already, with its traceback as text: handlers write that as it is."""
    try:
        said = record.getMessage()
    except Exception:  # noqa: BLE001 - a message that does not fit its arguments; logging says so when it writes
        return record
    if (shown := masked(said)) != said:
        record.msg, record.args = shown, None
    if record.exc_info and record.exc_info[1] is not None:
        record.exc_text = shown_traceback(record.exc_info[1]).rstrip("\n")
        record.exc_info = None
    return record


def web_address(url: str) -> str:
    """``url`` if it leads to a host over HTTP or HTTPS and a browser may safely open it, else nothing."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and host else ""
