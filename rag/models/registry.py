"""Encoders and rerankers by name: a word, or what stands before the first slash; imported when it is named.

A class takes what stands behind the slash and the section of the settings, and keeps the promises of its
port. The tables map forms of names to import paths. Other packages add theirs by an entry point of the same
name (`[project.entry-points."pincite.rerankers"]`): only what is installed for that can be named, for a
`pincite.toml` that lies in the current folder may be a stranger's.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from rag.errors import ConfigError

ENCODERS = {
    "minilm": "rag.models.encoders.onnx_encoder:shipped_encoder",
    "onnx/FOLDER": "rag.models.encoders.onnx_encoder:OnnxEncoder",
    "fastembed/MODEL": "rag.models.fastembed_models:FastembedEncoder",
    "litellm/MODEL": "rag.models.encoders.litellm_encoder:LitellmEncoder",
}
RERANKERS = {
    "none": "rag.models.rerankers.batch_reranker:no_reranker",
    "onnx/FOLDER": "rag.models.rerankers.onnx_reranker:OnnxReranker",
    "fastembed/MODEL": "rag.models.fastembed_models:FastembedReranker",
    "litellm/MODEL": "rag.models.rerankers.litellm_reranker:LitellmReranker",
}

Factory = Callable[[str, Any], Any]
"""Takes what stands behind the slash, and the section of the settings."""


def find_factory(setting: str, name: str, table: Mapping[str, str], plugins: str) -> tuple[Factory, str]:
    """What makes the model that a setting names, and the argument it is made with.

    ``table`` holds import paths by form, ``plugins`` is the group of the entry points that other packages add
    theirs by. Raises `ConfigError` where the name is of none of the forms.
    """
    kind, slash, argument = name.partition("/")
    for form, path in table.items():
        known, *wanted = form.partition("/")
        if kind == known and [slash, bool(argument)] == [wanted[0], bool(wanted[1])]:
            module, _, attribute = path.partition(":")
            return getattr(import_module(module), attribute), argument
    for plugin in entry_points(group=plugins, name=kind):
        return plugin.load(), argument
    *forms, last = table
    raise ConfigError(f"setting {setting!r} = {name!r}: expected {', '.join(forms)} or {last}")
