"""pincite as a LlamaIndex retriever, so that a collection can serve any LlamaIndex query engine or agent."""

from llama_index.core.async_utils import asyncio_run
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.assistant import Assistant
from rag.types import Paper, RankedPaper


class PinciteRetriever(BaseRetriever):
    """Retrieves whole abstracts as nodes, scored by their probability of being relevant.

    Node ids are paper ids; the bibliographic fields are node metadata; the title is put before the
    abstract in what a model reads. Nothing touches LlamaIndex's global Settings.

    Args:
        assistant: an open one, see `rag.build.open_assistant`.
        top_k: papers to return, best first.
    """

    def __init__(self, assistant: Assistant, top_k: int) -> None:
        super().__init__()
        self._assistant = assistant
        self._top_k = top_k

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = await self._assistant.search(query_bundle.query_str, self._top_k)
        found = [(hit, await self._assistant.paper(hit.paper_id)) for hit in hits]
        return [_node(hit, paper) for hit, paper in found if paper is not None]

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        nodes: list[NodeWithScore] = asyncio_run(self._aretrieve(query_bundle))
        return nodes


def _node(hit: RankedPaper, paper: Paper) -> NodeWithScore:
    known = {
        "title": paper.title,
        "authors": ", ".join(paper.authors),
        "venue": paper.venue,
        "year": paper.year,
        "url": paper.url,
    }
    metadata = {key: value for key, value in known.items() if value}
    hidden = [key for key in metadata if key != "title"]
    unread = {"excluded_llm_metadata_keys": hidden, "excluded_embed_metadata_keys": hidden}
    node = TextNode(id_=paper.paper_id, text=paper.abstract, metadata=metadata, **unread)
    return NodeWithScore(node=node, score=hit.score)
