"""Keys and passwords taken out of text from outside: providers, proxies and stores repeat what they get.

What must not be shown is learnt once (`know`): `rag.build` tells the settings and the environment, and each
adapter with a key of its own tells that. There is one register for the whole process, for an error, a
traceback or a line of a log does not say which settings it comes from.

A provider shows the beginning and the end of a key, a proxy cuts a message off in the middle of one. So each
run of `WINDOW` or more characters that stand like this in a key is masked, wherever in the key they stand.
All of it takes time linear in the text.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlsplit

MASK = "***"

WINDOW = 8
"""Characters of a key in a row that are masked; fewer tell nothing."""

SHORTEST = 4
"""Shorter settings are no secrets: what is masked would stand in every other line."""

PLAIN_WORD = 16
"""In a reply, letters alone, fewer than this, all small or all capital, are words and no piece of a key.
Whoever runs a server without keys sets "anything" or "no-key-required"; answers may still say so."""

MOST_HELD = 512
"""Of a stream that repeats a key for ever, this much is held back."""

WORD = re.compile(r"\S+")
QUERY = re.compile(r"([?&#][^=&?#\s]+=)[^&\s'\"]+")
SECRET_NAME = re.compile(
    r"(?:keys?|key_id|token|secrets?|password|passwd|passphrase|credentials?|jwt|auth)$",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"^(?:sig|signature|code|pwd)$", re.IGNORECASE)
"""What is a secret by this name in the query of an address, and not elsewhere."""


@dataclass(frozen=True)
class _Register:
    """The secrets, and what finds them: every window of the long ones, and the short ones as words."""

    secrets: frozenset[str] = frozenset()
    windows: frozenset[str] = frozenset()
    joined: str = ""
    short: re.Pattern[str] | None = None


_known = _Register()
_learning = threading.Lock()


def know(secrets: Iterable[str]) -> None:
    """Have these masked from here on, in the whole process."""
    global _known  # noqa: PLW0603 - the register; replaced whole, so readers need no lock
    with _learning:
        every = _known.secrets | {form for secret in secrets for form in _forms(secret.strip())}
        if every == _known.secrets:
            return
        long = sorted(secret for secret in every if len(secret) >= WINDOW)
        short = "|".join(re.escape(secret) for secret in sorted(every) if len(secret) < WINDOW)
        _known = _Register(
            every,
            frozenset(key[at : at + WINDOW] for key in long for at in range(len(key) - WINDOW + 1)),
            "\0".join(long),
            re.compile(rf"(?<![^\W_])(?:{short})(?![^\W_])") if short else None,
        )


def forget() -> None:
    """Know nothing any more."""
    global _known  # noqa: PLW0603 - as above
    _known = _Register()


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may be written: as it is, in an address, in JSON whose slashes are escaped."""
    if len(secret) >= WINDOW or (len(secret) >= SHORTEST and not secret.isalpha()):
        yield from (secret, quote(secret, safe=""), secret.replace("/", "\\/"))


def names_secret(name: str) -> bool:
    """Whether what goes by this name, such as OPENAI_API_KEY, is a secret."""
    return bool(SECRET_NAME.search(name))


def secrets_of_address(url: str) -> Iterator[str]:
    """User, password and telling query values of an address; nothing if it is none."""
    try:
        parts = urlsplit(url)
        found = [parts.username or "", parts.password or ""]
    except ValueError:
        return
    found += [value for name, value in parse_qsl(parts.query) if names_secret(name) or SIGNATURE.search(name)]
    yield from (form for each in found for form in (each, unquote(each)) if len(form) >= WINDOW)


def without_keys(text: str) -> str:
    """``text`` with every known secret, and every piece of one, made ``***``."""
    known = _known
    masked = _masked(text, _runs(text, known))
    return known.short.sub(MASK, masked) if known.short else masked


def masked(text: str) -> str:
    """As `without_keys`, and the user, password and query values of every address in it made ``***`` too."""
    text = without_keys(text)
    if "://" in text:
        text = WORD.sub(_without_user, text)
    return QUERY.sub(rf"\1{MASK}", text)


def masked_reply(text: str) -> str:
    """A model's prose without known secrets; its words and addresses stay as they are."""
    return _masked(text, [run for run in _runs(text, _known) if not _is_plain_word(text[slice(*run)])])


def scrub(exc: BaseException) -> None:
    """Mask what a foreign exception and those it was raised from say, for whoever prints the traceback."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [exc]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        with suppress(Exception):
            each.args = tuple(map(_scrubbed, each.args))
        for name, value in list(vars(each).items()):
            if isinstance(value, BaseException):
                waiting.append(value)
            with suppress(Exception):
                setattr(each, name, _scrubbed(value))
        waiting += [each.__cause__, each.__context__]


class Veil:
    """`masked_reply` for text that arrives in pieces; use once.

    What may be the beginning of a secret is held back until it is seen to go on or not.
    """

    def __init__(self) -> None:
        self._held = ""

    def __call__(self, piece: str) -> str:
        """What can be shown now."""
        text, known = self._held + piece, _known
        settled = _settled(text, known)
        if len(text) - settled > MOST_HELD:
            settled = len(text) - WINDOW + 1
        self._held = text[settled:]
        return masked_reply(text[:settled])

    def rest(self) -> str:
        """What was held back, after the last piece."""
        held, self._held = self._held, ""
        return masked_reply(held)


def _settled(text: str, known: _Register) -> int:
    """Up to where no text to come can change what is masked."""
    if not known.windows:
        return len(text)
    sizes = range(min(WINDOW - 1, len(text)), 0, -1)
    settled = len(text) - next((size for size in sizes if text[-size:] in known.joined), 0)
    # A run that reaches into what may go on is not at its end.
    return next((start for start, end in _runs(text, known) if end >= settled), settled)


def _runs(text: str, known: _Register) -> list[tuple[int, int]]:
    """Where pieces of secrets stand; pieces that touch are one run."""
    runs: list[tuple[int, int]] = []
    windows = known.windows
    starts = (at for at in range(len(text) - WINDOW + 1) if text[at : at + WINDOW] in windows)
    for start in starts if windows else ():
        first = runs.pop()[0] if runs and start <= runs[-1][1] else start
        runs.append((first, start + WINDOW))
    return runs


def _is_plain_word(text: str) -> bool:
    return len(text) < PLAIN_WORD and text.isalpha() and (text.islower() or text.isupper() or text.istitle())


def _masked(text: str, runs: Sequence[tuple[int, int]]) -> str:
    starts, ends = [0, *(end for _, end in runs)], [*(start for start, _ in runs), len(text)]
    return MASK.join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _without_user(word: re.Match[str]) -> str:
    """A word up to blanks, with whatever is between its first ``://`` and its last ``@`` masked."""
    text = word[0]
    start, end = text.find("://"), text.rfind("@")
    return f"{text[:start]}://{MASK}{text[end:]}" if 0 <= start < end else text


def _scrubbed(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bytes):
        return masked(value.decode("latin-1")).encode("latin-1")
    if isinstance(value, list):  # notes, for one
        return [_scrubbed(each) for each in value]
    return value
