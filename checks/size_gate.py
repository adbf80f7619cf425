"""The size gate: small functions, small modules, telling names, no trace of the machine it was written on.

Run from anywhere: `python checks/size_gate.py [ROOT]`. Prints `file:line: what is wrong` and exits 1,
or one line of figures and exits 0. Import cycles are import-linter's business, style is ruff's.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MAX_FUNCTION_LINES = 50
MAX_MODULE_LINES = 400
MAX_MEDIAN_LINES = 12
MAX_FILE_BYTES = 26_000_000

BANNED_WORDS = frozenset(
    {"common", "data", "helper", "helpers", "info", "manager", "managers"}
    | {"misc", "process", "service", "services", "util", "utils"}
)
"""Words that say nothing about what a module or class is for."""

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|tmp)(?![\w-])")
REGISTRY_HOST = re.compile(r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.org|debian\.org)\b")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

KIND_HOUSES = ("rag/", "ui/", "evals/", "ingest/")
"""Where nothing compares the kind of an answer with a name, …"""

KIND_HOME = "rag/kinds/"
"""… but for the classes of the kinds: what a kind needs is theirs, or stands in its row."""

KIND_TABLE = Path(__file__).parents[1] / "rag" / "question" / "answer_kinds.py"


@dataclass(frozen=True)
class Fault:
    """Something to mend, and where."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Function:
    """A function or method; ``lines`` counts from its ``def`` to its last line."""

    path: str
    line: int
    name: str
    lines: int


def project_files(root: Path) -> list[str]:
    """Paths of the files git tracks or would track, relative to ``root``.

    Raises:
        subprocess.CalledProcessError: ``root`` is not inside a git work tree.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(path for path in set(listing.split("\0")) if path and (root / path).is_file())


def is_test(path: str) -> bool:
    """Tests may be long files and may spell out what they look for."""
    return path.startswith("tests/")


def functions(path: str, tree: ast.AST) -> list[Function]:
    """Every function and method of a module."""
    return [
        Function(path, node.lineno, node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def banned_words(name: str) -> list[str]:
    """The words of a snake_case or CamelCase name that say nothing."""
    return [word for word in WORD.findall(name) if word.lower() in BANNED_WORDS]


def name_faults(path: str, tree: ast.AST) -> Iterator[Fault]:
    """Folders, modules and classes with a name that says nothing."""
    for word in banned_words(path.removesuffix(".py")):
        yield Fault(path, 1, f"{word!r} in a module's name says nothing about what it is for")
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for word in banned_words(node.name):
                yield Fault(path, node.lineno, f"{word!r} in {node.name} says nothing about what it is for")


def kind_names(table: str) -> frozenset[str]:
    """The names of the kinds of answers: the keys of the dictionary `KINDS`."""
    return frozenset(
        key.value
        for node in ast.walk(ast.parse(table))
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )


def is_kind(node: ast.AST) -> bool:
    """Whether an expression is called the kind of something."""
    return (isinstance(node, ast.Name) and node.id == "kind") or (
        isinstance(node, ast.Attribute) and node.attr == "kind"
    )


def strings(node: ast.AST) -> set[object]:
    """The constants in an expression or a pattern of ``match``."""
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}


def kind_faults(path: str, tree: ast.AST, names: frozenset[str]) -> Iterator[Fault]:
    """Comparisons with the name of a kind: such a branch is forgotten when a kind is added."""
    if not path.startswith(KIND_HOUSES) or path.startswith(KIND_HOME):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides: list[ast.AST] = [node.left, *node.comparators]
        elif isinstance(node, ast.Match):
            sides = [node.subject, *(case.pattern for case in node.cases)]
        else:
            continue
        if any(map(is_kind, sides)) and (found := names & set().union(*map(strings, sides))):
            said = f"compares a kind with {min(found)!r}; what differs belongs in {KIND_HOME} or its row"
            yield Fault(path, node.lineno, said)


def module_faults(path: str, text: str) -> Iterator[Fault]:
    """What is wrong with one Python module."""
    lines = len(text.splitlines())
    if lines > MAX_MODULE_LINES and not is_test(path):
        yield Fault(path, 1, f"{lines} lines; a module has at most {MAX_MODULE_LINES}")
    tree = ast.parse(text, path)
    yield from name_faults(path, tree)
    yield from kind_faults(path, tree, kind_names(KIND_TABLE.read_text("utf-8")))
    for function in functions(path, tree):
        if function.lines > MAX_FUNCTION_LINES:
            size = f"{function.name} is {function.lines} lines"
            yield Fault(path, function.line, f"{size}; a function has at most {MAX_FUNCTION_LINES}")


def trace_faults(path: str, text: str) -> Iterator[Fault]:
    """Paths of one machine and hosts of package registries, line by line."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := MACHINE_PATH.search(line):
            yield Fault(path, number, f"{found.group()!r} is a path of one machine")
        if found := REGISTRY_HOST.search(line):
            yield Fault(path, number, f"{found.group()!r} is the host of a package registry")


def file_faults(path: str, content: bytes) -> Iterator[Fault]:
    """What is wrong with one file of the project."""
    if len(content) > MAX_FILE_BYTES:
        limit = f"a file in git has at most {MAX_FILE_BYTES / 1e6:.0f} MB"
        yield Fault(path, 1, f"{len(content) / 1e6:.1f} MB; {limit}")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    if not is_test(path):
        yield from trace_faults(path, text)
    if path.endswith(".py"):
        yield from module_faults(path, text)


def median_faults(measured: list[Function]) -> Iterator[Fault]:
    """A house of long functions, though none of them is over the limit."""
    middle = median([function.lines for function in measured] or [0])
    if middle > MAX_MEDIAN_LINES:
        yield Fault(".", 1, f"the median function is {middle:g} lines; at most {MAX_MEDIAN_LINES} wanted")


def figures(files: int, measured: list[Function]) -> str:
    """One line that tells how the house stands."""
    if not measured:
        return f"size gate: {files} files, no functions"
    longest = max(measured, key=lambda function: function.lines)
    return (
        f"size gate: {files} files, {len(measured)} functions outside the tests, "
        f"median {median(function.lines for function in measured):g} lines, "
        f"longest {longest.lines} ({longest.path}:{longest.line} {longest.name})"
    )


def main(root: Path) -> int:
    """Check the tree at ``root``; print what is found; 1 if there is a fault."""
    faults: list[Fault] = []
    measured: list[Function] = []
    files = project_files(root)
    for path in files:
        content = (root / path).read_bytes()
        try:
            faults += file_faults(path, content)
            if path.endswith(".py") and not is_test(path):
                measured += functions(path, ast.parse(content))
        except SyntaxError as exc:
            faults.append(Fault(path, exc.lineno or 1, f"does not parse: {exc.msg}"))
    faults += median_faults(measured)
    for fault in faults:
        print(fault)
    print(figures(len(files), measured))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1])))
