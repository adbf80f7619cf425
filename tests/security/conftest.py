"""Commands as processes of their own; see `processes`."""

from processes import environment, pincite, sample_home, start

__all__ = ["environment", "pincite", "sample_home", "start"]
