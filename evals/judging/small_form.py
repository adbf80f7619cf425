"""How a small model is asked about a claim: for the number of a sentence in place of a quote. Pure.

A model of a hundred million parameters fills a form with the words of its example.
"""

from collections.abc import Mapping

from evals.judging.claims import Claim
from evals.judging.offline import lines
from evals.judging.prompting import again, line, list_schema, prompt, tame
from evals.judging.replies import Entry
from evals.judging.verdicts import Judged, Verdict, no_verdict, read_label, verdict_with_quote
from rag.models.language_model import Message, Request

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
        line({"sentence": number, "text": tame(text)}) for number, (_, text) in enumerate(lines(claim), 1)
    ]
    parts = ["\n".join(told), line({"id": key, "claim": tame(claim.text)}), *again(faults)]
    messages = (Message("system", prompt(SMALL)), Message("user", "\n\n".join(parts)))
    entry = {
        "id": {"type": "string", "enum": [key]},
        "sentence": {"type": "integer", "enum": list(range(len(told) + 1))},
        "verdict": {"type": "string", "enum": [str(each) for each in Verdict]},
    }
    schema = list_schema("verdicts", entry, 1)
    return Request(messages, SMALL, MAX_TOKENS, schema=schema)


def read_small(claim: Claim, entry: Entry) -> Judged | str:
    """The verdict of an entry, quoting the sentence that it points to, or what is wrong with it."""
    number, there = entry.get("sentence"), lines(claim)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= len(there):
        return f"the sentence is {number!r:.40}, expected a number from 0 to {len(there)}"
    verdict = read_label(entry.get("verdict"))
    if verdict is None:
        return no_verdict(entry.get("verdict"))
    return verdict_with_quote(claim, verdict, there[number - 1][1] if number else "")
