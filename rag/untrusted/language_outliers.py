"""Sentences that do not belong to their abstract: in another language, or echoes of the one before. Pure.

What is slipped into an abstract need not order anybody about to be none of it. An abstract speaks one
language, and each of its sentences says something that the one before did not.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from rag.phrases import Phrases

ECHOED = 0.8
"""Share of a sentence's neighbouring words that are neighbours in the one before, with which it echoes."""

FEW = 1 / 3
"""Most sentences, of all of an abstract, that can be outliers; with more it is in two languages."""

JOINING = Phrases(__package__, "languages.toml").groups("joining")
"""Words that join others, by language, of those written in the letters of English."""

LEAST_LETTERS = 5
"""Letters of another script that are more than a symbol or a name."""

LEAST_WORDS, LEAST_JOINING = 5, 2
"""Words of a sentence, and joining ones among them, by which its language is known."""

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\w+")


def outliers(sentences: Sequence[str]) -> list[bool]:
    """Which sentences of an abstract do not belong to it, in order."""
    foreign = _foreign(sentences)
    echoes = [False, *(_echoes(before, this) for before, this in pairwise(sentences))][: len(sentences)]
    return [other or echo for other, echo in zip(foreign, echoes, strict=True)]


def _foreign(sentences: Sequence[str]) -> list[bool]:
    """Those in another language than most, where few are."""
    spoken = [language(sentence) for sentence in sentences]
    known = Counter(filter(None, spoken))
    main = max(known, key=known.__getitem__, default="")
    other = [bool(each) and each != main for each in spoken]
    return other if sum(other) <= FEW * len(spoken) else [False] * len(spoken)


@lru_cache(maxsize=65_536)
def language(sentence: str) -> str:
    """The script of a sentence, or the language where it is Latin; "" where neither is clear."""
    # By the first word of the letters' names in Unicode, such as LATIN, CYRILLIC or CJK.
    letters = Counter(unicodedata.name(sign, "?").split()[0] for sign in sentence if sign.isalpha())
    script = max(letters, key=letters.__getitem__, default="")
    if script != "LATIN":
        return script if letters[script] >= LEAST_LETTERS else ""
    words = _WORD.findall(sentence.lower())
    found = {name: sum(word in joining for word in words) for name, joining in JOINING.items()}
    best = max(found, key=lambda name: found[name])
    if found["English"]:
        return "English" if found["English"] >= found[best] else ""
    return best if len(words) >= LEAST_WORDS and found[best] >= LEAST_JOINING else ""


def _echoes(before: str, this: str) -> bool:
    """Whether a sentence says in the same words what stood in the one before."""
    pairs = list(pairwise(_TOKEN.findall(this.lower())))
    known = set(pairwise(_TOKEN.findall(before.lower())))
    return len(pairs) > 1 and sum(pair in known for pair in pairs) >= ECHOED * len(pairs)
