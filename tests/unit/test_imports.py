"""What may be imported from where, and what starting up may not load."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("litellm", "llama_index", "chainlit", "qdrant_client", "qdrant_edge", "onnxruntime", "tiktoken")
KERNEL = sorted((ROOT / "rag").rglob("*.py"))


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


def test_only_build_settings_tokens_and_telemetry_touch_the_environment():
    """Tokens puts it back; telemetry only sets it; settings reads it through pydantic, build for secrets."""
    curious = {file.name for file in KERNEL if "os.environ" in file.read_text("utf-8")}
    assert curious == {"build.py", "telemetry.py", "tokens.py", "local_model.py"}
