"""Text as markdown of the chat page, shown as it is with nothing in it that acts; links within the page."""

import re
from urllib.parse import quote, urlencode

from ui.safe import inert

SOURCE_LINK = "#source?"
"""What every citation link starts with; `public/pincite.js` opens these in the source panel."""

PAPER_LINK = "#paper?"
"""The same of a paper as a whole, without a quote."""

EDIT_LINK = "#edit?"
"""What a link starts with that puts its text into the question box."""

WORD_JOINER = "\u2060"
SPACE = "\N{NO-BREAK SPACE}"  # holds a citation to the word before it

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
# Addresses become links after backslashes are gone, wherever these stand in a text. A word joiner
# (no width, no glyph) at the right place ends that, and is all that is ever added to a text.
_ADDRESS = re.compile(r"(https?(?=://)|www(?=\.)|(?<=[-.\w+])@(?=[-\w]))", re.IGNORECASE)
_CURSOR = "\u200b"  # where Chainlit draws its cursor, even in a finished message


def escape(text: str) -> str:
    """Markdown that shows ``text`` as it is, on one line: no link, image, emphasis or HTML acts in it."""
    line = inert(text).replace(_CURSOR, "").strip()
    return _MARKUP.sub(r"\\\1", _ADDRESS.sub(rf"\1{WORD_JOINER}", line))


def chip(text: str) -> str:
    """``text`` set apart as a chip: inline code, which nothing in it can end."""
    return f"`{inert(text).replace(_CURSOR, '').replace('`', '’').strip()}`"


def address(paper_id: str) -> str:
    """Where a link to a paper as a whole leads."""
    return f"{PAPER_LINK}paper={quote(paper_id, safe='')}"


def paper_link(paper_id: str, title: str, untitled: str) -> str:
    """A title that opens its abstract."""
    return f"[{escape(title) or untitled}]({address(paper_id)})"


def edit_link(question: str) -> str:
    """A link that puts a question into the question box, to be changed and asked."""
    target = urlencode({"question": inert(question)}, quote_via=quote, safe="")
    return f'[Edit]({EDIT_LINK}{target} "Change this question and ask it")'
