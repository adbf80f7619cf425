"""Judge the answers of a run again and again, each time asked in another way: rows for `evals.noise`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from evals.judging.claims import Claim, claims_of
from evals.judging.exam import OnProgress
from evals.judging.faithfulness import faithfulness
from evals.judging.judges import ClaimJudge
from evals.judging.model_judge import FULL, ModelJudge
from evals.judging.panel import Panel
from evals.judging.prompting import CLAIMS
from evals.judging.roles import RolesJudge
from evals.judging.verdicts import PLAIN, Judged, Way
from evals.noise.rows import LabelRow, ScoreRow
from evals.suite.records import Run


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of a run that says something."""

    case_id: str
    question: str
    claims: tuple[Claim, ...]

    @property
    def words(self) -> int:
        """Of all claims together."""
        return sum(len(claim.text.split()) for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Variations:
    """How often each answer is judged: in every combination.

    Attributes:
        repeats: with other seeds of the model.
        paraphrases: wordings of the prompt, at most as many as there are.
        orders: of papers and claims in a request.
    """

    repeats: int = 2
    paraphrases: int = len(CLAIMS)
    orders: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.paraphrases <= len(CLAIMS):
            raise ValueError(f"{self.paraphrases} wordings of the prompt: expected 1 to {len(CLAIMS)}")

    def ways(self) -> Iterator[Way]:
        """Each combination, the plain way first."""
        places = product(range(self.repeats), range(self.paraphrases), range(self.orders))
        return (Way(paraphrase, order, repeat) for repeat, paraphrase, order in places)

    def within(self, judge: ClaimJudge) -> "Variations":
        """Those that make a difference to a judge: what it takes no notice of would look like steadiness."""
        if isinstance(judge, Panel):
            each = [self.within(member) for member in judge.members]
            return Variations(
                max(one.repeats for one in each),
                max(one.paraphrases for one in each),
                max(one.orders for one in each),
            )
        if isinstance(judge, RolesJudge) or (isinstance(judge, ModelJudge) and judge.form is FULL):
            return self
        return Variations(self.repeats if isinstance(judge, ModelJudge) else 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What came of it: scores of answers in every way, and labels of claims in the plain way."""

    scores: tuple[ScoreRow, ...]
    labels: tuple[LabelRow, ...]


def answered(run: Run, abstracts: Mapping[str, str]) -> list[Answered]:
    """The answers of a run with at least one claim.

    Raises:
        MalformedRecord: an answer is not of the form.
    """
    found = (
        Answered(each.case_id, each.question, tuple(claims_of(each.answer, abstracts)))
        for each in run.results
        if not each.failed
    )
    return [each for each in found if each.claims]


async def rejudge(
    judge: ClaimJudge,
    answers: Sequence[Answered],
    variations: Variations,
    on_progress: OnProgress = lambda _done, _all: None,
) -> Rejudged:
    """Have a judge score each answer in every way; one without a score stays without.

    Args:
        judge: asked once for each answer and way.
        answers: of one run.
        variations: the ways, of which those count that the judge knows.
        on_progress: told how many scores there are, and of how many.
    """
    ways = list(variations.within(judge).ways())
    scores: list[ScoreRow] = []
    labels: list[LabelRow] = []
    for each in answers:
        for way in ways:
            score, judged = await faithfulness(judge, each.question, each.claims, way)
            scores.append(_row(each, judge.name, way, score.value))
            labels += _labels(each, judge.name, judged) if way == PLAIN else []
            on_progress(len(scores), len(answers) * len(ways))
    return Rejudged(tuple(scores), tuple(labels))


def _row(each: Answered, judge: str, way: Way, value: float | None) -> ScoreRow:
    return ScoreRow(each.case_id, value, each.words, judge, way.repeat, way.paraphrase, way.order)


def _labels(each: Answered, judge: str, judged: Sequence[Judged]) -> list[LabelRow]:
    return [
        LabelRow(f"{each.case_id}/{said.claim_id}", judge, str(said.verdict))
        for said in judged
        if said.verdict is not None
    ]
