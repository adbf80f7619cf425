"""The lock files: every dependency pinned with its hashes, from no index in particular.

`python checks/lock.py` checks them against pyproject.toml without a network; `--write` makes them anew
with uv, keeping pins that still fit (delete a lock file first to have everything newest).
`requirements.lock` is what pincite runs on; `requirements-dev.lock` is what the tests and checks need on top.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
HEADER = "# Made by `make lock` from pyproject.toml; not for editing.\n"
HEAVY = re.compile(r"^(?:torch|triton|nvidia-.*|cuda-.*)$")
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?: ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
COMPILE = [
    *("pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url", "--quiet"),
]


def blocks(lock: str) -> list[str]:
    """The pins of a lock file, each with its hashes, in order."""
    return [block for block in re.split(r"(?m)^(?=\w)", lock) if re.match(r"\w", block)]


def pins(lock: str) -> Iterator[tuple[str, str]]:
    """Name and version of every pin; a name stands twice where platforms differ."""
    for line in lock.splitlines():
        if found := PIN.match(line):
            yield found["name"], found["version"]


def form_faults(name: str, lock: str) -> Iterator[str]:
    """Lines that are no pin, hash or comment (an index, a path), pins without hash, heavy packages."""
    for number, line in enumerate(lock.splitlines(), 1):
        if not (line.startswith("#") or PIN.match(line) or HASH.match(line)):
            yield f"{name}:{number}: {line!r} is neither a pin nor a hash"
    for block in blocks(lock):
        if "--hash=sha256:" not in block:
            yield f"{name}: {block.split()[0]} has no hash"
    for package, _ in pins(lock):
        if HEAVY.match(package):
            yield f"{name}: {package} must not be needed, at run time or for the tests"


def missing_faults(name: str, wanted: Iterable[str], lock: str) -> Iterator[str]:
    """Requirements of pyproject.toml that no pin of ``lock`` fulfils."""
    pinned = list(pins(lock))
    for requirement in map(Requirement, wanted):
        project = canonicalize_name(requirement.name)
        versions = [version for package, version in pinned if package == project]
        if not any(requirement.specifier.contains(version, prereleases=True) for version in versions):
            yield f"{name}: pyproject.toml asks for {requirement}, pinned is {versions}: run `make lock`"


def faults(pyproject: str, runtime: str, development: str) -> list[str]:
    """All that is wrong with the two lock files, given the three files' contents."""
    project = tomllib.loads(pyproject)["project"]
    return [
        *form_faults(RUNTIME, runtime),
        *form_faults(DEVELOPMENT, development),
        *missing_faults(RUNTIME, project["dependencies"], runtime),
        *missing_faults(DEVELOPMENT, project["optional-dependencies"]["dev"], runtime + development),
    ]


def compile_lock(uv: str, lock: str, *options: str) -> str:
    """Resolve pyproject.toml into ``lock``, whatever indexes this machine is configured for; its text."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))}
    subprocess.run([uv, *COMPILE, *options, "--output-file", lock], check=True, env=clean)
    return Path(lock).read_text(encoding="utf-8")


def write() -> int:
    """Make both lock files anew, in the current directory."""
    uv = shutil.which("uv")
    if uv is None:
        print("uv was not found on PATH: `make lock` brings it along", file=sys.stderr)
        return 2
    try:
        runtime = compile_lock(uv, RUNTIME)
        everything = compile_lock(uv, DEVELOPMENT, "--extra", "dev", "--constraints", RUNTIME)
    except subprocess.CalledProcessError:
        print("uv found no set of packages that fits; it says why above", file=sys.stderr)
        return 1
    known = set(blocks(runtime))
    extra = "".join(block for block in blocks(everything) if block not in known)
    Path(RUNTIME).write_text(HEADER + "".join(blocks(runtime)), encoding="utf-8")
    Path(DEVELOPMENT).write_text(HEADER + extra, encoding="utf-8")
    return 0


def check() -> int:
    """Print what is wrong with the lock files in the current directory; 1 if anything is."""
    names = ("pyproject.toml", RUNTIME, DEVELOPMENT)
    pyproject, runtime, development = (Path(name).read_text(encoding="utf-8") for name in names)
    found = faults(pyproject, runtime, development)
    for fault in found:
        print(fault)
    print(f"lock: {len(blocks(runtime + development))} pins, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[1])
    sys.exit(write() if sys.argv[1:] == ["--write"] else check())
