"""How a judge misbehaves: each fault changes what it was about to say. Pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Called = Literal["supported", "contradicted", "absent", "unknown", "nan"]


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict that the judge is about to give.

    Attributes:
        claim: its text.
        number: the claim's place among those it was asked about, from 1; dialects with ids need it.
        called: what it calls the claim.
        quote: words of an abstract, for those who ask for evidence.
    """

    claim: str
    number: int
    called: Called
    quote: str = ""


Fault = Callable[[Sequence[Said], int], Sequence[Said]]
"""From what an honest judge would say, and how often it was asked before, to what this one says."""

PRAISE = "It is well known that this is entirely correct in every respect."
"""A quote that stands in no abstract."""


def _honest(said: Sequence[Said], _asked: int) -> Sequence[Said]:
    return said


def _shuffled(said: Sequence[Said], _asked: int) -> Sequence[Said]:
    return said[::-1]


def _missing(said: Sequence[Said], _asked: int) -> Sequence[Said]:
    return said[:-1]


def _missing_at_first(said: Sequence[Said], asked: int) -> Sequence[Said]:
    return said if asked else said[:-1]


def _twice(said: Sequence[Said], _asked: int) -> Sequence[Said]:
    return [*said, said[0]]


def _extra(said: Sequence[Said], _asked: int) -> Sequence[Said]:
    return [*said, Said("The question was a good one.", said[-1].number + 1, "supported", said[0].quote)]


def _none(_said: Sequence[Said], _asked: int) -> Sequence[Said]:
    return []


def _last_is(called: Called) -> Fault:
    return lambda said, _asked: [*said[:-1], replace(said[-1], called=called)]


def _praises(said: Sequence[Said], _asked: int) -> Sequence[Said]:
    return [
        each if each.called == "supported" else replace(each, called="supported", quote=PRAISE)
        for each in said
    ]


FAULTS: Mapping[str, Fault] = {
    "": _honest,
    "shuffled": _shuffled,
    "missing": _missing,
    "missing at first": _missing_at_first,
    "twice": _twice,
    "extra": _extra,
    "none": _none,
    "unknown": _last_is("unknown"),
    "nan": _last_is("nan"),
    "praises": _praises,
    "cut off at first": _honest,
    "refuses": _honest,
    "overlooks a claim": _honest,
    "overlooks all claims": _honest,
}
"""What becomes of the verdicts; faults of the text and of the claims leave these as they are."""

REFUSAL = "I'm sorry, but I can't help with that."


def spoilt(text: str, fault: str, asked: int) -> str:
    """The reply as it is sent: whole, cut off in its middle, or a refusal."""
    if fault == "refuses":
        return REFUSAL
    return text[: math.ceil(len(text) / 2)] if fault == "cut off at first" and not asked else text


def noticed(claims: Sequence[str], fault: str) -> Sequence[str]:
    """The claims that the judge finds in an answer when it is asked to list them."""
    return {"overlooks a claim": claims[:-1], "overlooks all claims": ()}.get(fault, claims)
