"""The bound on rewritten queries is the one that its command finds."""

import pytest

from evals.rewriting import main
from rag.rewrite import LEAST_COSINE

pytestmark = pytest.mark.slow


def test_the_bound_in_force_is_the_one_that_follows_from_the_calibration_questions(capsys):
    assert main() == 0
    assert capsys.readouterr().out.endswith(f"from {LEAST_COSINE:.2f} on\n")
