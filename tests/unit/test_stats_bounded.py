"""Tests and intervals of bounded values, against the textbooks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evals.stats import bounded
from evals.stats.bounded import DIFFERENCE, SHARE, p_above, p_below, score_interval
from evals.stats.clusters import clustered

DIFFERENCES = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.0, 0.25, 1.0]), min_size=2, max_size=30)


@pytest.fixture
def normal(monkeypatch):
    """The normal in place of Student's distribution, as the textbooks have it."""
    monkeypatch.setattr(bounded, "t_quantile", lambda probability, _: stats.norm.ppf(probability))
    monkeypatch.setattr(bounded, "t_cdf", lambda x, _: float(stats.norm.cdf(x)))


@pytest.mark.parametrize(("right", "count"), [(33, 36), (36, 36), (0, 10), (5, 9), (1, 200)])
def test_of_right_and_wrong_it_is_the_interval_of_wilson(normal, right, count):
    found = score_interval(clustered([1.0] * right + [0.0] * (count - right), None), 0.95, SHARE)
    expected = stats.binomtest(right, count).proportion_ci(method="wilson")
    assert found == pytest.approx((expected.low, expected.high), abs=1e-9)


def tango(gains, losses, same, margin):
    """Tango's score statistic, by his closed form (1998)."""
    count = gains + losses + same
    b = -gains - losses - (2 * count - gains + losses) * margin
    c = losses * margin * (margin + 1)
    q = (np.sqrt(b**2 - 8 * count * c) - b) / (4 * count)
    return (gains - losses + count * margin) / np.sqrt(count * (2 * q - margin * (margin + 1)))


@pytest.mark.parametrize(("gains", "losses", "same"), [(9, 1, 34), (2, 5, 60), (0, 3, 97), (4, 0, 40)])
@pytest.mark.parametrize("margin", [0.02, 0.1])
def test_of_paired_right_and_wrong_it_is_the_test_of_tango(normal, gains, losses, same, margin):
    differences = [1.0] * gains + [-1.0] * losses + [0.0] * same
    expected = stats.norm.sf(tango(gains, losses, same, margin))
    assert p_above(clustered(differences, None), -margin, DIFFERENCE) == pytest.approx(expected, abs=1e-6)


def test_of_many_values_it_is_the_interval_of_the_t_test():
    values = np.random.default_rng(0).uniform(0.3, 0.7, 2_000)
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    found = score_interval(clustered(values, None), 0.95, SHARE)
    assert found == pytest.approx((expected.low, expected.high), abs=2e-4)


@settings(max_examples=20)
@given(DIFFERENCES)
def test_an_interval_has_exactly_the_means_that_the_test_keeps(differences):
    values = clustered(differences, None)
    low, high = score_interval(values, 0.9, DIFFERENCE)
    for end, p in ((low, p_above), (high, p_below)):
        if abs(end) < 0.999:
            assert p(values, end, DIFFERENCE) == pytest.approx(0.05, abs=1e-6)


@settings(max_examples=20)
@given(DIFFERENCES)
def test_mirrored_values_have_the_mirrored_interval(differences):
    low, high = score_interval(clustered(differences, None), 0.95, DIFFERENCE)
    mirrored = score_interval(clustered([-each for each in differences], None), 0.95, DIFFERENCE)
    assert (-mirrored[1], -mirrored[0]) == pytest.approx((low, high), abs=1e-9)


@settings(max_examples=20)
@given(DIFFERENCES, st.integers(2, 4))
def test_copies_of_values_in_one_cluster_change_nothing(differences, copies):
    clusters = [place for place in range(len(differences)) for _ in range(copies)]
    repeated = [each for each in differences for _ in range(copies)]
    found = score_interval(clustered(repeated, clusters), 0.95, DIFFERENCE)
    assert found == pytest.approx(score_interval(clustered(differences, None), 0.95, DIFFERENCE), abs=1e-9)


def test_one_value_says_next_to_nothing():
    low, high = score_interval(clustered([0.5], None), 0.95, SHARE)
    assert low < 0.05
    assert high > 0.95


def test_a_mean_at_a_bound_cannot_be_tested():
    with pytest.raises(ValueError, match="between the bounds"):
        p_above(clustered([0.5], None), -1.0, DIFFERENCE)
