"""Turn the trained support classifier into ONNX: the shipped int8 graph and, if asked for, its fp32 twin.

    python models/export_support.py CHECKPOINT TARGET [--fp32 FILE]

CHECKPOINT is the ``.npz`` that ``evals/support/train.py`` writes, named as in the encoder's safetensors plus
the head; TARGET receives ``model.onnx``. The layers are built and quantised as those of the encoder
(``models/export_minilm.py``): int8 with smoothed channels and one scale a token. The head is not rounded, but
its great matrix is kept in half precision.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from models import export_minilm as minilm

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
CLASSES = 3
LONGEST = 128
"""Tokens of a text; the positions after it were never trained here and are left out."""


def embeddings(graph: minilm.Graph, weights: minilm.Weights) -> str:
    """Append words plus positions plus what the second text's tokens have more, normalised."""
    types = weights["embeddings.token_type_embeddings.weight"]
    steps = graph.constant("types.table", types - types[0])
    kinds = graph.add("Gather", [steps, "token_type_ids"], "types")
    positions = weights["embeddings.position_embeddings.weight"][:LONGEST] + types[0]
    start = graph.constant("start", np.array([0], np.int64))
    length = graph.add("Shape", ["input_ids"], "length", start=1)
    table = graph.constant("positions.table", positions)
    place = graph.add("Slice", [table, start, length, start], "positions")
    found = minilm.words(graph, weights["embeddings.word_embeddings.weight"])
    total = graph.add("Add", [graph.add("Add", [found, place], "placed"), kinds], "embedded")
    name = "embeddings.LayerNorm"
    gain = [graph.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
    return graph.add("LayerNormalization", [total, *gain], "hidden", axis=-1, epsilon=minilm.EPSILON)


def mean_of(graph: minilm.Graph, hidden: str, kept: str, name: str) -> str:
    """Append the mean of the token rows that KEPT (batch x tokens, 0 or 1) marks."""
    last = graph.constant("last", np.array([-1], np.int64))
    second = graph.constant("second", np.array([1], np.int64))
    marks = graph.add("Unsqueeze", [kept, last], f"{name}.marks")
    total = graph.add(
        "ReduceSum", [graph.add("Mul", [hidden, marks], f"{name}.rows"), second], f"{name}.sum", keepdims=0
    )
    count = graph.add("ReduceSum", [marks, second], f"{name}.count", keepdims=0)
    return graph.add("Div", [total, count], name)


def head(graph: minilm.Graph, weights: minilm.Weights, hidden: str) -> str:
    """Append the classifier over the first token and the means of both texts, and how they differ."""
    mask = graph.add("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    evidence = graph.add("Cast", ["token_type_ids"], "evidence.tokens", to=TensorProto.FLOAT)
    statement = graph.add("Sub", [mask, evidence], "statement.tokens")
    left = mean_of(graph, hidden, statement, "statement")
    right = mean_of(graph, hidden, evidence, "evidence")
    zeroth = graph.add("Gather", [hidden, graph.constant("start", np.array([0], np.int64))], "zeroth", axis=1)
    first = graph.add("Squeeze", [zeroth, graph.constant("second", np.array([1], np.int64))], "first")
    gap = graph.add("Abs", [graph.add("Sub", [left, right], "gap.signed")], "gap")
    both = graph.add("Mul", [left, right], "both")
    joined = graph.add("Concat", [first, left, right, gap, both], "joined", axis=-1)
    half = graph.constant("hidden.weight", weights["hidden.weight"].astype(np.float16))
    inner = [graph.add("Cast", [half], "hidden.wide", to=TensorProto.FLOAT)]
    inner.append(graph.constant("hidden.bias", weights["hidden.bias"]))
    outer = [graph.constant(f"out.{part}", weights[f"out.{part}"]) for part in ("weight", "bias")]
    felt = graph.add("Gemm", [joined, *inner], "felt", transB=1)
    felt = graph.add("Gelu", [felt], "gelu", minilm.MICROSOFT)
    return graph.add("Gemm", [felt, *outer], "logits", transB=1)


def build(weights: minilm.Weights, smooth: minilm.Weights | None = None) -> onnx.ModelProto:
    """Return the whole classifier: fp32, or int8 if the smoothing constants are given."""
    graph = minilm.Graph(smooth)
    hidden = embeddings(graph, weights)
    graph.add("Cast", ["attention_mask"], "visible", to=TensorProto.INT32)
    for layer in range(minilm.LAYERS):
        hidden = minilm.encoder_layer(graph, weights, layer, hidden)
    head(graph, weights, hidden)
    axes = ["batch", "sequence"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, axes) for name in INPUTS]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", CLASSES])
    body = helper.make_graph(graph.nodes, "support", inputs, [output], list(graph.constants.values()))
    versions = [helper.make_opsetid("", minilm.OPSET), helper.make_opsetid(minilm.MICROSOFT, 1)]
    return helper.make_model(
        body, opset_imports=versions, ir_version=minilm.IR_VERSION, producer_name="pincite"
    )


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path, help="the .npz of evals/support/train.py")
    parser.add_argument("target", type=Path, help="folder for model.onnx")
    parser.add_argument("--fp32", type=Path, help="also write the fp32 graph to this file")
    arguments = parser.parse_args()
    with np.load(arguments.checkpoint) as stored:
        weights = {name: stored[name] for name in stored.files}
    if arguments.fp32:
        onnx.save(build(weights), arguments.fp32)
    peaks = minilm.channel_peaks(minilm.build(weights))
    onnx.save(build(weights, minilm.smoothing(weights, peaks)), arguments.target / "model.onnx")


if __name__ == "__main__":
    main()
