"""A cross-encoder small enough to be written by hand: its logit is how many tokens query and text share.

The graph compares every token with every other: ``query · (ids == ids) · text``, where the masks of query and
text come of the attention mask and the token types. ONNX files are protocol buffers; the few kinds of message
needed are encoded here, so that the tests need no library for it.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from models import folder

INT64, FLOAT = 7, 1
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TOKENIZER = folder("all-MiniLM-L6-v2") / "tokenizer.json"


def write_folder(place: Path, *, width: int = 1, for_fastembed: bool = False) -> Path:
    """A model folder: `model.onnx`, with ``width`` logits a pair, and `tokenizer.json`."""
    (place / "model.onnx").write_bytes(model(width))
    shutil.copy(TOKENIZER, place / "tokenizer.json")
    if for_fastembed:
        (place / "config.json").write_text(json.dumps({"pad_token_id": 0}))
        (place / "tokenizer_config.json").write_text(
            json.dumps({"model_max_length": 512, "pad_token": "[PAD]"})
        )
        marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
        (place / "special_tokens_map.json").write_text(json.dumps(marks))
    return place


def model(width: int = 1) -> bytes:
    """The bytes of the ONNX file."""
    nodes = [
        node("Unsqueeze", ["input_ids", "last"], "column"),
        node("Unsqueeze", ["input_ids", "middle"], "row"),
        node("Equal", ["column", "row"], "same"),
        node("Cast", ["same"], "equal", number("to", FLOAT)),
        node("Mul", ["attention_mask", "token_type_ids"], "in_text"),
        node("Sub", ["attention_mask", "in_text"], "in_query"),
        node("Unsqueeze", ["in_query", "middle"], "query_row"),
        node("Cast", ["query_row"], "query", number("to", FLOAT)),
        node("Unsqueeze", ["in_text", "last"], "text_column"),
        node("Cast", ["text_column"], "text", number("to", FLOAT)),
        node("MatMul", ["query", "equal"], "matches"),
        node("MatMul", ["matches", "text"], "shared"),
        node("Squeeze", ["shared", "last"], "logit"),
        node("Concat", ["logit"] * width, "logits", number("axis", 1)),
    ]
    graph = [field(1, each) for each in nodes]
    graph.append(field(2, b"overlap"))
    graph += [field(5, integers("last", [2])), field(5, integers("middle", [1]))]
    graph += [field(11, tensor(name, INT64, ["batch", "tokens"])) for name in INPUTS]
    graph.append(field(12, tensor("logits", FLOAT, ["batch", width])))
    opset = field(1, b"") + field(2, 13)
    return field(1, 8) + field(7, b"".join(graph)) + field(8, opset)


def node(operator: str, inputs: Sequence[str], output: str, attribute: bytes = b"") -> bytes:
    """A NodeProto."""
    named = b"".join(field(1, name.encode()) for name in inputs) + field(2, output.encode())
    return named + field(4, operator.encode()) + (field(5, attribute) if attribute else b"")


def number(name: str, value: int) -> bytes:
    """An AttributeProto of one integer."""
    return field(1, name.encode()) + field(3, value) + field(20, 2)


def integers(name: str, values: Sequence[int]) -> bytes:
    """A TensorProto of int64, one axis."""
    content = b"".join(value.to_bytes(8, "little") for value in values)
    return field(1, len(values)) + field(2, INT64) + field(8, name.encode()) + field(9, content)


def tensor(name: str, kind: int, axes: Sequence[int | str]) -> bytes:
    """A ValueInfoProto; an axis is a size or a name."""
    sizes = (field(1, axis) if isinstance(axis, int) else field(2, axis.encode()) for axis in axes)
    shape = b"".join(field(1, size) for size in sizes)
    return field(1, name.encode()) + field(2, field(1, field(1, kind) + field(2, shape)))


def field(number: int, value: int | bytes) -> bytes:
    """A field of a message: a varint, or bytes with their length before them."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    more = bytearray()
    while value > 127:
        more.append(value & 127 | 128)
        value >>= 7
    return bytes([*more, value])
