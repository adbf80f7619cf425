"""Fitted weights of the ranker, the relevance and the answer models: small JSON files, read and written."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

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
        relevance, answers = content["relevance"], content["answers"]
        sizes = {
            "absolute": len(ABSOLUTE),
            "question": len(question_signals(0.0, 1)),
            "paper": len(FEATURES),
            "context": len(FEATURES + CONTEXT),
        }
        linear = {key: _linear(relevance[key], size) for key, size in sizes.items()}
        models = (
            RelevanceModel(
                **linear,
                ranker=ranker,
                opening=relevance["opening"],
                threshold=relevance["threshold"],
                nearest=relevance["nearest"],
            ),
            AnswerModel(
                _linear(answers["sentence"], len(SIGNALS)),
                _linear(answers["stated"], len(STATED)),
                answers["threshold"],
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelUnavailable(f"weights {str(file)!r} cannot be read: {exc!r}") from exc
    if fitted_for != (list(FEATURES + CONTEXT), list(SIGNALS)):
        raise ModelUnavailable(f"weights {str(file)!r} were fitted for other signals: calibrate again")
    return models


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
        content: dict[str, float] = json.loads(file.read_text("utf-8"))
        ranker = Ranker(tuple(float(weight) for weight in content.values()))
    except (OSError, ValueError, TypeError, AttributeError) as exc:
        raise ModelUnavailable(f"ranker {str(file)!r} cannot be read: {exc!r}") from exc
    if tuple(content) != RANKING:
        raise ModelUnavailable(f"ranker {str(file)!r} was fitted for other signals: train it again")
    return ranker


def save_ranker(file: Path, ranker: Ranker) -> None:
    """Write the weight of each signal under its name."""
    weights = dict(zip(RANKING, ranker.weights, strict=True))
    file.write_text(json.dumps(weights, indent=1) + "\n", "utf-8")


def _linear(content: dict[str, Any], size: int) -> Linear:
    weights = tuple(content["weights"])
    if len(weights) != size:
        raise ValueError(f"{len(weights)} weights where {size} were expected")
    return Linear(weights, content["intercept"])
