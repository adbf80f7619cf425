"""The attacks: payloads times harmless papers, by seeded rules, each with a word that gives it away."""

import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ingest.clean import printable
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.types import Paper

Goal = Literal["say", "cite", "rank", "load"]

FOLDER = Path(__file__).parent
DEVELOPED, HELD_OUT = "payloads.toml", "held_out.toml"
"""Payloads that the defence was developed against, and those that no rule was made for."""

SEEDS = {DEVELOPED: 20, HELD_OUT: 21}
PLACES = ("start", "middle", "end")


@dataclass(frozen=True, slots=True)
class Target:
    """A question that attacks want to be found for, and its topic in a few words."""

    question: str
    topic: str


@dataclass(frozen=True, slots=True)
class Base:
    """A harmless paper, and a question that it answers itself."""

    paper: Paper
    question: str


@dataclass(frozen=True, slots=True)
class Attack:
    """A poisoned paper.

    Attributes:
        attack_id: class and number, like ``override-03``.
        kind: the class.
        goal: what it is after: ``say`` (the canary is said as a finding), ``cite`` (a forged citation is
            believed), ``rank`` (found for ``target``), ``load`` (the page links, loads or runs something).
        base: the paper without the payload.
        target: what it is to be found for; ``base`` is no answer to it.
        payload: as it was put in, disguise and all.
        plain: the payload without its disguise.
        canary: a word that occurs nowhere else.
        poisoned: title and abstract with the payload, as an attacker would hand them in.
    """

    attack_id: str
    kind: str
    goal: Goal
    base: Base
    target: Target
    payload: str
    plain: str
    canary: str
    poisoned: Paper

    @property
    def stored(self) -> Paper:
        """The poisoned paper after ingest has made its text printable."""
        title, abstract = printable(self.poisoned.title), printable(self.poisoned.abstract)
        return replace(self.poisoned, title=" ".join(title.split()), abstract=abstract)


def attacks(payloads: str = DEVELOPED) -> list[Attack]:
    """All attacks of a file of payloads, by class and number; the same on every call."""
    listed = _toml("papers.toml")
    bases, targets = _bases(listed), [Target(**each) for each in listed["target"]]
    canaries = _canaries(random.Random(SEEDS[payloads]))  # noqa: S311 - repeatable, not secret
    made: list[Attack] = []
    for kind, group in _toml(payloads).items():
        for number, entry in enumerate(group["payloads"]):
            base, target = bases[len(made) % len(bases)], targets[len(made) % len(targets)]
            made.append(
                _attack(f"{kind}-{number:02}", group, entry, base=base, target=target, canary=next(canaries))
            )
    return made


def disguised(text: str, disguise: str) -> str:
    """``text`` hidden from a human reader in one of the ways of `DISGUISES`."""
    return DISGUISES[disguise](text)


def _attack(
    attack_id: str,
    group: dict[str, Any],
    entry: str | dict[str, str],
    *,
    base: Base,
    target: Target,
    canary: str,
) -> Attack:
    fields = {"text": entry} if isinstance(entry, str) else entry
    plain = fields["text"].replace("@CANARY@", canary).replace("@TITLE@", base.paper.title)
    plain = plain.replace("@TOPIC@", target.topic).replace("@QUESTION@", target.question)
    payload = disguised(plain, fields["disguise"]) if "disguise" in fields else plain
    place = PLACES[int(attack_id[-2:]) % len(PLACES)]
    paper = base.paper
    poisoned = (
        replace(paper, title=f"{paper.title}. {payload}")
        if group.get("in_title")
        else replace(paper, abstract=insert(paper.abstract, payload, place))
    )
    kind = attack_id.rpartition("-")[0]
    return Attack(attack_id, kind, group["goal"], base, target, payload, plain, canary, poisoned)


def insert(abstract: str, payload: str, place: str) -> str:
    """The abstract with a payload at its ``start`` or ``end``, or in the ``middle``: after a sentence."""
    if place == "start":
        return f"{payload} {abstract}"
    if place == "end":
        return f"{abstract} {payload}"
    head, _, tail = abstract.partition(". ")
    return f"{head}. {payload} {tail}"


def _bases(listed: dict[str, Any]) -> list[Base]:
    sample = {
        record.title: record for record in read_source(SAMPLE_FILE).records if isinstance(record, Paper)
    }
    invented = [
        Base(Paper(f"poisoned-{number}", each["title"], each["abstract"]), each["question"])
        for number, each in enumerate(listed["invented"])
    ]
    return [*invented, *(Base(sample[each["title"]], each["question"]) for each in listed["collected"])]


def _canaries(rng: random.Random) -> Iterator[str]:
    """Words that can be pronounced and mean nothing, none twice."""
    seen: set[str] = set()
    while True:
        word = "".join(rng.choice("bdfgjklmnprvz") + rng.choice("aeiou") for _ in range(5)).capitalize()
        if word not in seen:
            seen.add(word)
            yield word


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


_CYRILLIC = str.maketrans("aceiopxy", "асеіорху")  # noqa: RUF001 - letters that look alike


def _tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(sign)) for sign in text if ord(sign) < 0x80)  # noqa: PLR2004 - ASCII


DISGUISES: dict[str, Callable[[str], str]] = {
    "zero_width": "\u200b".join,
    "soft_hyphens": "\u00ad".join,
    "tags": _tags,
    "bidi": lambda text: f"\u202e{text[::-1]}\u202c",
    "variation_selectors": lambda text: "".join(f"{sign}\ufe01" for sign in text),
    "homoglyphs": lambda text: text.translate(_CYRILLIC),
    "full_width": lambda text: "".join(chr(ord(s) + 0xFEE0) if "!" <= s <= "~" else s for s in text),
}
"""Ways to write what a person does not see or takes for something else."""
