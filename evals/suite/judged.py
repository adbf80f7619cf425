"""Have a judge score the faithfulness of replies, and go through their checklists, each reply once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evals.cases.questions import Case
from evals.files import Record, digest_of, file_digest
from evals.judges.checklists import (
    ChecklistJudge,
    as_shown,
    build_checklist_judge,
    checklist_scores,
    read_checklists,
)
from evals.judges.claims import Claim, claims_of
from evals.judges.faithfulness import faithfulness
from evals.judges.registry import build_judge
from evals.judges.verdicts import ClaimJudge, ClaimVerdict, Judgement
from evals.records import JudgedClaim, Score, Status
from evals.suite.asking import Reply
from evals.suite.run_files import ResultCache
from rag.models.language_model import Usage
from rag.settings import Settings

FOLDER = Path(__file__).parents[1] / "judges"


class Opinion(Record):
    """What a judge said of an answer: a score a measure, and a verdict a claim."""

    scores: tuple[Score, ...]
    claims: tuple[JudgedClaim, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing: only then may it be kept."""
        return all(score.status in (Status.SCORED, Status.NO_CLAIMS) for score in self.scores)


@dataclass(frozen=True, slots=True)
class Judges:
    """Who judges a run: of claims, and of checklists where the judge is a model that can go through them."""

    of_claims: ClaimJudge
    of_lists: ChecklistJudge | None = None

    @property
    def known_as(self) -> str:
        """Name and digest, as a head has them."""
        return f"{self.of_claims.name}@{self.of_claims.digest}"

    async def close(self) -> None:
        """Let go of models."""
        await self.of_claims.close()
        if self.of_lists is not None:
            await self.of_lists.model.close()


def judges_of(name: str, settings: Settings) -> Judges | None:
    """The judges of a name; None for no name."""
    return Judges(build_judge(name, settings), build_checklist_judge(name, settings)) if name else None


class ReplyJudge:
    """Scores replies by a judge. Safe to use for many at once.

    Args:
        judges: who is asked.
        cache: keeps the opinions that are whole.
        abstracts: of the collection, by paper id.
    """

    def __init__(self, judges: Judges, cache: ResultCache, abstracts: Mapping[str, str]) -> None:
        self._judges = judges
        self._cache = cache
        self._abstracts = abstracts
        self._checklists = read_checklists() if judges.of_lists else {}
        self._code = [file_digest(file) for file in sorted(FOLDER.glob("*.py"))]

    async def opinion(self, case: Case, reply: Reply) -> tuple[Opinion, Usage]:
        """What the judge says of a reply, and what asking took now: nothing where it was kept.

        Raises:
            MalformedRecord: the answer has no whole statements.
        """
        of_claims, usage = await self._of_claims(case.question, reply)
        of_list, more = await self._of_checklist(case, reply)
        return Opinion(scores=(*of_claims.scores, *of_list.scores), claims=of_claims.claims), usage + more

    async def _of_claims(self, question: str, reply: Reply) -> tuple[Opinion, Usage]:
        claims = claims_of(reply.answer, self._abstracts)
        named = [self._judges.known_as, self._code]

        async def ask() -> tuple[Opinion, Usage]:
            metered = _UsageCounter(self._judges.of_claims)
            score, judged = await faithfulness(metered, question, claims)
            return Opinion(scores=(score,), claims=tuple(map(_told, claims, judged))), metered.usage

        return await self._once(digest_of([named, question, [asdict(claim) for claim in claims]]), ask)

    async def _of_checklist(self, case: Case, reply: Reply) -> tuple[Opinion, Usage]:
        """Nothing where there is no list for exactly this question, or none that a person stands by."""
        checker, checklist = self._judges.of_lists, self._checklists.get(case.case_id)
        if (
            checker is None
            or checklist is None
            or checklist.question != case.question
            or not checklist.usable
        ):
            return Opinion(scores=()), Usage()

        async def ask() -> tuple[Opinion, Usage]:
            scores, usage = await checklist_scores(checker, reply.answer, checklist)
            return Opinion(scores=scores), usage

        shown = [as_shown(reply.answer), checklist.model_dump(mode="json")]
        return await self._once(digest_of([checker.digest, self._code, *shown]), ask)

    async def _once(
        self, key: str, ask: Callable[[], Awaitable[tuple[Opinion, Usage]]]
    ) -> tuple[Opinion, Usage]:
        kept = self._cache.get(key, Opinion)
        if kept is not None:
            return kept, Usage()
        opinion, usage = await ask()
        if opinion.is_whole:
            self._cache.put(key, opinion)
        return opinion, usage


class _UsageCounter:
    """A judge whose usage is added up, for one answer."""

    def __init__(self, inner: ClaimJudge) -> None:
        self._inner = inner
        self.name = inner.name
        self.digest = inner.digest
        self.usage = Usage()

    async def judge(self, question: str, claims: Sequence[Claim]) -> Judgement:
        judgement = await self._inner.judge(question, claims)
        self.usage += judgement.usage
        return judgement

    async def close(self) -> None:
        await self._inner.close()


def _told(claim: Claim, judged: ClaimVerdict) -> JudgedClaim:
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
