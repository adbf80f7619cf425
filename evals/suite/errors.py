"""The error of the suite's commands: nothing could be measured or compared, which is no verdict."""

from rag.errors import PinciteError


class SuiteError(PinciteError):
    """Usage, configuration, files, or a part of the system that cannot be used; never a regression."""

    exit_code = 4
