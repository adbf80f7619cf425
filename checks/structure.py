"""The structure of the house: small folders, few imports, no words in code, nothing twice, nothing growing.

Run from anywhere: `python checks/structure.py [ROOT]`. Prints `file:line: what is wrong` and exits 1, or one
line of figures and exits 0. With `--lower` it writes counts that have fallen as the new limits.
"""

import ast
import json
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

HOUSES = ("rag", "ingest", "ui", "evals", "models")
COUNTS = Path("checks/counts.json")

MAX_MODULES, MIN_LINES, MAX_FAN_OUT = 12, 40, 12
MAX_TABLE_WORDS, MAX_PATTERN, MAX_SAME_LINES = 9, 120, 12
BUILDERS = frozenset({"rag/build.py"})
"""Modules that put all others together."""

SMALL = frozenset({"__init__.py", "__main__.py"})
ENGLISH = re.compile(r"[a-z]{2,}(?:[ '’-][a-z]+)*")
PATTERN_SIGN = re.compile(r"\\[bswdSWDAZ]|\(\?|\|.*\|")
IGNORED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]", re.DOTALL)
"""Where a bar is no alternative: escaped, or in a class of characters."""


class Module(NamedTuple):
    """A module of the product: its path from the root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Of its file."""
        return self.path.rpartition("/")[2]


class Fault(NamedTuple):
    """Something to mend, and where."""

    path: str
    line: int
    message: str


def modules(root: Path) -> list[Module]:
    """All modules of the product, in the order of their paths."""
    files = sorted(file for house in HOUSES for file in (root / house).rglob("*.py"))
    texts = [(file.relative_to(root).as_posix(), file.read_text("utf-8")) for file in files]
    return [Module(path, text, ast.parse(text, path)) for path, text in texts]


def crowded(found: Iterable[Module]) -> Iterator[Fault]:
    """Folders with more modules than can be overlooked, and modules too small to be one."""
    folders: dict[str, int] = Counter()
    for module in found:
        if module.name in SMALL:
            continue
        folders[module.path.rpartition("/")[0]] += 1
        lines = len(module.text.splitlines())
        if lines < MIN_LINES:
            yield Fault(module.path, 1, f"{lines} lines; a module has at least {MIN_LINES}")
    for folder, count in folders.items():
        if count > MAX_MODULES:
            yield Fault(folder, 1, f"{count} modules; a folder has at most {MAX_MODULES}")


def imported(module: Module) -> set[str]:
    """Modules of the product that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name for name in names if name.partition(".")[0] in HOUSES}


def spread(found: Iterable[Module]) -> Iterator[Fault]:
    """Modules that need too many others."""
    for module in found:
        count = len(imported(module))
        if count > MAX_FAN_OUT and module.path not in BUILDERS:
            message = f"imports {count} modules of the product; at most {MAX_FAN_OUT}"
            yield Fault(module.path, 1, message)


def table_words(node: ast.AST) -> int:
    """How many words of English a literal lists, as strings or as one without any sign but spaces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        listed = node.value.split()
        return len(listed) if all(map(ENGLISH.fullmatch, listed)) else 0
    if isinstance(node, ast.Dict):
        pairs = [
            pair for pair in zip(node.keys, node.values, strict=True) if isinstance(pair[1], ast.Constant)
        ]
        members: list[ast.expr | None] = [each for pair in pairs for each in pair]
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        members = [*node.elts]
    else:
        return 0
    texts = [each.value for each in members if isinstance(each, ast.Constant)]
    return sum(1 for text in texts if isinstance(text, str) and ENGLISH.fullmatch(text))


def docstrings(tree: ast.Module) -> set[int]:
    """Identities of the strings that stand as statements: they document."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def literal_text(node: ast.AST) -> str | None:
    """The text of a string, formatted or not, without what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [each.value for each in node.values if isinstance(each, ast.Constant)]
        return "".join(part for part in parts if isinstance(part, str))
    return None


def patterns(module: Module) -> Iterator[tuple[int, str]]:
    """Line and source of what looks like a regular expression."""
    documents = docstrings(module.tree)
    inner: set[int] = set()
    for node in ast.walk(module.tree):
        text = literal_text(node)
        if isinstance(node, ast.JoinedStr):
            inner.update(map(id, node.values))
        if text and id(node) not in documents | inner and PATTERN_SIGN.search(text):
            yield getattr(node, "lineno", 1), text


def words_in_code(found: Iterable[Module]) -> Iterator[Fault]:
    """Tables of words, and long patterns: they are data and belong in TOML, with examples."""
    for module in found:
        documents = docstrings(module.tree)
        for node in ast.walk(module.tree):
            count = 0 if id(node) in documents else table_words(node)
            if count > MAX_TABLE_WORDS:
                line = getattr(node, "lineno", 1)
                yield Fault(module.path, line, f"a table of {count} words; such tables are TOML")
        for line, text in patterns(module):
            if len(text) > MAX_PATTERN:
                yield Fault(module.path, line, f"a pattern of {len(text)} characters; such patterns are TOML")


def doubled_names(found: Iterable[Module]) -> Iterator[Fault]:
    """Classes of one name in two modules: a reader has to ask which."""
    first: dict[str, str] = {}
    for module in found:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                before = first.setdefault(node.name, module.path)
                if before != module.path:
                    yield Fault(module.path, node.lineno, f"a class {node.name} stands in {before} too")


def doubled_lines(found: Iterable[Module]) -> Iterator[Fault]:
    """Runs of lines that stand in two places."""
    places: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    size = MAX_SAME_LINES + 1
    for module in found:
        lines = [(i, line.strip()) for i, line in enumerate(module.text.splitlines(), 1) if line.strip()]
        for start in range(len(lines) - size + 1):
            run = lines[start : start + size]
            places[tuple(text for _, text in run)].append((module.path, run[0][0]))
    for where in places.values():
        if len(where) > 1:
            (other, there), (path, line) = where[:2]
            yield Fault(path, line, f"more than {MAX_SAME_LINES} lines stand in {other}:{there} too")


def alternatives(pattern: str) -> int:
    """How many alternatives a regular expression has, groups included."""
    return IGNORED.sub("", pattern).count("|") + 1


def toml_alternatives(entries: Any) -> int:  # noqa: ANN401 - what TOML holds
    """The same of all patterns of a file of words."""
    if not isinstance(entries, dict):
        return 0
    listed = entries.get("pattern", ())
    own = sum(map(alternatives, [listed] if isinstance(listed, str) else listed))
    return own + sum(toml_alternatives(each) for key, each in entries.items() if key != "pattern")


def counts(root: Path, found: list[Module]) -> dict[str, int]:
    """What may only fall."""
    files = sorted(file for house in HOUSES for file in (root / house).rglob("*.toml"))
    tables = [tomllib.loads(file.read_text("utf-8")) for file in files]
    in_code = sum(alternatives(text) for module in found for _, text in patterns(module))
    return {
        "product_lines": sum(len(module.text.splitlines()) for module in found),
        "pattern_alternatives": in_code + sum(map(toml_alternatives, tables)),
    }


def grown(root: Path, now: dict[str, int]) -> Iterator[Fault]:
    """Counts over what the repository allows."""
    allowed = json.loads((root / COUNTS).read_text("utf-8"))
    for name, count in now.items():
        if count > allowed[name]:
            yield Fault(str(COUNTS), 1, f"{name}: {count}, and it may only fall; at most {allowed[name]}")


def lower(root: Path, now: dict[str, int]) -> None:
    """Write counts that have fallen as the new limits."""
    allowed = json.loads((root / COUNTS).read_text("utf-8"))
    lowered = {name: min(count, allowed.get(name, count)) for name, count in now.items()}
    (root / COUNTS).write_text(json.dumps(lowered, indent=2) + "\n", "utf-8")


def faults(root: Path) -> Iterator[Fault]:
    """Everything wrong with the structure of the tree at ``root``."""
    found = modules(root)
    for look in (crowded, spread, words_in_code, doubled_names, doubled_lines):
        yield from look(found)
    yield from grown(root, counts(root, found))


def main(arguments: list[str]) -> int:
    """Check the tree, or with `--lower` write its counts; print what is found; 1 if there is a fault."""
    rest = [each for each in arguments if each != "--lower"]
    root = Path(rest[0]) if rest else Path(__file__).parents[1]
    found = modules(root)
    now = counts(root, found)
    if len(rest) < len(arguments):
        lower(root, now)
    wrong = sorted(set(faults(root)))
    for fault in wrong:
        print(f"{fault.path}:{fault.line}: {fault.message}")
    print("structure:", ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in now.items()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
