"""A language model as a judge of claims: it quotes what decides, then gives its verdict."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evals.judges.claims import Claim
from evals.judges.offline import lines
from evals.judges.prompting import (
    AGAIN,
    CLAIMS,
    again,
    claims_request,
    line,
    list_schema,
    prompt,
    separated,
    texts,
)
from evals.judges.replies import Entry, ItemReply, Questionnaire, ask
from evals.judges.verdicts import (
    ClaimLabel,
    ClaimVerdict,
    Judgement,
    in_order,
    no_verdict,
    read_label,
    verdict_with_quote,
)
from rag.models.language_model import Message, Model, Request, Usage

CHARACTERS_A_TOKEN = 4
HALF = 2
"""The part of the context that claims and abstracts may fill: one in so many."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a model is asked and its reply read.

    Attributes:
        prompts: all that a request may hold, by name.
        request: see `claims_request`.
        read: see `read_verdict`.
        batch: most claims of one request.
    """

    prompts: tuple[str, ...]
    request: Callable[[str, Mapping[str, Claim], Mapping[str, str]], Request]
    read: Callable[[Claim, Entry], ClaimVerdict | str]
    batch: int

    @property
    def decides(self) -> tuple[object, ...]:
        """All of it that decides verdicts, for a digest."""
        return texts(*self.prompts), self.batch


@dataclass(frozen=True, slots=True)
class ModelJudge:
    """A `ClaimJudge` over a model.

    Attributes:
        model: asked about some claims at a time, several requests at once.
        digest: see `ClaimJudge`.
        form: how it is asked.
    """

    model: Model
    digest: str
    form: Form

    @property
    def name(self) -> str:
        """The model's, as litellm names it."""
        return self.model.name

    async def judge(self, question: str, claims: Sequence[Claim]) -> Judgement:
        """As `ClaimJudge.judge`."""
        batches = _batches(claims, self.form.batch, self.model.context_tokens * CHARACTERS_A_TOKEN // HALF)
        found = await asyncio.gather(*(self._asked(question, batch) for batch in batches))
        verdicts = [each for part, _ in found for each in part]
        return Judgement(in_order(claims, verdicts), sum((usage for _, usage in found), Usage()))

    async def _asked(self, question: str, claims: Sequence[Claim]) -> tuple[list[ClaimVerdict], Usage]:
        # Ids of a claim may tell where it comes from, and the same claims should make the same request.
        by_id = {f"c{number}": claim for number, claim in enumerate(claims, 1)}

        def request(wanted: Sequence[str], faults: Mapping[str, str]) -> Request:
            return self.form.request(question, {each: by_id[each] for each in wanted}, faults)

        def check(each: str, entry: Entry) -> ClaimVerdict | str:
            return self.form.read(by_id[each], entry)

        told, usage = await ask(self.model, Questionnaire(list(by_id), request, "verdicts", check))
        return [_judged(by_id[each], said) for each, said in told.items()], usage

    async def close(self) -> None:
        """Close the model."""
        await self.model.close()


def read_verdict(claim: Claim, entry: Entry) -> ClaimVerdict | str:
    """The verdict of an entry, or what is wrong with it: its label, or a quote that cannot be located."""
    verdict, quote = read_label(entry.get("verdict")), entry.get("quote")
    if verdict is None:
        return no_verdict(entry.get("verdict"))
    if not isinstance(quote, str):
        return f"the quote is {quote!r:.40}, expected a text"
    return verdict_with_quote(claim, verdict, quote)


def _judged(claim: Claim, told: ItemReply[ClaimVerdict]) -> ClaimVerdict:
    return told.value or ClaimVerdict(claim.claim_id, told.status, why=told.why)


def _batches(claims: Sequence[Claim], most: int, characters: int) -> Iterator[Sequence[Claim]]:
    """Runs of claims that fit a request; one that is too long alone goes alone."""
    batch: list[Claim] = []
    for claim in claims:
        if batch and (len(batch) == most or _length([*batch, claim]) > characters):
            yield batch
            batch = []
        batch.append(claim)
    if batch:
        yield batch


def _length(claims: Sequence[Claim]) -> int:
    abstracts = {each.paper_id: len(each.abstract) for claim in claims for each in claim.evidence}
    return sum(abstracts.values()) + sum(len(claim.text) for claim in claims)


SMALL = "claims-small/1"
MAX_TOKENS = 60


def small_request(question: str, claims: Mapping[str, Claim], faults: Mapping[str, str]) -> Request:
    """Ask for a verdict on one claim; the question is left out, it takes a small model's mind off the claim.

    Args:
        question: not shown.
        claims: one, by the id that the judge is to use.
        faults: what was wrong with the last reply, by id.
    """
    del question
    [(key, claim)] = claims.items()
    told = [
        line({"sentence": number, "text": separated(text)})
        for number, (_, text) in enumerate(lines(claim), 1)
    ]
    parts = ["\n".join(told), line({"id": key, "claim": separated(claim.text)}), *again(faults)]
    messages = (Message("system", prompt(SMALL)), Message("user", "\n\n".join(parts)))
    entry = {
        "id": {"type": "string", "enum": [key]},
        "sentence": {"type": "integer", "enum": list(range(len(told) + 1))},
        "verdict": {"type": "string", "enum": [str(each) for each in ClaimLabel]},
    }
    schema = list_schema("verdicts", entry, 1)
    return Request(messages, SMALL, MAX_TOKENS, schema=schema)


def read_small(claim: Claim, entry: Entry) -> ClaimVerdict | str:
    """The verdict of an entry, quoting the sentence that it points to, or what is wrong with it."""
    number, there = entry.get("sentence"), lines(claim)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= len(there):
        return f"the sentence is {number!r:.40}, expected a number from 0 to {len(there)}"
    verdict = read_label(entry.get("verdict"))
    if verdict is None:
        return no_verdict(entry.get("verdict"))
    return verdict_with_quote(claim, verdict, there[number - 1][1] if number else "")


FULL = Form((CLAIMS, AGAIN), claims_request, read_verdict, batch=6)
SMALL_MODEL = Form((SMALL, AGAIN), small_request, read_small, batch=1)
