"""All patterns of the product, and for each the texts that it would take longest on.

A pattern is slow where many places can start a match and each start reads far before it fails. So every
repetition in a pattern is pumped: what it repeats, by itself and after what stands before it, time and again.
"""

import ast
import importlib
import pkgutil
import random
import re
import signal
import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

PACKAGES = ("rag", "ingest", "ui")
ROOT = Path(__file__).parents[2]
USES = ("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")

SIGNS = "aA1é_ \n-.,:!'\"’“([{}<$\\#~/"
"""One of each kind of character that patterns tell apart."""

FIXED = (
    *(
        "![",
        "\\href{",
        "{}",
        "(",
        "a.",
        "a ",
        " ",
        "\n",
        "$_",
        "``",
        "\\",
        "a",
        "A",
        "1",
        "1.",
        "<a",
        '"',
        "“",
    ),
    *("a-", ", ", ". ", " \n", "the ", "papers ", "which ", "and ", "http://", "a@"),
)
"""Pumped into every pattern, whatever it says."""


SEARCHES = frozenset(USES) - {"compile", "match", "fullmatch"}


class Found(NamedTuple):
    """A pattern, where it stands in the product, and whether that also looks for it within a text.

    One that a text must begin with is tried at one place; elsewhere the product does not try it.
    """

    place: str
    pattern: re.Pattern[Any]
    searched: bool


def modules() -> Iterator[ModuleType]:
    """Every module of the product that can be imported here."""
    for package in PACKAGES:
        top = importlib.import_module(package)
        yield top
        for found in pkgutil.walk_packages(top.__path__, f"{package}."):
            if found.name not in UNIMPORTED:
                yield importlib.import_module(found.name)


UNIMPORTED = frozenset({"ui.chat.app", "ui.chat.replies"})
"""Importing these starts Chainlit; the patterns in them are read from their source."""


def patterns() -> list[Found]:
    """Every pattern of the product, each once: those in globals, and those compiled within functions."""
    found: dict[tuple[Any, int], Found] = {}

    def note(place: str, pattern: re.Pattern[Any], *, searched: bool) -> None:
        key = (pattern.pattern, pattern.flags)
        known = found.get(key, Found(place, pattern, searched))
        found[key] = known._replace(searched=known.searched or searched)

    trees = {name: ast.parse(file.read_text("utf-8")) for name, file in _files().items()}
    searched = {use for name, tree in trees.items() for use in _searched(name, tree)}
    for module in modules():
        name = module.__name__
        tree = trees[name]
        begun = any(map(str.islower, _used(tree, {"match", "fullmatch"}) - {"re"}))
        held_searched = not begun or any(map(str.islower, _used(tree, SEARCHES) - {"re"}))
        for own in sorted(_assigned(tree) & vars(module).keys()):
            value = vars(module)[own]
            looked_for = (name, own) in searched if isinstance(value, re.Pattern) else held_searched
            for pattern in _held(value):
                note(f"{name}.{own}", pattern, searched=looked_for)
    for name, tree in trees.items():
        for line, use, pattern in _literal(tree):
            note(f"{name}:{line}", pattern, searched=use in SEARCHES)
    return sorted(found.values(), key=lambda each: each.place)


def _files() -> dict[str, Path]:
    """The files of the product by the names of their modules."""
    files = (file.relative_to(ROOT) for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {".".join(file.with_suffix("").parts).removesuffix(".__init__"): ROOT / file for file in files}


def _assigned(tree: ast.Module) -> set[str]:
    """The globals that a module makes, rather than imports."""
    return {node.id for part in tree.body for node in ast.walk(part) if _is_stored(node)}


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _searched(module: str, tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The globals, by module and name, that a module looks for within texts, or hands on to others."""
    imported = {
        each.asname or each.name: (str(node.module), each.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    for name in _used(tree, SEARCHES) | _handed_on(tree):
        yield imported.get(name, (module, name))


def _used(tree: ast.AST, uses: AbstractSet[str]) -> set[str]:
    """The names that a module calls one of these methods of."""
    return {
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in uses
    }


def _handed_on(tree: ast.AST) -> set[str]:
    """The names of globals that a module does anything else with than to try them as patterns."""
    tried = {node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return {node.id for node in names if node.id.isupper() and node not in tried}


def _held(value: object, levels: int = 4) -> Iterator[re.Pattern[Any]]:
    """The patterns in a value, also within tuples, lists, sets, mappings and objects made of such."""
    if isinstance(value, re.Pattern):
        yield value
    elif levels and isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _held(key, levels - 1)
            yield from _held(entry, levels - 1)
    elif levels and isinstance(value, tuple | list | set | frozenset):
        for entry in value:
            yield from _held(entry, levels - 1)
    elif levels and type(value).__module__.split(".")[0] in PACKAGES and not isinstance(value, type):
        for name in getattr(type(value), "__slots__", ()) or getattr(value, "__dict__", ()):
            yield from _held(getattr(value, name, None), levels - 1)


def _literal(tree: ast.AST) -> Iterator[tuple[int, str, re.Pattern[Any]]]:
    """Line and use of the patterns that a module gives to `re` as they stand."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        module, first = node.func.value, node.args[0]
        if isinstance(module, ast.Name) and module.id == "re" and isinstance(first, ast.Constant):
            named = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
            flags = [
                getattr(re, flag)
                for flag in ("IGNORECASE", "DOTALL", "MULTILINE", "VERBOSE")
                if flag in named
            ]
            yield node.lineno, node.func.attr, re.compile(first.value, sum(flags))


def pumps(pattern: re.Pattern[Any]) -> list[str]:
    """Short texts to repeat, and (``before``, ``text``) pairs as ``before\\0text``: see `pumped`."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = re._parser.parse(
        text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    )
    chance = random.Random(text)
    found = dict.fromkeys(FIXED)
    for before, body in _repetitions(list(tree), []):
        for repeated in _bodies(body, chance):
            lead = "".join(_sample(item, chance) for item in before)
            found |= dict.fromkeys(
                (repeated, lead + repeated, f"{lead}\0{repeated}", lead + 3 * repeated + "\n")
            )
    made = [each for each in found if each.strip("\0")]
    own = made[len(FIXED) :]
    return made[: len(FIXED)] + chance.sample(own, min(len(own), MOST_PUMPS))


def pumped(pump: str, length: int, end: str) -> str:
    """About so many characters of a pump, then what keeps a match from ending."""
    before, _, text = pump.rpartition("\0")
    return before + text * max(1, length // max(len(text), 1)) + end


def _repetitions(items, before):
    """What stands before each unbounded (or widely bounded) repetition, and what it repeats."""
    for index, item in enumerate(items):
        kind, value = str(item[0]), item[1]
        lead = before + items[:index]
        if kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            _, most, body = value
            if most >= 8:
                yield lead, list(body)
            yield from _repetitions(list(body), lead)
        elif kind == "SUBPATTERN":
            yield from _repetitions(list(value[-1]), lead)
        elif kind == "ATOMIC_GROUP":
            yield from _repetitions(list(value), lead)
        elif kind == "BRANCH":
            for branch in value[1]:
                yield from _repetitions(list(branch), lead)
        elif kind in {"ASSERT", "ASSERT_NOT"}:
            yield from _repetitions(list(value[1]), lead if value[0] > 0 else before)


def _bodies(body, chance):
    """Texts that a repetition takes: of one character, one of each kind; else a few samples."""
    if len(body) == 1 and str(body[0][0]) in {"IN", "ANY", "NOT_LITERAL", "CATEGORY"}:
        return [sign for sign in SIGNS if _takes(body[0], sign)] or [_sample(body[0], chance)]
    return ["".join(_sample(item, chance) for item in body) for _ in range(4)]


def _takes(item, sign):
    kind, value = str(item[0]), item[1]
    if kind == "ANY":
        return sign != "\n"
    if kind == "LITERAL":
        return chr(value) == sign
    if kind == "NOT_LITERAL":
        return chr(value) != sign
    if kind == "RANGE":
        return value[0] <= ord(sign) <= value[1]
    if kind == "CATEGORY":
        name = str(value)
        tests = {
            "DIGIT": str.isdigit,
            "SPACE": str.isspace,
            "WORD": lambda each: each.isalnum() or each == "_",
        }
        holds = tests[name.rpartition("_")[2]](sign)
        return not holds if "_NOT_" in name else holds
    negated = bool(value) and str(value[0][0]) == "NEGATE"
    return any(_takes(each, sign) for each in value[negated:]) != negated


def _sample(item, chance):
    """A text that an item of a pattern matches, as far as its look-arounds let it."""
    kind, value = str(item[0]), item[1]
    if kind == "LITERAL":
        return chr(value)
    if kind in {"ANY", "NOT_LITERAL", "IN", "CATEGORY"}:
        taken = [sign for sign in SIGNS if _takes(item, sign)]
        return chance.choice(taken or [_first_of(value)])
    parts, times = (), 1
    if kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        least, most, parts = value
        times = chance.choice([least, least, min(least + 1, most)])
    elif kind in {"SUBPATTERN", "ATOMIC_GROUP"}:
        parts = value[-1] if kind == "SUBPATTERN" else value
    elif kind == "BRANCH":
        parts = chance.choice(value[1])
    return "".join(_sample(each, chance) for _ in range(times) for each in parts)


def _first_of(value):
    """The first character of a set that holds none of ours."""
    first = next(entry for kind, entry in value if str(kind) in {"LITERAL", "RANGE"})
    return chr(first if isinstance(first, int) else first[0])


MOST_PUMPS = 250
"""Pumps made from one pattern that are tried."""

END = "\x01"
"""What comes after a pump: a sign that no pattern waits for."""

LONG, LONGER = 30_000, 120_000
"""Lengths of pumped texts: to sift, and to compare."""

SIFTED = 0.04
"""Seconds of processor time that are enough for a long text on a pattern that is beyond suspicion."""

GROWTH = 8
"""A text four times as long takes a linear pattern 4 times as long, a quadratic one 16 times."""

MOST = 2.0
"""Seconds of processor time that no pattern may take for the longer text."""


def slowest(found: Found) -> str | None:
    """The pump on which a pattern takes more than linear time, if there is one."""
    return next((repr(pump) for pump in pumps(found.pattern) if _grows(found, pump)), None)


def _grows(found: Found, pump: str) -> bool:
    long, longer = (pumped(pump, length, END) for length in (LONG, LONGER))
    if seconds_of(found, long, SIFTED) < SIFTED:
        return False
    least = seconds_of(found, long, MOST)
    return least >= MOST or all(
        seconds_of(found, longer, MOST) >= min(GROWTH * least, MOST) for _ in range(2)
    )


class TooSlowError(Exception):
    """The processor time ran out."""


@contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Ends what runs within after so much processor time of this process, also in the middle of a match.

    Raises:
        TooSlowError: it took longer.
    """

    def stop(*_):
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def seconds_of(found: Found, text: str, most: float) -> float:
    """Processor time of all matches of a pattern in a text; ``most`` where that is not enough."""
    pattern = found.pattern
    given = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    started = time.process_time()
    try:
        with processor_time(most):
            if found.searched:
                for _ in pattern.finditer(given):
                    pass
            else:
                pattern.match(given)
                pattern.fullmatch(given)
    except TooSlowError:
        return most
    return min(time.process_time() - started, most)
