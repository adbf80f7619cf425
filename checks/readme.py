"""The README tells the truth: its marked commands run, its `make` targets, links and pictures exist.

A fenced block right after a line `<!-- run -->` is run as it stands (of a `console` block the lines after
`$ `), from the root of the project, with `.venv/bin` on PATH and an empty home, and must exit 0.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

TIMEOUT_S = 300
RUN_BLOCK = re.compile(r"^<!-- run -->\n+```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```\w*\n(.*?)^```$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|<(?:img|source)\b[^>]*?\bsrc(?:set)?=\"([^\"\s]+)|\bhref=\"([^\"]+)")
ELSEWHERE = re.compile(r"^(?:[a-z]+:|#)")
NESTED_MAKE = frozenset({"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"})


def commands(readme: str) -> list[str]:
    """The shell text of every block marked to be run."""
    return [_shell_text(found["language"], found["body"]) for found in RUN_BLOCK.finditer(readme)]


def _shell_text(language: str, body: str) -> str:
    if language != "console":
        return body
    return "".join(line[2:] for line in body.splitlines(keepends=True) if line.startswith("$ "))


def missing_targets(readme: str, makefile: str) -> Iterator[str]:
    """`make` targets that the README's code names and the Makefile does not have."""
    code = "\n".join(block or inline for block, inline in CODE.findall(readme))
    known = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    for target in sorted(set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) - known):
        yield f"README.md: `make {target}` is no target of the Makefile"


def broken_links(readme: str, root: Path) -> Iterator[str]:
    """Relative links and pictures that lead nowhere."""
    for groups in LINK.findall(readme):
        link = next(filter(None, groups))
        if not ELSEWHERE.match(link) and not (root / link.partition("#")[0]).exists():
            yield f"README.md: {link!r} does not exist"


def failure(command: str, root: Path) -> str | None:
    """Run ``command`` in an empty home; what went wrong, if anything."""
    with tempfile.TemporaryDirectory() as home:
        kept = {key: value for key, value in os.environ.items() if key not in NESTED_MAKE}
        path = os.pathsep.join([str(root / ".venv" / "bin"), os.environ.get("PATH", os.defpath)])
        try:
            done = subprocess.run(
                ["/bin/sh", "-eu", "-c", command],
                cwd=root,
                env={**kept, "PATH": path, "HOME": home, "PINCITE_HOME": home},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"README.md: {command.strip()!r} took more than {TIMEOUT_S} s"
    if done.returncode == 0:
        return None
    return f"README.md: {command.strip()!r} exited {done.returncode} and said:\n{done.stdout[-2000:]}"


def main(root: Path) -> int:
    """Check the README at ``root``; print what is wrong; 1 if anything is."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    marked = commands(readme)
    faults = [*missing_targets(readme, makefile), *broken_links(readme, root)]
    if not marked:
        faults.append("README.md: no command is marked `<!-- run -->`, so none is known to work")
    faults += filter(None, (failure(command, root) for command in marked))
    for fault in faults:
        print(fault)
    print(f"readme: {len(marked)} marked commands run, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[1]))
