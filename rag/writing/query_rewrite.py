"""What a model made of a query: read off its reply, and whether it may be searched for. Pure.

Rewrite-Retrieve-Read (Ma et al. 2023, "Query Rewriting for Retrieval-Augmented Large Language Models") has a
language model rewrite the query, searches for that, and reads what is found for the question as it was asked.
This is its form with a frozen model; the paper's trained rewriter is not built. A model may lose what a
question is about, so its query is searched for only within bounds.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rag.models.language_model import Completion
from rag.question.frames import FACT_FRAME, strip_frame
from rag.question.understanding import names_in
from rag.types import Kind
from rag.verification.agreement import NEGATIONS
from rag.verification.quantities import CARDINALS
from rag.writing.prompting import REWRITE
from rag.writing.reply_parser import FENCE, THINKING

MOST_WORDS_MORE, MOST_CHARACTERS_MORE = 12, 120
"""By how much a query may grow; characters count for texts that put no spaces between words."""

MOST_READ = 2_000
"""Characters of a reply, but for its thinking, that are read: twice what its tokens can hold."""

LEAST_COSINE = 0.5
"""Of the vectors of query and rewritten query. Of the pairs of calibration questions on different things
1.6 % come as near (`docs/decisions/query-rewriting.md`)."""

CUT = "the reply was cut off at its limit"
NOTHING_FOUND = "nothing was found with it"

LABEL = re.compile(r"^(?:(?:re-?written|search|new)\s+)*query\s*:\s*", re.IGNORECASE)
KEYS = ("query", "search_query", "rewritten_query", "rewrite", "search")
"""Names under which models put the query; the first is the one that was agreed on."""

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
        reply = self.reply
        return {
            "query": self.query,
            "proposed": self.proposed,
            "refused": self.refused,
            "failure": self.failure,
            "calls": [{"model": reply.model, "prompt": REWRITE, "cut": reply.cut} | asdict(reply.usage)]
            if reply
            else [],
        }


def proposed(reply: str) -> str:
    """The query in a reply, on one line; "" where there is none.

    Agreed is JSON. A single line of text is taken for the query too: the bounds are the same for both.
    """
    plain = FENCE.sub("", THINKING.sub("", reply)[:MOST_READ]).strip()
    found = next((text for each in _objects(plain) if (text := _named(each))), None)
    if found is None:
        found = plain if "{" not in plain and "\n" not in plain else ""
    line = " ".join("".join(char if char.isprintable() else " " for char in found).split())
    return _unquoted(LABEL.sub("", line))


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """Every JSON object in a text, the outer before those in it."""
    decoder = json.JSONDecoder(strict=False)
    for found in re.finditer(r"\{", text):
        try:
            yield decoder.raw_decode(text, found.start())[0]
        except (ValueError, RecursionError):
            continue


def _named(form: Mapping[str, Any]) -> str:
    return next((form[key] for key in KEYS if isinstance(form.get(key), str)), "")


def _unquoted(line: str) -> str:
    """Without quotation marks around the whole of it."""
    inner = line[1:-1]
    around = line[:1] + line[-1:] in ('""', "“”", "''", "``")
    return inner.strip() if around and not any(mark in inner for mark in '"“”`') else line


def without_frame(proposal: str, kind: Kind) -> str:
    """What a model wrote without the words that only ask, as the query was read off the question."""
    bare = proposal.rstrip("?!. ")
    return " ".join(FACT_FRAME.sub(" ", bare).split()) if kind == "fact" else strip_frame(bare)


def fault(query: str, rewrite: str) -> str:
    """Why a rewritten query may not be searched for, as far as its words tell; "" if it may.

    Args:
        query: as it was read off the question.
        rewrite: what would be searched for instead, on one line.
    """
    if not any(map(str.isalnum, rewrite)):
        return "there is no query in the reply"
    if _plain(rewrite) == _plain(query):
        return "it says the same"
    if _is_too_long(query, rewrite):
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


def _is_too_long(query: str, rewrite: str) -> bool:
    words, characters = len(rewrite.split()) - len(query.split()), len(rewrite) - len(query)
    return words > MOST_WORDS_MORE or characters > MOST_CHARACTERS_MORE


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
    return {*NUMBER.findall(text), *(word for word in _words(text) if word in CARDINALS)}


def _denials(text: str) -> int:
    """How many words deny: of two, to lose one is to say the opposite."""
    return sum(word in NEGATIONS or word.endswith(("n't", "n’t")) for word in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'’]+", text.casefold())


def _plain(text: str) -> str:
    return " ".join(_words(text))
