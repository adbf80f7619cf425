"""Rows of bias and noise that were collected elsewhere."""

import json

import pytest

from evals.noise.files import read_rows
from evals.noise.rows import LabelRow, OptionRow, PairRow
from rag.errors import MalformedRecord, SourceUnavailable


def written(path, *rows):
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


def test_rows_come_back_as_they_were_written(tmp_path):
    file = tmp_path / "rows.jsonl"
    pairs = written(
        file, {"pair": "a", "swapped": True, "choice": "tie"}, {"pair": "b", "swapped": False, "choice": None}
    )
    swapped, plain = read_rows(pairs, PairRow)
    assert (swapped.swapped, swapped.choice, swapped.length_difference) == (True, "tie", 0)
    assert plain.choice is None
    options = written(file, {"question": "q", "shown": [1, 0], "log_probabilities": [-0.1, -2.3]})
    assert read_rows(options, OptionRow) == [OptionRow("q", (1, 0), (-0.1, -2.3))]
    labels = written(file, {"item": "i", "annotator": "ann", "label": "supported"})
    assert read_rows(labels, LabelRow) == [LabelRow("i", "ann", "supported")]


@pytest.mark.parametrize(
    ("kind", "row", "field"),
    [
        (PairRow, {"pair": "a", "swapped": False, "choice": "third"}, "choice"),
        (PairRow, {"swapped": False, "choice": "tie"}, "pair"),
        (OptionRow, {"question": "q", "shown": [0], "log_probabilities": ["low"]}, "log_probabilities.0"),
        (LabelRow, {"item": "i", "annotator": "ann", "label": 3}, "label"),
    ],
)
def test_a_row_that_is_none_is_named_with_its_field(tmp_path, kind, row, field):
    file = written(tmp_path / "rows.jsonl", row)
    with pytest.raises(MalformedRecord, match=f"rows.jsonl row 1: {field}: "):
        read_rows(file, kind)


def test_a_file_without_rows_or_without_a_file_is_refused(tmp_path):
    with pytest.raises(MalformedRecord, match="no rows"):
        read_rows(written(tmp_path / "empty.jsonl"), PairRow)
    with pytest.raises(SourceUnavailable):
        read_rows(tmp_path / "missing.jsonl", PairRow)
