"""Which versions are installed, read from their metadata: nothing is imported."""

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "pincite",
    "chainlit",
    "litellm",
    "llama-index",
    "onnxruntime",
    "qdrant-client",
    "qdrant-edge-py",
    "tiktoken",
    "tokenizers",
)


def installed(package: str) -> str:
    """The version of a package, or ``not installed`` (for pincite itself: run from its source)."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def versions() -> dict[str, str]:
    """Python's version and those of the packages that matter here."""
    return {"python": platform.python_version()} | {package: installed(package) for package in PACKAGES}
