"""Claims that people labelled beside the abstracts they cite, in SciFact's form (Wadden et al. 2020)."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.judges.claims import CitedAbstract, Claim
from evals.judges.verdicts import ClaimLabel
from evals.retrieval.datasets import json_rows
from rag.errors import MalformedRecord, SourceUnavailable

LABELS = {"SUPPORT": ClaimLabel.SUPPORTED, "CONTRADICT": ClaimLabel.CONTRADICTED}


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A claim with one abstract, and what people say the abstract says of it.

    Attributes:
        claim: its evidence is that one abstract.
        cluster: number of the claim; pairs of a claim are not independent.
        label: a cited abstract without evidence is "not in context".
    """

    claim: Claim
    cluster: int
    label: ClaimLabel


def human_pairs(path: Path) -> list[LabelledPair]:
    """Every claim with each abstract it cites, in the order of the claims.

    Args:
        path: holds `corpus.jsonl.gz` and `claims-train.jsonl`.

    Raises:
        SourceUnavailable: a file cannot be read, or no claim cites an abstract of the corpus.
        MalformedRecord: a record is not of the form.
    """
    corpus = {
        row["id"]: CitedAbstract(str(row["id"]), str(row.get("title", "")), _abstract(row["sentences"]))
        for row in json_rows(path / "corpus.jsonl.gz", id=int, sentences=list)
    }
    rows = json_rows(path / "claims-train.jsonl", id=int, claim=str, cited=list, evidence=list)
    pairs = [
        LabelledPair(
            Claim(f"{row['id']}/{cited}", row["claim"], (corpus[cited],)), row["id"], _label(row, cited)
        )
        for row in rows
        for cited in row["cited"]
        if cited in corpus
    ]
    if not pairs:
        raise SourceUnavailable(f"{str(path)!r} has no claim that cites its corpus")
    return pairs


def _abstract(sentences: Sequence[str]) -> str:
    return " ".join(sentence.strip() for sentence in sentences)


def _label(row: dict[str, Any], cited: int) -> ClaimLabel:
    for evidence in row["evidence"]:
        if evidence.get("doc") == cited:
            if evidence.get("label") not in LABELS:
                raise MalformedRecord(
                    f"claim {row['id']}: label {evidence.get('label')!r}, expected one of {', '.join(LABELS)}"
                )
            return LABELS[evidence["label"]]
    return ClaimLabel.ABSENT


def stratified(pairs: Sequence[LabelledPair], limit: int, seed: int) -> list[LabelledPair]:
    """About ``limit`` pairs drawn at random, each label as often as among all; in the order given.

    Each label gets at least one pair, and shares are rounded, so there may be one or two more or less.
    """
    if limit >= len(pairs):
        return list(pairs)
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    places: defaultdict[ClaimLabel, list[int]] = defaultdict(list)
    for place, pair in enumerate(pairs):
        places[pair.label].append(place)
    chosen = [
        place
        for each in places.values()
        for place in rng.sample(each, max(1, round(limit * len(each) / len(pairs))))
    ]
    return [pairs[place] for place in sorted(chosen)]
