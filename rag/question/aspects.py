"""What papers can be compared in, which of it a question names, and how strongly a sentence speaks of it.

Every cue is a form of words that abstracts use for one purpose; their weights add up. A sentence speaks of an
aspect from `FILLS` on, so that one cue of little weight is never enough.
"""

import re
from collections.abc import Sequence
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


def _cues(**weights: float) -> tuple[Cue, ...]:
    """Cues of the file by name."""
    return tuple((ASPECTS.pattern(name), weight) for name, weight in weights.items())


DOES = Aspect(
    "what it does",
    _cues(does_propose=1.0, does_new=0.5, does_aim=0.5, does_first=0.5, does_named=1.0),
    _cues(added=1.5, outcome_in_figures=1.0, part_of_it=1.0),
    named=0.5,
)
HOW = Aspect(
    "how it works",
    _cues(
        how_precisely=0.9,
        how_in_turn=0.9,
        how_by=0.7,
        how_use=0.8,
        how_parts=0.7,
        how_works=0.4,
        how_we_use=0.4,
    ),
    _cues(outcome=0.8, found=0.8, amount=1.0, tried=0.8),
    named=0.2,
    acting=0.5,
)
TRAINING = Aspect(
    "training and data",
    _cues(
        trained_on=1.6,
        tuned_on=1.6,
        while_training=1.6,
        without_training=1.5,
        training_data=1.5,
        instruction_tuning=1.5,
        data_made=1.5,
        learning_by=1.5,
    ),
    _cues(of_tests=1.5, studies=1.0, found=0.8, outcome=0.8),
    ASPECTS.pattern("training_asked"),
)
TESTED = Aspect(
    "evaluated on",
    _cues(tested_on=1.2, across_tests=0.8, test_set_made=1.5, on_named=1.0),
    _cues(we_propose=0.8, only_trained_on=0.8),
    ASPECTS.pattern("evaluation_asked"),
)
RESULT = Aspect(
    "reported result",
    _cues(outcome=0.8, amount=1.0, found=0.8, beats=0.5, we_find=0.5),
    _cues(we_propose=1.0, inferior=0.3),
    ASPECTS.pattern("result_asked"),
    named=0.3,
)
ALWAYS = (DOES, HOW, TRAINING, TESTED, RESULT)


def _asked(name: str, said: str = "") -> Aspect:
    """An aspect that is compared where a question names it: its own words, and with an amount the more."""
    source = ASPECTS.source(said or f"{name}_said")
    words = re.compile(source, re.IGNORECASE)
    with_amount = re.compile(rf"\A(?=.*(?:{source})).*(?:{AMOUNT.pattern})", re.IGNORECASE | re.DOTALL)
    return Aspect(name, ((words, FILLS), (with_amount, 0.5)), asks=ASPECTS.pattern(f"{name}_asked"))


NAMED = (
    _asked("speed"),
    _asked("accuracy"),
    _asked("cost"),
    _asked("memory", said="memory_asked"),
    _asked("size"),
    _asked("limitations"),
)


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
