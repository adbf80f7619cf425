"""How the suite's commands end: five exit codes, and the error of the last of them."""

from enum import IntEnum

from rag.errors import PinciteError


class Outcome(IntEnum):
    """What the gate says, as an exit code; 2 to 4 are not known to be worse, nor known not to be."""

    FINE = 0
    REGRESSION = 1
    INCONCLUSIVE = 2
    NOT_GOOD_ENOUGH = 3
    INFRASTRUCTURE = 4

    @property
    def told(self) -> str:
        """In words."""
        return self.name.lower().replace("_", " ")


class SuiteError(PinciteError):
    """Usage, configuration, files, or a part of the system that cannot be used: nothing was measured."""

    exit_code = Outcome.INFRASTRUCTURE
