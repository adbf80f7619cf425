"""Export all-MiniLM-L6-v2 from safetensors to ONNX, in fp32 and in int8.

    python models/export_minilm.py SOURCE TARGET [--fp32 FP32.onnx]

SOURCE holds ``model.safetensors`` and ``tokenizer.json``; TARGET receives ``model.onnx`` (int8) and ``tokenizer.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

LAYERS = 6
HEADS = 12
WIDTH = 384
INNER = 1536
EPSILON = 1e-12
OPSET = 17


class Attention(nn.Module):
    """Multi-head self-attention; the attribute names are those of the checkpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        """Mix every token with those that BIAS leaves visible."""
        batch, length = hidden.shape[0], hidden.shape[1]

        def heads(tensor: Tensor) -> Tensor:
            return tensor.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)

        query, key, value = heads(self.query(hidden)), heads(self.key(hidden)), heads(self.value(hidden))
        scores = query @ key.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + bias
        mixed = torch.softmax(scores, dim=-1) @ value
        return mixed.transpose(1, 2).reshape(batch, length, WIDTH)


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.attention_output = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.intermediate = nn.Linear(WIDTH, INNER)
        self.output = nn.Linear(INNER, WIDTH)
        self.output_norm = nn.LayerNorm(WIDTH, eps=EPSILON)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        hidden = self.attention_norm(hidden + self.attention_output(self.attention(hidden, bias)))
        inner = functional.gelu(self.intermediate(hidden))
        return self.output_norm(hidden + self.output(inner))


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30522, WIDTH)
        self.positions = nn.Embedding(512, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        bias = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * -10000.0
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = self.norm(self.words(input_ids) + self.positions(positions))
        for layer in self.layers:
            hidden = layer(hidden, bias)
        return hidden


RENAMES = (
    ("embeddings.word_embeddings.", "words."),
    ("embeddings.position_embeddings.", "positions."),
    ("embeddings.LayerNorm.", "norm."),
    ("encoder.layer.", "layers."),
    ("attention.self.", "attention."),
    ("attention.output.dense.", "attention_output."),
    ("attention.output.LayerNorm.", "attention_norm."),
    ("intermediate.dense.", "intermediate."),
    ("output.dense.", "output."),
    ("output.LayerNorm.", "output_norm."),
)


def rename(name: str) -> str:
    for old, new in RENAMES:
        name = name.replace(old, new)
    return name


def load(source: Path) -> Encoder:
    weights = {rename(n): w for n, w in load_file(source / "model.safetensors").items()}
    types = weights.pop("embeddings.token_type_embeddings.weight")
    weights["positions.weight"] = weights["positions.weight"] + types[0]
    for n in ("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias"):
        weights.pop(n, None)
    encoder = Encoder()
    encoder.load_state_dict(weights)
    return encoder.eval()


def export_fp32(encoder: Encoder, target: Path) -> None:
    ids = torch.ones((2, 7), dtype=torch.int64)
    torch.onnx.export(
        encoder, (ids, ids), str(target), dynamo=False, opset_version=OPSET,
        input_names=["input_ids", "attention_mask"], output_names=["last_hidden_state"],
        dynamic_axes={n: {0: "batch", 1: "sequence"} for n in ("input_ids", "attention_mask", "last_hidden_state")},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--fp32", type=Path, required=True)
    a = parser.parse_args()
    export_fp32(load(a.source), a.fp32)
    quantize_dynamic(a.fp32, a.target / "model.onnx", weight_type=QuantType.QInt8, per_channel=True)
    t = json.loads((a.source / "tokenizer.json").read_text("utf-8"))
    t["truncation"] = t["padding"] = None
    (a.target / "tokenizer.json").write_text(json.dumps(t, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
