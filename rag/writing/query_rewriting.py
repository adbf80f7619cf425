"""Have a model rewrite what is searched for; whatever it does, the question's own words are left.

Rewrite-Retrieve-Read (Ma et al. 2023, "Query Rewriting for Retrieval-Augmented Large Language Models") has a
language model rewrite the query, searches for that, and reads what is found for the question as it was asked.
This is its form with a frozen model; the paper's trained rewriter is not built. A model may lose what a
question is about, so its query is searched for only where names, numbers, quotations and denials are kept.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rag.errors import ModelError
from rag.models.budget import Meter, Spending
from rag.models.language_model import Completion, Model
from rag.ports import Encoder
from rag.question.answer_kinds import KINDS
from rag.question.frames import FACT_FRAME, strip_frame
from rag.question.intent import names_in
from rag.question.understanding import Question
from rag.selection.selection import AccountedAnswer
from rag.verification.wording import LEXICON
from rag.writing.prompting import REWRITE, call_account, rewrite_request
from rag.writing.reply_parser import without_thinking

MOST_CHARACTERS = 600
"""A longer query is a pasted text, which says enough of itself."""

REWRITING_SHARE = 0.25
"""Most of the time left to a question that its rewriting may take: the rest is for the answer."""

MOST_WORDS_MORE, MOST_CHARACTERS_MORE = 12, 120
"""By how much a query may grow; characters count for texts that put no spaces between words."""

MOST_READ = 2_000
"""Characters of a reply, but for its thinking, that are read: twice what its tokens can hold."""

LEAST_COSINE = 0.5
"""Of the vectors of query and rewritten query. Of the pairs of calibration questions on different things
1.6 % come as near (`docs/decisions/query-rewriting.md`)."""

LABEL = re.compile(r"^(?:(?:re-?written|search|new)\s+)*query\s*:\s*", re.IGNORECASE)
KEYS = ("query", "search_query", "rewritten_query", "rewrite", "search")
"""Names under which models put the query; the first is the one that was agreed on."""

NEGATIONS, NUMBER_WORDS = LEXICON.words("negations"), frozenset(LEXICON.meanings("cardinals"))
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
JOINT = re.compile(r"[-\u2010\u2011–/\s]+")


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What came of asking a model for another query.

    Attributes:
        query: to search for; "" where the question's own words are.
        proposed: what the model wrote for a query; "" where it wrote none.
        refused: why that is not searched for; "" where it is.
        failure: why the model could not be used; "" where it could.
        reply: of the model, if there was one.
    """

    query: str = ""
    proposed: str = ""
    refused: str = ""
    failure: str = ""
    reply: Completion | None = None

    def account(self) -> dict[str, Any]:
        """What the receipt says of it; nothing that differs where the reply was kept."""
        texts = {name: getattr(self, name) for name in ("query", "proposed", "refused", "failure")}
        return texts | {"calls": [call_account(REWRITE, self.reply)] if self.reply else []}


class Rewriter:
    """Rewrites queries with a model. Safe to use for many questions at once.

    Args:
        metered: the model, its calls counted for the question of that spending.
        encoder: of the collection; tells whether a query still means the same.
    """

    def __init__(self, metered: Callable[[Spending], Model], encoder: Encoder) -> None:
        self._metered = metered
        self._encoder = encoder

    async def answered(
        self, question: Question, meter: Meter, answer_for: Callable[[str], Awaitable[AccountedAnswer]]
    ) -> AccountedAnswer:
        """The answer for a rewritten query, or for the question's own words.

        Args:
            question: as understood.
            meter: of the question.
            answer_for: answers from what is found for a query; "" for the question's own words. It is called
                with these where there is no other query, and once more where that leads to no answer.
        """
        rewriting = await self.rewrite(question, meter)
        answer, reading, stages = await answer_for(rewriting.query)
        if answer.abstained and rewriting.query:
            rewriting = replace(rewriting, query="", refused="nothing was found with it")
            answer, reading, stages = await answer_for("")
        return replace(answer, rewritten=rewriting.query), reading, {"rewrite": rewriting.account()} | stages

    async def rewrite(self, question: Question, meter: Meter) -> Rewriting:
        """Another query for a question, or why there is none; never raises for what a model does.

        Args:
            question: as understood; its kind, filters and names stay, whatever is searched for.
            meter: of the question; a call takes of its money, and at most `REWRITING_SHARE` of the time left.
        """
        if len(question.topic) > MOST_CHARACTERS:
            return Rewriting(refused=f"the query is longer than {MOST_CHARACTERS} characters")
        try:
            with meter.stage("rewrite"):
                async with asyncio.timeout(meter.spending.seconds_left() * REWRITING_SHARE):
                    return await self._asked(question, self._metered(meter.spending))
        except ModelError as exc:
            return Rewriting(failure=str(exc))
        except TimeoutError:
            return Rewriting(failure=f"no query came within {REWRITING_SHARE:.0%} of the time that was left")

    async def _asked(self, question: Question, model: Model) -> Rewriting:
        reply = await model.complete(rewrite_request(" and ".join(question.clauses), question.topic))
        written = proposed(reply.text)
        query = without_frame(written, question.kind)
        refused = "the reply was cut off at its limit" if reply.cut else fault(question.topic, query)
        if not refused:
            own, new = await self._encoder.encode_queries([question.topic, query])
            refused = drifted(float(own @ new))
        return Rewriting("" if refused else query, written, refused, reply=reply)


def is_searched(question: Question) -> bool:
    """Whether words are searched for: not for chat, a field of a record, or filters alone."""
    by_words = question.topic and not question.unmatched and question.record_field is None
    return bool(by_words) and KINDS[question.kind].searched


def proposed(reply: str) -> str:
    """The query in a reply, on one line; "" where there is none.

    Agreed is JSON. A single line of text is taken for the query too: the bounds are the same for both.
    """
    plain = without_thinking(reply, MOST_READ).strip()
    named = (form[key] for form in _objects(plain) for key in KEYS if isinstance(form.get(key), str))
    found = next(filter(None, named), "" if "{" in plain or "\n" in plain else plain)
    line = LABEL.sub("", " ".join("".join(char if char.isprintable() else " " for char in found).split()))
    around = line[:1] + line[-1:] in ('""', "“”", "''", "``")
    return line[1:-1].strip() if around and not any(mark in line[1:-1] for mark in '"“”`') else line


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """Every JSON object in a text, the outer before those in it."""
    decoder = json.JSONDecoder(strict=False)
    for found in re.finditer(r"\{", text):
        try:
            yield decoder.raw_decode(text, found.start())[0]
        except (ValueError, RecursionError):
            continue


def without_frame(proposal: str, kind: str) -> str:
    """What a model wrote without the words that only ask, as the query was read off the question."""
    bare = proposal.rstrip("?!. ")
    return " ".join(FACT_FRAME.sub(" ", bare).split()) if KINDS[kind].facts else strip_frame(bare)


def fault(query: str, rewrite: str) -> str:
    """Why a rewritten query may not be searched for, as far as its words tell; "" if it may.

    Args:
        query: as it was read off the question.
        rewrite: what would be searched for instead, on one line.
    """
    if not any(map(str.isalnum, rewrite)):
        return "there is no query in the reply"
    if _words(rewrite) == _words(query):
        return "it says the same"
    words, characters = len(rewrite.split()) - len(query.split()), len(rewrite) - len(query)
    if words > MOST_WORDS_MORE or characters > MOST_CHARACTERS_MORE:
        return f"it is more than {MOST_WORDS_MORE} words or {MOST_CHARACTERS_MORE} characters longer"
    if lost := [each for each in _to_keep(query) if not _holds(rewrite, each)]:
        return f"it has lost: {', '.join(map(repr, lost))}"
    if changed := sorted(_numbers(rewrite) ^ _numbers(query)):
        return f"it has lost or added a number: {', '.join(map(repr, changed))}"
    return "" if _denials(rewrite) == _denials(query) else "it has lost or added a negation"


def drifted(cosine: float) -> str:
    """Why a rewritten query of this cosine to the query may not be searched for; "" if it may."""
    if cosine >= LEAST_COSINE:
        return ""
    return f"it is too far from the query: cosine {cosine:.2f}, expected {LEAST_COSINE} or more"


def _to_keep(query: str) -> Iterator[str]:
    """Names, and what stands in quotation marks."""
    yield from dict.fromkeys(name for word in query.split() for name in names_in(word))
    quoted = ("".join(found).strip() for found in QUOTED.findall(query))
    yield from (each for each in quoted if any(map(str.isalnum, each)))


def _holds(text: str, wanted: str) -> bool:
    """Whether these words stand in a text; case counts where it is more than an initial: FIRST, xFinder."""
    text, wanted = (JOINT.sub(" ", each).strip() for each in (text, wanted))
    if not any(char.isupper() for char in wanted[1:]):
        text, wanted = text.casefold(), wanted.casefold()
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text) is not None


def _numbers(text: str) -> set[str]:
    """In digits, and the words for some."""
    return {*NUMBER.findall(text), *(word for word in _words(text) if word in NUMBER_WORDS)}


def _denials(text: str) -> int:
    """How many words deny: of two, to lose one is to say the opposite."""
    return sum(word in LEXICON.words("negations") or word.endswith(("n't", "n’t")) for word in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'’]+", text.casefold())
