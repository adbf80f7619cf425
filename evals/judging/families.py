"""Whether judge and writer are of one family of models, which tend to favour each other. Pure.

Self-enhancement bias: Zheng et al. 2023 (MT-Bench), Li et al. 2023 (PRD).
"""

import re

FAMILIES = {
    "GPT": r"gpt|chatgpt|davinci|o\d(?![a-z0-9])",
    "Claude": r"claude",
    "Gemini": r"gemini|gemma|palm|bison",
    "Llama": r"llama|vicuna|alpaca",
    "Mistral": r"mi[sx]tral|ministral|codestral|magistral|pixtral",
    "Qwen": r"qwen|qwq",
    "DeepSeek": r"deepseek",
    "Command": r"command|aya",
    "Grok": r"grok",
    "Phi": r"phi",
    "SmolLM": r"smollm",
    "Granite": r"granite",
    "Nova": r"nova|titan",
    "GLM": r"glm",
    "Kimi": r"kimi|moonshot",
}
"""The first that occurs in a model's own name counts, at the start of a word or behind a digit or sign."""

NO_MODEL = frozenset({"", "extractive", "lexical", "cosine"})


def families(name: str) -> frozenset[str]:
    """The families of a judge or writer by its name; none for one without a language model.

    A panel has those of its members. A model that nobody knows is a family of its own.
    """
    kind, _, rest = name.partition("/")
    if kind == "panel":
        return frozenset().union(*(families(member) for member in rest.split(",")))
    if kind == "roles":
        return families(rest)
    return frozenset() if name in NO_MODEL else frozenset({_family(name)})


def _family(model: str) -> str:
    own = model.rpartition("/")[2].lower()
    for family, pattern in FAMILIES.items():
        if re.search(rf"(?<![a-z])(?:{pattern})", own):
            return family
    return re.split(r"[-_:.\d]", own)[0] or own


def family_warning(judge: str, writer: str) -> str:
    """A line where they share a family, else empty."""
    shared = families(judge) & families(writer)
    if not shared:
        return ""
    return (
        f"judge {judge!r} and writer {writer!r} are of one family ({', '.join(sorted(shared))}): "
        "models favour what their own kind wrote; have another family judge too"
    )
