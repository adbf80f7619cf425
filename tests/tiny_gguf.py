"""Write GGUF models of a few megabytes that llama.cpp runs and whose reply is known beforehand.

Llamas whose attention and feed-forward weights are zero, so that the next token depends on the last one
alone: token embeddings are unit vectors, and the output matrix says which token follows which.
"""

import struct
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

SAID = "hyperbolas."
"""What the model says: no character twice, for the next one depends on the last alone."""

WIDTH = 320
BYTES = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]  # stand for themselves
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def write_tiny_gguf(path: Path, *, endless: bool = False, layers: int = 1) -> Path:
    """Write the model that answers `SAID`, or says it again and again if ``endless``."""
    tokens = [*_byte_tokens(), *SPECIAL, "Ġt"]
    tensors = _tensors(len(tokens), _transitions(tokens, endless), layers)
    body = b"".join(_field(name, value) for name, value in _metadata(tokens, layers).items())
    header = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(_metadata(tokens, layers))) + body
    listing, blobs, offset = b"", b"", 0
    for name, values in tensors.items():
        shape = values.shape[::-1]
        listing += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        blobs += values.astype("<f4").tobytes()
        blobs += b"\0" * (-len(blobs) % 32)
        offset = len(blobs)
    head = header + listing
    path.write_bytes(head + b"\0" * (-len(head) % 32) + blobs)
    return path


def _byte_tokens() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes."""
    others = iter(range(256, 512))
    return [chr(byte) if byte in BYTES else chr(next(others)) for byte in range(256)]


def _transitions(tokens: list[str], endless: bool) -> Iterable[tuple[int, int]]:
    end = " " if endless else None
    said = [*SAID, *([end] if end else [])]
    path = [ord("\n"), *map(ord, said), ord(SAID[0]) if endless else tokens.index("<|im_end|>")]
    return list(pairwise(path))


def _tensors(vocabulary: int, transitions: Iterable[tuple[int, int]], layers: int) -> dict[str, Any]:
    embedding = np.eye(vocabulary, WIDTH)
    output = np.zeros((vocabulary, WIDTH))
    for last, following in transitions:
        output[following, last] = 10
    square, up = np.zeros((WIDTH, WIDTH)), np.zeros((2 * WIDTH, WIDTH))
    tensors = {"token_embd.weight": embedding, "output.weight": output, "output_norm.weight": np.ones(WIDTH)}
    for layer in range(layers):
        block = f"blk.{layer}."
        tensors |= {f"{block}attn_{name}.weight": square for name in ("q", "k", "v", "output")}
        tensors |= {
            f"{block}ffn_gate.weight": up,
            f"{block}ffn_up.weight": up,
            f"{block}ffn_down.weight": up.T,
        }
        tensors |= {f"{block}attn_norm.weight": np.ones(WIDTH), f"{block}ffn_norm.weight": np.ones(WIDTH)}
    return tensors


def _metadata(tokens: list[str], layers: int) -> Mapping[str, Any]:
    kinds = [3 if token in SPECIAL else 1 for token in tokens]  # control, normal
    return {
        "general.architecture": "llama",
        "llama.block_count": layers,
        "llama.context_length": 8192,
        "llama.embedding_length": WIDTH,
        "llama.feed_forward_length": 2 * WIDTH,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 4,
        "llama.rope.dimension_count": WIDTH // 4,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.merges": ["Ġ t"],
        "tokenizer.ggml.bos_token_id": tokens.index("<|endoftext|>"),
        "tokenizer.ggml.eos_token_id": tokens.index("<|im_end|>"),
        "tokenizer.chat_template": TEMPLATE,
    }


def _field(name: str, value: Any) -> bytes:
    """A key with its type and value; 4 = uint32, 5 = int32, 6 = float32, 8 = string, 9 = array."""
    if isinstance(value, str):
        return _string(name) + struct.pack("<I", 8) + _string(value)
    if isinstance(value, float):
        return _string(name) + struct.pack("<If", 6, value)
    if isinstance(value, int):
        return _string(name) + struct.pack("<II", 4, value)
    texts = isinstance(value[0], str)
    items = b"".join(_string(item) if texts else struct.pack("<i", item) for item in value)
    return _string(name) + struct.pack("<IIQ", 9, 8 if texts else 5, len(value)) + items


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw
