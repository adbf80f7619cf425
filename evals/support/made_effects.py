"""Sentences that say how one thing acts on another, put together so that only the whole tells the direction.

More or less of the agent, what is done, and whether the target stands as it is or as its opposite are drawn
apart; the direction of the finding is the product of the three signs.
"""

import random
from collections.abc import Mapping, Sequence

from evals.support.effect_clauses import ACTS, NEEDED, NEGATED_ACTS, RISKS, STATES
from evals.support.effect_words import AGENTS, BY_WAY_OF, KINDS_OF, OPPOSITE_VERBS, SETTINGS, TARGETS, VERBS
from evals.support.statement_words import forms

Slots = Mapping[str, str]
SIGNS = {"up": 1, "none": 0, "down": -1}
KINDS = ("occurrence", "occurrence", "course", "death")
"""Of a condition, what is acted on, as often as it stands here."""
BARE, LESS, OPPOSITE = 0.55, 0.2, 0.15
"""Chances of the agent's bare name, of less of the agent, of the target's opposite."""
VERB, FIXED = 0.5, 0.15
"""Chances of a clause with a verb of direction, and of one that is as the lists have it."""
NEGATED = 0.25
QUALIFIED = 0.3
"""Chances that no effect is said by negating a verb; that evidence says what kind of agent."""


def effect(rng: random.Random, found: str, slots: Slots, kind: str) -> str:
    """A clause that says that the agent acts on the target so.

    Args:
        rng: decides the wording.
        found: `up`, `down` or `none`.
        slots: what stands for the letters of `evals.support.effect_words`.
        kind: a key of `TARGETS`; it must be the same where two clauses speak of the same.
    """
    sign = SIGNS[found]
    text = _fixed(rng, sign, kind) if rng.random() < FIXED else None
    return (text or _composed(rng, sign, kind)).format(**slots)


def qualified(rng: random.Random, slots: Slots) -> Slots:
    """The slots as evidence may have them, with the agent's kind."""
    if rng.random() > QUALIFIED:
        return slots
    return {**slots, "a": f"{rng.choice(KINDS_OF)} {slots['a']}"}


def told(rng: random.Random, clause: str, slots: Slots, chance: float) -> str:
    """The clause as evidence has it: a setting before it, something after it, each by CHANCE."""
    before = rng.choice(SETTINGS).format(**slots) + " " if rng.random() < chance else ""
    after = " " + rng.choice(BY_WAY_OF).format(**slots) if rng.random() < chance else ""
    return before + clause + after


def _fixed(rng: random.Random, sign: int, kind: str) -> str | None:
    wordings: Sequence[str] = ()
    if kind == "amount":
        wordings = NEEDED.get(sign, ())
    elif kind == "occurrence":
        wordings = RISKS.get(sign, ())
    if not wordings:
        return None
    agent = "{a}" if rng.random() < BARE else rng.choice(AGENTS[1])
    return rng.choice(wordings).replace("{A}", agent)


def _composed(rng: random.Random, sign: int, kind: str) -> str:
    more = -1 if rng.random() < LESS else 1
    as_is = -1 if rng.random() < OPPOSITE else 1
    agent = "{a}" if more > 0 and rng.random() < BARE else rng.choice(AGENTS[more])
    target = rng.choice(TARGETS[kind][as_is])
    done = sign * more * as_is
    frame = _act(rng, done, kind, as_is) if rng.random() < VERB else rng.choice(STATES[done])
    return frame.replace("{A}", agent).replace("{T}", target)


def _act(rng: random.Random, done: int, kind: str, as_is: int) -> str:
    """A clause with a verb of direction; where nothing is done, one that negates the verb, or none."""
    if not done and rng.random() > NEGATED:
        return rng.choice(STATES[0])
    verb = rng.choice(_verbs(done or rng.choice((1, -1)), kind, as_is))
    named = dict(zip(("{base}", "{third}", "{past}", "{gerund}"), forms(verb), strict=True))
    frame = rng.choice(ACTS if done else NEGATED_ACTS)
    for name, form in named.items():
        frame = frame.replace(name, form)
    return frame


def _verbs(done: int, kind: str, as_is: int) -> Sequence[str]:
    own = VERBS[kind][done] if as_is > 0 or kind == "amount" else OPPOSITE_VERBS[done]
    return (*VERBS["any"][done], *own)
