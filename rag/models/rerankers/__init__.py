"""What scores a query and a text together: `build_reranker` makes what `reranker.name` names.

A class takes what stands behind the slash and the section of the settings, keeps the promises of
`rag.ports.Reranker`, and is registered here.
"""

RERANKERS = {
    "none": "rag.models.rerankers.batch_reranker:no_reranker",
    "onnx/FOLDER": "rag.models.rerankers.onnx_reranker:OnnxReranker",
    "fastembed/MODEL": "rag.models.rerankers.fastembed_reranker:FastembedReranker",
    "litellm/MODEL": "rag.models.rerankers.litellm_reranker:LitellmReranker",
}
PLUGINS = "pincite.rerankers"
