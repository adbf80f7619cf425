"""Changes of direction, negation and order that make a true statement false."""

import random
import re

from evals.exam.changes.scene import ASKS, Scene, lowered, raised, swapped_word

OPPOSITES: tuple[tuple[str, str], ...] = (
    ("increase", "decrease"), ("increases", "decreases"), ("increased", "decreased"),
    ("increasing", "decreasing"), ("improve", "degrade"), ("improves", "degrades"), ("improved", "degraded"),
    ("improving", "degrading"), ("improvement", "degradation"), ("improvements", "degradations"),
    ("enhances", "weakens"), ("enhance", "weaken"), ("enhanced", "weakened"), ("enhancing", "weakening"),
    ("boost", "harm"), ("boosts", "harms"), ("boosting", "harming"), ("reduce", "raise"),
    ("reduces", "raises"), ("reducing", "raising"), ("reduced", "raised"), ("reduction", "growth"),
    ("lower", "higher"), ("slower", "faster"), ("smaller", "larger"), ("worse", "better"),
    ("stronger", "weaker"), ("superior", "inferior"), ("outperforms", "underperforms"),
    ("outperform", "underperform"), ("outperformed", "underperformed"), ("outperforming", "underperforming"),
    ("accelerates", "slows down"), ("accelerating", "slowing down"), ("surpasses", "falls short of"),
    ("surpassing", "falling short of"), ("surpass", "fall short of"), ("exceeds", "falls below"),
    ("effective", "ineffective"), ("best", "worst"), ("high", "low"),
    ("cheaper", "costlier"), ("difficult", "easy"), ("challenging", "easy"), ("mitigates", "worsens"),
    ("mitigate", "worsen"), ("mitigating", "worsening"), ("shorter", "longer"), ("strong", "weak"),
    ("simple", "complicated"), ("positive", "negative"), ("robust", "fragile"), ("reliable", "unreliable"),
    ("reliably", "unreliably"), ("consistent", "inconsistent"), ("gain", "loss"), ("gains", "losses"),
    ("more accurate", "less accurate"), ("more efficient", "less efficient"),
    ("more effective", "less effective"), ("more robust", "less robust"), ("minimal", "massive"),
    ("promising", "discouraging"), ("facilitates", "hinders"), ("facilitate", "hinder"),
    ("success", "failure"),
)  # fmt: skip
"""Each may stand for the other."""

NEGATED = re.compile(
    r"\b(?:not|no|never|without|neither|nor|cannot|only|few|little|none|hardly|rarely|unless|lack|limited|fails?"
    r"|unable|or)\b",
    re.IGNORECASE,
)
AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|can|has been|have been|will|could|has|have)"
    r"(?= (?!been)[a-z]+)(?! (?:to|an?|the)\b)"
)
VERBS = "(is|are|was|were|can|has|have|will|could|may|should|do|does)"
NEGATIONS: tuple[tuple[str, str], ...] = (
    (r"\bcannot\b", "can"),
    (rf"\b{VERBS} not (?!only|necessarily|just|always|yet)", r"\1 indeed "),
    (r"\bwithout (requiring|sacrificing|using|relying|compromising|accessing|losing|needing)\b", r"while \1"),
    (
        r"\bwithout (?:any |the need for |additional )?(fine-?tuning|training|retraining|human)\b",
        r"only with \1",
    ),
    (r"\bno longer\b", "still"),
    (r"\bnone of the\b", "all of the"),
    (r"\bfail to ([a-z]+)\b", r"reliably \1"),
    (r"\bno single\b", "one single"),
    (r"\brarely\b", "often"),
    (r"\b(?:underexplored|under-explored|unexplored)\b", "thoroughly explored"),
    (r"\bremains unclear\b", "is fully understood"),
    (r"\b[Ll]ittle (?=is known|attention)", "much "),
)

PASSIVE = {
    "outperforms": "is outperformed by", "outperform": "are outperformed by", "surpass": "are surpassed by",
    "outperformed": "was outperformed by", "outperforming": "outperformed by", "surpasses": "is surpassed by",
    "surpassed": "was surpassed by", "surpassing": "surpassed by",
}  # fmt: skip
ORDER = re.compile(
    r"(?P<start>\A|\bthat |, and |; )(?P<a>(?!it\b|they\b|this\b|which\b|who\b|on\b|by\b)[^,;:()]{2,60}?)"
    r"(?P<adverb> (?:consistently|significantly|generally|even|greatly|further))?"
    r" (?P<verb>outperforms?|outperformed|surpass(?:es|ed)?"
    r"|is [^,;:()]{0,30}(?:faster|better|larger|smaller) than)"
    r" (?P<b>[^,.;:()]+?)(?P<end>,| on | by | in | across | under | at | for | with | over | when |\.\Z)"
)
NO_SUBJECT = re.compile(
    r"\b(?:show|find|found|demonstrate|and|can|result|indicate|reveal|sometimes|which|that|also|often)\w*\b",
    re.IGNORECASE,
)
NO_OBJECT = re.compile(r"\b(?:that|which|who|like|such|those|its|their|using|and)\b")


def direction_flipped(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """Increases → decreases, outperforms → underperforms."""
    if ASKS.search(text):
        return None
    folded = text.casefold()
    pairs = [*OPPOSITES, *((second, first) for first, second in OPPOSITES)]
    found = []
    for here, there in pairs:
        if here not in folded:
            continue
        matches = list(re.finditer(rf"(?<![\w-]){here}(?![\w-])", text, re.IGNORECASE))
        if len(matches) == 1 and not re.search(rf"\b{there}\b", text, re.IGNORECASE):
            found.append((matches[0].span(), there))
    fitting = [(span, new) for span, new in found if _turns(text, span, new)]
    return swapped_word(text, *rng.choice(fitting)) if fitting else None


def _turns(text: str, span: tuple[int, int], new: str) -> bool:
    """Whether the word bears the sense: not denied, no part of "more than" or "at best"."""
    before, after = text[: span[0]], text[span[1] :]
    if NEGATED.search(" ".join(before.split()[-4:])) or re.match(r" than \d| or ", after):
        return False
    return not re.search(r"\b(?:at|how|the more|much) \Z", before) or new not in {"less", "more", "worst"}


def negation_inserted(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """X is Y → X is not Y."""
    if NEGATED.search(text) or ASKS.search(text):
        return None
    match = AUXILIARY.search(text)
    if not match:
        return None
    new = (
        "cannot" if match[0] == "can" else f"{match[0].split()[0]} not{match[0][len(match[0].split()[0]) :]}"
    )
    return text[: match.start()] + new + text[match.end() :]


def negation_removed(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """X cannot do Y → X can do Y."""
    return None if ASKS.search(text) else _first_of(NEGATIONS, text, rng)


def _first_of(changes: tuple[tuple[str, str], ...], text: str, rng: random.Random) -> str | None:
    """The text with one of the changes that apply, each applied once; None if none does."""
    for pattern, new in rng.sample(changes, len(changes)):
        changed = re.sub(pattern, new, text, count=1)
        if changed != text:
            return raised(changed)
    return None


def order_swapped(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """A outperforms B → B outperforms A, or A is outperformed by B."""
    ways = (_exchanged, _made_passive)
    return next((told for way in rng.sample(ways, len(ways)) if (told := way(text))), None)


def _exchanged(text: str) -> str | None:
    match = ORDER.search(text)
    if not match or NO_SUBJECT.search(match["a"]) or NO_OBJECT.search(match["b"]):
        return None
    winner = match["b"] if match["start"] else raised(match["b"])
    loser = match["a"] if match["start"] or " " not in match["a"] else lowered(match["a"])
    if not loser:
        return None
    many = re.search(r"[^s]s\Z|\A(?:both|many|several|most)\b", match["b"])
    verb = match["verb"]
    if verb.startswith("is "):
        verb = verb.replace("is ", "are ", 1) if many else verb
    elif not verb.endswith("ed"):
        verb = "outperform" if many else "outperforms"
    told = f"{match['start']}{winner}{match['adverb'] or ''} {verb} {loser}{match['end']}"
    return text[: match.start()] + told + text[match.end() :]


def _made_passive(text: str) -> str | None:
    verbs = "|".join(PASSIVE)
    match = re.search(
        rf"(?P<adverb>\b[a-z]+ly )?\b(?P<verb>{verbs})\b(?= (?!on |in |compared|or |and )[^\W\d])", text
    )
    before = text[: match.start()] if match else ""
    denied = NEGATED.search(" ".join(before.split()[-6:])) or re.search(
        r"\b(?:to|can|could|may|and|or) \Z", before
    )
    if not match or denied:
        return None
    auxiliary, space, rest = PASSIVE[match["verb"]].rpartition(f" {match['verb'][:4]}")
    told = f"{auxiliary}{' ' if space else ''}{match['adverb'] or ''}{space.strip()}{rest}"
    return before + told + text[match.end() :]
