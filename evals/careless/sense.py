"""Changes of direction and negation that make a true statement false."""

import random
import re

from evals.careless.scene import ASKS, Scene, raised, swapped_word
from evals.careless.words import OPPOSITES

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
    return None if ASKS.search(text) else first_of(NEGATIONS, text, rng)


def first_of(changes: tuple[tuple[str, str], ...], text: str, rng: random.Random) -> str | None:
    """The text with one of the changes that apply, each applied once; None if none does."""
    for pattern, new in rng.sample(changes, len(changes)):
        changed = re.sub(pattern, new, text, count=1)
        if changed != text:
            return raised(changed)
    return None
