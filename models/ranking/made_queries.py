"""Queries made from open abstracts, to train the ranker on: no judge, no question set that measures.

A part of a paper becomes the query, and that part is taken out of the paper before it is indexed, so that
the query must find the rest. The four kinds: the title, the first sentence, the last one, and the topic of
the sentence in which the authors say what they did, in the frames people use ("which papers study …").
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.phrases import Phrases
from rag.question.understanding import understand
from rag.text.sentences import sentence_spans
from rag.types import Paper, Span

LEAST_SENTENCES = 4
LEAST_WORDS, MOST_WORDS = 4, 60
TOPIC_WORDS = 3, 14

_words = Phrases("models.ranking", "made_queries.toml")
CONTRIBUTION = _words.pattern("contribution")
FRAMES = _words.ordered("frames")
NAME = re.compile(r"\b\w*[a-z0-9-][A-Z]\w*\b|\b[A-Z]{2,}[\w-]*\b")
"""Words written like a method's name: the asker of a topic does not know them."""


@dataclass(frozen=True, slots=True)
class MadeQuery:
    """A query, its kind, and its paper without the part the query was made from."""

    query: str
    kind: str
    paper: Paper


def make_queries(papers: Iterable[Paper], seed: int) -> Iterator[MadeQuery]:
    """One query for each paper that one can be made from, the kinds in turn."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    for paper in papers:
        spans = sentence_spans(paper.abstract)
        if len(spans) < LEAST_SENTENCES:
            continue
        kinds = rng.sample(list(MAKERS), len(MAKERS))
        made = (MAKERS[kind](paper, spans, rng) for kind in kinds)
        found = next(((kind, each) for kind, each in zip(kinds, made, strict=True) if each), None)
        if found:
            kind, (query, rest) = found
            yield MadeQuery(query, kind, rest)


Made = tuple[str, Paper] | None


def _topic(paper: Paper, spans: Sequence[Span], rng: random.Random) -> Made:
    for span in spans:
        match = CONTRIBUTION.search(paper.abstract[span.start : span.end])
        topic = " ".join(NAME.sub("", match["topic"]).split()) if match else ""
        if TOPIC_WORDS[0] <= len(topic.split()) <= TOPIC_WORDS[1]:
            made = _without(paper, span)
            return (rng.choice(FRAMES).format(topic), made[1]) if made else None
    return None


MAKERS: dict[str, Callable[[Paper, Sequence[Span], random.Random], Made]] = {
    "title": lambda paper, _spans, _rng: _fitting(paper.title, replace(paper, title="")),
    "first": lambda paper, spans, _rng: _without(paper, spans[0]),
    "last": lambda paper, spans, _rng: _without(paper, spans[-1]),
    "topic": _topic,
}


def _without(paper: Paper, span: Span) -> Made:
    query = " ".join(paper.abstract[span.start : span.end].split())
    rest = paper.abstract[: span.start] + paper.abstract[span.end :]
    return _fitting(query, replace(paper, abstract=rest.strip()))


def _fitting(query: str, rest: Paper) -> Made:
    return (query, rest) if LEAST_WORDS <= len(query.split()) <= MOST_WORDS else None


def searched(made: MadeQuery) -> str:
    """The text that is searched for: the query without its frame."""
    return understand(made.query).topic
