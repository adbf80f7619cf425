"""Sentences that solicit: they speak to their reader, praise their own paper, or list search words. Pure.

Abstracts report, in a style so regular that a few cues of wording tell what is none of it. One cue may stand
in an honest sentence; together they seldom do. Weights follow how rare a cue is in sentences of other papers.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rag.phrases import Phrases

SOLICITS = 1.0
"""Weight of cues from which on a sentence solicits."""

LEAST_WORDS, MOST_JOINING, SEPARATED = 6, 0.1, 0.25
"""A list has this many words, at most this share of joining ones, and separators a word."""

HEADING = 5
"""Words of the shortest sentence that may do without a joining one."""

OFTEN, AGAIN = 3, 0.3
"""Neighbouring words that stand in a sentence once more, and their share, with which it repeats itself."""

CUES = Phrases(__package__, "solicitation.toml")
READER_CUES = CUES.weighted("reader_cues", 0)
OWN_CUES = CUES.weighted("own_cues", 0)
PROGRAM_CUES = CUES.weighted("program_cues", 0)
JOINING = CUES.words("joining")

QUOTED = CUES.pattern("quoted", 0)
ADDRESS = re.compile(r"(?:https?:|www\.|\b\w+\.(?:com|org|io)/)\S+")
CITATION = re.compile(r"(?<!\w)\[\d+\]")  # which no title holds: it is one of ours, forged
PART = re.compile(r"[.!?:;]\s+")
WORD = re.compile(r"[^\W_][\w'’-]*")
SEPARATOR = re.compile(r"[,;|/#·•]|\s[-–—]\s")


def solicits(sentence: str) -> bool:
    """Whether a sentence in small letters speaks to its reader, praises its paper or lists search words."""
    words = WORD.findall(sentence)
    padding = is_heading(words) or is_list(sentence, words) or is_repetitive(words)
    return weight(sentence) >= SOLICITS or (padding and ADDRESS.search(sentence) is None)


def advertises(title: str) -> bool:
    """Whether a title in small letters does; it may speak to its reader and be a list, since titles play."""
    repetitive = any(is_repetitive(WORD.findall(part)) for part in PART.split(title))
    return repetitive or _weight(title, OWN_CUES) >= SOLICITS or CITATION.search(title) is not None


def weight(sentence: str) -> float:
    """Of the cues in a sentence in small letters; the wording of what it quotes is not its own."""
    return _weight(sentence, (*READER_CUES, *OWN_CUES))


def _weight(text: str, cues: Sequence[tuple[float, re.Pattern[str]]]) -> float:
    own = ADDRESS.sub(" ", QUOTED.sub(" ", text))
    wording = sum(worth for worth, cue in cues if cue.search(own))
    return wording + sum(worth for worth, cue in PROGRAM_CUES if cue.search(text))


def is_heading(words: Sequence[str]) -> bool:
    """Whether a text is a few words and says nothing of them, as a heading does, or an entry of a list.

    With a number among them it may be a finding ("It costs 10 dollars" says so in as few).
    """
    return 1 < len(words) < HEADING and not any(word[0].isdigit() or word in JOINING for word in words)


def is_list(text: str, words: Sequence[str]) -> bool:
    """Whether a text is words in a row with signs between them, hardly one that joins others."""
    few = sum(word in JOINING for word in words) <= MOST_JOINING * len(words)
    separators = len(SEPARATOR.findall(text))
    return len(words) >= LEAST_WORDS and few and separators >= max(3, SEPARATED * len(words))


def is_repetitive(words: Sequence[str]) -> bool:
    """Whether much of a sentence is pairs of words that stood in it before, or twice the same word."""
    pairs = Counter(pairwise(words))
    again = sum(count if one == other else count - 1 for (one, other), count in pairs.items())
    return again >= OFTEN and again >= AGAIN * (len(words) - 1)
