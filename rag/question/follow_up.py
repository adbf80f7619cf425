"""Tell whether a question leans on the one before it: "which of them …", "how fast is it?"."""

import re
from collections.abc import Sequence

OPENING = re.compile(
    r"^(?:and|but|also|plus|what\s+about|how\s+about|only|just\s+(?:the|those|these))\b", re.IGNORECASE
)
ALONE = re.compile(
    r"^(?:why(?:\s+not)?|how(?:\s+so)?|really|more|tell\s+me\s+more|go\s+on|continue|which\s+ones?|are\s+you\s+sure"
    r"|(?:any|anything|anybody|what|who)\s+(?:else|others?|more)|(?:show|give|list)(?:\s+me)?\s+(?:more|others))"
    r"(?:\s+(?:of\s+them|please))?$",
    re.IGNORECASE,
)
POINTS_BACK = re.compile(
    r"\b(?:of\s+(?:them|these|those|both|the\s+(?:others?|former|latter))\b"
    r"|of\s+the\s+(?:two|three|four|five)(?=\s*(?:$|[,?.])|\s+(?:is|are|was|were|do|does|did|has|have|can|uses?)\b)"
    r"|(?:the|that|this)\s+(?:other|first|second|third|fourth|last)\s+(?:ones?|two|three)\b(?!\s+(?:years|months))"
    r"|the\s+(?:others|latter|former|other\s+(?:papers?|methods?|models?|approach))\b"
    r"|(?:this|these|those)\s+(?:ones?|two|papers?|works|methods?|models?|approach(?:es)?|study|studies|datasets?"
    r"|benchmarks?|authors?|results?)\b"
    r"|that\s+(?:one|paper|method|model|approach|study|dataset|benchmark)(?=$|[?,.'’])"
    r"|like\s+(?:it|this|that|these|those|them)$"
    r"|^(?:compare|explain|describe|show|list|rank|summari[sz]e)\s+(?:it|them|this|that|these|those|both)\b)",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|has|have|had|will|would|should)\s+"
    r"(?:it|they|he|she|(?:this|that|these|those)(?!\s+(?:collection|corpus)))\b",
    re.IGNORECASE,
)
POSSESSIVE = re.compile(r"\b(?:its|their|his|her)\b|\b(?:it|them|this|that)$", re.IGNORECASE)
IMPERSONAL = re.compile(
    r"\bit\s+(?:\w+\s+)?(?:hard|harder|difficult|easy|easier|possible|impossible|feasible|necessary|important|good|bad"
    r"|better|best|useful|enough|worth|safe|true|fair|known|clear|wise|likely|takes?|costs?|helps?|hurts?|pays?"
    r"|make\s+sense)\s+(?:\w+\s+){0,2}?(?:to|that|if|whether|for|when)\b|\bit\s+(?:matter|rain|snow)\w*\b",
    re.IGNORECASE,
)
"""Where "it" stands for what follows: "is it hard to …", "does it take longer to …"."""

LINK = re.compile(r",|;|\b(?:and|or|if|when|while|because|that)\b", re.IGNORECASE)
"""What opens a second clause, whose pronoun may stand for something in the first."""

EMPTY_WORD = re.compile(
    r"(?:a|an|the|and|but|or|of|on|in|at|by|to|for|from|with|as|is|are|was|were|be|do|does|did|can|could|has|have|will"
    r"|would|should|how|what|which|who|whom|whose|when|where|why|much|many|there|tell|me|about|please)\Z",
    re.IGNORECASE,
)


def is_follow_up(text: str, names: Sequence[str]) -> bool:
    """Whether a question cannot be understood without the one before.

    Args:
        text: the question without its question mark.
        names: words in it written like names: a pronoun after one stands for it.
    """
    if OPENING.search(text) or ALONE.search(text):
        return True
    back = POINTS_BACK.search(text)
    if back and not _named(text, back, names):
        return True
    subject = SUBJECT.search(text)
    if subject and not IMPERSONAL.search(text):
        before = text[: subject.start()]
        if not LINK.search(before) and not any(name in before for name in names):
            return True
    owner = POSSESSIVE.search(text)
    return owner is not None and _nothing_said(text[: owner.start()], names)


def _named(text: str, back: re.Match[str], names: Sequence[str]) -> bool:
    """Whether what is pointed back to is in the question: "Lantern or Ferry: how does each of them …"."""
    before, after = text[: back.start()], text[back.end() :]
    if any(name in before for name in names) and back[0].lower() in ("of them", "of both"):
        return True
    return after.startswith(",") and any(name in after for name in names)


def _nothing_said(before: str, names: Sequence[str]) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]+", before) if not EMPTY_WORD.match(word)]
    return len(words) <= 1 and not any(name in before for name in names)
