"""What an assistant is built from."""

from dataclasses import dataclass, field

from rag.ports import Encoder, Reranker, Store, TermEncoder
from rag.retrieval.relevance import RelevanceModel
from rag.selection.pinpoint import AnswerModel
from rag.settings import Settings
from rag.verification.disagreement import Arbiter
from rag.writing.query_rewriter import Rewriter
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
    arbiter: Arbiter = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "arbiter", Arbiter(self.terms))
