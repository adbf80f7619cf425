"""Fixtures every tier shares."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("pincite", deadline=None)
settings.load_profile("pincite")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of large or licensed data beside the clone; tests that need it skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the shared data folder beside the clone, which is not there")
    return folder


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Where servers of tests listen: on loopback, at any port."""
    return "127.0.0.1", 0
