"""Have an assistant answer the items of a suite, and score what it says."""

from evals.questions import Case
from evals.suite.asking import Asker
from evals.suite.cases import Item, cluster_of
from evals.suite.judged import Judging
from evals.suite.records import JudgedClaim, Result
from evals.suite.replies import Reply
from evals.suite.scoring import Scorer, in_order
from rag.conversation.standalone import EMPTY
from rag.untrusted.masking import masked


class Answering:
    """Results of items. Safe to use for many at once.

    Args:
        asker: asks the assistant.
        scorer: scores without a model.
        judging: scores with one, if there is one.
    """

    def __init__(self, asker: Asker, scorer: Scorer, judging: Judging | None = None) -> None:
        self._asker = asker
        self._scorer = scorer
        self._judging = judging

    async def results(self, item: Item) -> tuple[list[Result], float]:
        """A result for each turn, and the dollars they cost now; turns after one that failed fail too."""
        history, found, spent = EMPTY, list[Result](), 0.0
        for case in item:
            if found and found[-1].failed:
                found.append(failed(case, "a turn before it failed"))
                continue
            try:
                reply, history, cost = await self._asker.ask(case, history)
                result, judged_cost = await self._scored(case, reply)
            except Exception as exc:  # noqa: BLE001 - a bug that one case meets must not cost the others
                result, cost, judged_cost = failed(case, masked(f"{type(exc).__name__}: {exc}")), 0.0, 0.0
            found.append(result)
            spent += cost + judged_cost
        return found, spent

    async def _scored(self, case: Case, reply: Reply) -> tuple[Result, float]:
        scores, spent = self._scorer.scores(case, reply), 0.0
        claims: tuple[JudgedClaim, ...] = ()
        if self._judging is not None:
            opinion, usage = await self._judging.opinion(case, reply)
            scores, claims, spent = in_order((*scores, *opinion.scores)), opinion.claims, usage.cost_usd
        result = Result(
            case_id=case.case_id,
            cluster=cluster_of(case),
            kind=case.kind,
            question=case.question,
            answer=reply.answer,
            ranking=reply.ranking,
            scores=scores,
            claims=claims,
            latency_ms=reply.latency_ms,
            tokens=reply.tokens,
            cost_usd=reply.cost_usd,
        )
        return result, spent


def failed(case: Case, why: str) -> Result:
    """The result of a case that came to nothing."""
    return Result(
        case_id=case.case_id, cluster=cluster_of(case), kind=case.kind, question=case.question, failed=why
    )
