"""What is no question to a collection: it is told what to ask."""

from rag.kinds.abstention import none_passes
from rag.kinds.base import AnswerKind
from rag.selection.selection import Findings, Selection

INVITATION = "Ask about the papers of this collection: a topic, a method, a number."


class OtherKind(AnswerKind):
    """Small talk and asides."""

    name = "other"

    async def findings(self, selection: Selection) -> Findings:  # noqa: ARG002 - whatever was found
        """Nothing."""
        return Findings()

    def abstention(self, selection: Selection, near: bool) -> str:  # noqa: ARG002 - as above
        """An invitation."""
        return none_passes(selection) or INVITATION
