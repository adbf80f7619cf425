"""What a run depends on, as digests: papers, prompts, settings, code, models, packages."""

import platform
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import models
import rag
from evals.files import digest_of, file_digest
from ingest.sample_collection import SAMPLE_FILE
from rag.assistant import Assistant
from rag.forms import Json
from rag.settings import Settings
from rag.writing.receipt import collection_digest, own_settings

STORES = ("qdrant-client", "qdrant-edge-py")
MODEL_LIBRARIES = ("fastembed", "litellm", "onnxruntime", "tiktoken", "tokenizers", "xllamacpp")
PACKAGES = sorted(("pincite", "numpy", *STORES, *MODEL_LIBRARIES))
"""Answers depend on these; of those that are not installed they do not."""

ROOT = Path(rag.__file__).parent
MODELS = Path(models.__file__).parent
ATTACKS = Path(__file__).parents[1] / "injection"


def versions() -> dict[str, str]:
    """Python's version and those of the packages that answers depend on, without those that are missing."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def prompts(settings: Settings) -> dict[str, str]:
    """Digest of each prompt file that may be used: none where no model is asked."""
    if not settings.model.name:
        return {}
    return {f"prompts/{file.name}": file_digest(file) for file in sorted(ROOT.rglob("prompts/*.txt"))}


def code() -> dict[str, str]:
    """Digest of each file that thinks: the kernel's, and that of how papers are cut and indexed."""
    folders = (ROOT, ROOT.parent / "ingest")
    thinking = [file for folder in folders for file in folder.rglob("*") if file.suffix in (".py", ".toml")]
    return _digests(ROOT.parent, sorted(thinking))


def weights(settings: Settings) -> dict[str, str]:
    """Digest of each file of weights that answers depend on and whose content no name tells."""
    shipped = [MODELS / "ranking" / "weights.json", MODELS / "ranking" / "ranker.json"]
    found = _digests(MODELS, shipped)
    for name in (settings.encoder.name, settings.reranker.name):
        if name.startswith("onnx/"):
            found |= _folder(Path(name.removeprefix("onnx/")))
    return found | _local_models((settings.model.name, *settings.model.fallbacks))


def _folder(folder: Path) -> dict[str, str]:
    return _digests(folder, sorted(file for file in folder.rglob("*") if file.is_file()))


def _local_models(names: Iterable[str]) -> dict[str, str]:
    local = [name for name in names if name.startswith("local/")]
    if not local:
        return {}
    from rag.models.llm.local_model import require_file

    return {name: file_digest(require_file(name)) for name in local}


def _digests(root: Path, files: Iterable[Path]) -> dict[str, str]:
    return {file.relative_to(root).as_posix(): file_digest(file) for file in files}


def configuration(settings: Settings) -> Json:
    """The settings that answers depend on: no places, no accounts."""
    return own_settings(settings.model_dump(mode="json"))


async def identity(assistant: Assistant, seed: int) -> dict[str, Any]:
    """Everything beside question and history that a reply of an assistant depends on.

    Raises:
        StoreError: the collection cannot be read.
        ModelError: a model file is missing.
    """
    parts = assistant.parts
    settings = parts.settings
    named = {
        "reranker": parts.reranker.name if parts.reranker else "",
        "writer": parts.writer.name if parts.writer else "",
    }
    return {
        "collection": await collection_digest(assistant.papers()),
        "fingerprint": asdict(parts.store.fingerprint),
        "settings": configuration(settings),
        "address": settings.model.api_base or "",
        "prompts": prompts(settings),
        "versions": versions(),
        "code": code(),
        "weights": weights(settings),
        "thresholds": [parts.relevance.opening, parts.relevance.threshold, parts.answers.threshold],
        "seed": seed if parts.writer else 0,
        **named,
    }


def identity_of_attacks(settings: Settings) -> dict[str, Any]:
    """Everything beside the attack that its outcome depends on."""
    found = [file_digest(file) for file in sorted(ATTACKS.glob("*.py"))]
    return {
        "collection": digest_of([file_digest(SAMPLE_FILE), file_digest(ATTACKS / "papers.toml")]),
        "settings": configuration(settings),
        "prompts": {},
        "versions": versions(),
        "code": {**code(), "attacks": digest_of(found)},
        "weights": weights(settings),
        "writer": "",
    }
