"""The documentation tells the truth: links lead somewhere, named commands exist, the README's commands run.

A fenced block of the README right after a line `<!-- run -->` is run as it stands (of a `console` block the
lines after `$ `), with `.venv/bin` on PATH. All blocks run in one home and one folder, which are empty at
first, in the order of the page, as a reader would type them; each must exit 0.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 150
"""Of the README."""

TIMEOUT_S = 300
RUN_BLOCK = re.compile(r"^<!-- run -->\n+```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```\w*\n(.*?)^```$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|<(?:img|source)\b[^>]*?\bsrc(?:set)?=\"([^\"\s]+)|\bhref=\"([^\"]+)")
HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z]+:")
NESTED_MAKE = frozenset({"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"})


def pages(root: Path) -> list[Path]:
    """The README, CONTRIBUTING and everything in docs, from ``root``."""
    docs = sorted(path.relative_to(root) for path in (root / "docs").rglob("*.md"))
    return [page for page in (Path("README.md"), Path("CONTRIBUTING.md"), *docs) if (root / page).exists()]


def commands(readme: str) -> list[str]:
    """The shell text of every block marked to be run."""
    return [_shell_text(found["language"], found["body"]) for found in RUN_BLOCK.finditer(readme)]


def _shell_text(language: str, body: str) -> str:
    if language != "console":
        return body
    return "".join(line[2:] for line in body.splitlines(keepends=True) if line.startswith("$ "))


def too_long(readme: str) -> Iterator[str]:
    """A README of more lines than a newcomer reads."""
    lines = len(readme.splitlines())
    if lines > MAX_LINES:
        yield f"README.md: {lines} lines; at most {MAX_LINES}"


def missing_commands(page: Path, text: str, root: Path) -> Iterator[str]:
    """`make` targets and `python -m` modules of ours that the page's code names and that do not exist."""
    code = "\n".join(block or inline for block, inline in CODE.findall(text))
    known = set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))
    for target in sorted(set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) - known):
        yield f"{page}: `make {target}` is no target of the Makefile"
    for module in sorted(set(re.findall(r"\bpython -m ([\w.]+)", code))):
        path = root.joinpath(*module.split("."))
        ours = (root / module.partition(".")[0]).is_dir()
        if ours and not (path.with_suffix(".py").exists() or (path / "__main__.py").exists()):
            yield f"{page}: `python -m {module}` is no module"


def broken_links(page: Path, text: str, root: Path) -> Iterator[str]:
    """Relative links and pictures that lead to no file, or to no heading of one."""
    for groups in LINK.findall(text):
        link = next(filter(None, groups))
        if ELSEWHERE.match(link):
            continue
        name, _, anchor = link.partition("#")
        target = root / page.parent / name if name else root / page
        if not target.exists():
            yield f"{page}: {link!r} does not exist"
        elif anchor and target.suffix == ".md" and anchor not in _anchors(target.read_text("utf-8")):
            yield f"{page}: {link!r} is no heading of that page"


def _anchors(text: str) -> set[str]:
    """Anchors of the headings of a page, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(text)}


def failures(blocks: list[str], root: Path) -> Iterator[str]:
    """Run ``blocks`` one after another in one empty home; what went wrong."""
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        kept = {key: value for key, value in os.environ.items() if key not in NESTED_MAKE}
        path = os.pathsep.join([str(root / ".venv" / "bin"), os.environ.get("PATH", os.defpath)])
        environment = {**kept, "PATH": path, "HOME": home, "PINCITE_HOME": home}
        for block in blocks:
            if fault := _failure(block, environment, Path(folder)):
                yield f"README.md: {block.strip()!r} {fault}"


def _failure(command: str, environment: dict[str, str], folder: Path) -> str | None:
    try:
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"took more than {TIMEOUT_S} s"
    return f"exited {done.returncode} and said:\n{done.stdout[-2000:]}" if done.returncode else None


def main(root: Path) -> int:
    """Check the pages at ``root``; print what is wrong; 1 if anything is."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    marked = commands(readme)
    faults = list(too_long(readme))
    for page in pages(root):
        text = (root / page).read_text(encoding="utf-8")
        faults += [*missing_commands(page, text, root), *broken_links(page, text, root)]
    if not marked:
        faults.append("README.md: no command is marked `<!-- run -->`, so none is known to work")
    faults += failures(marked, root)
    for fault in faults:
        print(fault)
    print(f"readme: {len(marked)} marked blocks run, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[1]))
