"""What goes into the wheel: nothing large but the encoder and the vectors of the sample, 35 MB at most.

Run from anywhere: `python checks/wheel.py [ROOT]`. Nothing is built: hatchling takes what git tracks of the
packages that pyproject.toml names, so those files are packed as a wheel would pack them, and measured.
"""

import io
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

MAX_WHEEL_BYTES = 35_000_000
LARGE_BYTES = 500_000
LARGE = frozenset({"models/all-MiniLM-L6-v2/model.onnx", "ingest/sample/vectors.npz"})
"""The files of more than `LARGE_BYTES` that a newcomer needs."""


def packaged(root: Path) -> dict[str, bytes]:
    """The files of the wheel, by path.

    Raises:
        subprocess.CalledProcessError: ``root`` is not inside a git work tree.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *packages]
    listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    paths = sorted({path for path in listing.split("\0") if path and (root / path).is_file()})
    return {path: (root / path).read_bytes() for path in paths}


def packed_bytes(files: Mapping[str, bytes]) -> int:
    """How large they are as a wheel."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
    return archive.tell()


def faults(files: Mapping[str, bytes], packed: int) -> Iterator[str]:
    """What is wrong with these files, which make a wheel of ``packed`` bytes."""
    for path, content in files.items():
        if len(content) > LARGE_BYTES and path not in LARGE:
            yield f"{path}: {len(content) / 1e6:.1f} MB in the wheel, which everybody downloads"
    for path in sorted(LARGE - set(files)):
        yield f"{path}: missing in the wheel; nothing works without it"
    if packed > MAX_WHEEL_BYTES:
        yield f"the wheel is {packed / 1e6:.1f} MB; at most {MAX_WHEEL_BYTES / 1e6:.0f} MB"


def main(root: Path) -> int:
    """Check the tree at ``root``; print what is found; 1 if there is a fault."""
    files = packaged(root)
    packed = packed_bytes(files)
    found = list(faults(files, packed))
    for fault in found:
        print(fault)
    print(f"wheel: {len(files)} files, {packed / 1e6:.1f} MB, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1])))
