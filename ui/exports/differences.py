"""What differs between two receipts, part by part. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, NamedTuple

from rag.forms import Json
from ui.exports.receipts import Account, Receipt, ReceiptStatement

CALLS = ("rewrite.calls", "model.calls")
"""Stages that call a language model, and where they account for it."""

USED = {"prompt_tokens": "prompt tokens", "completion_tokens": "completion tokens", "cost_usd": "cost usd"}
"""What a call takes, and what it is called."""

OWN = frozenset({"writer", "papers", "cited"})
"""Of an account, what the answer says too."""

Rank = tuple[int, float]
"""A paper's place among the candidates, from 1, and its probability."""


class Discrepancy(NamedTuple):
    """One thing that two receipts do not agree on; a value is None where a receipt does not have it."""

    part: str
    what: str
    first: Any
    second: Any


def differences(first: Receipt, second: Receipt) -> list[Discrepancy]:
    """What differs in question, versions, collection, settings, understanding, candidates and answer.

    What it took is left to `effort`: no two answers take the same time.
    """
    both = [_parts(receipt) for receipt in (first, second)]
    found = {part: list(_values(part, one, both[1][part])) for part, one in both[0].items()}
    answer = found.pop("answer")
    return [
        *(each for part in found.values() for each in part),
        *_candidates(_ranks(first.receipt), _ranks(second.receipt)),
        *answer,
        *_statements(first.answer.statements, second.answer.statements),
    ]


def effort(first: Receipt, second: Receipt) -> list[Discrepancy]:
    """Time of each stage in milliseconds, and calls, tokens and dollars of a model, where either has any."""
    one, other = _effort(first.receipt), _effort(second.receipt)
    return [Discrepancy("effort", what, one.get(what), other.get(what)) for what in one | other]


def flat(values: Mapping[str, Any], prefix: str = "") -> Json:
    """The leaves of a tree under their dotted names; lists are leaves."""
    leaves: Json = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            leaves |= flat(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


def _parts(receipt: Receipt) -> dict[str, Json]:
    """All that is compared value by value."""
    account = receipt.receipt
    settings = {key: value for key, value in receipt.settings.items() if key != "collection"}
    stages = {key: value for key, value in (account.model_extra or {}).items() if key not in OWN}
    return {
        "question": {"question": receipt.question, "history": list(receipt.history)},
        "versions": dict(receipt.versions),
        "collection": account.collection | receipt.collection.model_dump(),
        "settings": flat(settings) | flat(account.thresholds, "threshold."),
        "understanding": flat(account.understood),
        "stages": {key: value for key, value in flat(stages).items() if key not in CALLS},
        "answer": _frame(receipt),
    }


def _frame(receipt: Receipt) -> Json:
    """The answer but for its statements and question, with papers by their ids alone."""
    frame = {
        key: value
        for key, value in (receipt.answer.model_extra or {}).items()
        if key not in {"id", "question"}
    }
    for key in ("papers", "nearest"):
        if isinstance(papers := frame.get(key), list):
            frame[key] = [paper.get("paper_id") if isinstance(paper, dict) else paper for paper in papers]
    return flat(frame)


def _values(part: str, first: Json, second: Json) -> Iterator[Discrepancy]:
    for key in first | second:
        if (one := first.get(key)) != (other := second.get(key)):
            yield Discrepancy(part, key, one, other)


def _candidates(one: dict[str, Rank], other: dict[str, Rank]) -> Iterator[Discrepancy]:
    """Papers that came, went or changed places; where only probabilities changed, by how much at most."""
    staying = _longest_rise([other[key][0] for key in one if key in other])
    changes = [0.0]
    for key in one | other:
        if key in one and key in other and other[key][0] in staying:
            changes.append(abs(one[key][1] - other[key][1]))
        else:
            yield Discrepancy("candidates", key, _place(one.get(key)), _place(other.get(key)))
    if max(changes):
        changed = f"changed by up to {max(changes):.6f}"
        yield Discrepancy("candidates", "probability of the others", None, changed)


def _ranks(account: Account) -> dict[str, Rank]:
    return {key: (rank, p) for rank, (key, p) in enumerate(account.candidates, 1)}


def _place(rank: Rank | None) -> str | None:
    return rank and f"{rank[0]}. ({rank[1]:.4f})"


def _longest_rise(ranks: Sequence[int]) -> set[int]:
    """A longest part of different ``ranks`` that rises: all others have moved."""
    ends: list[int] = []  # the lowest end of a rise of each length
    rises: list[Any] = []  # that rise: its end, and the rise before it
    for rank in ranks:
        length = bisect_left(ends, rank)
        ends[length : length + 1] = [rank]
        rises[length : length + 1] = [(rank, rises[length - 1] if length else None)]
    rise, found = rises[-1] if rises else None, set()
    while rise:
        end, rise = rise
        found.add(end)
    return found


def _statements(
    first: Sequence[ReceiptStatement], second: Sequence[ReceiptStatement]
) -> Iterator[Discrepancy]:
    """Statements that came, went or are told otherwise, in reading order."""
    keys = [[said.model_dump_json() for said in statements] for statements in (first, second)]
    for tag, i, j, k, m in SequenceMatcher(a=keys[0], b=keys[1], autojunk=False).get_opcodes():
        if tag != "equal":
            for offset, (one, other) in enumerate(zip_longest(first[i:j], second[k:m])):
                yield _statement(max(i, k) + offset + 1, one, other)


def _statement(number: int, one: ReceiptStatement | None, other: ReceiptStatement | None) -> Discrepancy:
    if one is None or other is None or one.text != other.text:
        return Discrepancy("statements", str(number), one and one.text, other and other.text)
    if one.verdict != other.verdict:
        return Discrepancy("verdicts", str(number), one.verdict, other.verdict)
    quotes = [[f"{each.paper_id}: {each.quote}" for each in said.citations] for said in (one, other)]
    return Discrepancy("citations", str(number), *quotes)


def _effort(account: Account) -> dict[str, float]:
    took = {f"{stage} ms": milliseconds for stage, milliseconds in account.timings_ms.items()}
    stages = flat(account.model_extra or {})
    kept = [stages[key] for key in CALLS if isinstance(stages.get(key), list)]
    if kept:
        made = [call for calls in kept for call in calls if isinstance(call, dict)]
        took["calls of a model"] = len(made)
        for key, name in USED.items():
            used = (call.get(key) for call in made)
            took[name] = sum(number for number in used if isinstance(number, int | float))
    return took
