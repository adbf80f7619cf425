"""Questions by rule from what an abstract says: numbers, definitions, contributions, and what it leaves out.

A rule keeps to sentence forms that it can turn into a question without knowing grammar. It would rather make
none than a crooked one; what it makes is still for a person to look at.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence

from evals.careless.scene import is_plain, own_name
from evals.casemaking.draft import DraftCase
from evals.made_queries import CONTRIBUTION, NAME
from rag.text import sentence_spans
from rag.types import Paper

Rule = Callable[[Paper, random.Random], Iterator[DraftCase]]
"""Drafts from a paper, the best first; none where the rule does not apply cleanly."""

NUMBER = r"\d+(?:[.,]\d+)*"
ABOUT = r"(?:up\s+to|over|about|around|nearly|more\s+than|approximately)\s+"
FUNCTION_WORDS = (
    r"that|which|who|where|when|while|with|without|for|from|to|in|on|of|by|and|or|as|at|using|designed|based|"
    r"capable|via|is|are|can|has|have|does|it|its|this|the|across|over|through|under|called|named|about|into|"
    r"enabling|leveraging|comprising|utilizing|consisting|allowing|aiming|aimed|specifically|tailored|inspired"
)
JOINS = rf"(?:{FUNCTION_WORDS})\b"
PHRASE = rf"(?:(?!{JOINS})[\w-]+\s+){{1,7}}(?!{JOINS})[\w-]*[a-z](?=[,.;:]|\s+{JOINS})"
"""Two words or more, up to the first that joins them to something else."""

PRAISE = re.compile(r"\b(?:novel|new|simple|powerful|efficient|effective|easy-to-use|innovative|first)\s+")
OWN = re.compile(r"\b(?:we|our|this\s+(?:paper|work|study)|results|experiments)\b", re.IGNORECASE)

RATE = re.compile(
    rf"\b(?P<what>(?:[a-z-]+\s+){{0,3}}(?:accuracy|agreement|correlation|win\s+rate|success\s+rate|recall|precision))"
    rf"\s+of\s+(?P<fact>{NUMBER}%?)"
)
GAIN = re.compile(
    rf"(?P<fact>{NUMBER}\s?(?:x|×|%))\s+(?P<what>(?:[a-z-]+\s+){{0,3}}"
    r"(?:speed-?up|acceleration|improvement|reduction|gain|increase))\b"
)
CHANGE = (
    r"\s+(?P<verb>accelerate|reduce|improve|outperform|increase|decrease|exceed|surpass)s"
    rf"(?P<object>\s+[^,.;()]{{3,60}}?)\s+by\s+(?:{ABOUT})?(?P<fact>{NUMBER}\s?(?:%|x|×|points|times))"
)
COUNT = re.compile(
    rf"(?<![\w.$-])(?P<fact>{NUMBER}[kKM]?\+?)\s+(?P<what>(?:[a-z][a-z-]+\s+){{0,3}}[a-z][a-z-]+[a-rt-z]s)\b"
)
NO_COUNT = re.compile(
    rf"\b(?:{FUNCTION_WORDS}|times|points|hours|days|lengths|windows|billion|million|less|higher|had)\b"
)
TOPIC_WORDS = 3, 10
NO_TOPIC = re.compile(
    r"\b(?:called|named|it|them|their|our|that|to|using|idea|problem|details)\b|[\"\d-]{2}|\d|\""
)
LEAST_NAMED = 3
"""Words that a thing is described by whose name is asked: of fewer there may be several."""

ABSENT: Sequence[tuple[str, str]] = (
    ("Which GPUs were used for the experiments with {}?", r"\bGPUs?\b|A100|H100|hardware|accelerator|Jetson"),
    ("What learning rate was used to train {}?", r"learning[\s-]rate"),
    ("How many people annotated the data of {}?", r"annotat|labell?er|human|people|worker|expert"),
    ("How many days did training {} take?", r"\bdays?\b|\bhours?\b|training\s+time"),
    ("Under which license is {} released?", r"licen[sc]|released|open-sourc|available"),
    ("What batch size was used with {}?", r"batch"),
    ("How much did the experiments with {} cost in dollars?", r"\$|dollar|cost|budget|cheap|expens"),
    ("Which optimizer was used to train {}?", r"optimi[sz]er|\bAdam|SGD"),
    ("At which university was {} developed?", r"universit|institute|laborator"),
    ("Which random seeds were used to evaluate {}?", r"\bseeds?\b"),
)
"""What papers often have and abstracts leave out, with words that would say it after all."""


def _sentences(paper: Paper) -> Iterator[str]:
    """Plain sentences of an abstract, each white space one blank."""
    for span in sentence_spans(paper.abstract):
        text = " ".join(paper.abstract[span.start : span.end].split())
        if is_plain(text):
            yield text


def _naming(paper: Paper) -> Iterator[tuple[str, str]]:
    """The plain sentences that name the paper's method, and the name; without one its own, and its title."""
    name = own_name(paper)
    speaks = re.compile(rf"\b{re.escape(name)}\b") if name else OWN
    shown = name or f"“{paper.title}”"
    yield from ((each, shown) for each in _sentences(paper) if speaks.search(each))


def _rate(paper: Paper, _rng: random.Random) -> Iterator[DraftCase]:
    for sentence, name in _naming(paper):
        for found in RATE.finditer(sentence):
            if NO_COUNT.search(found["what"]):
                continue
            question = f"What {_without_article(found['what'])} is reported for {name}?"
            yield DraftCase("fact", "rule rate", question, paper, (found["fact"],), sentence)


def _gain(paper: Paper, _rng: random.Random) -> Iterator[DraftCase]:
    for sentence, name in _naming(paper):
        for found in GAIN.finditer(sentence):
            question = f"What {found['what']} is reported for {name}?"
            yield DraftCase("fact", "rule gain", question, paper, (found["fact"],), sentence)


def _change(paper: Paper, _rng: random.Random) -> Iterator[DraftCase]:
    for sentence, name in _naming(paper):
        for found in re.finditer(rf"\b{re.escape(name)}{CHANGE}", sentence):
            question = f"By how much does {name} {found['verb']}{found['object']}?"
            yield DraftCase("fact", "rule change", question, paper, (found["fact"],), sentence)


def _count(paper: Paper, _rng: random.Random) -> Iterator[DraftCase]:
    for sentence, name in _naming(paper):
        for found in COUNT.finditer(sentence):
            if not NO_COUNT.search(found["what"]):
                question = f"How many {found['what']} are reported for {name}?"
                yield DraftCase("fact", "rule count", question, paper, (found["fact"].rstrip("+"),), sentence)


def _definition(paper: Paper, _rng: random.Random) -> Iterator[DraftCase]:
    for sentence, name in _naming(paper):
        defined = rf"\b{re.escape(name)}(?:\s+\([^)]*\))?(?:,|\s+is)\s+an?\s+(?P<what>{PHRASE})"
        found = re.search(defined, sentence)
        what = PRAISE.sub("", found["what"]) if found else ""
        if len(what.split()) > 1:
            yield DraftCase("fact", "rule definition", f"What is {name}?", paper, (what,), sentence)


def _name(paper: Paper, _rng: random.Random) -> Iterator[DraftCase]:
    for sentence, name in _naming(paper):
        named = rf"{re.escape(name)}(?:\s+\([^)]*\))?"
        proposed = rf"(?:propose|introduce|present)s?,?\s+{named},\s+an?\s+(?P<what>{PHRASE})"
        found = re.search(proposed, sentence)
        what = PRAISE.sub("", found["what"]) if found else ""
        if len(what.split()) >= LEAST_NAMED:
            yield DraftCase("fact", "rule name", f"What is the name of the {what}?", paper, (name,), sentence)


def _topic(paper: Paper, _rng: random.Random) -> Iterator[DraftCase]:
    for sentence in _sentences(paper):
        found = CONTRIBUTION.search(sentence)
        topic = " ".join(found["topic"].split()) if found else ""
        if TOPIC_WORDS[0] <= len(topic.split()) <= TOPIC_WORDS[1] and not (
            NAME.search(topic) or NO_TOPIC.search(topic)
        ):
            question = f"Which papers are about {_without_article(topic)}?"
            yield DraftCase("set", "rule topic (others may be right too)", question, paper, (), sentence)


def _absent(paper: Paper, rng: random.Random) -> Iterator[DraftCase]:
    name = own_name(paper)
    for frame, said in rng.sample(ABSENT, len(ABSENT)):
        if name and not re.search(said, f"{paper.title} {paper.abstract}", re.IGNORECASE):
            why = "not stated in the abstract"
            yield DraftCase("unanswerable", "rule absent", frame.format(name), paper, why=why)


def _without_article(text: str) -> str:
    return re.sub(r"^(?:an?|the|its|their|our)\s+", "", text)


RULES: dict[str, Rule] = {
    "rate": _rate,
    "gain": _gain,
    "change": _change,
    "count": _count,
    "definition": _definition,
    "name": _name,
    "topic": _topic,
    "absent": _absent,
}
"""By name, in the order in which they take turns."""


def drafts(papers: Sequence[Paper], rng: random.Random) -> Iterator[DraftCase]:
    """Drafts of all rules in turn, each over the papers in random order.

    Of each rule the first draft of every paper comes before the second of any.

    Args:
        papers: of a collection.
        rng: decides the order, and what is asked that an abstract leaves out.
    """
    shuffled = rng.sample(list(papers), len(papers))
    waiting = {name: _of_rule(rule, shuffled, rng) for name, rule in RULES.items()}
    while waiting:
        for name in list(waiting):
            found = next(waiting[name], None)
            if found is None:
                del waiting[name]
            else:
                yield found


def _of_rule(rule: Rule, papers: Sequence[Paper], rng: random.Random) -> Iterator[DraftCase]:
    """The first draft of each paper, then the others."""
    rest: list[DraftCase] = []
    for paper in papers:
        made = list(rule(paper, rng))
        yield from made[:1]
        rest += made[1:]
    yield from rest
