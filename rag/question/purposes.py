"""What a question can ask of a paper as a whole, and the forms people put it in. Pure."""

import re
from dataclasses import dataclass

from rag.question.aspects import DOES, HOW, RESULT, TESTED, TRAINING, Aspect

_X = r"(?P<x>\S.*?)(?<!\s)"
_PLEASE = r"(?:please\s+)?(?:(?:can|could|would)\s+you\s+)?(?:please\s+)?"
_TELL = rf"{_PLEASE}(?:(?:tell\s+me|explain|describe|show\s+me)\s+(?:to\s+me\s+)?)?"
_MAIN = r"(?:(?:main|key|core|central|basic|big|general|major|primary|overall)\s+)?"
_DOES = r"(?:does|do|did)"
_IS = r"(?:is|are|was|were)"
_PAPER = (
    r"(?:papers?|methods?|frameworks?|approach(?:es)?|algorithms?|models?|systems?|benchmarks?|data\s?sets?|techniques?"
    r"|works?|study|survey|article)"
)


def _forms(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing to ask of a paper as a whole.

    Attributes:
        forms: of questions for it; ``x`` is what stands for the paper.
        aspects: what a sentence has to be about, the most wanted first; one sentence is quoted for each.
        plain: whether nothing but the forms tells what is asked, so that reading for the words is of no use.
    """

    forms: tuple[re.Pattern[str], ...]
    aspects: tuple[Aspect, ...]
    plain: bool = True


WHOLE = Purpose(
    _forms(
        rf"{_TELL}(?:(?:more|something|all|everything)\s+)?(?:about|on)\s+{_X}",
        rf"{_PLEASE}(?:give|show|tell)\s+me\s+(?:some\s+)?(?:more|details|information)\s+(?:about|on|of)\s+{_X}",
        rf"{_PLEASE}(?:describe|summari[sz]e|explain|introduce)\s+{_X}",
        rf"{_PLEASE}(?:(?:give|show|write)(?:\s+me)?\s+)?(?:an?\s+|the\s+)?(?:(?:short|brief|quick)\s+)?"
        rf"(?:summary|overview|description|tl;?dr)\s+(?:of|for|on)\s+{_X}",
        rf"what\s+(?:do\s+you\s+know|should\s+i\s+know|does\s+the\s+collection\s+say)\s+about\s+{_X}",
    ),
    (DOES, HOW, RESULT),
)
IDEA = Purpose(
    _forms(
        rf"{_TELL}what\s+{_DOES}\s+{_X}\s+(?:do|propose|introduce|present|contribute|offer|study|investigate)",
        rf"{_TELL}what\s+{_IS}\s+(?:the\s+)?{_MAIN}(?:ideas?|contributions?|insights?|points?|novelty|message|goals?|aims?"
        rf"|purpose|focus|intuition)\s+(?:behind|of|in)\s+{_X}",
        rf"{_TELL}what\s+{_IS}\s+{_X}['’]s?\s+{_MAIN}(?:ideas?|contributions?|insights?|novelty|goals?|aims?|purpose|focus)",
        rf"{_TELL}what\s+is\s+(?:new|novel|special|different)\s+(?:about|in)\s+{_X}",
        rf"{_TELL}what\s+{_IS}\s+{_X}\s+(?:all\s+)?about",
        rf"{_TELL}what\s+(?:is|are)\s+{_X}\s+(?:used\s+)?for",
    ),
    (DOES, HOW),
)
WORKING = Purpose(
    _forms(
        rf"{_TELL}how\s+(?:exactly\s+)?{_DOES}\s+{_X}\s+(?:actually\s+|really\s+)?(?:works?|function|operate|do\s+(?:it|this|that))",
        rf"{_TELL}how\s+{_X}\s+(?:actually\s+|really\s+)?(?:works?|functions?|operates?)",
        rf"{_TELL}how\s+{_IS}\s+{_X}\s+(?:implemented|built|designed|constructed)",
        rf"{_TELL}what\s+is\s+(?:the\s+)?{_MAIN}(?:method|approach|mechanism|technique|algorithm|architecture|design)\s+"
        rf"(?:behind|of|in|used\s+(?:by|in))\s+{_X}",
        rf"{_TELL}(?:what|which)\s+(?:method|approach|mechanism|technique)\s+{_DOES}\s+{_X}\s+(?:use|propose|take|employ)",
    ),
    (DOES, HOW),
)
OUTCOME = Purpose(
    _forms(
        rf"{_TELL}what\s+{_IS}\s+(?:the\s+)?{_MAIN}(?:(?:experimental|reported)\s+)?"
        rf"(?:results?|findings?|performance|conclusions?|takeaways?)\s+(?:of|from|in|for)\s+{_X}",
        rf"{_TELL}what\s+{_IS}\s+{_X}['’]s?\s+{_MAIN}(?:results?|findings?|conclusions?|takeaways?)",
        rf"{_TELL}what\s+(?:results?|performance)\s+{_DOES}\s+{_X}\s+(?:report|achieve|show|get|obtain|reach)",
        rf"{_TELL}how\s+(?:well|good)\s+{_DOES}\s+{_X}\s+(?:perform|work|do)",
        rf"{_TELL}how\s+(?:good|effective)\s+{_IS}\s+{_X}",
        rf"{_TELL}what\s+{_DOES}\s+{_X}\s+(?:achieve|find|show|conclude|report|demonstrate)",
    ),
    (RESULT,),
)
PROBLEM = Purpose(
    _forms(
        rf"{_TELL}(?:what|which)\s+(?:problems?|issues?|challenges?|gaps?|shortcomings?)\s+(?:{_DOES}|{_IS}|can)\s+{_X}\s+"
        r"(?:(?:try|tries|trying|aim|aims|aiming|want|wants)\s+to\s+)?"
        r"(?:address|solv|tackl|target|fix|overcom|fill|deal\s+with|work\s+on)(?:e|es|ed|ing)?",
        rf"{_TELL}(?:what|which)\s+(?:problems?|issues?|challenges?|gaps?)\s+(?:is|are)\s+(?:addressed|solved|tackled)\s+by\s+{_X}",
        rf"{_TELL}why\s+{_IS}\s+{_X}\s+(?:proposed|introduced|developed|needed|necessary|created|built|designed)",
        rf"{_TELL}why\s+do\s+we\s+need\s+{_X}",
        rf"{_TELL}what\s+{_IS}\s+(?:the\s+)?{_MAIN}(?:motivation|problem|reason)\s+(?:behind|of|for)\s+{_X}",
        rf"{_TELL}what\s+(?:motivates|motivated)\s+{_X}",
    ),
    (),
)
TRAINED = Purpose(
    _forms(
        rf"{_TELL}how\s+{_IS}\s+{_X}\s+(?:trained|fine-?tuned|optimi[sz]ed)",
        rf"{_TELL}(?:what|which)\s+(?:data|data\s?sets?|corpus|corpora)\s+{_IS}\s+{_X}\s+(?:trained|fine-?tuned)\s+on",
        rf"{_TELL}what\s+{_IS}\s+{_X}\s+(?:trained|fine-?tuned)\s+(?:on|with)",
        rf"{_TELL}(?:what|which)\s+training\s+(?:data|strategy|method|procedure)\s+{_DOES}\s+{_X}\s+use",
    ),
    (TRAINING,),
    plain=False,
)
EVALUATED = Purpose(
    _forms(
        rf"{_TELL}(?:on\s+)?(?:what|which)\s+(?:benchmarks?|data\s?sets?|tasks?|data|languages|domains)\s+{_IS}\s+{_X}\s+"
        r"(?:evaluated|tested|validated|assessed)(?:\s+on)?",
        rf"{_TELL}(?:how|on\s+what|on\s+which)\s+{_IS}\s+{_X}\s+(?:evaluated|tested|validated|assessed)",
        rf"{_TELL}what\s+{_IS}\s+{_X}\s+(?:evaluated|tested|validated)\s+on",
    ),
    (TESTED,),
    plain=False,
)
PURPOSES = (PROBLEM, OUTCOME, EVALUATED, TRAINED, WORKING, IDEA, WHOLE)

SUBJECT = re.compile(
    rf"^(?:the\s+)?(?:(?:authors?|{_PAPER})\s+(?:(?:of|on|behind|called|named|titled)\s+)?)?(?:the\s+)?(?P<x>.+?)(?:['’]s)?"
    rf"(?:(?<!\s)\s+{_PAPER})?$",
    re.IGNORECASE,
)
AIM = re.compile(r"(?<!\s)\s+(?:for|in|on|by|from|with)\s.*$", re.IGNORECASE | re.DOTALL)
JOINED = re.compile(r"(?:(?<!\s)\s+)?(?:,\s*(?:and\s+)?|&\s*)|(?<!\s)\s+and\s+")
QUOTES = "“”\"'‘’"


def purpose(text: str) -> tuple[Purpose, str] | None:
    """What a question asks of papers as a whole and what stands for them; None if it asks anything else."""
    bare = text.strip().rstrip("?!. ")
    for each in PURPOSES:
        for form in each.forms:
            if found := form.fullmatch(bare):
                return each, found["x"].strip()
    return None


def subjects(words: str) -> tuple[str, ...]:
    """What stands for papers, without "the … paper"; then the names in it, without what they are for."""
    whole = _subject(words)
    parts = tuple(map(_subject, filter(None, JOINED.split(AIM.sub("", words)))))
    return (whole, *parts) if parts != (whole,) else (whole,)


def _subject(words: str) -> str:
    found = SUBJECT.match(words.strip())
    return (found["x"] if found else words).strip(f"{QUOTES} ")
