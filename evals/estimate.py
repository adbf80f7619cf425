"""A number and how sure it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its 95 % interval, unless its maker was asked for another level."""

    mean: float
    low: float
    high: float
