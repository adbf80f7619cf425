"""Any reranker behind litellm's `arerank`: Cohere, Jina, Voyage, or a server of one's own of that form."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from rag.errors import BadCompletion
from rag.models.llm.litellm_errors import litellm, litellm_errors, theirs
from rag.models.rerankers.scores import in_time, one_a_text
from rag.settings import RerankerSettings
from rag.untrusted.masking import know


class LitellmReranker:
    """Reranker over litellm. Nothing is asked before the first question.

    Args:
        model: litellm's model string, such as "cohere/rerank-v3.5".
        options: batch size, time limit, address and key.
    """

    def __init__(self, model: str, options: RerankerSettings) -> None:
        if options.api_key is not None:
            know([options.api_key.get_secret_value()])
        self.name = f"litellm/{model}"
        self._model = model
        self._options = options

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """A relevance score a text, in their order, requested in batches.

        Raises:
            ModelTimeout: it took longer than ``timeout_s``.
            BadCompletion: a text has no score, or not one finite score.
            ModelError: the provider failed; the class says whether trying again may help.
        """
        size = self._options.batch_size
        scores: list[float] = []
        with litellm_errors(self._model):
            # litellm's own limit does not hold for every provider.
            async with in_time(self.name, self._options.timeout_s):
                for start in range(0, len(texts), size):
                    scores += await self._request(query, texts[start : start + size])
        return scores

    async def _request(self, query: str, texts: Sequence[str]) -> list[float]:
        key = self._options.api_key
        try:
            reply = await litellm.arerank(
                model=self._model,
                query=query,
                documents=list(texts),
                top_n=len(texts),
                return_documents=False,
                timeout=self._options.timeout_s,
                api_base=self._options.api_base,
                api_key=key.get_secret_value() if key else None,
            )
        except theirs.APIConnectionError as exc:
            # litellm says of a reply that lacks a field that there was no connection.
            if isinstance(exc.__context__, ValidationError):
                raise BadCompletion(f"reranker {self.name!r} sent no scores", str(exc)) from exc
            raise
        return one_a_text(self.name, self._in_order(reply, len(texts)), len(texts))

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
