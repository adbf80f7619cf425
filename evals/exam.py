"""The support exam: `python -m evals.exam SCIFACT_FOLDER [--model NAME] [--limit N]`.

Whether a judge tells that an abstract supports a claim, on SciFact's claims (Wadden et al. 2020) and the
abstracts they cite: supported, contradicted, or cited without evidence ("not in context"). Prints for each
judge the AUROC of supported against both others, the three-way balanced accuracy where it gives labels, both
with 95 % intervals clustered by claim, the paired p of its AUROC against the support classifier's, and
milliseconds a pair. No judge of ours was trained on SciFact.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from evals.auroc import auroc, auroc_p, balanced_accuracy, interval
from evals.exam_judges import Classifier, Cosine, Judge, Judged, LanguageModel, Overlap
from evals.made_pair import ABSENT, CONTRADICTED, SUPPORTED
from evals.rows import json_rows
from models import folder
from rag.adapters.support_onnx import SupportClassifier
from rag.build import build_encoder, load_settings
from rag.errors import MalformedRecord, PinciteError, SourceUnavailable

VERDICTS = {"SUPPORT": SUPPORTED, "CONTRADICT": CONTRADICTED}


@dataclass(frozen=True, slots=True)
class ExamPair:
    """A claim, the sentences of an abstract it cites, and what that is to it."""

    claim_id: int
    claim: str
    sentences: tuple[str, ...]
    label: int


@dataclass(frozen=True, slots=True)
class Sat:
    """A judge's paper: its name, what it made of the pairs, and milliseconds a pair."""

    name: str
    judged: Judged
    latency_ms: float


def exam_pairs(path: Path) -> list[ExamPair]:
    """Every claim with each abstract it cites, in the order of the claims.

    Args:
        path: holds `corpus.jsonl.gz` and `claims-train.jsonl`.

    Raises:
        SourceUnavailable: a file cannot be read, or no claim cites an abstract of the corpus.
        MalformedRecord: a record is not of the form.
    """
    corpus = {
        row["id"]: tuple(text.strip() for text in row["sentences"])
        for row in json_rows(path / "corpus.jsonl.gz", id=int, sentences=list)
    }
    claims = json_rows(path / "claims-train.jsonl", id=int, claim=str, cited=list, evidence=list)
    pairs = [
        ExamPair(row["id"], row["claim"], corpus[cited], _label(row, cited))
        for row in claims
        for cited in row["cited"]
        if cited in corpus
    ]
    if not pairs:
        raise SourceUnavailable(f"{str(path)!r} has no claim that cites an abstract of its corpus")
    return pairs


def _label(row: dict[str, Any], cited: int) -> int:
    for evidence in row["evidence"]:
        if evidence.get("doc") == cited:
            if evidence.get("label") not in VERDICTS:
                raise MalformedRecord(
                    f"claim {row['id']}: label {evidence.get('label')!r}, "
                    f"expected one of {', '.join(VERDICTS)}"
                )
            return VERDICTS[evidence["label"]]
    return ABSENT


async def sit(judge: Judge, pairs: Sequence[ExamPair]) -> Sat:
    """Let a judge read all pairs, one by one."""
    await judge.judge([(pairs[0].claim, pairs[0].sentences)])  # what loads late is not counted
    started = time.perf_counter()
    judged = await judge.judge([(pair.claim, pair.sentences) for pair in pairs])
    return Sat(judge.name, judged, (time.perf_counter() - started) * 1000 / len(pairs))


def table(pairs: Sequence[ExamPair], papers: Sequence[Sat]) -> Table:
    """One row a judge; the first of PAPERS is the one that the others are compared with."""
    labels = np.array([pair.label for pair in pairs])
    positive, clusters = labels == SUPPORTED, np.array([pair.claim_id for pair in pairs])
    shown = Table(title=f"{len(pairs)} pairs, {int(positive.sum())} supported")
    for column in ("judge", "AUROC", "95 %", "p", "balanced accuracy", "95 %", "ms"):
        shown.add_column(column, justify="left" if column == "judge" else "right")
    for sat in papers:
        scores, guesses = sat.judged.scores, sat.judged.labels
        low, high = interval(lambda at, s=scores: auroc(s[at], positive[at]), clusters)  # type: ignore[misc]
        p = "" if sat is papers[0] else f"{auroc_p(papers[0].judged.scores, scores, positive, clusters):.4f}"
        three_way = ["–", "–"]
        if guesses is not None:
            ends = interval(lambda at, g=guesses: balanced_accuracy(g[at], labels[at]), clusters)  # type: ignore[misc]
            three_way = [f"{balanced_accuracy(guesses, labels):.3f}", "{:.3f}–{:.3f}".format(*ends)]
        estimate = f"{auroc(scores, positive):.3f}"
        shown.add_row(sat.name, estimate, f"{low:.3f}–{high:.3f}", p, *three_way, f"{sat.latency_ms:.0f}")
    return shown


def parts(pairs: Sequence[ExamPair], sat: Sat) -> str:
    """AUROC of supported against each of the two others alone."""
    labels = np.array([pair.label for pair in pairs])
    found = []
    for name, other in (("contradicted", CONTRADICTED), ("not in context", ABSENT)):
        kept = (labels == SUPPORTED) | (labels == other)
        found.append(f"against {name} {auroc(sat.judged.scores[kept], labels[kept] == SUPPORTED):.3f}")
    return f"{sat.name}: {', '.join(found)}"


async def examine(path: Path, model: str | None, limit: int | None) -> None:
    """Hold the exam and print what came of it.

    Raises:
        PinciteError: a file or a model is missing.
    """
    pairs = exam_pairs(path)[:limit]
    classifier = SupportClassifier(folder("support"), threads=0)
    judges: list[Judge] = [Classifier(classifier), Overlap(), Cosine(build_encoder(load_settings()))]
    if model:
        from rag.build import build_model

        asked = build_model(load_settings(model={"name": model}))
        judges += [LanguageModel(asked)] if asked else []
    papers = [await sit(judge, pairs) for judge in judges]
    console = Console(width=120)
    console.print(table(pairs, papers))
    for sat in papers:
        console.print(parts(pairs, sat))


def main() -> int:
    """Read the arguments and hold the exam."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="SciFact: corpus.jsonl.gz and claims-train.jsonl")
    parser.add_argument("--model", help="a language model to examine too, as litellm names it")
    parser.add_argument("--limit", type=int, help="only the first N pairs")
    arguments = parser.parse_args()
    try:
        asyncio.run(examine(arguments.folder, arguments.model, arguments.limit))
    except PinciteError as exc:
        print(exc, file=sys.stderr)
        return exc.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
