"""What sort of thing is said: a question for papers or a fact, a comparison, a follow-up, small talk.

Rules on surface form only.
"""

import re
from collections.abc import Sequence

from rag.phrases import Phrases
from rag.question.answer_kinds import KINDS
from rag.question.frames import (
    EMBEDDED_QUESTION,
    OTHER_PAPERS,
    QUESTION_WORD,
    SET_START,
    record_field,
    strip_frame,
)

MOST_NAMES = 16
"""What is read of a text that somebody pasted: every name costs a pass over the candidates."""

MOST_TOPIC_WORDS = 12
"""A longer text without the form of a question is no topic but a statement."""

INTENT = Phrases("rag.question", "intent.toml")
COMPARE, IMPERATIVE, ORDER, OPENING = map(INTENT.pattern, ("compare", "imperative", "order", "opening"))
CHAT, ABOUT_US, CHORE, COURTESY = map(INTENT.pattern, ("chat", "about_us", "chore", "courtesy"))
NUMBER_WANTED = INTENT.pattern("number_wanted")
LEANING = INTENT.pattern("leaning_start"), INTENT.pattern("leaning_whole")
POINTS_BACK, SUBJECT_PRONOUN = INTENT.pattern("points_back"), INTENT.pattern("subject_pronoun")
POSSESSIVE, IMPERSONAL, LINK = map(INTENT.pattern, ("possessive", "impersonal", "link"))
NO_NAME, EMPTY_WORDS = INTENT.words("no_name"), INTENT.words("empty")

CONTRACTION = re.compile(r"\b(what|who|which|where|when|how)['’]s\b", re.IGNORECASE)
ABOUT_PAPERS = re.compile(r"\bpapers?\b", re.IGNORECASE)
CAPITALISED = re.compile(r"[A-Z]")
QUESTION_MARKS = "?？؟"  # noqa: RUF001 - as other keyboards have them
FOREIGN_MARK = re.compile(r"(?<=[\x21-\u024f])[？؟\s]+\Z")  # noqa: RUF001 - after Latin letters it is a slip


def bare_question(plain: str) -> str:
    """The question without its mark, and without a greeting where a question follows it."""
    bare = CONTRACTION.sub(r"\1 is", FOREIGN_MARK.sub("", plain.rstrip("?!. ")).rstrip("?!. "))
    asked = COURTESY.sub("", bare, count=1)
    opened = OPENING.sub("", asked)
    shown = strip_frame(opened) != opened or COMPARE.match(opened) or is_asking(plain, opened)
    return asked if asked != bare and shown else bare


def is_asking(plain: str, text: str) -> bool:
    """Whether the form of a text shows that something is asked."""
    return plain.endswith(tuple(QUESTION_MARKS)) or SET_START.search(text) is not None or _is_fact(text)


def is_statement(plain: str, text: str) -> bool:
    """Whether a text without a frame for papers states something: a claim, a summary."""
    sentence = plain.endswith(".") or (len(text.split()) > MOST_TOPIC_WORDS and not is_asking(plain, text))
    return sentence and not ABOUT_PAPERS.search(text)


def kind_of(plain: str, rest: str, topic: str) -> str:
    """The kind of a question.

    Args:
        plain: all of it.
        rest: without its mark and the words of its filters.
        topic: ``rest`` without a frame for papers.
    """
    patterns = ((name, traits.asked) for name, traits in KINDS.items())
    if found := next((name for name, asked in patterns if asked and asked.search(rest)), ""):
        return found
    if ABOUT_US.search(rest) or CHORE.search(rest):
        return "other"
    if topic != rest or OTHER_PAPERS.search(rest):
        return "set"
    if COMPARE.search(rest) and len(names_in(rest)) > 1:
        return "compare"
    return "set" if SET_START.search(rest) else _unframed(plain, rest)


def _unframed(plain: str, rest: str) -> str:
    """The kind of what asks for no papers in so many words: without any form of a question, a topic."""
    if _is_fact(rest):
        return "fact"
    if CHAT.search(rest):
        return "other"
    asks = names_in(rest) or wants_number(rest) or is_follow_up(rest, ())
    marked = plain.endswith(tuple(QUESTION_MARKS)) and asks
    shown = marked or ORDER.search(rest) or record_field(rest, KINDS["fact"])
    return "fact" if shown else "set"


def _is_fact(text: str) -> bool:
    return any(form.search(text) for form in (QUESTION_WORD, EMBEDDED_QUESTION, IMPERATIVE))


def wants_number(clause: str) -> bool:
    """Whether an answer to this clause should hold a number."""
    return NUMBER_WANTED.search(clause) is not None


def names_in(text: str) -> tuple[str, ...]:
    """The first `MOST_NAMES` words with a capital (LLM-QE, xFinder, Quest) that are not common ones."""
    words = [word.strip(".,;:?!()[]\"'“”‘’").removesuffix("'s").removesuffix("’s") for word in text.split()]
    found = [word for word in words if word.lower() not in NO_NAME and CAPITALISED.search(word)]
    return tuple(dict.fromkeys(found))[:MOST_NAMES]


def is_follow_up(text: str, names: Sequence[str]) -> bool:
    """Whether a question cannot be understood without the one before: "which of them …", "how fast is it?".

    Args:
        text: the question without its question mark.
        names: words in it written like names: a pronoun after one stands for it.
    """
    if any(form.search(text) for form in LEANING):
        return True
    back = POINTS_BACK.search(text)
    if back and not _is_named(text, back, names):
        return True
    subject = SUBJECT_PRONOUN.search(text)
    if subject and not IMPERSONAL.search(text):
        before = text[: subject.start()]
        if not LINK.search(before) and not any(name in before for name in names):
            return True
    owner = POSSESSIVE.search(text)
    before = text[: owner.start()] if owner else ""
    return owner is not None and len(telling_words(before)) <= 1 and not any(name in before for name in names)


def _is_named(text: str, back: re.Match[str], names: Sequence[str]) -> bool:
    """Whether what is pointed back to is in the question: "Lantern or Ferry: how does each of them …"."""
    before, after = text[: back.start()], text[back.end() :]
    if any(name in before for name in names) and back[0].lower() in ("of them", "of both"):
        return True
    return after.startswith(",") and any(name in after for name in names)


def telling_words(text: str) -> list[str]:
    """The words that something after them could stand for."""
    return [word for word in re.findall(r"[^\W\d_]+", text) if word.lower() not in EMPTY_WORDS]
