"""Changes of a sentence by rule: some keep its sense (`reword`), some turn it round (`TURNS`). Pure."""

import random
import re
from collections.abc import Callable, Mapping, Sequence

from evals.support.statement_words import SYNONYMS, VERB_POLES, WORD_POLES, forms

WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
NUMBER = re.compile(r"(?<![\w.(-])\d+(?:\.\d+)?(?![\w.]*[A-Za-z])")
LEAD = re.compile(
    r"^(?:(?:in\s+(?:this|our)\s+(?:paper|work|study|article)|here|moreover|furthermore|however|finally|in\s+addition|"
    r"additionally|therefore|thus|in\s+particular|specifically|to\s+this\s+end|as\s+a\s+result|overall|"
    r"in\s+conclusion|in\s+contrast|consequently|hence|first|second|third|lastly|also|for\s+example)\s*,?\s+)+",
    re.IGNORECASE,
)
FRAME = re.compile(
    r"^(?:(?:we|the\s+authors?|(?:our|the|extensive|these)?\s*(?:\w+\s+)?(?:results?|experiments?|findings|analys[ie]s|"
    r"evaluations?|simulations?)(?:\s+(?:on|in|with)\s+[^,]{3,60}?)?)\s+(?:\w+ly\s+|also\s+|further\s+)?"
    r"(?:show|demonstrate|find|found|prove|observe|argue|report|indicate|suggest|confirm|reveal|conclude|verify)"
    r"(?:s|ed|d)?\s+that\s+|it\s+is\s+(?:shown|demonstrated|found|well\s+known)\s+that\s+)",
    re.IGNORECASE,
)
ASIDE = re.compile(r"\s*\([^()]{1,80}\)")
TAIL = re.compile(
    r",\s+(?:which|while|whereas|thereby|thus|making|leading|resulting|including|such\s+as|especially|where|"
    r"allowing|enabling|and\s+(?:thus|therefore))\b[^.;]*(?=[.]?$)"
)
ADJUNCT = re.compile(
    r"^(?:by|using|with|in|for|under|unlike|through|based\s+on|compared\s+(?:to|with)|due\s+to|to|while|although)\s"
    r"[^,;]{5,90},\s+",
    re.IGNORECASE,
)
ENDING = re.compile(
    r"\s+(?:by|via|using|through|in\s+terms\s+of|across|over|compared\s+(?:to|with)|based\s+on|in\s+order\s+to|due\s+to)\s"
    r"[^,;]{8,90}(?=[.]?$)"
)
CLAUSES = re.compile(r"(?:,\s+(?:and|but|while|whereas|yet|so)|;(?:\s+(?:and|however|moreover),?)?)\s+")
ADVERB = re.compile(
    r"\b(?:significantly|substantially|considerably|also|further|typically|usually|generally|greatly|largely|"
    r"consistently|effectively|efficiently|successfully|particularly|especially|dramatically|markedly|highly|"
    r"very|extremely|recently|empirically|experimentally|additionally|clearly|simply)\s+",
    re.IGNORECASE,
)
WE_DO = re.compile(
    r"^we\s+(?:\w+ly\s+)?(propose|present|introduce|develop|describe|study|investigate|analyze|consider|evaluate|use)\s+"
    r"([^,;:]+?)(?=\s+(?:that|which|to|for|by|in|on|with|using|based)\b|[,;:.]|$)",
    re.IGNORECASE,
)
PASSIVE = {
    "propose": "proposed",
    "present": "presented",
    "introduce": "introduced",
    "describe": "described",
    "analyze": "analyzed",
    "use": "used",
    "develop": "developed",
    "study": "studied",
    "investigate": "investigated",
    "consider": "considered",
    "evaluate": "evaluated",
}
COPULA = re.compile(
    r"\b(is|are|was|were|can|could|will|would|should|has|have|does|do|did|may|might)\b(\s+not\b)?",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"^(?P<left>[^,;]{3,60}?)\s+(?P<verb>outperforms?|surpass(?:es)?|exceeds?|dominates?|"
    r"(?:is|are|was|were|performs?)\s+(?:\w+ly\s+)?(?:more\s+\w+|less\s+\w+|better|worse|faster|slower|higher|lower)\s+than)"
    r"\s+(?P<right>[^,;.]{3,60}?)(?P<rest>[,;.]|\s+(?:in|on|by|for|with|at|across|when|while|and)\b|$)"
)
UNITS = (
    ("milliseconds", "seconds", "minutes", "hours", "days", "weeks", "months", "years"),
    ("mm", "cm", "m", "km"),
    ("mg", "g", "kg"),
    ("million", "billion", "thousand"),
    ("ms", "s", "min", "h"),
)
Turn = Callable[[str, random.Random], str | None]


def _pole_words() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each word of the lists in each of its forms, with the forms of same and of opposite sense."""
    found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for poles in VERB_POLES:
        for same, other in (poles, poles[::-1]):
            for form in range(4):
                ours, theirs = tuple(forms(v)[form] for v in same), tuple(forms(v)[form] for v in other)
                for word in ours:
                    found.setdefault(word, (ours, theirs))
    for word_poles in WORD_POLES:
        for same, other in (word_poles, word_poles[::-1]):
            for word in same:
                found.setdefault(word, (tuple(same), tuple(other)))
    return found


POLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = _pole_words()
_SAME = {word: [each for each in line if each != word] for line in SYNONYMS for word in line}
_SYNONYM = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _SAME), key=len, reverse=True)) + r")\b", re.IGNORECASE
)


def reword(sentence: str, rng: random.Random, strength: float = 0.5) -> str:
    """The same in other words: frame, asides, adverbs and tails dropped, synonyms, passive; each by chance.

    Args:
        sentence: one sentence.
        rng: decides what is done.
        strength: chance of each change, 0 to 1.
    """
    text = LEAD.sub("", sentence)
    for pattern, put in ((FRAME, ""), (ASIDE, ""), (TAIL, ""), (ADVERB, "")):
        if rng.random() < strength:
            shorter = pattern.sub(put, text)
            text = shorter if len(shorter.split()) >= 4 else text  # noqa: PLR2004 - less says nothing
    if rng.random() < strength:
        text = passive(text)
    text = _SYNONYM.sub(lambda m: _other(m, _SAME[m[0].lower()], rng, strength), text)
    text = WORD.sub(lambda m: _same_pole(m, rng, strength), text)
    if rng.random() < strength / 2:
        text = clauses_swapped(text)
    return as_sentence(text)


def shortened(sentence: str, rng: random.Random) -> str:
    """One clause of the sentence, best one with a word of direction, without what stands before and after."""
    clauses = [each for each in CLAUSES.split(sentence) if len(each.split()) >= 5]  # noqa: PLR2004 - less says nothing
    telling = [each for each in clauses if any(word.lower() in POLES for word in WORD.findall(each))]
    text = rng.choice(telling or clauses or [sentence])
    for pattern in (LEAD, FRAME, ADJUNCT, ENDING):
        shorter = pattern.sub("", text)
        text = shorter if len(shorter.split()) >= 5 else text  # noqa: PLR2004 - as above
    return as_sentence(text)


def passive(sentence: str) -> str:
    """`We propose X for Y` becomes `X is proposed for Y`; other sentences stay."""
    return WE_DO.sub(_passive, sentence, count=1)


def _passive(match: re.Match[str]) -> str:
    many = match[2].split()[-1].endswith("s") and not match[2].startswith(("a ", "an "))
    return f"{match[2]} {'are' if many else 'is'} {PASSIVE[match[1].lower()]}"


def clauses_swapped(sentence: str) -> str:
    """`While A, B.` becomes `B, while A.`; other sentences stay."""
    match = re.match(
        r"^(While|Although|When|If|Because|By|Using|With|For|In|Under|Despite)\s([^,]{8,90}),\s([^,;]{8,})$",
        sentence.rstrip(". "),
    )
    return f"{match[3]} {match[1].lower()} {match[2]}." if match else sentence


def turn_pole(sentence: str, rng: random.Random) -> str | None:
    """Put one word of direction into its opposite; None where there is none."""
    places = [match for match in WORD.finditer(sentence) if match[0].lower() in POLES]
    if not places:
        return None
    strong = [match for match in places if match[0].lower() not in _WEAK] or places
    match = rng.choice(strong)
    put = rng.choice(POLES[match[0].lower()][1])
    return sentence[: match.start()] + _cased(match[0], put) + sentence[match.end() :]


_WEAK = {
    "with",
    "all",
    "many",
    "new",
    "novel",
    "no",
    "every",
    "few",
    "include",
    "includes",
    "including",
    "without",
}
"""Whose opposite is often no contradiction: used only where there is nothing else."""


def turn_negation(sentence: str, rng: random.Random) -> str | None:
    """Negate the first verb that can be, or take its negation out; None where there is none."""
    places = list(COPULA.finditer(sentence))
    if places:
        match = places[0] if rng.random() < 0.8 else rng.choice(places)  # noqa: PLR2004 - mostly the main verb
        put = match[1] if match[2] else f"{match[1]} not"
        return sentence[: match.start()] + put + sentence[match.end() :]
    thirds = [m for m in WORD.finditer(sentence) if m[0] in _BASE_OF_THIRD and m.start()]
    if not thirds:
        return None
    match = thirds[0]
    put = rng.choice(("does not", "fails to", "cannot")) + " " + _BASE_OF_THIRD[match[0]]
    return sentence[: match.start()] + put + sentence[match.end() :]


_OPEN_VERBS = (
    "show",
    "use",
    "achieve",
    "provide",
    "require",
    "allow",
    "affect",
    "lead",
    "cause",
    "contain",
    "play",
)
_BASE_OF_THIRD = {
    forms(verb)[1]: verb
    for verb in (*_OPEN_VERBS, *(v for poles in VERB_POLES for side in poles for v in side))
}


def turn_number(sentence: str, rng: random.Random) -> str | None:
    """Put another number for one; None where there is none."""
    places = list(NUMBER.finditer(sentence))
    if not places:
        return None
    match = rng.choice(places)
    value = float(match[0])
    factor = rng.choice((0.1, 0.25, 0.5, 0.7, 1.4, 2.0, 3.0, 10.0))
    digits = len(match[0].partition(".")[2])
    put = f"{value * factor:.{digits}f}" if value else str(rng.randint(1, 9))
    if put == match[0] or not float(put):
        put = f"{value + rng.randint(1, 5):.{digits}f}"
    return sentence[: match.start()] + put + sentence[match.end() :]


def turn_unit(sentence: str, rng: random.Random) -> str | None:
    """Put another unit after a number; None where no number has a known one."""
    for units in UNITS:
        match = re.search(rf"(?<=\d)(\s?)({'|'.join(units)})\b", sentence)
        if match:
            put = rng.choice([unit for unit in units if unit != match[2]])
            return sentence[: match.start(2)] + put + sentence[match.end(2) :]
    return None


def turn_sides(sentence: str, _rng: random.Random) -> str | None:
    """`A outperforms B` becomes `B outperforms A`; None where nothing is compared."""
    bare = FRAME.sub("", LEAD.sub("", sentence))
    match = COMPARED.match(bare)
    if match is None or match["right"].lower() in match["left"].lower():
        return None
    rest = bare[match.start("rest") :]
    return as_sentence(
        f"{match['right']} {match['verb']} {match['left'][0].lower()}{match['left'][1:]}{rest}"
    )


TURNS: Mapping[str, Turn] = {
    "pole": turn_pole,
    "negation": turn_negation,
    "number": turn_number,
    "unit": turn_unit,
    "sides": turn_sides,
}
"""Changes after which a sentence contradicts what it was, by kind."""


def as_sentence(text: str) -> str:
    """Without outer white space, with a capital and a full stop."""
    text = " ".join(text.split()).strip(" ,;")
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else text


def _other(match: re.Match[str], others: Sequence[str], rng: random.Random, strength: float) -> str:
    return _cased(match[0], rng.choice(others)) if rng.random() < strength else match[0]


def _same_pole(match: re.Match[str], rng: random.Random, strength: float) -> str:
    same = POLES.get(match[0].lower(), ((), ()))[0]
    return _cased(match[0], rng.choice(same)) if same and rng.random() < strength else match[0]


def _cased(model: str, word: str) -> str:
    return word[:1].upper() + word[1:] if model[:1].isupper() else word
