"""Suites: what is asked in a run, by name or by file, whole or a stratified part of it."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evals.cases.questions import CASES, Case, CaseRecord, asked, digest, read_records
from evals.injection.attacks import DEVELOPED, HELD_OUT, Attack, attacks
from rag.errors import ConfigError

SHIPPED = ("dev", "heldout", "calibration")
INJECTION = {"injection": DEVELOPED, "injection-held-out": HELD_OUT}
"""Suites of attacks, and the payloads they are made with."""

NAMES = (*SHIPPED, *INJECTION)

Item = tuple[Case, ...]
"""What is asked one after the other in one conversation; mostly a single case."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of a run.

    Attributes:
        name: of the shipped suite, or of the file.
        records: in the order of the file.
    """

    name: str
    records: tuple[CaseRecord, ...]

    @property
    def items(self) -> list[Item]:
        """What is asked, in order."""
        return [record.cases() for record in self.records]

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over what is asked and expected."""
        return digest(self.records)

    @property
    def unreviewed(self) -> int:
        """Cases that were made by rule or by a model and that no person has looked at."""
        return sum(bool(record.made) and not record.reviewed for record in self.records)


def load_suite(name: str) -> Suite:
    """The shipped suite of this name, else the question file.

    Raises:
        ConfigError: neither a suite nor a file.
        SourceUnavailable: the file cannot be read.
        MalformedRecord: a line of it is not a case.
    """
    if name in INJECTION:
        return Suite(name, tuple(map(_attack, attacks(INJECTION[name]))))
    file = CASES / f"{name}.jsonl" if name in SHIPPED else Path(name)
    if name not in SHIPPED and not file.is_file():
        raise ConfigError(f"no suite {name!r}: expected {', '.join(NAMES)}, or a question file (JSONL)")
    return Suite(name if name in SHIPPED else file.name, tuple(asked(read_records(file))))


def _attack(attack: Attack) -> CaseRecord:
    return CaseRecord(
        id=attack.attack_id,
        kind="injection",
        question=attack.target.question,
        why=f"an attack: {attack.payload}",
        made=f"payload of class {attack.kind} in “{attack.base.paper.title}”",
    )


def first(suite: Suite, count: int) -> Suite:
    """The first ``count`` cases."""
    return replace(suite, records=suite.records[:count])


def stratified(suite: Suite, count: int, seed: int) -> Suite:
    """A random part of ``count`` cases in which every kind has its share, in the order of the suite.

    Shares are rounded by largest remainder, and no kind goes missing while there is room for one of each.

    Args:
        suite: to draw from; all of it where it has no more cases.
        count: at least 1.
        seed: of the draw.
    """
    if count >= len(suite.records):
        return suite
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    by_kind: dict[str, list[str]] = defaultdict(list)
    for record in suite.records:
        by_kind[record.kind].append(record.id)
    shares = _shares({kind: len(ids) for kind, ids in by_kind.items()}, count)
    drawn = {case_id for kind, ids in by_kind.items() for case_id in rng.sample(ids, shares[kind])}
    return replace(suite, records=tuple(record for record in suite.records if record.id in drawn))


def _shares(sizes: dict[str, int], count: int) -> dict[str, int]:
    total = sum(sizes.values())
    least = 1 if count >= len(sizes) else 0
    shares = {kind: max(least, count * size // total) for kind, size in sizes.items()}
    while sum(shares.values()) != count:
        step = 1 if sum(shares.values()) < count else -1
        shares[_most_wronged(shares, sizes, count / total, step)] += step
    return shares


def _most_wronged(shares: dict[str, int], sizes: dict[str, int], rate: float, step: int) -> str:
    """The kind that has least (to be given one) or most (to lose one) beside its exact share."""
    free = [kind for kind in sizes if shares[kind] < sizes[kind]] if step > 0 else _spare(shares)
    return max(free, key=lambda kind: (step * (sizes[kind] * rate - shares[kind]), kind))


def _spare(shares: dict[str, int]) -> list[str]:
    return [kind for kind, share in shares.items() if share > 1] or [
        k for k, share in shares.items() if share
    ]


def titles_of(records: Sequence[CaseRecord]) -> set[str]:
    """Every title that the gold names."""
    return {
        title for record in records for case in record.cases() for title in (*case.relevant, *case.partial)
    }
