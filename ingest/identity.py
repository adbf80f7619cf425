"""What makes two records of a paper the same: the hash of all that is stored of it."""

import hashlib
import json
from dataclasses import asdict

from rag.types import Paper


def content_hash(paper: Paper) -> str:
    """SHA-256, in hex, over every field of the paper; the order of keys in ``extra`` does not matter."""
    canonical = json.dumps(asdict(paper), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
