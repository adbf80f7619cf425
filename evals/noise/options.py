"""What a judge thinks of option ids before it has read the options, and its choices without that.

PriDe, On Large Language Models' Selection Bias in Multi-Choice Questions (Zheng et al. 2024): what a model
says of an id is its prior for the id times what it thinks of the option that stands there. Where every
option has stood at every id, the options cancel out, and the prior is what is left. It is learned on some
questions and taken out of the others.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.estimate import Estimate
from evals.noise.rows import OptionRow
from evals.stats import SHARE, interval

Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Selection:
    """How far a judge goes by ids.

    Attributes:
        prior: of each id, in the order of the ids; they sum to 1.
        before: share of the questions tested on which every order gives the same option.
        after: the same without the prior.
        learned: questions that the prior is from; ``tested``: the others.
    """

    prior: tuple[float, ...]
    before: Estimate
    after: Estimate
    learned: int
    tested: int


def selection(rows: Sequence[OptionRow]) -> Selection:
    """Learn the prior on every other question, and see on the rest what taking it out does.

    Raises:
        ValueError: fewer than two questions, or one of them is not of the form; see `id_prior`.
    """
    questions: defaultdict[str, list[OptionRow]] = defaultdict(list)
    for row in rows:
        questions[row.question].append(row)
    asked = list(questions.values())
    if len(asked) < 2:  # noqa: PLR2004 - one to learn on, one to test on
        raise ValueError(f"{len(asked)} questions with options: expected two or more")
    learned, tested = asked[::2], asked[1::2]
    prior = id_prior([row for question in learned for row in question])
    even = (1 / len(prior),) * len(prior)
    return Selection(prior, _steady(tested, even), _steady(tested, prior), len(learned), len(tested))


def id_prior(rows: Sequence[OptionRow]) -> tuple[float, ...]:
    """The prior of each id: the geometric mean over a question's orders, then the mean over questions.

    Raises:
        ValueError: there are no rows; they differ in the number of options; or on a question, the options
            have not stood at each id equally often.
    """
    questions: defaultdict[str, list[OptionRow]] = defaultdict(list)
    for row in rows:
        questions[row.question].append(row)
    if len({len(row.shown) for row in rows} | {len(row.log_probabilities) for row in rows}) != 1:
        raise ValueError("rows of no or of different numbers of options: expected one number throughout")
    priors = [_prior(question, asked) for question, asked in questions.items()]
    return tuple(float(each) for each in np.mean(priors, axis=0))


def debiased(row: OptionRow, prior: Sequence[float]) -> tuple[float, ...]:
    """Probability of each option (not of each id) without the prior; they sum to 1."""
    found = _softmax(np.asarray(row.log_probabilities) - np.log(prior))
    return tuple(float(found[row.shown.index(option)]) for option in range(len(row.shown)))


def _prior(question: str, rows: Sequence[OptionRow]) -> Probabilities:
    shown = np.array([row.shown for row in rows])
    for option in range(shown.shape[1]):
        stood = np.count_nonzero(shown == option, axis=0)
        if stood.min() != stood.max() or not stood.min():
            raise ValueError(f"question {question!r}: option {option} did not stand at each id equally often")
    logs = np.log([_softmax(np.asarray(row.log_probabilities)) for row in rows])
    return _softmax(logs.mean(axis=0))


def _steady(questions: Sequence[Sequence[OptionRow]], prior: Sequence[float]) -> Estimate:
    chosen = [{int(np.argmax(debiased(row, prior))) for row in rows} for rows in questions]
    same = [float(len(options) == 1) for options in chosen]
    return Estimate(sum(same) / len(same), *interval(same, bounds=SHARE))


def _softmax(logs: Probabilities) -> Probabilities:
    raised = np.exp(logs - logs.max())
    shares: Probabilities = raised / raised.sum()
    return shares
