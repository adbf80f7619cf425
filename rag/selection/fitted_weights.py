"""Fitted weights of the ranker, the relevance and the answer models: small JSON files, read and written."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rag.errors import ModelUnavailable
from rag.retrieval.relevance import (
    ABSOLUTE,
    CONTEXT,
    FEATURES,
    RANKING,
    Linear,
    Ranker,
    RelevanceModel,
    question_signals,
)
from rag.selection.pinpoint import SIGNALS, STATED, AnswerModel

RANKER = "ranker.json"
"""Lies beside the weights, which were fitted on its scores among others."""


def load_weights(file: Path) -> tuple[RelevanceModel, AnswerModel]:
    """Read what `save_weights` wrote, and the ranker beside it.

    Raises:
        ModelUnavailable: the file is missing, malformed, or was fitted for other signals.
    """
    ranker = load_ranker(file.with_name(RANKER))
    try:
        content: dict[str, Any] = json.loads(file.read_text("utf-8"))
        fitted_for = (content["features"], content["signals"])
        relevance = TypeAdapter(RelevanceModel).validate_python(content["relevance"] | {"ranker": ranker})
        answers = TypeAdapter(AnswerModel).validate_python(content["answers"])
        _check(relevance.absolute, ABSOLUTE)
        _check(relevance.question, question_signals(0.0, 1))
        _check(relevance.paper, FEATURES)
        _check(relevance.context, FEATURES + CONTEXT)
        _check(answers.sentence, SIGNALS)
        _check(answers.stated, STATED)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelUnavailable(f"weights {str(file)!r} cannot be read: {exc!r}") from exc
    if fitted_for != (list(FEATURES + CONTEXT), list(SIGNALS)):
        raise ModelUnavailable(f"weights {str(file)!r} were fitted for other signals: calibrate again")
    return relevance, answers


def save_weights(file: Path, relevance: RelevanceModel, answers: AnswerModel) -> None:
    """Write both models with the names of the signals they were fitted for."""
    content = {
        "features": FEATURES + CONTEXT,
        "signals": SIGNALS,
        "relevance": {key: value for key, value in asdict(relevance).items() if key != "ranker"},
        "answers": asdict(answers),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def load_ranker(file: Path) -> Ranker:
    """Read what `save_ranker` wrote.

    Raises:
        ModelUnavailable: the file is missing, malformed, or was fitted for other signals.
    """
    try:
        weights = TypeAdapter(dict[str, float]).validate_json(file.read_bytes())
    except (OSError, ValueError) as exc:
        raise ModelUnavailable(f"ranker {str(file)!r} cannot be read: {exc!r}") from exc
    if tuple(weights) != RANKING:
        raise ModelUnavailable(f"ranker {str(file)!r} was fitted for other signals: train it again")
    return Ranker(tuple(weights.values()))


def save_ranker(file: Path, ranker: Ranker) -> None:
    """Write the weight of each signal under its name."""
    weights = dict(zip(RANKING, ranker.weights, strict=True))
    file.write_text(json.dumps(weights, indent=1) + "\n", "utf-8")


def _check(model: Linear, signals: Sequence[object]) -> None:
    if len(model.weights) != len(signals):
        raise ValueError(f"{len(model.weights)} weights where {len(signals)} were expected")
