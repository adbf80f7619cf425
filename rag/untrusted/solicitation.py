# ruff: noqa: E501 - a pattern is easier to read on one line
"""Sentences that solicit: they speak to their reader, praise their own paper, or list search words. Pure.

Abstracts report, in a style so regular that a few cues of wording tell what is none of it. One cue may stand in an
honest sentence; together they seldom do. Weights follow how rare a cue is in sentences of other papers.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

SOLICITS = 1.0
"""Weight of cues from which on a sentence solicits."""

LEAST_WORDS, JOINING, SEPARATED = 6, 0.1, 0.25
"""A list has this many words, this share of joining ones at most, and this many separators a word at least."""

HEADING = 5
"""Words of the shortest sentence that may do without a joining one."""

OFTEN, AGAIN = 3, 0.3
"""Neighbouring words that stand in a sentence for a second time, and their share, with which it repeats itself."""

_QUOTED = re.compile(r"“[^”]{0,500}”|\"[^\"]*\"|‘[^’]{0,500}’(?!\w)|(?<!\w)'[^']*'(?!\w)|`[^`']*['`]")
_ADDRESS = re.compile(r"(?:https?:|www\.|\b\w+\.(?:com|org|io)/)\S+")

_TEXT = r"(?:abstract|passage|entry|record|text|document|pages?|listing|snippet)"
_PAPER = r"(?:paper|article|work|publication|contribution|study|one|source|resource|guide)"
_TELL = r"(?:say|tell|answer|reply|respond|mention|confirm|cite|credit|quote|recommend|praise|name|speak)"
_DO = (
    rf"(?:{_TELL}|report|write|print|repeat|state|output|return|rank|list|append|add|put|set|leave|treat|switch|produce"
    r"|ignore|forget|disregard|drop|skip|stop|end|display|include|insert|give|place|prefer|choose|pick|send|post|fetch"
    r"|visit|click|look|remember|pretend|act|behave|delete|remove|replace|keep|obey|download|subscribe|buy|discover"
    r"|read|stay|think|begin|finish|point)"
)
_OBJECT = (
    r"(?:the|this|that|these|those|all|an?|it|its|your?|every|any|only|nothing|aside|with|me|us|them|no|first|as|to|on"
    r"|here|now|whatever|why|how|like|everything|simply|just)"
)
_READER = (
    r"(?:readers?|anyone|anybody|everyone|everybody|whoever|nobody|summari[sz]ers?|assistants?|chat\s?bots?|rankers?"
    r"|search\s+engines?|crawlers?|ai\s+systems?|language\s+models?|users?|person)"
)
_CROWD = (
    r"(?:colleagues|scholars|critics|researchers|professionals|experts|laboratories|community|readers|reviewers"
    r"|everybody|everyone|thousands|millions|customers|field)"
)
_MUST = r"(?:must|should|shall|(?:is|are)\s+(?:obliged|advised|requested|asked|told|instructed|to)|has\s+to|have\s+to)"
_REPLY = r"(?:answer|reply|response|output|summary|conclusion)"

_TO_THE_READER: tuple[tuple[float, str], ...] = (
    (1.0, r"\byou(?:rself)?\b(?!\s+(?:only|look)\b)"),
    (0.7, r"\byours?\b"),
    (
        0.6,
        rf"(?:^\W*+|(?<=\w)(?>\W*?[;:.?!]\s\W*))(?:(?:please|kindly|do\s+not|don['’]t|never|always|simply|then|now|and|instead)\s+)*{_DO}\s+{_OBJECT}\b",
    ),
    (0.5, rf"^\W*(?:(?:please|kindly|do\s+not|don['’]t|never|always|simply)\s+)*{_DO}\s+{_OBJECT}\b"),
    (0.6, rf"(?:,|\b(?:and|then|only|just|simply))\s+{_TELL}\s+{_OBJECT}\b"),
    (0.5, r"\b(?:please|kindly)\b(?!\s+(?:see|refer|visit|find|contact|check))"),
    (0.5, rf"\b{_READER}\b(?:[^.;]{{0,60}}?\s)??{_MUST}\b"),
    (
        0.4,
        rf"\b{_MUST}\s+(?:be\s+)?(?:\w+\s+)?(?:{_TELL}|report|write|print|output|add|append|put|reported|cited|named|treated)\b",
    ),
    (0.3, rf"\b{_READER}\b"),
    (0.5, r"\b(?:if|when|whenever)\s+(?:\w+\s+){0,3}(?:asked|asks|queried)\b"),
    (
        0.5,
        rf"\b(?:the|its|their|each|every)\s+(?:(?:only|right|correct|final|whole|next|true)\s+)?{_REPLY}\s+(?:{_MUST}|is\b|to\b)",
    ),
    (
        0.4,
        r"\b(?:your|earlier|previous|prior|other)\s+(?:instructions?|guidance|rules|orders|directives?)\b|\b(?:administrator|developer)s?\s+(?:has|have|says?|decided)\b",
    ),
    (0.6, r"^\W*(?:response|assistant|user|system|human|bot|moderator|reader|operator|observation)\s*:"),
)
_FOR_ITSELF: tuple[tuple[float, str], ...] = (
    # A thing in a list, which wants to be its first.
    (
        1.0,
        rf"\b(?:this|these|the\s+very)\s+(?:very\s+)?{_TEXT}\b(?!\s+(?:game|level|domain|model|space|classification|generation)\b)",
    ),
    (0.3, rf"\b(?:this|these|our|such)\s+(?:[\w-]+\s+)?{_PAPER}\b|\bthis\s+one\b"),
    (
        0.6,
        r"\b(?:top|head)\s+of\s+(?:the|every|any|your)\s+(?:list|results?)\b|\b(?:first|top)\s+(?:place|position|rank|spot)\b|\bmaximum\s+score\b|\b(?:any|every|no)\s+list\b|\bfor\s+the\s+query\b",
    ),
    (
        0.5,
        r"\bmost\s+relevant\s+one\b|\bhighly\s+relevant\s+to\b|\brelevance\s+(?:score|judge|grade)\b|^\W*(?:rating|grade|score)\b",
    ),
    # Praise, which reports do not give themselves.
    (
        0.7,
        r"\b(?:must-reads?|unmissable|unrivall?ed|world-class|second\s+to\s+none|award-winning|best-selling|highly\s+(?:recommended|acclaimed)|peerless|undisputed|masterpiece|(?:five|\d)\s+stars|finest|amazing|incredible|trusted\s+by|look\s+no\s+further|need\s+look)\b",
    ),
    (
        0.5,
        r"\b(?:best|greatest|foremost|definitive|ultimate|finest|perfect|brilliant|trusted|only|important|better)\s+(?:\w+\s+){0,2}(?:papers?|articles?|references?|resources?|guides?|sources?|introductions?|recommendations?|contributions?|treatments?)\b",
    ),
    (
        0.4,
        r"\bgold\s+standard\b|\bground-?breaking\b|\bbrilliant\b|\bacclaimed\b|\bunparallell?ed\b|\bloved?s?\b|\bworldwide\b|\bby\s+far\b|\bof\s+the\s+(?:decade|century)\b|\bunanimously\b|!\s*$",
    ),
    (
        0.7,
        rf"\b{_CROWD}\b[^.;]{{0,40}}\b(?:agrees?|converged?|prefers?|endorses?|praised?|recommends?|chooses?|chose|calls?|loves?|rates?|trusts?|cites?|pointed)\b[^.;]{{0,60}}\b(?:this|these|our|it)\b",
    ),
    (
        0.7,
        r"\b(?:no\s+(?:other|better)|(?:all|any|every)\s+other|before\s+all)\b[^.;]{0,20}\b(?:papers?|articles?|abstracts?|sources?|resources?|publications?|others)\b|\b(?:all|every|its)\s+(?:rivals|competitors?)\b",
    ),
    (
        0.6,
        r"\b(?:nowhere|anywhere|nothing)\s+else\b|\bever\s+(?:need|read|written|seen)\b|\b(?:is|are)\s+(?:in)?complete\s+without\b",
    ),
    # Written for a search engine.
    (1.0, r"\b(?:which|what|any|are\s+there)\s+(?:\w+\s+){0,2}papers?\b[^.]{0,300}\?"),
    (
        1.0,
        r"^\W*(?:topics?|subjects?|categor(?:y|ies)|tags?|key\s?words?|index\s+terms|search\s+terms|related\s+searches|glossary|hashtags?|queries)\b[^:.]{0,30}:",
    ),
    (1.0, r"(?<![\w\\])#[a-z]\w+\b.*(?<![\w\\])#[a-z]\w+"),
    (1.0, r"\bpeople\s+also\s+(?:ask|search)|\bwho\s+(?:works?|writes?|published)\b[^.]{0,300}\?"),
)
_MARKUP: tuple[tuple[float, str], ...] = (
    (
        1.0,
        r"<[a-z!/][^<>]*(?:=|/>|</)|</?(?:docs?|text|context|b|p|div|span|details|object|math|embed)\b[^<>]*>|<\|",
    ),
    (1.0, r"[\"“]\w+[\"”]\s*:\s*[\"“\[{]|[\"”]\s*\}|\}\s*\]\s*[,}]"),
    (1.0, r"\b\d{1,3}(?:\.\d{1,3}){3}[:/]"),
    (1.0, r"(?:(?<![\\#])|(?<=\\#))##++\s|>>|<<"),
)
_Cues = tuple[tuple[float, re.Pattern[str]], ...]


def _compiled(forms: Sequence[tuple[float, str]]) -> _Cues:
    return tuple((worth, re.compile(form)) for worth, form in forms)


_READER_CUES, _OWN_CUES, _PROGRAM_CUES = map(_compiled, (_TO_THE_READER, _FOR_ITSELF, _MARKUP))

_JOINING = re.compile(
    r"(?:an?|the|th(?:is|at|ese|ose)|in(?:to)?|of|on(?:to|e|ly)?|at|by|to(?:wards)?|for|from|with(?:in|out)?|between|among"
    r"|over|under|and|n?or|but|as|than|if|when|while|where|wh(?:ich|om?|ose|at|y)|how|because|since|so|such|both|either"
    r"|not?|is|are|was|were|be(?:en|ing)?|ha[sd]|have|do|does|did|can|could|may|might|must|sh(?:all|ould)|will|would"
    r"|we|ours?|us|its?|they|their|them|he|she|his|her|i|my|yours?|there|here|then|thus|also|very|more|most|less|much"
    r"|many|each|every|all|any|some|(?:an)?other|up|out|about|through|during|via|per|upon|against|you)"
)
_CITATION = re.compile(r"(?<!\w)\[\d+\]")  # which no title holds: it is one of ours, forged
_PART = re.compile(r"[.!?:;]\s+")
_WORD = re.compile(r"[^\W_][\w'’-]*")
_SEPARATOR = re.compile(r"[,;|/#·•]|\s[-–—]\s")


def solicits(sentence: str) -> bool:
    """Whether a sentence in small letters speaks to its reader, praises its own paper or lists search words."""
    words = _WORD.findall(sentence)
    padding = is_heading(words) or is_list(sentence, words) or is_repetitive(words)
    return weight(sentence) >= SOLICITS or (padding and _ADDRESS.search(sentence) is None)


def advertises(title: str) -> bool:
    """Whether a title in small letters does; it may speak to its reader and be a list, since titles play."""
    repetitive = any(is_repetitive(_WORD.findall(part)) for part in _PART.split(title))
    return repetitive or _weight(title, _OWN_CUES) >= SOLICITS or _CITATION.search(title) is not None


def weight(sentence: str) -> float:
    """Of the cues in a sentence in small letters; the wording of what it quotes is not its own."""
    return _weight(sentence, (*_READER_CUES, *_OWN_CUES))


def _weight(text: str, cues: _Cues) -> float:
    own = _ADDRESS.sub(" ", _QUOTED.sub(" ", text))
    wording = sum(worth for worth, cue in cues if cue.search(own))
    return wording + sum(worth for worth, cue in _PROGRAM_CUES if cue.search(text))


def is_heading(words: Sequence[str]) -> bool:
    """Whether a text is a few words and says nothing of them, as a heading does, or an entry of a list.

    With a number among them it may be a finding ("It costs 10 dollars" says so in as few).
    """
    says = any(word[0].isdigit() or _JOINING.fullmatch(word) for word in words)
    return 1 < len(words) < HEADING and not says


def is_list(text: str, words: Sequence[str]) -> bool:
    """Whether a text is words in a row with signs between them, hardly one that joins others."""
    joining = sum(_JOINING.fullmatch(word) is not None for word in words)
    separators = len(_SEPARATOR.findall(text))
    few = joining <= JOINING * len(words)
    return len(words) >= LEAST_WORDS and few and separators >= max(3, SEPARATED * len(words))


def is_repetitive(words: Sequence[str]) -> bool:
    """Whether much of a sentence is pairs of neighbouring words that stood in it before, or are the same word."""
    pairs = Counter(pairwise(words))
    again = sum(count if one == other else count - 1 for (one, other), count in pairs.items())
    return again >= OFTEN and again >= AGAIN * (len(words) - 1)
