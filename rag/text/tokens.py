"""Count tokens offline, with the tiktoken vocabularies that litellm and llama-index bring along."""

import hashlib
import os
import threading
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from rag.errors import ConfigError

FOLDERS = (
    ("llama_index", "core/_static/tiktoken_cache"),
    ("litellm", "litellm_core_utils/tokenizers"),
)
"""Where the two packages keep vocabularies, each file named by the SHA-1 of its download address."""

ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
"""Never fetched: only its hash is used, to find the bundled file."""

_loading = threading.Lock()


@lru_cache(maxsize=4)
def token_counter(encoding: str) -> Callable[[str], int]:
    """A function that counts the tokens of a text; special tokens in it count as ordinary text.

    Loading takes a third of a second, once a process; counting runs at millions of tokens a second.

    Raises:
        ConfigError: the vocabulary of ``encoding`` is not bundled; the message names those that are.
    """
    bundled = _bundled()
    if encoding not in bundled:
        choices = ", ".join(sorted(bundled)) or "none: reinstall litellm or llama-index"
        raise ConfigError(
            f"setting 'chunk__encoding' = {encoding!r}: expected a bundled tiktoken encoding ({choices})"
        )
    vocabulary = _load(encoding, bundled[encoding])
    return lambda text: len(vocabulary(text))


def _bundled() -> dict[str, Path]:
    """Encoding names and the folder that holds the vocabulary of each."""
    import tiktoken

    names = tiktoken.list_encoding_names()
    addresses = {name: ADDRESS.format(name=name).encode() for name in names}
    files = {name: hashlib.sha1(each, usedforsecurity=False).hexdigest() for name, each in addresses.items()}
    specs = [(find_spec(package), relative) for package, relative in FOLDERS]  # finds without importing
    folders = [
        Path(location) / relative
        for spec, relative in reversed(specs)
        for location in (spec and spec.submodule_search_locations) or ()
    ]
    return {name: folder for folder in folders for name in names if (folder / files[name]).is_file()}


def _load(encoding: str, folder: Path) -> Callable[[str], list[int]]:
    import tiktoken

    with _loading:
        before = os.environ.get("TIKTOKEN_CACHE_DIR")
        os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)  # the only way to tell tiktoken where to look
        try:
            return tiktoken.get_encoding(encoding).encode_ordinary
        finally:
            if before is None:
                del os.environ["TIKTOKEN_CACHE_DIR"]
            else:
                os.environ["TIKTOKEN_CACHE_DIR"] = before
