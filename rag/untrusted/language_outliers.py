"""Sentences that are strangers in their abstract: in another language, or echoes of the one before. Pure.

What is slipped into an abstract need not order anybody about to be none of it. An abstract speaks one
language, and each of its sentences says something that the one before did not.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

ECHOED = 0.8
"""Share of a sentence's neighbouring words that are neighbours in the one before, with which it echoes."""

FEW = 1 / 3
"""Most sentences, of all of an abstract, that can be strangers to it; with more it is in two languages."""

ENGLISH = (
    "the of and in to a an is for that we with are this on by as it our from which be can not these their at "
    "than when while but or has have was were all more into between through over under per after"
)
JOINING: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in (
        ("English", ENGLISH),
        ("German", "der die das und nicht alle mit nur sie ist ein eine auf für von den dem wird oder"),
        ("Dutch", "de het een en alle met niet alleen van voor zijn wordt deze dat ook maar te door aan"),
        ("French", "le la les des et une dans pour que est sur avec pas toutes seulement nous vous par du"),
        ("Spanish", "el los las y una para que es con por todas solo este esta del como se su sus lo al"),
        ("Italian", "il gli le e una per che è con tutte solo questo questa della di come si non nel sono"),
        ("Portuguese", "os as e uma para que é com todas apenas este esta do da em não se por ao como"),
        ("Scandinavian", "och att det som en av för är med alla alle bara bare og på ikke inte til till"),
        ("Polish", "i w na z do nie jest się wszystkie tylko oraz że dla to przez od ten jako"),
        ("Czech", "a v na s se je že všechny jen pro do z to by od jako nebo které"),
        ("Finnish", "ja on ei se että kaikki vain tämä joka ovat sekä kanssa"),
        ("Turkish", "ve bir bu için ile tüm olarak da de olan daha gibi sadece"),
        ("Vietnamese", "và của các là trong cho được với mọi chỉ không một này có trước"),
        ("Indonesian", "dan yang di untuk dengan dari semua hanya ini itu pada adalah"),
        ("Hungarian", "a az és egy hogy nem minden csak is ez van meg mint"),
        ("Romanian", "și în de la cu toate doar pentru este un o nu din pe să"),
    )
}
"""Words that join others, by language, of those written in the letters of English."""

LEAST_LETTERS = 5
"""Letters of another script that are more than a symbol or a name."""

LEAST_WORDS, LEAST_JOINING = 5, 2
"""Words of a sentence, and joining ones among them, by which its language can be told."""

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\w+")


def strangers(sentences: Sequence[str]) -> list[bool]:
    """Which sentences of an abstract are strangers to it, in order."""
    foreign = _foreign(sentences)
    echoes = [False, *(_echoes(before, this) for before, this in pairwise(sentences))][: len(sentences)]
    return [other or echo for other, echo in zip(foreign, echoes, strict=True)]


def _foreign(sentences: Sequence[str]) -> list[bool]:
    """Those in another language than most, where few are."""
    spoken = [language(sentence) for sentence in sentences]
    known = Counter(each for each in spoken if each)
    if not known:
        return [False] * len(spoken)
    main = known.most_common(1)[0][0]
    other = [bool(each) and each != main for each in spoken]
    return other if sum(other) <= FEW * len(spoken) else [False] * len(spoken)


@lru_cache(maxsize=65_536)
def language(sentence: str) -> str:
    """The script of a sentence, or the language where it is Latin; "" where neither can be told."""
    letters = Counter(_script(sign) for sign in sentence if sign.isalpha())
    if not letters:
        return ""
    script, count = letters.most_common(1)[0]
    if script != "LATIN":
        return script if count >= LEAST_LETTERS else ""
    words = _WORD.findall(sentence.lower())
    found = {name: sum(word in joining for word in words) for name, joining in JOINING.items()}
    best = max(found, key=lambda name: found[name])
    if found["English"]:
        return "English" if found["English"] >= found[best] else ""
    return best if len(words) >= LEAST_WORDS and found[best] >= LEAST_JOINING else ""


def _script(sign: str) -> str:
    """The first word of a letter's name in Unicode, such as LATIN, CYRILLIC or CJK."""
    return unicodedata.name(sign, "?").partition(" ")[0]


def _echoes(before: str, this: str) -> bool:
    """Whether a sentence says in the same words what stood in the one before."""
    pairs = list(pairwise(_TOKEN.findall(this.lower())))
    known = set(pairwise(_TOKEN.findall(before.lower())))
    return len(pairs) > 1 and sum(pair in known for pair in pairs) >= ECHOED * len(pairs)
