"""How an answer of each kind is put together: one class a kind, found by its row in `answer_kinds`."""

from importlib import import_module
from typing import TYPE_CHECKING

from rag.question.answer_kinds import KINDS

if TYPE_CHECKING:
    from rag.kinds.base import AnswerKind


def kind_class(name: str) -> type["AnswerKind"]:
    """The class of a kind; its module is loaded when the first question of the kind is asked."""
    module, _, class_name = KINDS[name].answered_by.partition(":")
    found: type[AnswerKind] = getattr(import_module(module), class_name)
    return found
