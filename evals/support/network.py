"""MiniLM read as a cross-encoder, in torch: a statement and its evidence in one text, three logits out.

Weights have the names of the encoder's safetensors file, so that one export serves both.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
FROZEN = 2
EPSILON = 1e-12
DROPOUT = 0.1
PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mixed": "attention.output.dense",
    "mixed_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}
Weights = Mapping[str, NDArray[np.float32]]


class Layer(nn.Module):  # type: ignore[misc]
    """One layer of BERT (Devlin et al. 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mixed = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.mixed_norm, self.outer_norm = (nn.LayerNorm(WIDTH, eps=EPSILON) for _ in range(2))

    def forward(self, hidden: Tensor, visible: Tensor) -> Tensor:
        """Token rows [pairs, tokens, WIDTH] to the same; ``visible`` is [pairs, 1, 1, tokens]."""
        pairs, tokens, _ = hidden.shape
        query, key, value = (
            part(hidden).view(pairs, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=visible)
        mixed = self.mixed(mixed.transpose(1, 2).reshape(pairs, tokens, WIDTH))
        hidden = self.mixed_norm(hidden + mixed)
        inner = self.outer(functional.gelu(self.inner(hidden)))
        found: Tensor = self.outer_norm(hidden + inner)
        return found


class SupportNetwork(nn.Module):  # type: ignore[misc]
    """The cross-encoder; its head sees the first token, the means of both texts, their gap and product."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.words, self.positions, self.types = (
            nn.Parameter(_tensor(weights, f"embeddings.{name}_embeddings.weight"), requires_grad=False)
            for name in ("word", "position", "token_type")
        )
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        _load(self.norm, weights, "embeddings.LayerNorm")
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        for number, layer in enumerate(self.layers):
            for part, name in PARTS.items():
                _load(getattr(layer, part), weights, f"encoder.layer.{number}.{name}")
        for part in (self.norm, *self.layers[:FROZEN]):
            part.requires_grad_(requires_grad=False)
        self.hidden, self.out = nn.Linear(5 * WIDTH, WIDTH), nn.Linear(WIDTH, 3)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """Logits [pairs, 3] of ids, mask and types [pairs, tokens]; type 1 marks the evidence."""
        visible = mask.bool()[:, None, None, :]
        with torch.no_grad():
            hidden = self.norm(self.words[ids] + self.positions[: ids.shape[1]] + self.types[types])
            for layer in self.layers[:FROZEN]:
                hidden = layer(hidden, visible)
        for layer in self.layers[FROZEN:]:
            hidden = layer(hidden, visible)
        statement, evidence = _mean(hidden, mask * (1 - types)), _mean(hidden, mask * types)
        gap, both = (statement - evidence).abs(), statement * evidence
        joined = torch.cat([hidden[:, 0], statement, evidence, gap, both], dim=-1)
        logits: Tensor = self.out(self.dropout(functional.gelu(self.hidden(joined))))
        return logits


def named_weights(network: SupportNetwork) -> dict[str, NDArray[np.float32]]:
    """All weights by the names of the safetensors file, the head's as `hidden` and `out`."""
    found = {
        f"embeddings.{name}_embeddings.weight": table
        for name, table in (
            ("word", network.words),
            ("position", network.positions),
            ("token_type", network.types),
        )
    }
    modules = {"embeddings.LayerNorm": network.norm, "hidden": network.hidden, "out": network.out}
    for number, layer in enumerate(network.layers):
        modules |= {f"encoder.layer.{number}.{name}": getattr(layer, part) for part, name in PARTS.items()}
    for name, module in modules.items():
        found |= {f"{name}.weight": module.weight, f"{name}.bias": module.bias}
    return {name: each.detach().numpy() for name, each in found.items()}


def _mean(hidden: Tensor, kept: Tensor) -> Tensor:
    marks = kept.unsqueeze(-1).float()
    return (hidden * marks).sum(1) / marks.sum(1).clamp(min=1)


def _tensor(weights: Weights, name: str) -> Tensor:
    return torch.from_numpy(weights[name].copy())


def _load(part: nn.Module, weights: Weights, name: str) -> None:
    part.load_state_dict({end: _tensor(weights, f"{name}.{end}") for end in ("weight", "bias")})
