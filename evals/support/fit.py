"""Fit how the support classifier's signals are combined: `python -m evals.support.fit PAPERS`.

PAPERS is the file that the classifier was trained from; the pairs are made from papers it was not trained on,
with whole abstracts for evidence, as where answers are checked. Writes the weights into
`models/support/config.json` and prints AUROC, balanced accuracy and reliability on pairs that nothing was
fitted on.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from evals.auroc import auroc, balanced_accuracy
from evals.measures import calibration_error, reliability
from evals.support.made_pair import ABSENT, LABELS, SUPPORTED, MadePair
from evals.support.made_statements import make_statements
from evals.support.papers import HELD_OUT_PAPERS, SEED, choose_papers
from models import folder
from rag.adapters.support_onnx import SupportClassifier
from rag.support import CONTEXT, DIRECTION, Combination

PAIRS, FITTED = 4_000, 500
"""Pairs made; those over natural evidence that are fitted on, the others being reported on."""
PENALTY = 1e-3
TRAINING_ONLY = ("against-", "with-", "same-thing", "other-thing", "finding")
"""Kinds whose evidence was altered or made up, so that no side tells the label: no claim meets these."""

Matrix = NDArray[np.float64]


def fit(signals: Matrix, right: NDArray[np.bool_], names: Sequence[str]) -> dict[str, float]:
    """L2-regularised logistic regression; a weight by name and the `bias`. Both classes weigh the same."""
    centre, scale = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    rows = np.hstack([(signals - centre) / scale, np.ones((len(signals), 1))])
    sign = np.where(right, 1.0, -1.0)
    share = np.where(right, 0.5 / max(right.mean(), 1e-9), 0.5 / max(1 - right.mean(), 1e-9))

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        margins = sign * (rows @ weights)
        slope = -(share * sign / (1 + np.exp(np.clip(margins, -30, 30)))) @ rows / len(rows)
        value = float((share * np.logaddexp(0, -margins)).mean() + PENALTY * weights @ weights)
        return value, slope + 2 * PENALTY * weights

    best = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x
    weights = best[:-1] / scale
    return {**dict(zip(names, weights.tolist(), strict=True)), "bias": float(best[-1] - weights @ centre)}


def fit_combination(context: Matrix, direction: Matrix, labels: NDArray[np.int64]) -> Combination:
    """Both regressions: in context or not, and, of those in context, supported or contradicted."""
    spoken = labels != ABSENT
    return Combination(
        fit(context, spoken, CONTEXT), fit(direction[spoken], labels[spoken] == SUPPORTED, DIRECTION)
    )


def report(found: Matrix, labels: NDArray[np.int64]) -> None:
    """Print how well the probabilities of made pairs fit their labels."""
    print(f"AUROC {auroc(found[:, SUPPORTED], labels == SUPPORTED):.3f} on {len(labels)} made pairs")
    print(f"balanced accuracy {balanced_accuracy(found.argmax(axis=1), labels):.3f}")
    for label, name in enumerate(LABELS):
        chances, right = found[:, label].tolist(), (labels == label).astype(float).tolist()
        print(f"{name}: calibration error {calibration_error(chances, right):.3f}")
        for count, chance, share in reliability(chances, right):
            print(f"  {count:5} {chance:.2f} {share:.2f}")


def made_pairs(papers: Path) -> list[MadePair]:
    """Pairs over whole abstracts of the papers that training held out, without `TRAINING_ONLY`."""
    made = make_statements(choose_papers(papers)[:HELD_OUT_PAPERS], SEED + 2, PAIRS, whole=True)
    return [pair for pair in made if not pair.kind.startswith(TRAINING_ONLY)]


def main() -> int:
    """Fit on the first pairs, report on the others, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("papers", type=Path, help="a file of papers, as `pincite ingest` reads it")
    pairs = made_pairs(parser.parse_args().papers)
    classifier = SupportClassifier(folder("support"), threads=0)
    asked = [(pair.statement, pair.evidence) for pair in pairs]
    context, direction = asyncio.run(classifier.signals(asked))
    labels = np.array([pair.label for pair in pairs])
    combination = fit_combination(context[:FITTED], direction[:FITTED], labels[:FITTED])
    report(combination.probabilities(context[FITTED:], direction[FITTED:]), labels[FITTED:])
    file = folder("support") / "config.json"
    config = json.loads(file.read_text("utf-8"))
    config |= {"context": combination.context, "direction": combination.direction}
    file.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
