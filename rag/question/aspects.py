"""What two papers can be compared in, and how strongly a sentence's wording says that it speaks of it. Pure.

Every cue is a form of words that abstracts use for one purpose; their weights add up. A sentence speaks of an
aspect from `FILLS` on, so that one cue of little weight is never enough.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

FILLS = 1.5
"""Least strength with which a sentence fills a cell."""

TOUCHES = 1.0
"""Least strength with which a sentence that fills another cell is pointed to."""

Cue = tuple[re.Pattern[str], float]


def _cue(pattern: str, weight: float) -> Cue:
    return re.compile(pattern, re.IGNORECASE), weight


_SELF = r"\b(?:we|this\s+(?:paper|work|study|survey|article|research)|(?:our|the\s+proposed)\s+\w+)\b"
_METHOD = r"(?:approach|method|framework|model|algorithm|technique|system|process|mechanism|pipeline)"
_PERFORM = (
    r"outperform\w*|surpass\w*|exceed\w*|improv(?:es|ed|ements?|ing)|gains?|accelerat\w+|speed-?ups?|reduc\w+"
    r"|achiev\w+|reach(?:es|ed|ing)?|yield\w*|state-of-the-art|superior|inferior|competitive|comparable|higher|better"
    r"|faster|agreement|correlat\w+|effectiveness|enhances|resolv\w+|boosts"
)
_DATA = r"(?:data|corpora|corpus|datasets?|examples|labels|annotations|demonstrations|pairs)"
_TESTED = r"(?:benchmarks?|datasets?|(?:test|eval\w*)\s+(?:sets?|data\w*)|tasks|languages|domains|directions)"

OUTCOME = _cue(rf"\b(?:{_PERFORM})\b", 0.8)
AMOUNT = re.compile(
    r"\d\s*(?:%|percent\b|x\b|×|times\b|-?fold\b|points?\b|BLEU\b|ms\b)|\b\d+\.\d+\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Aspect:
    """A row of a comparison.

    Attributes:
        name: its head.
        cues: wording of sentences about it, with weights; each counts once.
        against: wording of sentences about something else, with what it takes away.
        asks: finds it in a question that names what to compare in; None for those that are always compared.
        named: added where the sentence names the paper's subject.
        acting: added where the subject, by its name, does something in it.
    """

    name: str
    cues: tuple[Cue, ...]
    against: tuple[Cue, ...] = ()
    asks: re.Pattern[str] | None = None
    named: float = 0.0
    acting: float = 0.0

    def strength(self, text: str, names: Sequence[str]) -> float:
        """How strongly a sentence speaks of it, 0 if not at all.

        Args:
            text: the sentence.
            names: what the paper's subject is called.
        """
        gained = sum(weight for cue, weight in self.cues if cue.search(text))
        if not gained:
            return 0.0
        lost = sum(weight for cue, weight in self.against if cue.search(text))
        named = self.named if any(name in text for name in names) else 0.0
        acting = self.acting if any(_acts(name, text) for name in names) else 0.0
        return max(0.0, gained - lost + named + acting)


def _acts(name: str, text: str) -> bool:
    return (
        re.search(rf"{re.escape(name)}\s+(?:\w+ly\s+|first\s+)?(?!is\b|was\b|has\b)[a-z]+s\b", text)
        is not None
    )


_ADDED = _cue(
    r"^(?:furthermore|further|additionally|also|moreover|finally|in\s+addition|notably|second|then)\b|\bwe\s+also\b",
    1.5,
)
_FOUND = _cue(
    r"\b(?:results?|experiments?|extensive)\b[^.;]{0,60}\b(?:show|demonstrat|suggest|indicat|find)\w*", 0.8
)

DOES = Aspect(
    "what it does",
    (
        _cue(
            rf"{_SELF}[^.;]{{0,60}}?\b(?:propos|introduc|present|develop|formulat|design|study|investigat|explor|survey"
            r"|examin|describ|utili[sz])\w*",
            1.0,
        ),
        _cue(r"\b(?:propos|introduc|present|develop)(?:e|es|s|ing)?\b", 0.5),
        _cue(
            r"^(?:in\s+this\s+\w+|to\s+(?:this\s+end|address|tackle|overcome)|in\s+response|addressing)\b",
            0.5,
        ),
        _cue(r"\b(?:novel|new|simple|first|unified|adaptive)\b|,\s+an?\s", 0.5),
        _cue(r"^(?:our|the)\s+(?:first\s+|main\s+)?\w+,\s+[\w-]+,\s+\w+s\b", 1.0),
    ),
    (
        _ADDED,
        _cue(rf"\b(?:{_PERFORM})\b[^.;]{{0,300}}\d", 1.0),
        _cue(r"\b(?:variants|ablation)\b|\b(?:our|the)\s+(?:\w+\s+)?(?:benchmark|test\s+set)\b", 1.0),
    ),
    named=0.5,
)
HOW = Aspect(
    "how it works",
    (
        _cue(r"^(?:specifically|essentially|in\s+particular|concretely|in\s+detail|namely)\b", 0.9),
        _cue(
            r"\A(?>(?s:.)*?\bfirst(?:ly)?\b)(?s:.)*\bthen\b|^(?:then|after\s+that|next),|\btwo\s+stages\b",
            0.9,
        ),
        _cue(r"\b(?:by|via|through)\s+(?:\w+ly\s+)?\w+ing\b", 0.7),
        _cue(
            r"\b(?:leverag|utili[sz]|employ|exploit|adopt|incorporat|integrat|combin|operationali[sz]|construct)\w*"
            r"|\b(?:uses|using)\b|\b(?:built|based)\s+(?:up)?on\b|\bwe\s+use\b",
            0.8,
        ),
        _cue(
            r"\b(?:consists?|comprises?|involves?)\b|\b(?:process|mechanism|module|component|stages?|steps?)\b",
            0.7,
        ),
        _cue(rf"\b(?:our|the|this)\s+(?:\w+\s+)?{_METHOD}\s+(?:\w+s)\b|^We\s+(?:only\s+)?\w+\b", 0.4),
        _cue(r"^we\s+(?:employ|use|utili[sz]e|adopt|leverage|apply|combine|integrate)\b", 0.4),
    ),
    (OUTCOME, _FOUND, _cue(AMOUNT.pattern, 1.0), _cue(r"\b(?:evaluat|validat)\w*\b", 0.8)),
    named=0.2,
    acting=0.5,
)
TRAINING = Aspect(
    "training and data",
    (
        _cue(r"\b(?<!models )(?<!counterparts )(?:pre-?)?trained\s+(?:on|with|using|via|from)\b", 1.6),
        _cue(r"\bfine-?tun(?:ed|ing)\s+(?:on|with|using|stages?)\b", 1.6),
        _cue(r"\b(?:during|while)\s+training\b|\b(?:loss|objective)\b[^.;]{0,30}\btraining\b", 1.6),
        _cue(r"\bwithout\s+(?:\w+\s+){0,3}?(?:fine-?tuning|training)\b|\btraining-free\b", 1.5),
        _cue(
            rf"\b(?:training|instruction(?:[- ]tuning)?|preference|synthetic|parallel)\s+{_DATA}\b",
            1.5,
        ),
        _cue(
            r"\b(?:employs?|us(?:es?|ing)|via|with|through)\s+(?:the\s+)?[\w-]*\s?instruction[- ]tuning\b",
            1.5,
        ),
        _cue(
            rf"\b(?:collect|curat|annotat|synthesi[sz]|creat)\w*\b[^.;]{{0,60}}\b{_DATA}\b"
            rf"|\b(?:collected|annotated)\s+{_DATA}\b",
            1.5,
        ),
        _cue(
            r"\b(?:reinforcement\s+learning|distill\w+|rewards?)\b[^.;]{0,300}\b(?:optimi[sz]e|train|tun)\w*",
            1.5,
        ),
    ),
    (
        _cue(r"\b(?:tests?|evaluat\w*|benchmarks?)\b", 1.5),
        _cue(
            r"\b(?:this\s+\w+|we)\s+(?:study|studies|investigat\w+|explor\w+|examin\w+|analy[sz]e\w*)\b", 1.0
        ),
        _FOUND,
        OUTCOME,
    ),
    re.compile(r"\b(?:training|(?:training\s+)?data|supervision|fine-?tuning)\b", re.IGNORECASE),
)
TESTED = Aspect(
    "evaluated on",
    (
        _cue(rf"\b(?:evaluat|validat|test|experiment|assess)\w*\b[^.;]{{0,120}}\b{_TESTED}\b", 1.2),
        _cue(rf"\b(?:on|across)\b[^.;]{{0,60}}\b{_TESTED}\b", 0.8),
        _cue(r"\bcollect\w*\b[^.;]{0,60}\btest\s+(?:data\w*|sets?)\b", 1.5),
        # Case counts here: a benchmark has a name.
        (re.compile(r"(?<![Bb]ased )\b(?:[Oo]n|[Aa]cross)\s+(?:the\s+)?[A-Z][\w-]*[A-Z\d][\w-]*"), 1.0),
    ),
    (_cue(r"\bwe\s+(?:propose|introduce|present)\b", 0.8), _cue(r"\btrained\s+on\b", 0.8)),
    re.compile(r"\b(?:evaluation|benchmarks?|datasets?|experiments)\b", re.IGNORECASE),
)
RESULT = Aspect(
    "reported result",
    (
        OUTCOME,
        (AMOUNT, 1.0),
        _FOUND,
        _cue(r"\b(?:outperform|surpass)\w*|\b(?:state-of-the-art|best|competitive|comparable)\b", 0.5),
        _cue(
            r"\bour\s+(?:results|experiments|comparison|\w+\s+analysis)\b|\b(?:find|show|demonstrate)\s+that\b",
            0.5,
        ),
    ),
    (_cue(r"\bwe\s+(?:propose|introduce|present)\b", 1.0), _cue(r"\binferior\b", 0.3)),
    re.compile(r"\b(?:results?|performance|gains?|improvements?)\b", re.IGNORECASE),
    named=0.3,
)
ALWAYS = (DOES, HOW, TRAINING, TESTED, RESULT)

SHARED = re.compile(
    r"\b(?:code|source|resources|checkpoints|models?|data)\b[^.;]{0,60}\b(?:available|released|found|open-sourced)\b"
    r"|\bhttps?://|\bopen-sourced\s+\w+\s+to\b",
    re.IGNORECASE,
)
"""Where code or data can be had: true of many papers, and rarely what is asked."""

TROUBLE = re.compile(
    r"\b(?:challeng\w+|problems?|issues?|limit(?:s|ed|ations?|ing)?|suffer\w*|struggl\w+|fail\w*|lack\w*|hinder\w*"
    r"|hamper\w*|expensive|costly|prohibitive\w*|inefficien\w+|difficult\w*|remain\w*|bottlenecks?|unclear|under-?explored"
    r"|unexplored|overlook\w*|neglect\w*|insufficient\w*|inadequate\w*|prone|vulnerab\w+|concerns?|gaps?|degrad\w+"
    r"|sub-?optimal|shortcomings?|drawbacks?|obstacles?|impractical|infeasible|ignor\w+|scarc\w+|little|rarely|hard)\b"
    r"|\bnot\s+(?:been\s+|yet\s+|yet\s+been\s+)?(?:\w+ly\s+|well\s+)?(?:explored|understood|studied|clear|addressed)\b",
    re.IGNORECASE,
)
TURN = re.compile(r"\b(?:however|but|yet|despite|although|nevertheless|unfortunately|still)\b", re.IGNORECASE)


def trouble(text: str) -> float:
    """How strongly a sentence says that something is wrong or lacking, 0 to 2.5."""
    found = {match[0].lower() for match in TROUBLE.finditer(text)}
    return min(len(found), 2) + (0.5 if found and TURN.search(text) else 0.0)
