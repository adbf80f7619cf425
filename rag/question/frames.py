"""The frames people put around a topic ("which papers …") and the fields of a record they ask for."""

import re

from rag.answer_kinds import KindTraits

PAPERS = r"(?:papers?|works?|studies|articles?|publications?|preprints?|abstracts?)"
THINGS = r"(?:benchmarks|datasets|methods|approaches|frameworks|systems|techniques|surveys|reviews|models)"
SORTS = (
    r"(?:benchmarks?|data\s?sets?|methods?|approach(?:es)?|frameworks?|systems?|techniques?|surveys?|reviews?|models?"
    r"|algorithms?|tools?|research|literature|evidence)"
)
SORT_OF_WORK = (
    rf"(?:[\w-]+\s+){{0,2}}(?:or\s+(?:an?\s+)?[\w-]+\s+)?{SORTS}\s+"
    r"(?:on|of|for|about|that|which|to|with|in|comparing|covering)\b"
)
"""What kind of contribution a paper may make, before what it is for."""

ASK = (
    r"(?:please\s+)?(?:(?:can|could)\s+you\s+)?"
    r"(?:(?:show|give|list|find|get|name|tell|recommend|suggest|search(?:\s+for)?|look\s+for)(?:\s+me)?\s+"
    r"|(?:(?:i\s+am|i['’]m)\s+)?looking\s+for\s+|i\s+(?:want|need)\s+"
    r"|i(?:['’]d|\s+would)\s+like(?:\s+to\s+(?:see|read|find|have))?\s+|(?:do|have)\s+you\s+(?:have|got)\s+)"
)
QUANTIFIER = r"(?:(?:all|any|every|the|these|those|some|other|of)\s+)*"
RATED = (
    r"(?:(?:most\s+)?(?:newest|latest|recent|main|key|best|good|great|relevant|important|interesting|seminal|notable"
    r"|influential|top|major|core|existing|current|related|useful)\s+)*"
)
"""What a paper asked for should be, that no abstract says."""
HERE = r"(?:\s+(?:in|from)\s+(?:this|the|my)\s+(?:collection|corpus|library))?"
VERB_OF_TOPIC = (
    rf"{HERE}"
    r"(?:\s+(?:that|which))?"
    r"(?:\s+(?:is|are|do|does|deal|deals|talk|talks|exists?)(?:\s+there)?(?:\s+(?:about|on|with|related\s+to))?"
    r"|\s+(?:about|on|discussing|covering|regarding)\b)?"
)
COUNTED = r"how\s+many(?!\s+\w+\s+(?:was|were|did|does)\b)"  # not "how many papers were reviewed in …"
NEWEST = re.compile(rf"\b(?:newest|latest|most\s+recent)\s+(?:\w+\s+)?(?:{PAPERS}|{SORTS})\b", re.IGNORECASE)
"""Papers are asked for by how new they are."""

SET_FRAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:{ASK})?{QUANTIFIER}(?:which|what|{COUNTED})\s+(?:(?:are|is)\s+)?{QUANTIFIER}{RATED}{PAPERS}\b{VERB_OF_TOPIC}",
        r"^which\s+of\s+(?:them|these|those)\b",
        rf"^{ASK}{QUANTIFIER}{RATED}{PAPERS}\b{VERB_OF_TOPIC}",
        rf"^(?:is|are)\s+there\s+{QUANTIFIER}(?:an?\s+)?{RATED}{PAPERS}\b{VERB_OF_TOPIC}",
        rf"^do\s+any\s+{QUANTIFIER}{PAPERS}\b{VERB_OF_TOPIC}",
        (
            rf"^{QUANTIFIER}{PAPERS}\s+(?:that\s+)?(?:i|we)\s+"
            r"(?:should|could|can|must|(?:need|want|have)\s+to)\s+read(?:\s+(?:about|on))?\b"
        ),
        rf"^{QUANTIFIER}{RATED}{PAPERS}\s+(?:that|which|on|about|with|for|using|by)\b",
        r"^(?:what|how)\s+about\s+(?!(?:it|this|that|these|those|the|its|their|them)\b)(?=(?-i:[a-z])|\S+\s+\S+\s+\S+)",
        (
            r"^what(?:\s+(?:else|all))?\s+(?:is|do\s+(?:you|we)\s+have|have\s+(?:you|we)(?:\s+got)?)\s+(?:(?:out\s+)?there\s+)?"
            r"(?:on|about|regarding)\s+"
        ),
        r"^who\s+(?:else\s+)?(?:(?:is|are|has|have)\s+)?(?:works?|worked|working|does\s+research|done\s+research)\s+on\b",
        rf"(?:,|(?<![\s,]))\s+any\s+{PAPERS}$",
        rf"^(?:(?:is|are)\s+there\s+|{ASK}){QUANTIFIER}(?:an?\s+)?{RATED}(?={SORT_OF_WORK})",
        rf"^{ASK}(?:all|any|every|some)\s+((?:[\w-]+\s+){{0,2}}[\w-]+)\s+{PAPERS}{HERE}$",
        # "anything on X?", "is there something about X", "got anything else on X"
        (
            rf"^(?:{ASK}|(?:is|are)\s+there\s+|(?:(?:do|have)\s+)?you\s+(?:have|got)\s+|got\s+)?"
            rf"(?:any|some|every)thing(?:\s+else)?{HERE}"
            r"\s+(?:on|about|regarding|concerning|related\s+to|that\s+deals\s+with)\b"
        ),
        # "how can models be aligned? Give me the papers"
        rf"[.?!:;,]\s*(?:please\s+)?{ASK}{QUANTIFIER}{PAPERS}(?:\s+(?:on|about|for)\s+(?:it|this|that|them))?$",
        # "chain of thought, who uses or studies it?"
        r"[,:–—-]\s*who(?:\s+else)?\s+(?:\w+\s+(?:or|and)\s+)?\w+\s+(?:it|this|that|them|these|those)$",
    )
)
BARE_FRAME = re.compile(
    rf"(?:(?:{ASK})?{QUANTIFIER}(?:(?:which|what|how\s+many)\s+{QUANTIFIER})?(?:{PAPERS}|ones|of\s+them)"
    r"(?:\s+(?:is|are|do\s+you\s+have|exist)(?:\s+there)?)?|(?:only|just)(?:\s+(?:the\s+ones|those|them|these))?|)\W*",
    re.IGNORECASE,
)
"""A question for papers that names no topic."""

TRAILING_PAPERS = re.compile(
    rf"(?<!\s)\s+{PAPERS}(?<=s){HERE}$", re.IGNORECASE
)  # not "the DOI of the Quest paper"
SET_START = re.compile(
    rf"^(?:which|what)\s+(?:\w+\s+)?{THINGS}\s+(?!.*\b(?:does|do|did)\b)|^(?:any|some|list|find|show)\b"
    rf"|^(?:is|are)\s+there\s+{QUANTIFIER}(?:an?\s+)?{SORT_OF_WORK}",
    re.IGNORECASE,
)
QUESTION_WORD = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|should|has|have|"
    r"(?:at|by|in|into|on|to|under|with|for|from|out\s+of)\s+(?:roughly\s+)?(?:what|which|how|whom|whose))\b",
    re.IGNORECASE,
)
FACT_FRAME = re.compile(
    r"\b(?:how\s+(?:many|much|big|large|small|fast|long|close|often|far)|(?:by\s+)?how(?:\s+much)?|what|which|who|whom"
    r"|whose|when|where|why|do|does|did|is|are|was|were|^tell\s+me(?:\s+(?:more|something|all))?\s+about)\b",
    re.IGNORECASE,
)
OTHER_PAPERS = re.compile(
    r"论文|論文|文献|стат(?:ьи|ей)|публикац|работы|أوراق|دراسات|artículos|Artikel|Aufsätze|articoli|artigos"
)
"""Papers, in questions of other languages: read as set questions, though their frame stays."""

EMBEDDED_QUESTION = re.compile(r":\s+(?:what|which|how|when|where|why|who|into|by\s+how)\b", re.IGNORECASE)
RECORD_FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "authors",
            (
                r"\bauthors?\b|\bwho\s+(?:wrote|published|authored|developed|created|made|invented|proposed|introduced|built|designed)\b"
                r"|\bwritten\s+by\s+whom?\b|\bwhom?\b.{0,200}\bwritten\s+by$"
                r"|\baffiliat|\bwhich\s+(?:university|institution|company|lab)\b"
            ),
        ),
        (
            "year",
            (
                r"\b(?:what|which)\s+year\b|\bpublication\s+(?:date|year)\b"
                r"|\bwhen\s+(?:was|were|did)\b.{0,200}\b(?:publish|releas|writ|appear|submit|present)"
            ),
        ),
        (
            "venue",
            r"\b(?:what|which)\s+(?:conference|venue|journal|workshop)\b|\bwhere\s+(?:was|were)\b.{0,200}\bpublish",
        ),
        (
            "citation count",
            (
                r"\bhow\s+(?:many|often)\b.{0,200}\b(?:citations|cited)\b|\bmost(?:\s+\w+)?\s+cited\b|\bcited\s+most\b"
                r"|\bcitation\s+counts?\b|\bnumber\s+of\s+citations\b|\b(?:most|fewest)\s+citations\b"
                r"|\bwith\s+(?:over|at\s+least|more\s+than)\s+\d+\s+citations\b"
            ),
        ),
        ("identifier", r"\bdoi\b|\barxiv\b|\bisbn\b|\bbibtex\b"),
    )
)


MEASURED_BY_CITATIONS = re.compile(
    r"\b(?:most|fewest|least)(?:\s+\w+)?\s+(?:cited|citations)\b|\bcited\s+(?:the\s+)?(?:most|least)\b"
    r"|\b(?:how\s+(?:many|often)\b.{0,200}|with\s+(?:over|at\s+least|more\s+than)\s+\d+\s+)\b(?:citations|cited)\b",
    re.IGNORECASE,
)
"""A question for papers by their citations, rather than for papers on citations."""


def strip_frame(text: str) -> str:
    """The topic of a set question; other text, and a frame around nothing, come back as they are."""
    if EMBEDDED_QUESTION.search(text):
        return text
    trailing = () if QUESTION_WORD.search(text) else (TRAILING_PAPERS,)
    for frame in (*SET_FRAMES, *trailing):
        rest: str = frame.sub(_kept, text, count=1).strip(" ,?:")
        if rest and rest != text.strip(" ,?:"):
            return rest
    return text


def _kept(frame: re.Match[str]) -> str:
    """What stands inside a frame that closes behind its topic; the others hold nothing."""
    inside: str = frame[1] if frame.re.groups else ""
    return inside


def record_field(text: str, kind: KindTraits) -> str | None:
    """The bibliographic field asked for; a set question is a topic unless papers are to be cited so much."""
    if kind.lists:
        return "citation count" if MEASURED_BY_CITATIONS.search(text) else None
    if not kind.searched:
        return None
    return next((name for name, pattern in RECORD_FIELDS if pattern.search(text)), None)
