"""What the extra of the statistics brings, asked for before a command begins to work."""

from importlib.util import find_spec

from rag.errors import ConfigError


def require_scipy() -> None:
    """Make sure that intervals and tests can be computed.

    Raises:
        ConfigError: scipy is not installed.
    """
    if find_spec("scipy") is None:
        raise ConfigError("intervals and tests need scipy: pip install 'pincite[evals]'")
