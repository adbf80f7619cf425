"""Follow-ups that are less than a question: "and Quest?", "the other one?", "on GPUs?", "its cost?". Pure."""

import re

from rag.conversation.coreference import Papers, known, pointed, spoken_of
from rag.conversation.follow_up import OF_TABLE, YEAR_PHRASE, Followed, named_here, of_each, without_besides
from rag.conversation.resolution import Resolved, asks_overview, bare, ids, sentence
from rag.conversation.shown import Turn
from rag.question.frames import QUESTION_WORD, strip_frame
from rag.question.understanding import names_in

PREPOSITION = re.compile(
    r"^(?:on|in|for|with|without|under|at|against|over|across|during|using|among|when|if|compared\s+to|beyond)\b",
    re.IGNORECASE,
)
OWNED = re.compile(r"^(?:its|their)\s+(?P<what>.+)$", re.IGNORECASE)
BE = frozenset(["is", "are", "was", "were", "can"])
MOST_WORDS = 8
"""A longer text after "and" is no fragment of a question."""


def fragment(seen: Followed) -> Resolved | None:
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


def _taken_up(text: str, seen: Followed) -> Resolved | None:
    """Take a fragment after "and" or "what about" for a part of the question before."""
    named = named_here(text, known(seen.history))
    if named and len(text.split()) <= max(len(paper.name.split()) for paper in named) + 1:
        return _about(named, seen)
    if PREPOSITION.match(text):
        return _appended(text, seen)
    return None if seen.lead in ("so", "then") else _other_thing(text, seen)


def _owned(what: str, seen: Followed) -> Resolved | None:
    papers = spoken_of(seen.history)
    if not papers:
        return None
    parts = tuple(
        Resolved(
            sentence(f"What is {paper.name}'s {what}"),
            (paper.paper_id,),
            changed=True,
            reason="its",
            query=sentence(f"What is {f'{paper.short_name} {what}' if paper.short_name else f'its {what}'}"),
        )
        for paper in papers
    )
    return of_each(papers, parts, f"what is its {what}")


def _about(papers: Papers, seen: Followed, *, one_meant: bool = False) -> Resolved:
    """The question before, about other papers."""
    asked = seen.last.asked
    subjects = _subjects(seen)
    parts = tuple(
        Resolved(
            _instead(asked, subjects, paper.name) if subjects else _told_of(seen, paper.name),
            (paper.paper_id,),
            changed=True,
            reason="same question",
            query=_instead(asked, subjects, paper.short_name or "it")
            if subjects
            else _told_of(seen, paper.short_name or "it"),
            overview=bool(subjects) and asks_overview(_instead(asked, subjects, "X")),
        )
        for paper in papers
    )
    topic = seen.last.topic or bare(asked)
    return of_each(papers, parts, topic if subjects else bare(asked), one_meant=one_meant)


def _told_of(seen: Followed, name: str) -> str:
    """What a question for papers asks of one of them: "Does Quest group tokens?"."""
    asked, topic = seen.last.asked, seen.last.topic or strip_frame(bare(seen.last.asked))
    if seen.last.lists and OF_TABLE.match(asked):
        verb, _, rest = topic.partition(" ")
        if verb in BE:
            return sentence(f"{verb} {name} {rest}")
        base = "have" if verb == "has" else re.sub(r"(?<=[^s])s$", "", verb)
        return sentence(f"Does {name} {base} {rest}")
    return sentence(f"What does {name} say about {topic if seen.last.lists else bare(asked)}")


def _subjects(seen: Followed) -> list[str]:
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


def _appended(phrase: str, seen: Followed) -> Resolved:
    """The question before with a phrase like "on GPUs" in place of one of the same kind, or after it."""
    asked = bare(seen.last.asked)
    first = phrase.split(maxsplit=1)[0]
    end = re.search(
        rf"\s{first}\s+(?:(?!\s(?:on|in|for|with|of|by)\s)[^,?“”]){{1,40}}$", asked, re.IGNORECASE
    )
    text = sentence(f"{asked[: end.start()] if end else asked} {phrase}")
    return Resolved(text, _scope(seen.last), changed=True, reason="same question", firm=False)


def _other_thing(text: str, seen: Followed) -> Resolved | None:
    """The question before about something that is not on the table, or another side of the same paper."""
    asked = seen.last.asked
    if seen.last.lists and not OF_TABLE.match(asked):
        base = bare(YEAR_PHRASE.sub("", without_besides(asked)))
        topic = strip_frame(base)
        new = base.replace(topic, text) if topic != base else text
        return Resolved(sentence(new), changed=True, reason="another topic", firm=False)
    subjects = _subjects(seen)
    if names_in(text) and subjects:
        return Resolved(_instead(asked, subjects, text), changed=True, reason="same question", firm=False)
    papers = spoken_of(seen.history)
    parts = tuple(
        Resolved(
            sentence(f"What does {paper.name} say about {text}"),
            (paper.paper_id,),
            changed=True,
            reason="another side",
            query=sentence(f"What does {paper.short_name or 'it'} say about {text}"),
            firm=False,
        )
        for paper in papers
    )
    return of_each(papers, parts, f"what about {text}") if parts else None


def _scope(turn: Turn) -> tuple[str, ...] | None:
    """The papers that a question names and that its answer was restricted to, if it names any."""
    named = named_here(turn.asked, turn.papers)
    return ids(named) if named and not turn.lists else None
