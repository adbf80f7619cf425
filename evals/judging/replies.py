"""A judge's reply as one entry for each id that was asked; only what stands around it is forgiven. Pure.

Nothing is guessed. Two entries for an id, an entry for an id that nobody asked, or two lists in one reply
leave open what was meant, and what is left open is no verdict.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag.writing.reply_parser import THINKING

Entry = Mapping[str, Any]

REFUSAL = re.compile(
    r"\W*(?:(?:i['’]?m|i am) (?:very |truly )?sorry|sorry,|i can(?:no|['’])t "
    r"|i(?: am|['’]m) (?:not able|unable)|i (?:won['’]t|will not) |as an ai\b|unfortunately, i can)",
    re.IGNORECASE,
)


class _Twice(ValueError):
    """A key stands twice in one object."""


def entries(text: str, key: str, wanted: Sequence[str]) -> dict[str, Entry | str]:
    """For each wanted id its entry, or what is wrong with it.

    Args:
        text: the reply as it came.
        key: under which the list of entries stands, each an object with an "id".
        wanted: ids, each once.
    """
    found = lists(THINKING.sub("", text), key)
    if len(found) != 1:
        count = f"{len(found)} lists" if found else "no list"
        return dict.fromkeys(wanted, f"the reply has {count} of {key}, expected one JSON object with one")
    ids = [_id(each) for each in found[0]]
    strays = [each for each in ids if each not in wanted]
    if strays:
        return dict.fromkeys(wanted, f"the reply has an entry for {strays[0]!r:.40}, which was not asked")
    return {each: _only([entry for entry in found[0] if _id(entry) == each]) for each in wanted}


def is_refusal(text: str, key: str) -> bool:
    """Whether a reply declines instead of answering."""
    return REFUSAL.match(text) is not None and not lists(text, key)


def _only(found: Sequence[Entry]) -> Entry | str:
    if len(found) == 1:
        return found[0]
    return f"the reply has {len(found)} entries for it" if found else "the reply has no entry for it"


def _id(entry: object) -> object:
    """As it stands: the number 1 is not the text "1"."""
    return entry.get("id") if isinstance(entry, Mapping) else entry


def lists(text: str, key: str) -> list[list[Any]]:
    """The lists under a key, of every outermost JSON object in a text."""
    found = [form[key] for form in _objects(text) if key in form]
    return [each if isinstance(each, list) else [each] for each in found]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=_pairs, parse_constant=_refuse)
    at = text.find("{")
    while at >= 0:
        try:
            form, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            form, end = None, at + 1
        if isinstance(form, dict):
            yield form
        at = text.find("{", end)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _Twice
    return form


def _refuse(constant: str) -> None:
    raise ValueError(constant)
