"""A statement beside evidence, and what the one is to the other: what the support classifier learns from."""

from dataclasses import dataclass

SUPPORTED, CONTRADICTED, ABSENT = range(3)
LABELS = ("supported", "contradicted", "not in context")


@dataclass(frozen=True, slots=True)
class MadePair:
    """Label by construction: one of SUPPORTED, CONTRADICTED, ABSENT. ``evidence`` are sentences in order."""

    statement: str
    evidence: tuple[str, ...]
    label: int
    kind: str
