"""What makes two records of a paper the same: the hash of all that is stored of it."""

import hashlib
import json
from dataclasses import fields

from rag.types import Paper

_FIELDS = tuple(field.name for field in fields(Paper))


def content_hash(paper: Paper) -> str:
    """SHA-256, in hex, over every field of the paper; the order of keys in ``extra`` does not matter."""
    record = {name: getattr(paper, name) for name in _FIELDS} | {"extra": dict(paper.extra)}
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
