"""The kinds of answers: a row and a class each, and nothing else to touch for a new one."""

import re

import pytest
from collection import LANTERN, open_small

from rag.kinds import kind_class
from rag.kinds.base import AnswerKind
from rag.question.answer_kinds import KINDS, KindTraits

TITLES = """
from rag.kinds.base import AnswerKind
from rag.selection.selection import Findings

class TitleKind(AnswerKind):
    name = "title"

    async def findings(self, selection):
        first, _ = selection.ranked[0]
        return Findings((first.titled_quotation(first.sentences[0]),), note="One title.")
"""


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_a_class_of_its_name(name):
    assert issubclass(kind_class(name), AnswerKind)
    assert kind_class(name).name == name
    assert KINDS[name].wanted


async def test_a_new_kind_is_one_file_and_one_row(tmp_path, monkeypatch):
    (tmp_path / "title_kind.py").write_text(TITLES)
    monkeypatch.syspath_prepend(tmp_path)
    asked = re.compile("^what is the title of", re.IGNORECASE)
    monkeypatch.setitem(KINDS, "title", KindTraits("title_kind:TitleKind", asked=asked))
    answer = await (await open_small()).ask("What is the title of the paper on cache compression in keys?")
    assert (answer.kind, answer.abstained, answer.note) == ("title", False, "One title.")
    assert answer.statements[0].text.startswith(LANTERN.title)
