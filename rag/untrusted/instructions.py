"""Sentences of a paper that speak to whoever reads them, machine or reviewer, not of the work. Pure.

Text from papers is untrusted. Such a sentence is no evidence: it is left out of scoring, quoting and
checking. The patterns ask for an imperative, a forged turn or markup that acts, since papers *about*
prompts, jailbreaks and reviewing mention the same words all the time.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from rag.phrases import Phrases
from rag.untrusted.solicitation import advertises, solicits

PATTERNS = Phrases(__package__, "instructions.toml")
INVISIBLE = PATTERNS.pattern("invisible", 0)
"""Characters without a glyph: zero width, tags, writing direction, soft hyphens, fillers, and joiners and
variation selectors where they join or vary nothing."""

ORDER_OPENING = PATTERNS.pattern("opening", 0)
CLAUSE = PATTERNS.pattern("clause", 0)
ANYWHERE = (*PATTERNS.patterns("anywhere", 0), *PATTERNS.patterns("european", 0))
OTHER_SCRIPTS = PATTERNS.patterns("other_scripts", 0)

LOOKALIKES = str.maketrans(
    "абсԁеһіјкӏмոорԛѕтυѵԝхуАВСЕНІЈКМОРԚЅТԜХУαεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "abcdehijklmnopqstuvwxyABCEHIJKMOPQSTWXYaeiknoptuxABEZHIKMNOPTYX",
)

REMEMBERED = 65_536
"""Sentences whose reading is kept, since one question asks about those that the one before asked about."""

OFTEN = 3
"""Times that three words in a row must stand in one sentence to count as repeated …"""

MUCH = 0.45
"""… and the share of the sentence that is so: one of 688,000 sentences of papers comes near."""


def visible(text: str) -> str:
    """``text`` without characters that nobody sees (`INVISIBLE`); idempotent."""
    return text if text.isascii() else INVISIBLE.sub("", text)


@lru_cache(maxsize=REMEMBERED)
def is_instruction(title: str) -> bool:
    """Whether a title orders its reader about, forges a turn or a tool call, advertises, or carries markup.

    It is read without invisible characters, in compatibility form (NFKC), and once more with Cyrillic and
    Greek look-alikes as the Latin letters that they imitate.
    """
    return any(_orders(f". {text}") or advertises(text) for text in _readings(title))


@lru_cache(maxsize=REMEMBERED)
def is_plea(sentence: str) -> bool:
    """Whether a sentence does, or solicits in the many other ways that no report has; it is read alike."""
    return any(_orders(f". {text}") or solicits(text) for text in _readings(sentence))


def _readings(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", visible(text))
    return {plain.lower()} if plain.isascii() else {plain.lower(), plain.translate(LOOKALIKES).lower()}


def _orders(text: str) -> bool:
    """The same of lower-case text that a full stop precedes, so that its start is like any clause's."""
    if any(ORDER_OPENING.match(text, start.end()) for start in CLAUSE.finditer(text)):
        return True
    patterns = ANYWHERE if text.isascii() else (*ANYWHERE, *OTHER_SCRIPTS)
    return _repeats(text) or any(pattern.search(text) for pattern in patterns)


def _repeats(text: str) -> bool:
    """Whether much of a text is the same three words over and over, for a search engine to count."""
    words = re.findall(r"\w+", text)
    threes = Counter(zip(words, words[1:], words[2:], strict=False))
    return sum(count for count in threes.values() if count >= OFTEN) >= MUCH * max(len(words) - 2, 1)
