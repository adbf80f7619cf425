"""Speed: what the rows say, and that checks are timed with the classifier and without."""

from evals import speed


def test_a_row_is_median_tail_and_count():
    values = [float(number) for number in range(100, 0, -1)]
    assert speed.row(values, 1) == ("51.0", "96.0", "100")


async def test_a_check_with_the_classifier_takes_longer_than_the_gate_alone(monkeypatch):
    monkeypatch.setattr(speed, "CHECKED", 3)
    times = await speed.check_times()
    alone, both, abstract = times.values()
    assert len(alone) >= len(both) == len(abstract) > 0
    assert all(value > 0 for values in times.values() for value in values)
    assert speed.percentile(both, 0.5) > speed.percentile(alone, 0.5)
