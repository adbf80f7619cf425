"""Which class a setting names: a word, or what stands before the first slash; imported when it is named.

A table maps forms like `onnx/FOLDER` to import paths. Other packages add theirs by an entry point of the same
name (`[project.entry-points."pincite.rerankers"]`): only what is installed for that can be named, for a
`pincite.toml` that lies in the current folder may be a stranger's.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from rag.errors import ConfigError

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
