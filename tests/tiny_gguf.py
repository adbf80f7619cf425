"""Write GGUF models of a few megabytes that llama.cpp runs and whose reply is known beforehand.

Llamas whose attention and feed-forward weights are zero, so that the next token depends on the last one
alone: token embeddings are unit vectors, and the output matrix says which token follows which.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from gguf import GGUFWriter

SAID = "hyperbolas."
"""What the model says: no character twice, for the next one depends on the last alone."""

WIDTH = 320
BYTES = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]  # stand for themselves
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def write_tiny_gguf(path: Path, *, endless: bool = False) -> Path:
    """Write the model that answers `SAID`, or says it again and again if ``endless``."""
    others = iter(range(256, 512))
    stand_ins = [
        chr(byte) if byte in BYTES else chr(next(others)) for byte in range(256)
    ]  # as GPT-2 has them
    tokens = [*stand_ins, *SPECIAL, "Ġt"]
    following = [ord(" "), ord(SAID[0])] if endless else [tokens.index("<|im_end|>")]
    writer = GGUFWriter(path, "llama")
    _describe(writer, tokens)
    for name, values in _tensors(len(tokens), [ord("\n"), *map(ord, SAID), *following]):
        writer.add_tensor(name, values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: GGUFWriter, tokens: list[str]) -> None:
    writer.add_block_count(1)
    writer.add_context_length(8192)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(2 * WIDTH)
    writer.add_head_count(4)
    writer.add_head_count_kv(4)
    writer.add_rope_dimension_count(WIDTH // 4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in SPECIAL else 1 for token in tokens])  # control, normal
    writer.add_token_merges(["Ġ t"])
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_chat_template(TEMPLATE)


def _tensors(vocabulary: int, path: list[int]) -> Iterator[tuple[str, np.ndarray]]:
    output = np.zeros((vocabulary, WIDTH))
    for last, following in pairwise(path):
        output[following, last] = 10
    yield from {"token_embd.weight": np.eye(vocabulary, WIDTH), "output.weight": output}.items()
    yield "output_norm.weight", np.ones(WIDTH)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        yield f"blk.0.{name}.weight", np.zeros((WIDTH, WIDTH))
    for name, shape in {
        "gate": (2 * WIDTH, WIDTH),
        "up": (2 * WIDTH, WIDTH),
        "down": (WIDTH, 2 * WIDTH),
    }.items():
        yield f"blk.0.ffn_{name}.weight", np.zeros(shape)
    for name in ("attn_norm", "ffn_norm"):
        yield f"blk.0.{name}.weight", np.ones(WIDTH)
