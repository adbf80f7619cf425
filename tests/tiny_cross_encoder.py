"""A cross-encoder small enough to be written by hand: its logit is how many tokens query and text share.

The graph compares every token with every other: ``query · (ids == ids) · text``, where the masks of query and
text come of the attention mask and the token types.
"""

import json
import shutil
from pathlib import Path

from onnx.parser import parse_model

from models import folder

TOKENIZER = folder("all-MiniLM-L6-v2") / "tokenizer.json"
MARKS = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
SETTINGS = {
    "config.json": {"pad_token_id": 0},
    "tokenizer_config.json": {"model_max_length": 256, "pad_token": "[PAD]"},
    "special_tokens_map.json": MARKS,
}
"""What fastembed reads beside a model and its tokenizer."""

GRAPH = """
<ir_version: 8, opset_import: ["" : 13]>
overlap (int64[batch, tokens] input_ids, int64[batch, tokens] attention_mask,
         int64[batch, tokens] token_type_ids) => (float[batch, WIDTH] logits)
<int64[1] last = {2}, int64[1] middle = {1}>
{
    column = Unsqueeze(input_ids, last)
    row = Unsqueeze(input_ids, middle)
    same = Equal(column, row)
    equal = Cast <to = 1> (same)
    in_text = Mul(attention_mask, token_type_ids)
    in_query = Sub(attention_mask, in_text)
    query_row = Unsqueeze(in_query, middle)
    query = Cast <to = 1> (query_row)
    text_column = Unsqueeze(in_text, last)
    text = Cast <to = 1> (text_column)
    matches = MatMul(query, equal)
    shared = MatMul(matches, text)
    logit = Squeeze(shared, last)
    logits = Concat <axis = 1> (LOGITS)
}
"""


def write_settings(place: Path) -> None:
    for name, content in SETTINGS.items():
        (place / name).write_text(json.dumps(content))


def write_folder(place: Path, *, width: int = 1, for_fastembed: bool = False) -> Path:
    """A model folder: `model.onnx`, with ``width`` logits a pair, and `tokenizer.json`."""
    graph = GRAPH.replace("WIDTH", str(width)).replace("LOGITS", ", ".join(["logit"] * width))
    (place / "model.onnx").write_bytes(parse_model(graph).SerializeToString())
    shutil.copy(TOKENIZER, place / "tokenizer.json")
    if for_fastembed:
        write_settings(place)
    return place
