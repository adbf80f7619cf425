"""What a question can ask of a paper as a whole, and the forms people put it in. Pure."""

import re
from dataclasses import dataclass

from rag.phrases import Phrases
from rag.question.aspects import DOES, HOW, RESULT, TESTED, TRAINING, Aspect

PHRASES = Phrases("rag.question", "purposes.toml")


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing to ask of a paper as a whole.

    Attributes:
        forms: of questions for it; group 1 is what stands for the paper.
        aspects: what a sentence has to be about, the most wanted first; one sentence is quoted for each.
        plain: whether nothing but the forms tells what is asked, so that reading for the words is of no use.
    """

    forms: tuple[re.Pattern[str], ...]
    aspects: tuple[Aspect, ...]
    plain: bool = True


PROBLEM = Purpose(PHRASES.patterns("problem"), ())
OUTCOME = Purpose(PHRASES.patterns("outcome"), (RESULT,))
EVALUATED = Purpose(PHRASES.patterns("evaluated"), (TESTED,), plain=False)
TRAINED = Purpose(PHRASES.patterns("trained"), (TRAINING,), plain=False)
WORKING = Purpose(PHRASES.patterns("working"), (DOES, HOW))
IDEA = Purpose(PHRASES.patterns("idea"), (DOES, HOW))
WHOLE = Purpose(PHRASES.patterns("whole"), (DOES, HOW, RESULT))
PURPOSES = (PROBLEM, OUTCOME, EVALUATED, TRAINED, WORKING, IDEA, WHOLE)

SUBJECT = PHRASES.pattern("subject")
JOINED = PHRASES.pattern("name_joint", re.NOFLAG)
AIM = re.compile(r"(?<!\s)\s+(?:for|in|on|by|from|with)\s.*$", re.IGNORECASE | re.DOTALL)
QUOTES = "“”\"'‘’"


def purpose(text: str) -> tuple[Purpose, str] | None:
    """What a question asks of papers as a whole and what stands for them; None if it asks anything else."""
    bare = text.strip().rstrip("?!. ")
    for each in PURPOSES:
        for form in each.forms:
            if found := form.fullmatch(bare):
                return each, found[1].strip()
    return None


def subjects(words: str) -> tuple[str, ...]:
    """What stands for papers, without "the … paper"; then the names in it, without what they are for."""
    whole = _subject(words)
    parts = tuple(map(_subject, filter(None, JOINED.split(AIM.sub("", words)))))
    return (whole, *parts) if parts != (whole,) else (whole,)


def _subject(words: str) -> str:
    found = SUBJECT.match(words.strip())
    return (found[1] if found else words).strip(f"{QUOTES} ")
