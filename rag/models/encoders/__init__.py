"""What turns text into vectors or terms: `build_encoder` makes what `encoder.name` names.

A class takes what stands behind the slash and the section of the settings, keeps the promises of
`rag.ports.Encoder`, and is registered here.
"""

ENCODERS = {
    "minilm": "rag.models.encoders.onnx_encoder:shipped_encoder",
    "onnx/FOLDER": "rag.models.encoders.onnx_encoder:OnnxEncoder",
    "fastembed/MODEL": "rag.models.encoders.fastembed_encoder:FastembedEncoder",
    "litellm/MODEL": "rag.models.encoders.litellm_encoder:LitellmEncoder",
}
PLUGINS = "pincite.encoders"
