"""Abstracts into passages: whole sentences within a token budget, about equally long."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from rag.text.sentences import sentence_spans, strip_span
from rag.types import Paper, Passage, Span
from rag.untrusted.instructions import is_plea
from rag.untrusted.language_outliers import outliers

_GAP = re.compile(r"\s+")


def chunk(paper: Paper, max_tokens: int, count: Callable[[str], int]) -> list[Passage]:
    """The passages of a paper, by ordinal: as few as the budget allows, of about equal length.

    They join to the abstract without gap; white space between two belongs to the first. A sentence
    over the budget is cut at white space, else between characters, and its pieces count as sentences.

    Args:
        paper: its abstract must hold more than white space.
        max_tokens: budget of a passage, not counting white space around it.
        count: tokens of a text.
    """
    text = paper.abstract
    sentences = [
        piece for each in sentence_spans(text) for piece in _pieces(text, each, max_tokens, count)
    ]  # none over the budget
    evidence = _evidence(text, sentences)
    starts = [0, *(sentence.start for sentence in sentences[1:]), len(text)]
    passages: list[Passage] = []
    for first, after in _groups(text, starts, max_tokens, count):
        span = Span(starts[first], starts[after])
        own = tuple(sentences[first:after])
        kept = tuple(sentence for sentence in own if sentence in evidence)
        passages.append(Passage(paper, len(passages), span, text[span.start : span.end], kept or own))
    return passages


def _evidence(abstract: str, sentences: Sequence[Span]) -> set[Span]:
    """The sentences that are evidence: that do not speak to a reader and are no strangers in their abstract.

    The others stay part of the text, but nothing is scored or quoted from them. A passage of nothing else
    keeps them all.
    """
    texts = [abstract[span.start : span.end] for span in sentences]
    strange = outliers(texts)
    return {
        span
        for span, text, other in zip(sentences, texts, strange, strict=True)
        if not other and not is_plea(text)
    }


def _pieces(text: str, span: Span, max_tokens: int, count: Callable[[str], int]) -> Iterator[Span]:
    """``span`` halved until every piece is within the budget."""
    if span.end - span.start <= 1 or count(text[span.start : span.end]) <= max_tokens:
        yield span
        return
    middle = (span.start + span.end) // 2
    gaps = [gap.end() for gap in _GAP.finditer(text, span.start, span.end)]
    cut = min(gaps, key=lambda gap: abs(gap - middle), default=middle)
    yield from _pieces(text, strip_span(text, span.start, cut), max_tokens, count)
    yield from _pieces(text, Span(cut, span.end), max_tokens, count)


def _groups(
    text: str, starts: Sequence[int], max_tokens: int, count: Callable[[str], int]
) -> Iterator[tuple[int, int]]:
    """Ranges of sentences that make a passage each; sentence i begins at ``starts[i]``."""
    if count(text.strip()) <= max_tokens:
        yield 0, len(starts) - 1
        return
    costs = [count(text[start:end].strip()) for start, end in pairwise(starts)]
    for first, after in _balanced(costs, max_tokens):
        if count(text[starts[first] : starts[after]].strip()) <= max_tokens:
            yield first, after
        else:  # together they have more tokens than one by one: rare, but tokens do not add up
            yield from ((index, index + 1) for index in range(first, after))


def _balanced(costs: Sequence[int], budget: int) -> list[tuple[int, int]]:
    """As few consecutive groups as ``budget`` allows, the costliest of them as cheap as can be."""
    fewest, lowest = len(_packed(costs, budget)), max(costs)
    caps = range(lowest, budget)
    cap = lowest + bisect_left(caps, x=True, key=lambda cap: len(_packed(costs, cap)) <= fewest)
    return _packed(costs, cap)


def _packed(costs: Sequence[int], cap: int) -> list[tuple[int, int]]:
    """Consecutive groups, each filled in turn up to ``cap``."""
    groups = []
    first, total = 0, 0
    for index, cost in enumerate(costs):
        if index > first and total + cost > cap:
            groups.append((first, index))
            first, total = index, 0
        total += cost
    return [*groups, (first, len(costs))]
