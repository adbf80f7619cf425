"""What may be imported from where, and what starting up may not load."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("litellm", "llama_index", "chainlit", "qdrant_client", "qdrant_edge", "onnxruntime", "tiktoken")
KERNEL = sorted((ROOT / "rag").glob("*.py"))


def test_starting_up_loads_no_heavy_library():
    program = f"""
import sys
for name in ("rag.types", "rag.build", "ui.cli"):
    __import__(name)
    print(name, *[heavy for heavy in {HEAVY} if heavy in sys.modules])
"""
    outcome = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert outcome.stdout.splitlines() == ["rag.types", "rag.build", "ui.cli"]


def imported(file):
    """Every module a file imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("file", [file for file in KERNEL if file.name != "build.py"], ids=lambda f: f.stem)
def test_only_build_knows_the_adapters(file):
    assert not [name for name in imported(file) if name.startswith("rag.adapters")]


def test_build_does_know_them():
    assert [name for name in imported(ROOT / "rag" / "build.py") if name.startswith("rag.adapters")]


@pytest.mark.parametrize("file", KERNEL, ids=lambda f: f.stem)
def test_the_kernel_imports_no_other_house(file):
    assert not [name for name in imported(file) if name.partition(".")[0] in {"ingest", "ui", "evals"}]


def test_only_build_settings_tokens_and_telemetry_touch_the_environment():
    """Tokens puts it back; telemetry only sets it; settings reads it through pydantic, build for secrets."""
    curious = [file.name for file in KERNEL if "os" in imported(file)]
    assert curious == ["build.py", "telemetry.py", "tokens.py"]
