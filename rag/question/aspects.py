"""What papers can be compared in, which of it a question names, and how strongly a sentence speaks of it.

Every cue is a form of words that abstracts use for one purpose; their weights add up. A sentence speaks of an
aspect from `FILLS` on, so that one cue of little weight is never enough.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.phrases import Phrases

FILLS = 1.5
"""Least strength with which a sentence fills a cell."""

TOUCHES = 1.0
"""Least strength with which a sentence that fills another cell is pointed to."""

Cue = tuple[re.Pattern[str], float]
ASPECTS = Phrases("rag.question", "aspects.toml")
AMOUNT, SHARED, TROUBLE, TURN = map(ASPECTS.pattern, ("amount", "shared", "trouble", "turn"))
NAMED_IN = ASPECTS.pattern("named_in")


@dataclass(frozen=True, slots=True)
class Aspect:
    """A row of a comparison.

    Attributes:
        name: its head.
        cues: wording of sentences about it, with weights; each counts once.
        against: wording of sentences about something else, with what it takes away.
        asks: finds it in a question that names what to compare in; None for those that are always compared.
        named: added where the sentence names the paper's subject.
        acting: added where the subject, by its name, does something in it.
    """

    name: str
    cues: tuple[Cue, ...]
    against: tuple[Cue, ...] = ()
    asks: re.Pattern[str] | None = None
    named: float = 0.0
    acting: float = 0.0

    def strength(self, text: str, names: Sequence[str]) -> float:
        """How strongly a sentence speaks of it, 0 if not at all.

        Args:
            text: the sentence.
            names: what the paper's subject is called.
        """
        gained = sum(weight for cue, weight in self.cues if cue.search(text))
        if not gained:
            return 0.0
        lost = sum(weight for cue, weight in self.against if cue.search(text))
        named = self.named if any(name in text for name in names) else 0.0
        acting = self.acting if any(_acts(name, text) for name in names) else 0.0
        return max(0.0, gained - lost + named + acting)


def _acts(name: str, text: str) -> bool:
    return (
        re.search(rf"{re.escape(name)}\s+(?:\w+ly\s+|first\s+)?(?!is\b|was\b|has\b)[a-z]+s\b", text)
        is not None
    )


def _cues(weights: Mapping[str, float]) -> tuple[Cue, ...]:
    return tuple((ASPECTS.pattern(name), weight) for name, weight in weights.items())


def _usual(name: str) -> Aspect:
    """An aspect that is always compared, as the file has it."""
    held = ASPECTS.entries["usual"][name]
    return Aspect(
        held["head"],
        _cues(held["cues"]),
        _cues(held["against"]),
        ASPECTS.pattern(held["asks"]) if "asks" in held else None,
        held.get("named", 0.0),
        held.get("acting", 0.0),
    )


def _asked(name: str) -> Aspect:
    """An aspect that is compared where a question names it: its own words, and with an amount the more."""
    source = ASPECTS.source(f"{name}_said")
    words = re.compile(source, re.IGNORECASE)
    with_amount = re.compile(rf"\A(?=.*(?:{source})).*(?:{AMOUNT.pattern})", re.IGNORECASE | re.DOTALL)
    return Aspect(name, ((words, FILLS), (with_amount, 0.5)), asks=ASPECTS.pattern(f"{name}_asked"))


DOES, HOW, TRAINING, TESTED, RESULT = ALWAYS = tuple(
    map(_usual, ("does", "how", "training", "tested", "result"))
)
NAMED = tuple(map(_asked, ("speed", "accuracy", "cost", "memory", "size", "limitations")))


def is_asked(aspect: Aspect, question: str) -> bool:
    """Whether a question names an aspect to compare in ("… in speed and cost")."""
    places = " ; ".join(found[1] for found in NAMED_IN.finditer(question))
    return aspect.asks is not None and aspect.asks.search(places) is not None


def aspects(question: str) -> tuple[Aspect, ...]:
    """What to compare in: what the papers do, what the question names, and the usual."""
    asked = tuple(each for each in NAMED if is_asked(each, question))
    return (DOES, *asked, *ALWAYS[1:])


def trouble(text: str) -> float:
    """How strongly a sentence says that something is wrong or lacking, 0 to 2.5."""
    found = {match[0].lower() for match in TROUBLE.finditer(text)}
    return min(len(found), 2) + (0.5 if found and TURN.search(text) else 0.0)
