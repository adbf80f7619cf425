"""What form of answer a part question wants, by its wording: a cause, a trouble, a finding, a name … Pure."""

import re
from dataclasses import dataclass

REASON = re.compile(
    r"^why\b|\b(?:cause[sd]?|reasons?|because|due\s+to|lead(?:s|ing)?\s+to|result(?:s|ing)?\s+in|stem\w*)\b",
    re.IGNORECASE,
)
TROUBLE = re.compile(
    r"\b(?:problems?|wrong|downsides?|drawbacks?|limitations?|weakness\w*|issues?|challenges?|disadvantages?"
    r"|shortcomings?|fail\w*|struggle\w*|hard|difficult\w*|risks?|trouble)\b",
    re.IGNORECASE,
)
YES_NO = re.compile(r"^(?:is|are|was|were|do|does|did|can|could|has|have|had|should|will)\b", re.IGNORECASE)
FINDING = re.compile(
    r"\b(?:find(?:s|ings?)?|found|conclu\w+|show\w*|discover\w*|better|beat|outperform\w*|compare\w*|improve\w*|effect\w*"
    r"|how\s+(?:well|good))\b",
    re.IGNORECASE,
)
THING = re.compile(
    r"\b(?:which|what)\s+(?:\w+\s+){0,2}?(?:benchmarks?|datasets?|models?|tasks?|languages?|metrics?|techniques?"
    r"|algorithms?|methods?|hardware|gpus?|processors?|devices?|tools?|frameworks?|domains?|llms?|architectures?"
    r"|loss(?:\s+functions?)?|optimi[sz]ers?|baselines?|platforms?|name)\b|\bname\s+of\b|\bcalled\b",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    r"^(?:which|what)\s+(?:are\s+the\s+)?(?:two|three|four|five|six|several|kinds|types|stages|steps|components|parts"
    r"|dimensions|categories|factors)\b|\bwhat\s+are\s+the\b",
    re.IGNORECASE,
)
SHARING = re.compile(
    r"\b(?:code|available|availability|releas\w+|github|open[- ]sourc\w+|link|url|repo\w*|download\w*)\b",
    re.IGNORECASE,
)
TRAINING = re.compile(r"\b(?:fine-?|pre-?)?(?:train|tun)\w*", re.IGNORECASE)
TESTING = re.compile(r"\b(?:evaluat|test|benchmark|dataset|task)\w*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AskedForm:
    """What a part question wants; several may hold, and none.

    Attributes:
        reason: a cause.
        trouble: what is wrong with something.
        yes_no: yes or no.
        finding: what came out.
        thing: the name of a data set, a model, a technique …
        several: more than one thing.
        sharing: where code or data are.
        training: how something was trained.
        testing: on what something was evaluated.
    """

    reason: bool
    trouble: bool
    yes_no: bool
    finding: bool
    thing: bool
    several: bool
    sharing: bool
    training: bool
    testing: bool


def asked_form(text: str) -> AskedForm:
    """Read the form off the words of a part question."""
    asked = text.removeprefix("and ")
    patterns = (REASON, TROUBLE, YES_NO, FINDING, THING, SEVERAL, SHARING, TRAINING, TESTING)
    return AskedForm(*(pattern.search(asked) is not None for pattern in patterns))
