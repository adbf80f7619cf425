"""Turn the all-MiniLM-L6-v2 checkpoint into ONNX: the shipped int8 graph and, if asked for, its fp32 twin.

    python models/all-MiniLM-L6-v2/export.py SOURCE TARGET [--fp32 FILE]

SOURCE holds ``model.safetensors`` and ``tokenizer.json``; TARGET receives ``model.onnx`` (int8) and
``tokenizer.json``. Needs onnx, onnxruntime, safetensors and numpy; no torch. Two runs with the same versions
of these write the same bytes.

How the int8 graph differs from that of ``onnxruntime.quantization.quantize_dynamic``: every token has a scale
of its own, so a vector does not depend on the other texts or the padding of its batch; and each input channel
of a matrix product is divided by a constant that its weights are multiplied with (SmoothQuant, Xiao et al.
2023), so that the few channels with outliers do not set the scale for all. The constants come from running
the fp32 graph on random tokens.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

Floats = NDArray[np.float32]
Weights = dict[str, Floats]

LAYERS, HEADS, WIDTH, LONGEST = 6, 12, 384, 512
EPSILON = 1e-12
OPSET, IR_VERSION = 17, 8
MICROSOFT = "com.microsoft"
WEIGHT_LEVELS = 127
# Not 127: processors without VNNI add pairs of uint8 x int8 products in 16 bits, which would overflow.
TOKEN_LEVELS = 96
SMOOTHING = 0.6
FIRST_WORD, CLS, SEP = 1996, 101, 102
SITES = {
    "attention": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "mixed": ("attention.output.dense",),
    "inner": ("intermediate.dense",),
    "outer": ("output.dense",),
}


@dataclass
class Graph:
    """An ONNX graph in the making; every tensor is known by its name."""

    smooth: Weights | None = None
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Store VALUE under NAME, once."""
        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:  # noqa: ANN401 (as onnx has it)
        """Append one operator and name its output."""
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output


@dataclass(frozen=True)
class Entered:
    """The input of a matrix product: the tensor and, in int8, the scale of each token."""

    tensor: str
    scale: str | None = None


def channel_scales(weight: Floats) -> Floats:
    """Return the int8 step of every column."""
    peaks: Floats = np.abs(weight).max(axis=0, keepdims=True)
    return np.divide(np.maximum(peaks, np.float32(1e-9)), np.float32(WEIGHT_LEVELS)).astype(np.float32)


def enter(graph: Graph, site: str, hidden: str) -> Entered:
    """Prepare HIDDEN for the products at SITE: smooth it and round it to int8 token by token."""
    if graph.smooth is None:
        return Entered(graph.add("Identity", [hidden], site))
    smooth = graph.constant(f"{site}.smooth", 1 / graph.smooth[site])
    even = graph.add("Mul", [hidden, smooth], f"{site}.even")
    magnitude = graph.add("Abs", [even], f"{site}.abs")
    peak = graph.add("ReduceMax", [magnitude], f"{site}.peak", axes=[-1], keepdims=1)
    scale = graph.add("Max", [peak, graph.constant("tiny", np.array(1e-9, np.float32))], f"{site}.scale")
    unit = graph.add("Div", [even, scale], f"{site}.unit")
    return Entered(graph.add("QuantizeLinear", [unit, *token_grid(graph)], f"{site}.int8"), scale)


def token_grid(graph: Graph) -> tuple[str, str]:
    """Name the constant step and zero point of every rounded token."""
    step = graph.constant("step", np.array(1 / TOKEN_LEVELS, np.float32))
    return step, graph.constant("zero", np.array(TOKEN_LEVELS, np.uint8))


def product(graph: Graph, site: str, entered: Entered, name: str, weight: Floats) -> str:
    """Multiply what entered at SITE with WEIGHT (inputs x outputs)."""
    if graph.smooth is None or entered.scale is None:
        return graph.add("MatMul", [entered.tensor, graph.constant(f"{name}.weight", weight)], name)
    weight = weight * graph.smooth[site][:, None]
    scales = channel_scales(weight)
    rounded = graph.constant(f"{name}.weight", np.rint(weight / scales).astype(np.int8))
    step, zero = token_grid(graph)
    inputs = [entered.tensor, rounded, step, graph.constant(f"{name}.scales", scales[0]), zero]
    even = graph.add("MatMulIntegerToFloat", inputs, f"{name}.even", MICROSOFT)
    return graph.add("Mul", [even, entered.scale], name)


def layer_products(graph: Graph, weights: Weights, layer: int, site: str, hidden: str) -> list[str]:
    """Send HIDDEN through all the products of one site; biases are left to the next operator."""
    place = f"{layer}.{site}"
    entered = enter(graph, place, hidden)
    names = [f"encoder.layer.{layer}.{part}" for part in SITES[site]]
    return [product(graph, place, entered, name, weights[f"{name}.weight"].T) for name in names]


def layer_biases(weights: Weights, layer: int, site: str) -> Floats:
    """Return the biases of one site, joined."""
    return np.concatenate([weights[f"encoder.layer.{layer}.{part}.bias"] for part in SITES[site]])


def normalise(graph: Graph, weights: Weights, layer: int, site: str, tensors: list[str]) -> str:
    """Add the site's output and bias to the residual and normalise."""
    name = f"encoder.layer.{layer}.{SITES[site][0].replace('dense', 'LayerNorm')}"
    gain = [graph.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
    bias = graph.constant(f"{layer}.{site}.bias", layer_biases(weights, layer, site))
    inputs = [*tensors, *gain, bias]
    return graph.add("SkipLayerNormalization", inputs, f"{name}.out", MICROSOFT, epsilon=EPSILON)


def encoder_layer(graph: Graph, weights: Weights, layer: int, hidden: str) -> str:
    """Append one transformer layer."""
    heads = layer_products(graph, weights, layer, "attention", hidden)
    bias = graph.constant(f"{layer}.attention.bias", layer_biases(weights, layer, "attention"))
    inputs = [*heads, bias, "visible"]
    mixed = graph.add("MultiHeadAttention", inputs, f"{layer}.heads", MICROSOFT, num_heads=HEADS)
    (mixed,) = layer_products(graph, weights, layer, "mixed", mixed)
    hidden = normalise(graph, weights, layer, "mixed", [mixed, hidden])
    (inner,) = layer_products(graph, weights, layer, "inner", hidden)
    bias = graph.constant(f"{layer}.inner.bias", layer_biases(weights, layer, "inner"))
    inner = graph.add("BiasGelu", [inner, bias], f"{layer}.gelu", MICROSOFT)
    (outer,) = layer_products(graph, weights, layer, "outer", inner)
    return normalise(graph, weights, layer, "outer", [outer, hidden])


def words(graph: Graph, table: Floats) -> str:
    """Look the tokens up; in int8 every row of the table has a scale of its own."""
    if graph.smooth is None:
        return graph.add("Gather", [graph.constant("words.table", table), "input_ids"], "words")
    scales = channel_scales(table.T).T
    rounded = graph.constant("words.table", np.rint(table / scales).astype(np.int8))
    found = graph.add("Gather", [rounded, "input_ids"], "words.int8")
    found = graph.add("Cast", [found], "words.float", to=TensorProto.FLOAT)
    scale = graph.add("Gather", [graph.constant("words.scales", scales), "input_ids"], "words.scale")
    return graph.add("Mul", [found, scale], "words")


def embeddings(graph: Graph, weights: Weights) -> str:
    """Append words plus positions, normalised; the type of all tokens, zero, is folded into the positions."""
    positions, kinds = (f"embeddings.{each}_embeddings.weight" for each in ("position", "token_type"))
    table = weights[positions] + weights[kinds][0]
    shape = graph.add("Shape", ["input_ids"], "length", start=1)
    start = graph.constant("start", np.array([0], np.int64))
    place = graph.add("Slice", [graph.constant("positions.table", table), start, shape, start], "positions")
    total = graph.add("Add", [words(graph, weights["embeddings.word_embeddings.weight"]), place], "embedded")
    name = "embeddings.LayerNorm"
    gain = [graph.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
    return graph.add("LayerNormalization", [total, *gain], "hidden", axis=-1, epsilon=EPSILON)


def build(weights: Weights, smooth: Weights | None = None) -> onnx.ModelProto:
    """Return the whole encoder: fp32, or int8 if the smoothing constants are given."""
    graph = Graph(smooth)
    hidden = embeddings(graph, weights)
    graph.add("Cast", ["attention_mask"], "visible", to=TensorProto.INT32)
    for layer in range(LAYERS):
        hidden = encoder_layer(graph, weights, layer, hidden)
    graph.add("Identity", [hidden], "last_hidden_state")
    axes, describe = ["batch", "sequence"], helper.make_tensor_value_info
    inputs = [describe(name, TensorProto.INT64, axes) for name in ("input_ids", "attention_mask")]
    output = describe("last_hidden_state", TensorProto.FLOAT, [*axes, WIDTH])
    constants = list(graph.constants.values())
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, [output], constants)
    versions = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(body, opset_imports=versions, ir_version=IR_VERSION, producer_name="pincite")


def channel_peaks(model: onnx.ModelProto) -> Weights:
    """Run the fp32 graph on random tokens and return the greatest magnitude of each channel at each site."""
    sites = [f"{layer}.{site}" for layer in range(LAYERS) for site in SITES]
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend(helper.make_tensor_value_info(site, TensorProto.FLOAT, None) for site in sites)
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    tokens = np.random.default_rng(0).integers(FIRST_WORD, 30522, (32, 128))
    tokens[:, 0], tokens[:, -1] = CLS, SEP
    found = session.run(sites, {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
    return {site: np.abs(values).max(axis=(0, 1)) for site, values in zip(sites, found, strict=True)}


def smoothing(weights: Weights, peaks_by_site: Weights) -> Weights:
    """Share each channel's outliers between tokens and weights."""
    smooth: Weights = {}
    for place, peak in peaks_by_site.items():
        layer, site = place.split(".")
        rows = [np.abs(weights[f"encoder.layer.{layer}.{part}.weight"]).max(axis=0) for part in SITES[site]]
        weight_peak = np.maximum(np.max(rows, axis=0), 1e-5)
        shared = np.maximum(peak, 1e-5) ** SMOOTHING / weight_peak ** (1 - SMOOTHING)
        smooth[place] = shared.astype(np.float32)
    return smooth


def write_tokenizer(source: Path, target: Path) -> None:
    """Copy the tokenizer without its truncation and padding: those are the caller's."""
    tokenizer = json.loads(source.read_text("utf-8"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    target.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="folder with model.safetensors and tokenizer.json")
    parser.add_argument("target", type=Path, help="folder for model.onnx and tokenizer.json")
    parser.add_argument("--fp32", type=Path, help="also write the fp32 graph to this file")
    arguments = parser.parse_args()
    weights = load_file(arguments.source / "model.safetensors")
    reference = build(weights)
    if arguments.fp32:
        onnx.save(reference, arguments.fp32)
    onnx.save(build(weights, smoothing(weights, channel_peaks(reference))), arguments.target / "model.onnx")
    write_tokenizer(arguments.source / "tokenizer.json", arguments.target / "tokenizer.json")


if __name__ == "__main__":
    main()
