"""The aspects a question names to compare in: "in speed", "in terms of training data and cost". Pure."""

import re

from rag.question.aspects import ALWAYS, AMOUNT, DOES, FILLS, Aspect


def _asked(name: str, asks: str, cues: str) -> Aspect:
    """An aspect that is compared where a question names it: its own words, and with an amount the more."""
    words = re.compile(rf"\b(?:{cues})\b", re.IGNORECASE)
    with_amount = re.compile(rf"\A(?=.*\b(?:{cues})\b).*(?:{AMOUNT.pattern})", re.IGNORECASE | re.DOTALL)
    return Aspect(
        name, ((words, FILLS), (with_amount, 0.5)), asks=re.compile(rf"\b(?:{asks})\b", re.IGNORECASE)
    )


NAMED = (
    _asked(
        "speed",
        r"speed|latency|throughput|efficiency|runtime|(?:inference|run)\s+time",
        r"speed(?:s|-?ups?|ing)?|faster|slower|accelerat\w+|latency|throughput|linear\s+complexity|inference\s+time",
    ),
    _asked(
        "accuracy",
        r"accuracy|quality|effectiveness|precision",
        r"accura\w+|F1(?:-score)?|NDCG\S*|precision|exact\s+match",
    ),
    _asked("cost", r"costs?|price|compute|expense", r"costs?|cheap\w*|expensive|inexpensive|FLOPs|budget"),
    _asked("memory", r"memory|storage|footprint", r"memory|storage|footprint"),
    _asked(
        "size",
        r"size|parameters|scale",
        r"\d[\d.,]{0,12}\s?[BM]\s+parameters|\d[\d.]{0,12}[BM]|(?:million|billion)\s+parameters",
    ),
    _asked(
        "limitations",
        r"limitations?|weakness\w*|drawbacks?",
        r"limitations?|limited\s+(?:to|by)|fails?|drawbacks?",
    ),
)
_NAMED_IN = re.compile(
    r"\b(?:in(?:\s+terms\s+of)?|with\s+(?:respect|regard)\s+to|regarding|concerning|by|on)\s+(?!how\b)"
    r"(?:(?:their|the|its)\s+)?([^?.;:]+)",
    re.IGNORECASE,
)


def is_asked(aspect: Aspect, question: str) -> bool:
    """Whether a question names an aspect to compare in ("… in speed and cost")."""
    places = " ; ".join(found[1] for found in _NAMED_IN.finditer(question))
    return aspect.asks is not None and aspect.asks.search(places) is not None


def aspects(question: str) -> tuple[Aspect, ...]:
    """What to compare in: what the papers do, what the question names, and the usual."""
    asked = tuple(each for each in NAMED if is_asked(each, question))
    return (DOES, *asked, *ALWAYS[1:])
