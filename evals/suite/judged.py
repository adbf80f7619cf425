"""Have a judge score the faithfulness of replies, each set of claims once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from evals.judging.claims import Claim, claims_of
from evals.judging.digests import digest_of, file_digest
from evals.judging.faithfulness import faithfulness
from evals.judging.judges import ClaimJudge
from evals.judging.verdicts import PLAIN, Judged, Judgement, Way
from evals.suite.kept import Shelf
from evals.suite.records import JudgedClaim, Record, Score, Status
from evals.suite.replies import Reply
from rag.model import Usage

FOLDER = Path(__file__).parents[1] / "judging"


class Opinion(Record):
    """What a judge said of an answer."""

    score: Score
    claims: tuple[JudgedClaim, ...]


class Judging:
    """Scores replies by a judge. Safe to use for many at once.

    Args:
        judge: who is asked.
        shelf: keeps the opinions that are whole.
        abstracts: of the collection, by paper id.
    """

    def __init__(self, judge: ClaimJudge, shelf: Shelf, abstracts: Mapping[str, str]) -> None:
        self._judge = judge
        self._shelf = shelf
        self._abstracts = abstracts
        self._code = [file_digest(file) for file in sorted(FOLDER.glob("*.py"))]

    async def opinion(self, question: str, reply: Reply) -> tuple[Opinion, Usage]:
        """What the judge says of an answer, and what asking took now: nothing where it was kept.

        Raises:
            MalformedRecord: the answer has no whole statements.
        """
        claims = claims_of(reply.answer, self._abstracts)
        named = [self._judge.name, self._judge.digest, self._code]
        key = digest_of([named, question, [asdict(claim) for claim in claims]])
        kept = self._shelf.get(key, Opinion)
        if kept is not None:
            return kept, Usage()
        metered = _Metered(self._judge)
        score, judged = await faithfulness(metered, question, claims)
        opinion = Opinion(score=score, claims=tuple(map(_told, claims, judged)))
        if score.status in (Status.SCORED, Status.NO_CLAIMS):
            self._shelf.put(key, opinion)
        return opinion, metered.usage


class _Metered:
    """A judge whose usage is added up, for one answer."""

    def __init__(self, inner: ClaimJudge) -> None:
        self._inner = inner
        self.name = inner.name
        self.digest = inner.digest
        self.usage = Usage()

    async def judge(self, question: str, claims: Sequence[Claim], way: Way = PLAIN) -> Judgement:
        judgement = await self._inner.judge(question, claims, way)
        self.usage += judgement.usage
        return judgement

    async def close(self) -> None:
        await self._inner.close()


def _told(claim: Claim, judged: Judged) -> JudgedClaim:
    return JudgedClaim(
        claim_id=claim.claim_id,
        text=claim.text,
        status=judged.status,
        verdict=judged.verdict or "",
        quote=judged.quote,
        paper_id=judged.paper_id,
        probability=judged.probability,
        why=judged.why,
    )
