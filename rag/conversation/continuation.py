"""Follow-ups that take up the question before: "which of them", "and Quest?", "since 2023", "more". Pure."""

import re
from collections.abc import Callable

from rag.conversation.coreference import MANY, Papers, all_of, known, spoken_of
from rag.conversation.follow_up import (
    BESIDES,
    OF_TABLE,
    YEAR,
    YEAR_PHRASE,
    Followed,
    followed,
    named_here,
    without_besides,
)
from rag.conversation.fragments import fragment
from rag.conversation.resolution import Resolved, bare, ids, listing, sentence
from rag.conversation.shown import History
from rag.question.frames import PAPERS
from rag.question.understanding import Question, names_in

AGAIN = re.compile(
    r"^(?:(?:are|r)\s+you\s+(?:really\s+|quite\s+)?(?:sure|certain)(?:\s+(?:about|of)\s+(?:that|this|it))?"
    r"|really|seriously|is\s+(?:that|this|it)\s+(?:really\s+)?(?:right|true|correct)|(?:please\s+)?(?:check|try)\s+again)$",
    re.IGNORECASE,
)
WHY = re.compile(
    r"^(?:why|how\s+so|how\s+come|why\s+is\s+(?:that|this|it)(?:\s+so)?"
    r"|how\s+is\s+(?:that|this)(?:\s+(?:possible|done|achieved))?|how\s+do\s+(?:they|you)\s+know)$",
    re.IGNORECASE,
)
MORE = re.compile(
    r"^(?:(?:show|give|list|tell|find)(?:\s+me)?\s+)?(?:(?:some|any|a\s+few)\s+)?(?:more|others?|(?:any|some)thing\s+else"
    rf"|what\s+else|else|which\s+others?|more\s+of\s+(?:them|these|those)|(?:more|other)\s+(?:{PAPERS}|ones|{MANY})"
    r"|go\s+on|continue|the\s+next\s+ones?|next)(?:\s+(?:like\s+(?:it|them|this|these|that|those)|please|there|exist))*"
    r"(?:\s+of\s+(?:them|these|those))?$"
    rf"|^(?:are\s+there|do\s+you\s+have|have\s+you|is\s+there)\s+(?:(?:any|some)\s+)?(?:more|others?|other\s+(?:{PAPERS}|ones)"
    r"|anything\s+else)(?:\s+like\s+\w+)?$"
    r"|^(?:is|was|are)\s+(?:that|those|these|this|they)\s+all(?:\s+of\s+them)?$",
    re.IGNORECASE,
)
WHICH_OF = re.compile(
    r"^(?P<lead>(?:which|what|who|how\s+many)(?:\s+(?:one|ones|two|papers?|methods?))?\s+of"
    r"|(?:do|does|did|is|are|was|were|has|have|can)\s+(?:any|one|some|all|none|each|either|many)(?:\s+one)?\s+of)\s+"
    rf"(?:them|(?:these|those)(?:\s+(?:two|three|four|five|{MANY}))?|both|the\s+(?:above|two|three|four|five|six|ones?|lot)"
    rf"(?:\s+{MANY})?|the(?:se|m)?\s+(?:(?:listed|shown|mentioned|above)\s*)?{MANY}(?!\s+(?:of|on|for|about)\b))\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
WHICH = re.compile(
    r"^which(?:(?P<one>\s+ones?)\s+(?P<rest>\w+(?<!of)\b.*)|\s+(?P<verb>(?:is|are|was|were|does|do|did|has|have|had|can|could"
    r"|would|should|uses?|gets?|achieves?|works?|runs?|needs?|requires?|reports?|introduces?|proposes?|performs?"
    r"|reach(?:es)?|relies|rely)\b.+))$",
    re.IGNORECASE,
)
THOSE_THAT = re.compile(
    rf"^(?:(?:only|just|show(?:\s+me)?|list|keep)\s+)+(?:those|these|the\s+ones|ones|them|the\s+{MANY})\s+"
    r"(?:(?:that|which|who)\s+(?P<rest>.+)|(?P<on>(?:about|on|with|without|using|for)\s+.+))$"
    r"|^(?:those|the\s+ones)\s+(?:that|which)\s+(?P<bare>.+)$",
    re.IGNORECASE,
)
NARROWING = re.compile(
    rf"^(?:(?:only|just|show(?:\s+me)?|limit\s+(?:it|them|this|that)\s+to|restrict\s+(?:it|them)\s+to|narrow\s+(?:it|them)\s+"
    rf"(?:down\s+)?to|keep)\s+)*(?:(?:those|these|the\s+ones|ones|them|the\s+{PAPERS}|{PAPERS})\s*)?"
    r"(?:(?:that|which)\s+(?:are|were|appeared|came\s+out)\s+|published\s+|written\s+|dated\s+)*",
    re.IGNORECASE,
)
BARE_YEARS = re.compile(rf"^{YEAR}(?:\s*[-–]\s*{YEAR})?$")


def continued(question: Question, history: History) -> Resolved | None:
    """What a follow-up of one of the known forms means; None for any other question."""
    seen = followed(question, history)
    for rule in RULES:
        if found := rule(seen):
            return found
    return None


def _why(seen: Followed) -> Resolved | None:
    papers = spoken_of(seen.history)
    quotes = seen.history.last.quotes
    if not (WHY.match(seen.text) and len(papers) == 1 and quotes):
        return None
    quote = quotes[0].quote
    return Resolved(
        f"Why, in {papers[0].name}: “{quote}”",
        ids(papers),
        changed=True,
        reason="why",
        query=f"Why: {seen.last.topic or seen.last.asked}",
        overview=True,
        said=tuple(quotes),
    )


def _more(seen: Followed) -> Resolved | None:
    if not (MORE.match(seen.text) or MORE.match(bare(seen.question.text))):
        return None
    if not seen.last.lists:
        papers = spoken_of(seen.history)
        if not papers:
            return None
        text = f"Tell me more about {listing(papers)}."
        said = tuple(cited for turn in seen.history.turns for cited in turn.quotes)
        return Resolved(text, ids(papers), changed=True, reason="more", said=said, overview=True)
    base = without_besides(seen.last.asked)
    shown = [turn for turn in seen.history.turns if without_besides(turn.asked) == base]
    papers = tuple({paper.paper_id: paper for turn in shown for paper in turn.papers}.values())
    if not papers:
        return None
    return Resolved(
        sentence(f"{bare(base)}{BESIDES}{listing(papers)}"),
        _rest_of_table(seen) if OF_TABLE.match(base) else None,
        changed=True,
        reason="more",
        query=sentence(f"Which of them {seen.last.topic}") if OF_TABLE.match(base) else base,
        excluded=frozenset(ids(papers)),
    )


def _table(seen: Followed) -> Papers:
    """The papers that the last "which of …" question was asked of."""
    return named_here(seen.last.asked, known(seen.history)) or all_of(seen.history)


def _rest_of_table(seen: Followed) -> tuple[str, ...]:
    chosen = ids(seen.last.papers)
    return tuple(key for key in ids(_table(seen)) if key not in chosen)


def _which_of(seen: Followed) -> Resolved | None:
    match = WHICH_OF.match(seen.text)
    papers = all_of(seen.history)
    if not (match and papers):
        return None
    lead, rest = match["lead"], match["rest"]
    return Resolved(
        sentence(f"{lead} {listing(papers)} {rest}"),
        ids(papers),
        changed=True,
        reason="which of them",
        query=sentence(f"Which of them {_verb(lead, rest)}"),
        firm=False,
    )


def _verb(lead: str, rest: str) -> str:
    """The rest of "do any of them …" as it follows "which of them"."""
    first = lead.split(maxsplit=1)[0].lower()
    return f"{first} {rest}" if first in ("is", "are", "was", "were", "has", "have", "can") else rest


def _which(seen: Followed) -> Resolved | None:
    match = WHICH.match(seen.text) or THOSE_THAT.match(seen.text)
    papers = all_of(seen.history)
    if match is None or len(papers) < 2 or (names_in(seen.text) and "," in seen.text):  # noqa: PLR2004 - a choice
        return None
    groups = match.groupdict()
    rest = next(filter(None, map(groups.get, ("rest", "on", "verb", "bare"))), "")
    if match.re is WHICH and not groups.get("one") and re.search(rf"\b{PAPERS}\b", rest, re.IGNORECASE):
        return None
    return Resolved(
        sentence(f"Which of {listing(papers)} {rest}"),
        ids(papers),
        changed=True,
        reason="which of them",
        query=sentence(f"Which of them {rest}"),
        firm=match.re is THOSE_THAT,
    )


def _filtered(seen: Followed) -> Resolved | None:
    """Restrict the last set question: "only since 2023", "what about 2024?", "only those by Jane Doe"."""
    rest = NARROWING.sub("", seen.text, count=1).strip()
    rest = f"in {rest}" if BARE_YEARS.match(rest) else rest
    years = YEAR_PHRASE.fullmatch(rest) is not None
    named = bool(seen.question.filters or seen.question.unmatched) and not seen.question.topic
    before = next((turn for turn in reversed(seen.history.turns) if turn.lists), None)
    if before is None or not rest or not (years or named):
        return None
    asked = bare(without_besides(before.asked))
    joined, count = YEAR_PHRASE.subn(rest, asked, count=1) if years else (asked, 0)
    text = sentence(joined if count else f"{asked} {rest}")
    if not OF_TABLE.match(asked):
        return Resolved(text, changed=True, reason="filter")
    query = sentence(f"Which of them {before.topic} {rest}")
    return Resolved(text, ids(_table(seen)), changed=True, reason="filter", query=query)


RULES: tuple[Callable[[Followed], Resolved | None], ...] = (
    _why,
    _more,
    _which_of,
    _filtered,
    _which,
    fragment,
)
