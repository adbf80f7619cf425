"""All patterns of the product, and for each the texts that it would take longest on.

A pattern is slow where many places can start a match and each start reads far before it fails. So every
repetition in a pattern is pumped: what it repeats, by itself and after what stands before it, time and again.
"""

import ast
import importlib
import random
import re
import signal
import time
from collections.abc import Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

PACKAGES = ("rag", "ingest", "ui")
ROOT = Path(__file__).parents[2]
SEARCHES = {"", "search", "sub", "subn", "split", "findall", "finditer"}  # "": is handed on to others
BEGUN = {"match", "fullmatch"}

SIGNS = "aA1é_ \n-.,:!'\"’“([{}<$\\#~/"
"""One of each kind of character that patterns tell apart."""

FIXED = re.split(
    "¦",
    "![¦\\href{¦{¦{}¦(¦a.¦a ¦ ¦\n¦\r¦$_¦``¦''¦\\¦a¦A¦1¦1.¦<a ¦\"¦“¦a-¦, ¦. ¦ \n¦the ¦papers ¦which ¦and ¦"
    "http://¦a@¦{\\bf ¦\\footnote{¦$a\\n¦\u200b¦x\u200d¦漢¦[1] ¦[1, ¦](//¦No. ¦? ",
)
"""Pumped into every pattern and every reader, whatever it says."""

UNIMPORTED = {"ui.chat.app", "ui.chat.replies"}
"""Importing these starts Chainlit; the patterns in them are read from their source."""

MOST_PUMPS = 250
"""Pumps made from one pattern that are tried."""

END = "\x01"
"""What comes after a pump: a sign that no pattern waits for."""

LONG, LONGER = 12_000, 48_000
"""Lengths of pumped texts: to sift, and to compare."""

SIFTED = 0.02
"""Seconds of processor time that are enough for a long text on a pattern that is beyond suspicion."""

GROWTH = 8
"""A text four times as long takes a linear pattern 4 times as long, a quadratic one 16 times."""

MOST = 1.0
"""Seconds of processor time that no pattern may take for the longer text."""


class Found(NamedTuple):
    """A pattern, where it stands in the product, and whether that also looks for it within a text.

    One that a text must begin with is tried at one place; elsewhere the product does not try it.
    """

    place: str
    pattern: re.Pattern[Any]
    searched: bool


@cache
def patterns():
    """Every pattern of the product, each once: those in globals, and those compiled within functions."""
    found = {}
    uses = {name: set(_uses(tree)) for name, tree in _trees().items()}
    anywhere = set().union(*uses.values())
    for name, tree in _trees().items():
        own = vars(importlib.import_module(name)) if name not in UNIMPORTED else {}
        methods = {method for held, method in uses[name] if held.islower() and held != "re"}
        held_searched = bool(methods & SEARCHES - {""}) or not methods & BEGUN
        for held in sorted(_assigned(tree) & own.keys()):
            used = uses[name] if held.startswith("_") else anywhere
            by_name = any((held, method) in used for method in SEARCHES)
            searched = by_name if isinstance(own[held], re.Pattern) else held_searched
            for pattern in _held(own[held]):
                _note(found, Found(f"{name}.{held}", pattern, searched))
        for literal in _literal(name, tree):
            _note(found, literal)
    return sorted(found.values(), key=lambda each: each.place)


def _note(found, new):
    key = (new.pattern.pattern, new.pattern.flags)
    known = found.get(key, new)
    found[key] = known._replace(searched=known.searched or new.searched)


@cache
def _trees():
    """The modules of the product by name."""
    trees = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            trees[name] = ast.parse(file.read_text("utf-8"))
    return trees


def _assigned(tree):
    """The globals that a module makes, rather than imports."""
    nodes = (node for part in tree.body for node in ast.walk(part))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _uses(tree):
    """Each name that a module reads, with the attribute it wants of it, or with "" for the value itself."""
    wanted = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id, wanted.get(id(node), "")


def _held(value, levels=4):
    """The patterns in a value, also within tuples, lists, sets, mappings and objects made of such."""
    parts = ()
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, tuple | list | set | frozenset):
        parts = value
    elif type(value).__module__.split(".")[0] in PACKAGES and not isinstance(value, type):
        names = getattr(type(value), "__slots__", ()) or getattr(value, "__dict__", ())
        parts = [getattr(value, name, None) for name in names]
    for part in parts if levels else ():
        yield from _held(part, levels - 1)


def _literal(module, tree):
    """The patterns that a module gives to `re` as they stand."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(ast.Name("re"), use), [ast.Constant(text), *more], keywords):
                given = [ast.unparse(each) for each in [*more, *(keyword.value for keyword in keywords)]]
                flags = re.findall(r"\bre\.([A-Z]+)", " ".join(given))
                pattern = re.compile(text, sum(map(re.RegexFlag.__getitem__, flags)))
                yield Found(f"{module}:{node.lineno}", pattern, use in SEARCHES)


def pumps(pattern):
    """Short texts to repeat, and (``before``, ``text``) pairs as ``before\\0text``: see `pumped`."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    chance = random.Random(text)
    made = {}
    for before, body in _repetitions(list(re._parser.parse(text, flags)), []):
        single = len(body) == 1 and str(body[0][0]) in SINGLE
        bodies = _characters(body[0]) if single else [_sample(body, chance) for _ in range(4)]
        for repeated in bodies:
            lead = _sample(before, chance)
            made |= dict.fromkeys(
                (repeated, lead + repeated, f"{lead}\0{repeated}", lead + 3 * repeated + "\n")
            )
    own = [each for each in made if each.strip("\0") and each not in FIXED]
    return FIXED + chance.sample(own, min(len(own), MOST_PUMPS))


def pumped(pump, length, end=""):
    """About so many characters of a pump, then what keeps a match from ending."""
    before, _, text = pump.rpartition("\0")
    return before + text * max(1, length // max(len(text), 1)) + end


REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
SINGLE = {"IN", "ANY", "NOT_LITERAL", "CATEGORY"}


def _repetitions(items, before):
    """What stands before each unbounded (or widely bounded) repetition, and what it repeats."""
    for index, (opcode, value) in enumerate(items):
        kind, lead = str(opcode), before + items[:index]
        if kind in REPEATS and value[1] >= 8:
            yield lead, list(value[2])
        ahead = not kind.startswith("ASSERT") or value[0] > 0
        for inner in _parts(kind, value):
            yield from _repetitions(list(inner), lead if ahead else before)


def _parts(kind, value):
    """The items within an item, one list for each way to go."""
    if kind == "BRANCH":
        return value[1]
    if kind in REPEATS or kind == "SUBPATTERN" or kind.startswith("ASSERT"):
        return [value[-1]]
    return [value] if kind == "ATOMIC_GROUP" else []


def _characters(item):
    """Of the signs, those that an item of one character takes; else the first that it takes."""
    state = re._parser.State()
    takes = re._compiler.compile(re._parser.SubPattern(state, [item])).fullmatch
    return [sign for sign in SIGNS if takes(sign)] or [next(filter(takes, map(chr, range(0x11000))))]


def _sample(items, chance):
    """A text that items of a pattern match, as far as its look-arounds let it."""
    text = ""
    for opcode, value in items:
        kind, times = str(opcode), 1
        if kind in SINGLE:
            text += chance.choice(_characters((opcode, value)))
        elif kind == "LITERAL":
            text += chr(value)
        elif not kind.startswith("ASSERT") and (parts := _parts(kind, value)):
            if kind in REPEATS:
                least, most, _ = value
                times = chance.choice([least, least, min(least + 1, most)])
            inner = chance.choice(parts)
            text += "".join(_sample(inner, chance) for _ in range(times))
    return text


def slowest(found):
    """The pump on which a pattern takes more than linear time, if there is one."""
    return next((repr(pump) for pump in pumps(found.pattern) if _grows(found, pump)), None)


def _grows(found, pump):
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
def processor_time(seconds):
    """Raises `TooSlowError` after so much processor time of this process, also in the middle of a match."""

    def stop(*_):
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def seconds_of(found, text, most):
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
