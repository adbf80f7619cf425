"""Citation marks in plain text: what is said, and which numbers each sentence cites."""

import pytest

from rag.writing.reply_parser import parse

CASES = [
    # one mark
    ("Quest is fast [1].", [("Quest is fast.", [1])]),
    ("Quest is fast. [1]", [("Quest is fast.", [1])]),
    ("Quest is fast.[1]", [("Quest is fast.", [1])]),
    ("Quest is fast[1].", [("Quest is fast.", [1])]),
    ("Quest is fast [12].", [("Quest is fast.", [12])]),
    ("Quest is fast", [("Quest is fast", [])]),
    ("Quest is fast [1]", [("Quest is fast", [1])]),
    ("Quest [1] is fast.", [("Quest is fast.", [1])]),
    ("[1] Quest is fast.", [("Quest is fast.", [1])]),
    ("Is Quest fast [1]? It is [2]!", [("Is Quest fast?", [1]), ("It is!", [2])]),
    # several marks in one sentence
    ("Both are fast [1, 2].", [("Both are fast.", [1, 2])]),
    ("Both are fast [1,2].", [("Both are fast.", [1, 2])]),
    ("Both are fast [1; 2].", [("Both are fast.", [1, 2])]),
    ("Both are fast [1 and 2].", [("Both are fast.", [1, 2])]),
    ("Both are fast [1][2].", [("Both are fast.", [1, 2])]),
    ("Both are fast [1] [2].", [("Both are fast.", [1, 2])]),
    ("Quest [1] and ClusterKV [2] are fast.", [("Quest and ClusterKV are fast.", [1, 2])]),
    ("All are fast [1-3].", [("All are fast.", [1, 2, 3])]),
    ("All are fast [1–3].", [("All are fast.", [1, 2, 3])]),
    ("All are fast [1-3, 5].", [("All are fast.", [1, 2, 3, 5])]),
    ("All are fast [1, 2, and 4].", [("All are fast.", [1, 2, 4])]),
    ("Quest is fast [1][1].", [("Quest is fast.", [1])]),
    ("Quest is fast [1, 1].", [("Quest is fast.", [1])]),
    ("Quest [1] is fast [1].", [("Quest is fast.", [1])]),
    ("Four are fast [1][2][3][4].", [("Four are fast.", [1, 2, 3, 4])]),
    ("They disagree [3-1].", [("They disagree.", [3, 1])]),
    # after the full stop, and more sentences
    ("Quest is fast. [1] ClusterKV is slow. [2]", [("Quest is fast.", [1]), ("ClusterKV is slow.", [2])]),
    ("Quest is fast.[1] ClusterKV is slow.[2]", [("Quest is fast.", [1]), ("ClusterKV is slow.", [2])]),
    ("Quest is fast. [1][2] It is new.", [("Quest is fast.", [1, 2]), ("It is new.", [])]),
    ("Quest is fast. [1, 2] It is new [3].", [("Quest is fast.", [1, 2]), ("It is new.", [3])]),
    ("Quest is fast [1]. [2] It is new.", [("Quest is fast.", [1, 2]), ("It is new.", [])]),
    ("Quest is fast. It is new [1].", [("Quest is fast.", []), ("It is new.", [1])]),
    # lines, lists, tables
    ("Quest is fast [1].\nClusterKV is slow [2].", [("Quest is fast.", [1]), ("ClusterKV is slow.", [2])]),
    ("Quest is fast [1].\n\nIt is new [2].", [("Quest is fast.", [1]), ("It is new.", [2])]),
    ("- Quest is fast [1]\n- ClusterKV is slow [2]", [("Quest is fast", [1]), ("ClusterKV is slow", [2])]),
    ("* Quest is fast. [1]", [("Quest is fast.", [1])]),
    ("1. Quest is fast [1]\n2. It is new [2]", [("Quest is fast", [1]), ("It is new", [2])]),
    ("1) Quest is fast [3]", [("Quest is fast", [3])]),
    ("Two are fast:\n- Quest [1]\n- ClusterKV [2]", [("Quest", [1]), ("ClusterKV", [2])]),
    ("# Speed\nQuest is fast [1].", [("Quest is fast.", [1])]),
    ("| name | speed |\n|---|---|\n| Quest | fast [1] |", [("Quest — fast", [1])]),
    ("**Quest** is *fast* [1].", [("Quest is fast.", [1])]),
    # numbers that are no citations, and citations of nothing
    ("Quest is fast [0].", [("Quest is fast.", [0])]),
    ("Quest is fast [99].", [("Quest is fast.", [99])]),
    ("Quest is fast (1).", [("Quest is fast (1).", [])]),
    ("Quest took 7.03 s [1].", [("Quest took 7.03 s.", [1])]),
    ("The interval is [0.1, 0.3].", [("The interval is [0.1, 0.3].", [])]),
    ("The set [a, b] is small [1].", [("The set [a, b] is small.", [1])]),
    ("The array x[i] grows [1].", [("The array x[i] grows.", [1])]),
    ("Quest [sic] is fast [2].", [("Quest [sic] is fast.", [2])]),
    ("See e.g. Quest, which is fast [1].", [("See e.g. Quest, which is fast.", [1])]),
    ("Quest is fast [^1].", [("Quest is fast.", [1])]),
    ("Quest is fast 【1】.", [("Quest is fast.", [1])]),
    ("Quest is fast 【1†source】.", [("Quest is fast.", [1])]),
    ("Quest is fast [12345].", [("Quest is fast [12345].", [])]),
    # what is no statement
    ("", []),
    ("[1]", []),
    ("\n\n", []),
    ("<think>[1] is best.</think>Quest is fast [2].", [("Quest is fast.", [2])]),
    ('{"statements": [{"text": "Quest is fast.", "citations": [1, 2]}]}', [("Quest is fast.", [1, 2])]),
]


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text[:40] or "nothing" for text, _ in CASES])
def test_every_sentence_is_read_with_the_numbers_it_cites(text, wanted):
    read = [(draft.text, [mark.number for mark in draft.marks]) for draft in parse(text)]
    assert read == wanted


def test_the_table_is_as_long_as_promised():
    assert len({text for text, _ in CASES}) >= 50
