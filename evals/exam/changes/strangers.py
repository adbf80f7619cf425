"""Names and statements of other papers, in place of what a sentence says or beside an abstract."""

import random
import re

from evals.exam.changes.paraphrases import connective_dropped, third_person
from evals.exam.changes.scene import Scene, content, has_word, own_name, said, sentences, told_by, usable
from rag.retrieval.candidates import OWN_WORK

MODELS = (
    "GPT-4", "GPT-4o", "GPT-3.5", "GPT-3", "ChatGPT", "InstructGPT", "LLaMA", "LLaMA-7B", "LLaMA2-7B",
    "LLaMA2-13B", "LLaMA-2", "Llama-2", "Llama 2", "Llama-3", "Llama", "Mistral", "Mixtral", "Vicuna",
    "Vicuna-7B", "Alpaca", "BLOOM", "PaLM", "Codex", "AlphaCode", "Flan-UL2", "FLAN-T5", "TinyLLaMA", "BERT",
    "Gemma", "Claude", "OPT", "CodeGen", "Contriever", "BM25", "LongT5", "SparseGPT", "LLM-Pruner",
    "MobileLLM", "RankLLaMA", "LLaVA",
)  # fmt: skip
DATASETS = (
    "GSM8K", "MMLU", "MMLU-Pro", "HumanEval", "MATH", "BEIR", "MT-Bench", "AlpacaEval", "MedQA", "MedMCQA",
    "PubMedQA", "Spider", "HotpotQA", "SQuAD", "TREC-DL2020", "TREC-DL2019", "CoQA", "ToolBench",
    "RewardBench", "Qasper", "MBPP", "TabMWP", "GPQA", "AIME", "BBH", "HELM", "LawBench", "LiveBench",
    "WildBench", "NL4OPT", "FLASK", "WikiText2", "APPS", "CaseHOLD", "SNIPS", "SST-2", "CIFAR-10",
    "LitSearch", "USMLE", "MARCO",
)  # fmt: skip

FOREIGN = 0.3
"""A sentence of another paper with a larger share of its words in this abstract may be true of both."""

FOREIGN_WORDS = 8

SPECIFIC = re.compile(r"\d|\b(?!LLM|NLP|AI\b)\w*[A-Z]\w*[A-Z]\w*")
"""A number or a name, without which a sentence might be about any paper."""


def entity_swapped(text: str, scene: Scene, rng: random.Random) -> str | None:
    """The name of a model or dataset becomes that of another which the paper does not mention."""
    found = [(name, names) for names in (MODELS, DATASETS) for name in names if _stands(name, text)]
    if not found:
        return None
    name, names = max(found, key=lambda entry: len(entry[0]))
    others = [other for other in names if not said(other, scene) and not _stem(other) & _stem(name)]
    return _replaced(name, rng.choice(others), text) if others else None


def method_swapped(text: str, scene: Scene, rng: random.Random) -> str | None:
    """The name of the paper's method becomes that of another paper's method."""
    names = [own_name(paper) for paper in scene.papers]
    others = sorted({name for name in names if name and not said(name, scene)})
    if not scene.name or not has_word(scene.name, text) or not others:
        return None
    return re.sub(rf"(?<![\w-]){re.escape(scene.name)}(?![\w-])", rng.choice(others), text)


def of_another_paper(scene: Scene, rng: random.Random) -> str | None:
    """What another paper says of its own work, where this abstract does not touch its subject."""
    others = [paper for paper in scene.papers if paper.paper_id != scene.paper.paper_id]
    other = rng.choice(others)
    about = f"{scene.paper.title} {scene.paper.abstract}"
    there = sentences(other)
    fitting = [
        there[index]
        for index in usable(other)
        if OWN_WORK.search(there[index])
        and SPECIFIC.search(there[index])
        and len(content(there[index])) >= FOREIGN_WORDS
        and told_by(there[index], about) <= FOREIGN
    ]
    if not fitting:
        return None
    text = " ".join(rng.choice(fitting).split())
    bare = connective_dropped(text, scene, rng) or text
    return third_person(bare, scene, rng) or bare


def _stands(name: str, text: str) -> bool:
    return re.search(_pattern(name), text) is not None


def _replaced(name: str, new: str, text: str) -> str:
    return re.sub(_pattern(name), new, text)


def _pattern(name: str) -> str:
    """A name that is no part of a longer one: not the Llama of Llama 2."""
    return rf"(?<![\w-]){re.escape(name)}(?![\w-]|\.\d| ?\d| [A-Z]| \(\d|/)"


def _stem(name: str) -> set[str]:
    return set(re.findall(r"[a-z]{2,}", name.lower()))
