"""What an assistant is built from, and what its receipts say of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from rag.models.budget import Budget, Meter, Spending
from rag.ports import Encoder, Reranker, Store, TermEncoder
from rag.retrieval.relevance import RelevanceModel
from rag.selection.pinpoint import AnswerModel
from rag.settings import Settings
from rag.text.tokens import token_counter
from rag.verification.disagreement import DisagreementFinder
from rag.writing.query_rewriting import Rewriter
from rag.writing.writer import Writer


@dataclass(frozen=True, slots=True)
class Parts:
    """What an assistant is built from; ``reranking_usd`` is the most that one reranking may cost."""

    settings: Settings
    store: Store
    encoder: Encoder
    terms: TermEncoder
    relevance: RelevanceModel
    answers: AnswerModel
    reranker: Reranker | None = None
    writer: Writer | None = None
    rewriter: Rewriter | None = None
    reranking_usd: float = 0.0
    disagreements: DisagreementFinder = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "disagreements", DisagreementFinder(self.terms))

    def meter(self) -> Meter:
        """For one question, which may take as much as the settings allow."""
        return Meter(Spending(Budget(self.settings.model.budget_usd, self.settings.model.budget_s)))

    def token_counter(self) -> Callable[[str], int]:
        """Of the encoding that passages are cut by."""
        return token_counter(self.settings.chunk.encoding)

    def account(self, searched: int) -> dict[str, Any]:
        """What a receipt says of the collection, so many papers of which were searched, and settings."""
        name = {"name": self.settings.collection, "papers": searched}
        return {
            "collection": asdict(self.store.fingerprint) | name,
            "settings": self.settings.retrieval.model_dump(),
            "thresholds": {
                "opening": self.relevance.opening,
                "paper": self.relevance.threshold,
                "sentence": self.answers.threshold,
            },
        }
