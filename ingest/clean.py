r"""Remove what is left of LaTeX in the text of a saved web page, and what nobody can see in any text.

The page dropped some backslashes and kept others: `\emph{x}`, `emph{x}` and `2times` all occur.
Each rule rewrites one such trace and leaves less of it, so that repeating all rules ends, and
cleaning clean text changes nothing.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Mapping

from rag.phrases import Phrases
from rag.untrusted.instructions import visible

_log = logging.getLogger(__name__)

HIDDEN = 20
"""From this many invisible characters on, somebody hid a message; soft hyphens are fewer."""

ROUNDS = 20
"""Traces inside traces take a round each; text with more than this is no paper's, and is left as it is."""

_LATEX = Phrases("ingest", "latex.toml").entries
_SIGNS: Mapping[str, str] = _LATEX["signs"]
_LETTERS: Mapping[str, str] = _LATEX["letters"]
_ACCENTS: Mapping[str, str] = _LATEX["accents"]

_SIGN = "|".join(_SIGNS)
_LETTER = "|".join(_LETTERS)
_ACCENT = r"\\([\"'`^~]|[cv](?=\{))"
_STYLE = "emph|text(?:bf|it|sc|tt|rm|sf)?|math(?:cal|bf|rm|it|bb)|underline|url"


def _sign(match: re.Match[str]) -> str:
    return _SIGNS[match[1]]


def _accent(match: re.Match[str]) -> str:
    letter = unicodedata.normalize("NFC", (match[3] or match[4]) + _ACCENTS[match[2]])
    return letter if len(letter) == 1 else match[0]  # there is no such letter: it was no accent


def _formula(match: re.Match[str]) -> str:
    """A formula without its dollars, operators that lost their backslash as signs."""
    return re.sub(rf"\\?(?<![A-Za-z])({_SIGN})(?![A-Za-z])", _sign, match[1])


def _footnote(match: re.Match[str]) -> str:
    """A note that follows a sentence is a sentence, any other stands in brackets."""
    note = match[2].strip()
    return f"{match[1]} {note}" if match[1] in ".?!" else f"{match[1]} ({note.removesuffix('.')})"


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # The closing brace may have gone with the end of the line.
    (re.compile(r"(\S)\s*\\footnote\{((?:[^{}]|\{[^{}]*\})*)(?:\}|\Z)"), _footnote),
    (re.compile(r"(https?://[^\s{}]{1,500})\{\1\}"), r"\1"),
    (re.compile(r"\\?\bhref\{([^{}]*)\}\{([^{}]*)\}"), r"\2 (\1)"),
    (re.compile(rf"(?:\\|(?<![\w\\]))(?:{_STYLE})\{{([^{{}}]*)\}}"), r"\1"),
    (re.compile(r"\{\\(?:em|bf|it|tt|sc)\s++([^{}]*)\}"), r"\1"),
    (
        re.compile(rf"\{{\\({_LETTER})\}}|\\({_LETTER})(?:\{{\}}|(?![A-Za-z]))"),
        lambda match: _LETTERS[match[1] or match[2]],
    ),
    (re.compile(rf"(?:(\{{)|(?<=\w)){_ACCENT}(?:\{{([A-Za-z])\}}|([A-Za-z]))(?(1)\}})"), _accent),
    (re.compile(r"\$(?![\s\d])(?=[^$\n\\^_{}]{0,500}[\\^_{}])([^$\n]{1,1000})\$"), _formula),
    (re.compile(rf"\\({_SIGN})(?![A-Za-z])"), _sign),
    (re.compile(r"(?<=\d)(times)(?![A-Za-z])"), _sign),
    (re.compile(r"(?<=\d)--(?=\d)"), "–"),
    (re.compile(r"(?<=[A-Z])(rightarrow)(?=[A-Z])"), _sign),
    (re.compile(r"(?<=\d[KMBT] )(sim)(?= \d)"), _sign),
    (re.compile(r"([⌈⌊])\s"), r"\1"),
    (re.compile(r"\s([⌉⌋])"), r"\1"),
    (re.compile(r"([_^])\{(\w+)\}"), r"\1\2"),
    (re.compile(r"\\([%_&#$])"), r"\1"),
    (re.compile(r"\\[ ,;]"), " "),
    (re.compile(r"(?<=[a-z]{2})~(?=\w)|(?<=[a-z]\.)~(?=\w)"), " "),
    (re.compile(r"(?<!\w)(?:``|'')(?=\S)([^\n]{1,500}?)''(?!\w)"), r'"\1"'),
    (re.compile(r"(?<![\w`])`([^`'\n]+)'(?!\w)"), r"'\1'"),
    (re.compile(r"[ \t]{2,}"), " "),
)


def clean(text: str) -> str:
    r"""``text`` without visible LaTeX: `16\%` → 16%, `2.5times` → 2.5×, quotes, links, notes and accents.

    Formulas stay as text without their dollars. Idempotent; text without such traces is only stripped.
    """
    cleaned = text
    for _ in range(ROUNDS):
        before = cleaned
        for pattern, replacement in _RULES:
            cleaned = pattern.sub(replacement, cleaned)
        if cleaned == before:
            return cleaned.strip()
    return text.strip()


def printable(text: str) -> str:
    """``text`` with each control character as a space, each lone surrogate as U+FFFD, and nothing invisible.

    Line feeds and tabs stay. Characters without a glyph (`rag.untrusted.instructions.INVISIBLE`) go, since
    they can hide a message from people but not from models; `HIDDEN` or more of them are logged as a warning.
    Every offset into the result holds in ``text`` too, unless something invisible went. Idempotent.
    """
    seen = visible(text)
    if len(text) - len(seen) >= HIDDEN:
        _log.warning("%d invisible characters removed from a text: %.60r", len(text) - len(seen), seen)
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", seen))
