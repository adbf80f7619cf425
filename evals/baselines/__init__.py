"""Other ways to find papers, for comparison: one module each, imported only when it is asked for."""

from collections.abc import Mapping

BASELINES: Mapping[str, str] = {
    "bm25": "evals.baselines.bm25:Bm25",
    "dense": "evals.baselines.dense:Dense",
    "rrf": "evals.baselines.bm25:ReciprocalRankFusion",
    "llama-index": "evals.baselines.llama_index:LlamaIndex",
    "llama-index-qdrant": "evals.baselines.llama_index_qdrant:LlamaIndexQdrant",
    "haystack-bm25": "evals.baselines.haystack:HaystackBm25",
    "haystack-hybrid": "evals.baselines.haystack:HaystackHybrid",
    "paper-qa": "evals.baselines.paper_qa:sparse",
    "paper-qa-hybrid": "evals.baselines.paper_qa:hybrid",
    "txtai-bm25": "evals.baselines.txtai:TxtaiBm25",
    "txtai": "evals.baselines.txtai:Txtai",
}
"""Name to `module:factory`; the factory takes the encoder and returns an `evals.retrieval.systems.System`."""

EXTRAS: Mapping[str, str] = {
    "paper-qa": "paper-qa",
    "paper-qa-hybrid": "paper-qa",
    "txtai-bm25": "txtai",
    "txtai": "txtai",
}
"""The extra that brings a baseline's library, where it is not `baselines`."""

MOST_PAPERS: Mapping[str, int] = {"llama-index-qdrant": 20_000}
"""Collections larger than this are not put to it: it would take hours and show nothing new."""
