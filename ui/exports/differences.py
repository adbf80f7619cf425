"""What differs between two receipts, part by part. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, NamedTuple

from ui.exports.contract import Json
from ui.exports.receipts import Account, Receipt, Said

CALLS = ("rewrite.calls", "model.calls")
"""Stages that call a language model, and where they account for it."""

TOKENS = ("prompt_tokens", "completion_tokens")


class Difference(NamedTuple):
    """One thing that two receipts do not agree on; a value is None where a receipt does not have it."""

    part: str
    what: str
    first: Any
    second: Any


def differences(first: Receipt, second: Receipt) -> list[Difference]:
    """What differs in question, versions, collection, settings, understanding, candidates and answer.

    What it took is left to `effort`: no two answers take the same time.
    """
    one, other = first.receipt, second.receipt
    return [
        *_values("question", _question(first), _question(second)),
        *_values("versions", first.versions, second.versions),
        *_values("collection", _collection(first), _collection(second)),
        *_values("settings", _settings(first), _settings(second)),
        *_values("understanding", flat(one.understood), flat(other.understood)),
        *_values("stages", _stages(one), _stages(other)),
        *_candidates(one, other),
        *_values("answer", _frame(first), _frame(second)),
        *_statements(first.answer.statements, second.answer.statements),
    ]


def effort(first: Receipt, second: Receipt) -> list[Difference]:
    """Time of each stage in milliseconds, and calls, tokens and dollars of a model, where either has any."""
    one, other = _effort(first.receipt), _effort(second.receipt)
    return [Difference("effort", what, one.get(what), other.get(what)) for what in one | other]


def flat(values: Mapping[str, Any], prefix: str = "") -> Json:
    """The leaves of a tree under their dotted names; lists are leaves."""
    leaves: Json = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            leaves |= flat(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


def _question(receipt: Receipt) -> Json:
    return {"question": receipt.question, "history": list(receipt.history)}


def _collection(receipt: Receipt) -> Json:
    """What it was made with, and what was in it; how many papers were searched is said by the answer."""
    return receipt.receipt.collection | receipt.collection.model_dump()


def _settings(receipt: Receipt) -> Json:
    thresholds = flat(receipt.receipt.thresholds, "threshold.")
    kept = {key: value for key, value in receipt.settings.items() if key != "collection"}
    return flat(kept) | thresholds


def _stages(account: Account) -> Json:
    """What stages that only some answers go through say of themselves, but for the calls of a model."""
    own = {"writer", "papers", "cited"}  # all of them said by the answer
    stages = {key: value for key, value in (account.model_extra or {}).items() if key not in own}
    return {key: value for key, value in flat(stages).items() if key not in CALLS}


def _frame(receipt: Receipt) -> Json:
    """The answer but for its statements and question, with papers by their ids alone."""
    frame = dict(receipt.answer.model_extra or {})
    for key in ("papers", "nearest"):
        if isinstance(papers := frame.get(key), list):
            frame[key] = [paper.get("paper_id") if isinstance(paper, dict) else paper for paper in papers]
    return flat({key: value for key, value in frame.items() if key not in {"id", "question"}})


def _values(part: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys([*first, *second]):
        if (one := first.get(key)) != (other := second.get(key)):
            yield Difference(part, key, one, other)


def _candidates(first: Account, second: Account) -> Iterator[Difference]:
    """Papers that came, went or changed places; where only probabilities changed, by how much at most."""
    one, other = _ranks(first), _ranks(second)
    staying = _in_same_order([other[key][0] for key in one if key in other])
    changes = [0.0]
    for key in one | other:
        (rank, p), (new_rank, new_p) = one.get(key, _ABSENT), other.get(key, _ABSENT)
        if key in one and key in other and new_rank in staying:
            changes.append(abs(p - new_p))
        else:
            yield Difference("candidates", key, _place(rank, p), _place(new_rank, new_p))
    if max(changes):
        yield Difference(
            "candidates", "probability of the others", None, f"changed by up to {max(changes):.6f}"
        )


_ABSENT = (0, 0.0)


def _ranks(account: Account) -> dict[str, tuple[int, float]]:
    return {key: (rank, p) for rank, (key, p) in enumerate(account.candidates, 1)}


def _place(rank: int, probability: float) -> str | None:
    return f"{rank}. ({probability:.4f})" if rank else None


def _in_same_order(ranks: Sequence[int]) -> set[int]:
    """A longest part of different ``ranks`` that rises: all others have moved."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for rank in ranks:
        place = bisect_left(tails, rank)
        before[rank] = tails[place - 1] if place else None
        tails[place : place + 1] = [rank]
    found: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found


def _statements(first: Sequence[Said], second: Sequence[Said]) -> Iterator[Difference]:
    """Statements that came, went or are told otherwise, in reading order."""
    keys = [[said.model_dump_json() for said in statements] for statements in (first, second)]
    for tag, i, j, k, m in SequenceMatcher(a=keys[0], b=keys[1], autojunk=False).get_opcodes():
        if tag != "equal":
            for offset, (one, other) in enumerate(zip_longest(first[i:j], second[k:m])):
                yield _statement(max(i, k) + offset + 1, one, other)


def _statement(number: int, one: Said | None, other: Said | None) -> Difference:
    if one is None or other is None or one.text != other.text:
        return Difference("statements", str(number), one and one.text, other and other.text)
    if one.verdict != other.verdict:
        return Difference("verdicts", str(number), one.verdict, other.verdict)
    quotes = [[f"{each.paper_id}: {each.quote}" for each in said.citations] for said in (one, other)]
    return Difference("citations", str(number), *quotes)


def _effort(account: Account) -> dict[str, float]:
    took = {f"{stage} ms": milliseconds for stage, milliseconds in account.timings_ms.items()}
    stages = flat(account.model_extra or {})
    kept = [stages[key] for key in CALLS if isinstance(stages.get(key), list)]
    if not kept:
        return took
    made = [call for calls in kept for call in calls if isinstance(call, dict)]
    took["calls of a model"] = len(made)
    for key in (*TOKENS, "cost_usd"):
        used = (call.get(key) for call in made)
        took[key.replace("_", " ")] = sum(number for number in used if isinstance(number, int | float))
    return took
