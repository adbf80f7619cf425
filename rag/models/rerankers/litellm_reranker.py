"""Any reranker behind litellm's `arerank`: Cohere, Jina, Voyage, or a server of one's own of that form."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from rag.errors import BadCompletion
from rag.models.llm.litellm_errors import litellm, litellm_errors, theirs
from rag.models.llm.providers import listed
from rag.models.rerankers.batch_reranker import BatchReranker
from rag.settings import RerankerSettings
from rag.untrusted.masking import know


class LitellmReranker(BatchReranker):
    """Reranker over a litellm model string, such as "cohere/rerank-v3.5". Making it asks nothing."""

    def __init__(self, model: str, options: RerankerSettings) -> None:
        super().__init__(f"litellm/{model}", options)
        self._model = model
        self._key = options.api_key.get_secret_value() if options.api_key else None
        know([self._key] if self._key else [])

    @staticmethod
    def request_usd(model: str) -> float:
        """As litellm's bundled list says; 0 where it has no price."""
        return float(listed(model).get("input_cost_per_query") or 0)

    async def _score_batch(self, query: str, texts: Sequence[str]) -> list[float]:
        with litellm_errors(self._model):
            try:
                reply = await litellm.arerank(
                    model=self._model,
                    query=query,
                    documents=list(texts),
                    top_n=len(texts),
                    return_documents=False,
                    timeout=self._options.timeout_s,
                    api_base=self._options.api_base,
                    api_key=self._key,
                )
            except theirs.APIConnectionError as exc:
                # litellm says of a reply that lacks a field that there was no connection.
                if isinstance(exc.__context__, ValidationError):
                    raise BadCompletion(f"reranker {self.name!r} sent no scores", str(exc)) from exc
                raise
        return self._in_order(reply, len(texts))

    def _in_order(self, reply: Any, count: int) -> list[float]:  # noqa: ANN401 - litellm's loosely typed reply
        """Results come best first and perhaps not all; each says which text it is of."""
        try:
            found = {int(result["index"]): float(result["relevance_score"]) for result in reply.results}
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise BadCompletion(f"reranker {self.name!r} sent no scores", str(reply)) from exc
        if found.keys() != set(range(count)) or len(reply.results) != count:
            raise BadCompletion(
                f"reranker {self.name!r} sent {len(reply.results)} results, of the texts {sorted(found)}, "
                f"where one of each of {count} texts was expected",
                str(reply),
            )
        return [found[index] for index in range(count)]
