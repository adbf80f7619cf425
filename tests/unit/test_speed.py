"""Speed: what the rows say."""

from evals import speed


def test_a_row_is_median_tail_and_count():
    values = [float(number) for number in range(100, 0, -1)]
    assert speed.row(values, 1) == ("51.0", "96.0", "100")
