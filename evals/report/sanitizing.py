"""Text of papers and people, made harmless to show: what cannot be seen cannot act either. Pure."""

import re

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters: terminals obey them, XML forbids them
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of what follows
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # half a character, and no character: XML forbids them
)
REPLACEMENT = "\ufffd"


def sanitize(text: str) -> str:
    """The text with a replacement character for each that would act on what shows it; lines stay."""
    return _UNSEEN.sub(REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """The same with every run of white space as one space."""
    return " ".join(sanitize(text).split())
