"""Words and patterns of a language as data: TOML files beside the modules that use them.

Each table of a file is an entry of one of two sorts:

- ``words``: a list, or one string of words with spaces between them; phrases stand in a list.
- ``pattern``: a regular expression, or a list of alternatives. Line breaks and what indents a line are
  dropped; ``{{other}}`` stands for another entry of the file, in brackets: its words, or its pattern.

Beside it stand ``matches`` and ``rejects``, examples that a test tries by searching, without regard to case
unless ``case = true``. An entry without examples is a part of others and has ``part = true``.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

PART = re.compile(r"\{\{([\w.-]+)\}\}")


class Phrases:
    """The entries of one file.

    Args:
        package: that holds the file, like "rag.question".
        file: its name, like "frames.toml".

    Raises:
        KeyError: from any method, for an entry that is not there.
    """

    def __init__(self, package: str, file: str) -> None:
        self.entries: Mapping[str, Any] = tomllib.loads((files(package) / file).read_text("utf-8"))

    def words(self, name: str) -> frozenset[str]:
        """The words of an entry; ``name`` may lead into nested tables: "opposites.amount.more"."""
        return frozenset(self.ordered(name))

    def ordered(self, name: str) -> tuple[str, ...]:
        """As `words`, in the order of the file."""
        found = self._entry(name)
        listed = found["words"] if isinstance(found, dict) else found
        return tuple(listed.split() if isinstance(listed, str) else listed)

    def source(self, name: str) -> str:
        """The regular expression of an entry, parts filled in; of words, any of them, longest first."""
        return "|".join(self.alternatives(name))

    def alternatives(self, name: str) -> tuple[str, ...]:
        """As `source`, one by one."""
        found = self._entry(name)
        if "pattern" not in found:
            listed = sorted(self.ordered(name), key=lambda word: (-len(word), word))
            return tuple(re.escape(word).replace(r"\ ", r"\s+") for word in listed)
        listed = found["pattern"]
        return tuple(self._filled(each) for each in ([listed] if isinstance(listed, str) else listed))

    def pattern(self, name: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
        """The regular expression of an entry, compiled."""
        return re.compile(self.source(name), flags)

    def patterns(self, name: str, flags: int = re.IGNORECASE) -> tuple[re.Pattern[str], ...]:
        """The alternatives of an entry, each compiled by itself."""
        return tuple(re.compile(each, flags) for each in self.alternatives(name))

    def _filled(self, written: str) -> str:
        joined = "".join(line.lstrip() for line in written.splitlines())
        return PART.sub(lambda found: f"(?:{self.source(found[1])})", joined)

    def _entry(self, name: str) -> Any:  # noqa: ANN401 - what TOML holds
        found: Any = self.entries
        for step in name.split("."):
            found = found[step]
        return found
