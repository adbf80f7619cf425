"""Ways in which honest writers shorten and touch up a sentence, each a small rule that keeps its meaning."""

import random
import re

from evals.careless.scene import Scene, lowered, raised, swapped_word

CONNECTIVE = re.compile(
    r"\A(?:However|Furthermore|Moreover|Additionally|In addition|Notably|Therefore|Thus|Specifically|Finally"
    r"|Consequently|Hence|Nevertheless|In particular|Besides|Overall|As a result|To this end|Further|Lastly"
    r"|Firstly|Secondly|Thirdly|First|Second|Third|Next|Then|Also|Interestingly|Surprisingly|For example"
    r"|For instance|In contrast|Meanwhile|Empirically|In fact), "
)
TRAILING = re.compile(
    r", (?:which|thereby|thus|enabling|allowing|making|leading to|resulting in|providing|demonstrating"
    r"|highlighting|offering|paving|underscoring|ensuring|reducing|improving|achieving|outperforming|showcasing)"
    r" [^,]*\.\Z"
)
TRAILING_LEAST = 7
PARENTHESES = re.compile(r" \((?![^)]*\b(?:not|only|without|except)\b)[^()]{2,120}\)")
LEADING = re.compile(
    r"\A(?P<lead>(?:By|With|Using|Through|On|During|After|For) [^,]{8,90}), (?P<main>[^,;:]{20,})\.\Z"
)
SYNONYMS = {
    "show": "demonstrate", "shows": "demonstrates", "demonstrate": "show", "demonstrates": "shows",
    "using": "employing", "employs": "uses", "utilizes": "uses", "utilizing": "using",
    "improves": "enhances", "improve": "enhance", "enhances": "improves", "enhance": "improve",
    "outperforms": "surpasses", "significantly": "substantially", "substantially": "significantly",
    "leverages": "uses", "crucial": "essential", "leveraging": "using", "challenging": "difficult",
    "reduces": "lowers", "reduce": "lower", "prior": "previous", "previous": "earlier",
    "comprehensive": "thorough", "novel": "new", "introduces": "presents", "introduce": "present",
    "propose": "introduce", "proposes": "introduces", "enabling": "allowing", "essential": "crucial",
    "various": "different", "numerous": "many", "rapidly": "quickly", "tackle": "address",
    "mitigate": "reduce", "obtain": "get", "accelerates": "speeds up", "reveal": "show", "reveals": "shows",
}  # fmt: skip
ADVERB = re.compile(
    r"(?<!\b[Aa] )(?<!\b[Aa]n )\b(?:significantly|notably|substantially|effectively|remarkably|extensively"
    r"|consistently|dramatically|greatly|efficiently|meticulously|rigorously) (?=[a-z])"
)
DENIED = re.compile(r"\b(?:not|no|without|never|nor|cannot|only|hardly|less|more|and|or)\W+(?:\w+\W+){0,2}\Z")
ACRONYM = re.compile(r"(?P<words>(?:[A-Za-z]+[ -]){1,5}[A-Za-z]+) \((?P<short>[A-Z]{2,6})(?P<s>s?)\)")


def connective_dropped(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """However, X → X."""
    rest = CONNECTIVE.sub("", text)
    return raised(rest) if rest != text else None


def parenthesis_dropped(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """X (with some detail) does Y → X does Y."""
    rest = PARENTHESES.sub("", text)
    whole = rest != text and "(" not in rest and not re.search(r"(?:namely|called|termed|:)\W", rest)
    return rest if whole else None


def trailing_clause_dropped(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """X does Y, thereby Z → X does Y."""
    rest = TRAILING.sub(".", text)
    balanced = rest != text and rest.count("(") == rest.count(")") and len(rest.split()) > TRAILING_LEAST
    return rest if balanced and not re.search(r"\b(?:not only|either|neither|respectively)\b", rest) else None


def reordered(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """By doing Y, X does Z → X does Z by doing Y."""
    match = LEADING.match(text)
    lead = lowered(match["lead"]) if match else None
    if match and re.match(
        r"(?:including|such|particularly|especially|aiming|making|leading)\b", match["main"]
    ):
        return None
    if not match or not lead or re.search(r"\b(?:that|which|who|where|by|it)\b", match["main"]):
        return None
    if re.match(r".*\b(?:so|this|these|those|it|them)\b|for (?:example|instance|every)|on the other", lead):
        return None
    return f"{raised(match['main'])} {lead}."


def synonyms(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """Up to two words in place of others that say the same."""
    found = [m for m in re.finditer(r"[A-Za-z]+", text) if m[0].lower() in SYNONYMS and not m[0].isupper()]
    chosen = sorted(rng.sample(found, min(2, len(found))), key=lambda match: -match.start())
    for match in chosen:
        text = swapped_word(text, match.span(), SYNONYMS[match[0].lower()])
    return text if chosen else None


def adverb_dropped(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """X significantly improves Y → X improves Y."""
    match = ADVERB.search(text)
    if not match or DENIED.search(text[: match.start()]):
        return None
    return raised(text[: match.start()] + text[match.end() :])


def abbreviated(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """Large language models (LLMs) → LLMs, or LLMs → large language models."""
    for match in ACRONYM.finditer(text):
        words = re.split(r"[ -]", match["words"])[-len(match["short"]) :]
        long = re.search(r"[ -]".join(words) + r"\Z", match["words"])
        if long and "".join(word[0] for word in words).upper() == match["short"]:
            start, short = match.start() + long.start(), match["short"] + match["s"]
            return swapped_word(text, (start, match.end()), short) if rng.random() < 1 / 2 else None
    spelled = re.sub(r"(?<![\w(/-])LLMs(?![\w)/-])", "large language models", text, count=1)
    return raised(spelled) if spelled != text else None
