"""Follow-ups that take up the question before: "which of them", "and Quest?", "since 2023", "more". Pure."""

import re
from collections.abc import Callable
from functools import partial

from rag.conversation.coreference import FOLLOW_UPS, Papers, all_of, known, pointed, spoken_of
from rag.conversation.history import History, Turn
from rag.conversation.resolution import (
    BESIDES,
    OF_TABLE,
    FollowUp,
    Resolved,
    asks_overview,
    bare,
    ids,
    listing,
    named_here,
    of_each,
    sentence,
    without_besides,
)
from rag.question.frames import PAPERS, QUESTION_WORD, strip_frame
from rag.question.intent import names_in
from rag.question.understanding import Question

WHY, MORE, WHICH_OF, WHICH = map(FOLLOW_UPS.pattern, ("why", "more", "which_of", "which"))
THOSE_THAT, NARROWING, PREPOSITION = map(FOLLOW_UPS.pattern, ("those_that", "narrowing", "preposition"))
BARE_YEARS, YEAR_PHRASE = map(FOLLOW_UPS.pattern, ("bare_years", "year_phrase"))
OWNED = re.compile(r"^(?:its|their)\s+(?P<what>.+)$", re.IGNORECASE)
BE = frozenset(["is", "are", "was", "were", "can"])
MOST_WORDS = 8
"""A longer text after "and" is no fragment of a question."""


def continued(question: Question, history: History) -> Resolved | None:
    """What a follow-up of one of the known forms means; None for any other question."""
    seen = FollowUp(question, history)
    return next((found for rule in RULES if (found := rule(seen))), None)


def _why(seen: FollowUp) -> Resolved | None:
    papers = spoken_of(seen.history)
    quotes = seen.history.last.quotes
    if not (WHY.match(seen.text) and len(papers) == 1 and quotes):
        return None
    quote = quotes[0].quote
    return Resolved(
        f"Why, in {papers[0].name}: “{quote}”",
        ids(papers),
        reason="why",
        query=f"Why: {seen.last.topic or seen.last.asked}",
        overview=True,
        said=tuple(quotes),
    )


def _more(seen: FollowUp) -> Resolved | None:
    if not (MORE.match(seen.text) or MORE.match(bare(seen.question.text))):
        return None
    if not seen.last.lists:
        papers = spoken_of(seen.history)
        if not papers:
            return None
        text = f"Tell me more about {listing(papers)}."
        said = tuple(cited for turn in seen.history.turns for cited in turn.quotes)
        return Resolved(text, ids(papers), reason="more", said=said, overview=True)
    base = without_besides(seen.last.asked)
    shown = [turn for turn in seen.history.turns if without_besides(turn.asked) == base]
    papers = tuple({paper.paper_id: paper for turn in shown for paper in turn.papers}.values())
    if not papers:
        return None
    return Resolved(
        sentence(f"{bare(base)}{BESIDES}{listing(papers)}"),
        _rest_of_table(seen) if OF_TABLE.match(base) else None,
        reason="more",
        query=sentence(f"Which of them {seen.last.topic}") if OF_TABLE.match(base) else base,
        excluded=frozenset(ids(papers)),
    )


def _table(seen: FollowUp) -> Papers:
    """The papers that the last "which of …" question was asked of."""
    return named_here(seen.last.asked, known(seen.history)) or all_of(seen.history)


def _rest_of_table(seen: FollowUp) -> tuple[str, ...]:
    chosen = ids(seen.last.papers)
    return tuple(key for key in ids(_table(seen)) if key not in chosen)


def _which_of(seen: FollowUp) -> Resolved | None:
    match = WHICH_OF.match(seen.text)
    papers = all_of(seen.history)
    if not (match and papers):
        return None
    lead, rest = match["lead"], match["rest"]
    return Resolved(
        sentence(f"{lead} {listing(papers)} {rest}"),
        ids(papers),
        reason="which of them",
        query=sentence(f"Which of them {_verb(lead, rest)}"),
        firm=False,
    )


def _verb(lead: str, rest: str) -> str:
    """The rest of "do any of them …" as it follows "which of them"."""
    first = lead.split(maxsplit=1)[0].lower()
    return f"{first} {rest}" if first in ("is", "are", "was", "were", "has", "have", "can") else rest


def _which(seen: FollowUp) -> Resolved | None:
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
        reason="which of them",
        query=sentence(f"Which of them {rest}"),
        firm=match.re is THOSE_THAT,
    )


def _filtered(seen: FollowUp) -> Resolved | None:
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
        return Resolved(text, reason="filter")
    query = sentence(f"Which of them {before.topic} {rest}")
    return Resolved(text, ids(_table(seen)), reason="filter", query=query)


def _fragment(seen: FollowUp) -> Resolved | None:
    """Complete less than a question: "and Quest?", "the other one?", "and on GPUs?", "its cost?"."""
    text = seen.text
    if owned := OWNED.match(text):
        return _owned(owned["what"], seen)
    if len(text.split()) > MOST_WORDS or (QUESTION_WORD.match(text) and not PREPOSITION.match(text)):
        return None
    there = pointed(text, seen.history, leans=True)
    if there and there[0].start == 0 and there[0].end == len(text):
        return _about(there[0].papers, seen, one_meant=not there[0].plural)
    return None if not seen.lead or strip_frame(text) != text else _taken_up(text, seen)


def _taken_up(text: str, seen: FollowUp) -> Resolved | None:
    """Take a fragment after "and" or "what about" for a part of the question before."""
    named = named_here(text, known(seen.history))
    if named and len(text.split()) <= max(len(paper.name.split()) for paper in named) + 1:
        return _about(named, seen)
    if PREPOSITION.match(text):
        return _appended(text, seen)
    return None if seen.lead in ("so", "then") else _other_thing(text, seen)


def _of_each(
    papers: Papers,
    ask: Callable[[str], str],
    whole: str,
    reason: str,
    *,
    owned: bool = False,
    overview: bool = False,
    firm: bool = True,
    one_meant: bool = True,
) -> Resolved | None:
    """As `of_each`, of a question by the name of a paper, as that of an owner where ``owned``."""
    parts = tuple(
        Resolved(
            ask(f"{paper.name}'s" if owned else paper.name),
            (paper.paper_id,),
            reason,
            query=ask(paper.short_name or ("its" if owned else "it")),
            overview=overview,
            firm=firm,
        )
        for paper in papers
    )
    return of_each(papers, parts, whole, one_meant=one_meant) if parts else None


def _owned(what: str, seen: FollowUp) -> Resolved | None:
    papers = spoken_of(seen.history)
    return _of_each(
        papers, lambda name: sentence(f"What is {name} {what}"), f"what is its {what}", "its", owned=True
    )


def _about(papers: Papers, seen: FollowUp, *, one_meant: bool = False) -> Resolved | None:
    """The question before, about other papers."""
    asked, reason = seen.last.asked, "same question"
    subjects = _subjects(seen)
    if not subjects:
        return _of_each(papers, lambda name: _told_of(seen, name), bare(asked), reason, one_meant=one_meant)
    overview = asks_overview(_instead(asked, subjects, "X"))
    whole = seen.last.topic or bare(asked)
    ask = partial(_instead, asked, subjects)
    return _of_each(papers, ask, whole, reason, one_meant=one_meant, overview=overview)


def _told_of(seen: FollowUp, name: str) -> str:
    """What a question for papers asks of one of them: "Does Quest group tokens?"."""
    asked, topic = seen.last.asked, seen.last.topic or strip_frame(bare(seen.last.asked))
    if seen.last.lists and OF_TABLE.match(asked):
        verb, _, rest = topic.partition(" ")
        if verb in BE:
            return sentence(f"{verb} {name} {rest}")
        base = "have" if verb == "has" else re.sub(r"(?<=[^s])s$", "", verb)
        return sentence(f"Does {name} {base} {rest}")
    return sentence(f"What does {name} say about {topic if seen.last.lists else bare(asked)}")


def _subjects(seen: FollowUp) -> list[str]:
    """What the question before was about: names of papers on the table, else its own first name."""
    asked = seen.last.asked
    if seen.last.lists:
        return []
    papers = named_here(asked, known(seen.history))
    names = [paper.name if paper.name in asked else paper.title for paper in papers]
    return [name for name in names if name in asked] or list(names_in(asked)[:1])


def _instead(asked: str, subjects: list[str], name: str) -> str:
    """A question with another name in place of all that it is about."""
    first = min(asked.find(each) for each in subjects)
    last = max(asked.find(each) + len(each) for each in subjects)
    return f"{asked[:first]}{name}{asked[last:]}"


def _appended(phrase: str, seen: FollowUp) -> Resolved:
    """The question before with a phrase like "on GPUs" in place of one of the same kind, or after it."""
    asked = bare(seen.last.asked)
    first = phrase.split(maxsplit=1)[0]
    end = re.search(
        rf"\s{first}\s+(?:(?!\s(?:on|in|for|with|of|by)\s)[^,?“”]){{1,40}}$", asked, re.IGNORECASE
    )
    text = sentence(f"{asked[: end.start()] if end else asked} {phrase}")
    return Resolved(text, _scope(seen.last), reason="same question", firm=False)


def _other_thing(text: str, seen: FollowUp) -> Resolved | None:
    """The question before about something that is not on the table, or another side of the same paper."""
    asked = seen.last.asked
    if seen.last.lists and not OF_TABLE.match(asked):
        base = bare(YEAR_PHRASE.sub("", without_besides(asked)))
        topic = strip_frame(base)
        new = base.replace(topic, text) if topic != base else text
        return Resolved(sentence(new), reason="another topic", firm=False)
    subjects = _subjects(seen)
    if names_in(text) and subjects:
        return Resolved(_instead(asked, subjects, text), reason="same question", firm=False)

    def ask(name: str) -> str:
        return sentence(f"What does {name} say about {text}")

    return _of_each(spoken_of(seen.history), ask, f"what about {text}", "another side", firm=False)


def _scope(turn: Turn) -> tuple[str, ...] | None:
    """The papers that a question names and that its answer was restricted to, if it names any."""
    named = named_here(turn.asked, turn.papers)
    return ids(named) if named and not turn.lists else None


Rule = Callable[[FollowUp], Resolved | None]
RULES: tuple[Rule, ...] = (_why, _more, _which_of, _filtered, _which, _fragment)
