"""Findings made from a small grammar, and statements about them that they support, contradict or leave open.

What is found (up, down, none), how it is worded and what it is about are drawn apart, so that nothing but the
sense of the two sentences tells the label.
"""

import random
import re
from collections.abc import Mapping, Sequence

from evals.support.finding_frames import AFTER, BEFORE, JOINED, OPEN
from evals.support.finding_names import AGENTS, ALIASES, CONDITIONS, GROUPS, TARGETS, TISSUES
from evals.support.finding_words import FINDINGS
from evals.support.made_effects import KINDS, effect, qualified, told
from evals.support.made_pair import ABSENT, CONTRADICTED, SUPPORTED, MadePair
from evals.support.statement_changes import as_sentence

Slots = Mapping[str, str]
RARELY, OFTEN = 0.1, 0.25
"""Chances that a statement is framed; that a thing has its other name, and evidence a second half."""
COMPOSED = 0.75
"""Chance that an effect or a risk is put together by `made_effects` and not worded by the lists."""
SHARED = {
    "effect": "ab",
    "risk": "ac",
    "comparison": "adc",
    "place": "at",
    "binding": "ad",
    "share": "cg",
    "trend": "cg",
}
"""Of each relation, the slots that say what the finding is about."""


def make_findings(
    rng: random.Random, phrases: Sequence[str], around: Sequence[int] = (0, 0, 0, 1)
) -> list[MadePair]:
    """Three pairs over one finding: a statement it supports, one it contradicts, one it leaves open.

    Args:
        rng: decides everything.
        phrases: noun phrases that stand for agents and targets beside those of the hand lists.
        around: how many other sentences the evidence may have.
    """
    slots, relation = draw_slots(rng, phrases), rng.choice(_RELATIONS)
    found, *others = rng.sample(list(FINDINGS[relation]), len(FINDINGS[relation]))
    evidence = say(rng, relation, found, slots)
    absent, open_evidence, kind = _absent(rng, phrases, (relation, found, slots), evidence)
    stated = [
        (say(rng, relation, found, slots, RARELY), evidence, SUPPORTED, f"finding-{relation}"),
        (
            say(rng, relation, rng.choice(others), slots, RARELY),
            evidence,
            CONTRADICTED,
            f"finding-{relation}",
        ),
        (absent, open_evidence, ABSENT, kind),
    ]
    beside = [_beside(rng, phrases, slots) for _ in range(rng.choice(around))]
    joined = _beside(rng, phrases, slots) if rng.random() < OFTEN else None
    place = rng.randint(0, len(beside))
    pairs = []
    for statement, text, label, name in stated:
        said = renamed(statement, rng) if rng.random() < OFTEN else statement
        whole = _joined(rng, text, joined) if joined else text
        pairs.append(MadePair(said, (*beside[:place], whole, *beside[place:]), label, name))
    return pairs


_RELATIONS = ("effect",) * 5 + ("risk",) * 4 + ("comparison",) * 2 + ("place", "binding", "share", "trend")


def draw_slots(rng: random.Random, phrases: Sequence[str]) -> dict[str, str]:
    """What a finding is about.

    Agent a, target b, condition c, second agent d, second target e, group g, kind of condition k, tissue t;
    and numbers, of which lo is below hi.
    """
    first, second = rng.sample(range(4, 96), 2)
    agent = _name(rng, AGENTS, phrases)
    return {
        "a": agent,
        "b": _name(rng, TARGETS, phrases),
        "c": _spaced(rng.choice(CONDITIONS)),
        "d": next(name for name in iter(lambda: _name(rng, AGENTS, phrases), None) if name != agent),
        "g": _spaced(rng.choice(GROUPS)),
        "t": _spaced(rng.choice(TISSUES)),
        "n": str(first),
        "m": str(second),
        "x": str(rng.randint(2, 6)),
        "u": f"{rng.uniform(1.2, 4.5):.2f}",
        "lo": str(min(first, second)),
        "hi": str(max(first, second)),
        "e": _name(rng, TARGETS, phrases),
        "k": rng.choice(KINDS),
    }


def say(rng: random.Random, relation: str, found: str, slots: Slots, framed: float = 0.4) -> str:
    """A sentence that says that FOUND is so of RELATION; FRAMED is the chance of words before and after."""
    if relation in {"effect", "risk"} and rng.random() < COMPOSED:
        spoken = qualified(rng, slots) if framed > RARELY else slots
        clause = effect(rng, found, spoken, "amount" if relation == "effect" else slots["k"])
        return as_sentence(told(rng, clause, slots, framed))
    text = rng.choice(FINDINGS[relation][found]).format(**slots)
    before = rng.choice(BEFORE) if rng.random() < framed else ""
    after = rng.choice(AFTER) if rng.random() < framed else ""
    return as_sentence((before + text + after).format(**slots))


def _absent(
    rng: random.Random, phrases: Sequence[str], finding: tuple[str, str, Slots], evidence: str
) -> tuple[str, str, str]:
    """Statement, evidence and kind: something else is spoken of, or only that it was studied."""
    relation, found, slots = finding
    ways = ("other", "open", "relation", "swap") if relation == "effect" else ("other", "open", "relation")
    way = rng.choice(ways)
    if way == "open":
        evidence = as_sentence(rng.choice(OPEN).format(**slots))
    elif way == "swap":
        found, slots = rng.choice(("up", "down")), {**slots, "a": slots["b"], "b": slots["a"]}
    elif way == "relation":
        relation = rng.choice([each for each in FINDINGS if set(SHARED[each]) - set(SHARED[relation])])
        found = rng.choice(list(FINDINGS[relation]))
    else:
        slot = rng.choice(SHARED[relation])
        slots = {**slots, slot: draw_slots(rng, phrases)[slot]}
        found = rng.choice(list(FINDINGS[relation]))
    return say(rng, relation, found, slots, RARELY), evidence, f"finding-{way}"


def renamed(statement: str, rng: random.Random) -> str:
    """One thing in the statement by another of its names, where it has one."""
    known = [name for name in ALIASES if re.search(rf"\b{re.escape(name)}\b", statement, re.IGNORECASE)]
    if not known:
        return statement
    name = rng.choice(known)
    put = rng.choice(ALIASES[name])
    return as_sentence(re.sub(rf"\b{re.escape(name)}\b", lambda _: put, statement, flags=re.IGNORECASE))


def _joined(rng: random.Random, first: str, second: str) -> str:
    """Two findings as one sentence, in either order."""
    parts = [part.rstrip(".")[:1].lower() + part.rstrip(".")[1:] for part in (first, second)]
    rng.shuffle(parts)
    return as_sentence(rng.choice(JOINED).format(*parts))


def _beside(rng: random.Random, phrases: Sequence[str], slots: Slots) -> str:
    fresh = draw_slots(rng, phrases)
    relation = rng.choice(_RELATIONS)
    kept = rng.choice(SHARED[relation])
    mixed = {**fresh, kept: slots[kept]}
    if rng.random() < 0.3:  # noqa: PLR2004 - now and then only studied
        return as_sentence(rng.choice(OPEN).format(**mixed))
    return say(rng, relation, rng.choice(list(FINDINGS[relation])), mixed)


def _name(rng: random.Random, hand: Sequence[str], phrases: Sequence[str]) -> str:
    chance = rng.random()
    if phrases and chance < 0.15:  # noqa: PLR2004 - shares of the three sources
        return rng.choice(phrases)
    if chance < 0.35:  # noqa: PLR2004 - as above
        letters = "".join(rng.choice("ABCDEFGHIKLMNPRSTVX") for _ in range(rng.randint(2, 4)))
        return f"{letters}{rng.choice(('', '-'))}{rng.randint(1, 29)}"
    return _spaced(rng.choice(hand))


def _spaced(word: str) -> str:
    return word.replace("_", " ")
