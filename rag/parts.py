"""What an assistant is built from."""

from dataclasses import dataclass

from rag.ports import Encoder, Reranker, Store, TermEncoder
from rag.retrieval.relevance import RelevanceModel
from rag.selection.pinpoint import AnswerModel
from rag.settings import Settings
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
