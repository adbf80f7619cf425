"""Link the names and titles in a question to the papers that own them ("Quest", "LameR", a whole title)."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rag.retrieval.candidates import Candidate, short_name
from rag.types import Paper

TITLE_WORDS = 3
"""A title (or the part before its colon) of fewer words is a name, not a quotation of the title."""

OWNER = 0.75
"""From this ownership on a paper is where the name comes from."""

SHORTEST = 4
MARKED = re.compile(r"^[^a-z]*+[a-z].*[A-Z]|\d|[A-Z]\w{0,60}-[A-Z]")
"""A single word that is a name in any case; of fewer letters than `SHORTEST` none is looked for."""

OWNED = 1.0
MENTIONED = 0.2
INTRODUCES = (
    r"(?:propos|present|introduc|develop|releas|creat|design|build|train|call|nam|dub|term|stand|describ)"
    r"\w{0,20}"
)


def same_title(text: str, title: str) -> bool:
    """Whether a text is this title, but for case, punctuation and spacing."""
    return bool(text) and _key(text) == _key(title)


def ownership(name: str, candidate: Candidate) -> float:
    """How far a paper owns a name, 0 to 1: by its title, introduced by its abstract, or mentioned.

    Case counts, since FIRST is a method and "first" is not.
    """
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?:s|’s|'s)?(?![\w-]*\w)")
    head = short_name(candidate.paper.title)
    if head and word.search(head):
        return OWNED
    abstract = candidate.paper.abstract
    mentions = len(word.findall(abstract))
    if not mentions and not word.search(candidate.paper.title):
        return 0.0
    introduced = re.compile(
        rf"{INTRODUCES}\W(?:[^.]{{0,60}}\W)?{word.pattern}|\({word.pattern}\)|{word.pattern}\s*\([A-Z]"
    )
    if introduced.search(abstract):
        return OWNED * 0.8
    return min(0.6, MENTIONED * (mentions + 1))


def linked(names: Sequence[str], text: str, candidates: Sequence[Candidate]) -> dict[str, float]:
    """Papers a question names, with a weight in (0, 1]: the best is 1.

    A name counts by how few of the candidates mention it, so "GPT-4" beside "PandaLM-7B" weighs little.
    A quoted title beats every name. No entry for papers that own nothing.
    """
    scores: dict[str, float] = {}
    for name in names:
        owned = {c.paper.paper_id: ownership(name, c) for c in candidates}
        rarity = 1 / max(1, sum(1 for value in owned.values() if value))
        for paper_id, value in owned.items():
            if value:
                scores[paper_id] = scores.get(paper_id, 0.0) + value * rarity
    for item in candidates:
        if _quotes_title(text, item.paper.title):
            scores[item.paper.paper_id] = scores.get(item.paper.paper_id, 0.0) + 2 * OWNED
    best = max(scores.values(), default=0.0)
    return {paper_id: score / best for paper_id, score in scores.items()} if best else {}


def of_titles(text: str, papers: Iterable[Paper]) -> tuple[str, ...]:
    """Names of methods by their titles that stand in a text, in its order.

    In the very case of the title, or in any case where that marks a name ("ClusterKV", "LLM-QE"), so that
    "first" is not FIRST. Of one word: "large language models" are a topic, though a survey is called so.
    """
    small = text.casefold()
    found = {}
    for name in {name for paper in papers if len((name := short_name(paper.title)).split()) == 1}:
        if len(name) < SHORTEST or name.casefold() not in small:  # spares most of the search below
            continue
        flags = re.IGNORECASE if MARKED.search(name) else re.NOFLAG
        if place := re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, flags):
            found[name] = place.start()
    return tuple(sorted(found, key=lambda name: (found[name], name)))


def owners(names: Sequence[str], text: str, candidates: Sequence[Candidate]) -> list[str]:
    """Ids of the papers that a question is about by name, in the order of the candidates.

    A title that is quoted says it all. Else a name is that of the papers named so by their title, or of the
    one paper that introduces it: what several introduce, like LoRA, is nobody's own.
    """
    whole = [item.paper.paper_id for item in candidates if _holds(text, item.paper.title)]
    quoted = whole or [item.paper.paper_id for item in candidates if _quotes_title(text, item.paper.title)]
    found = quoted or [each for name in runs(names, text) for each in _owning(name, candidates)]
    return [item.paper.paper_id for item in candidates if item.paper.paper_id in found]


def runs(names: Sequence[str], text: str) -> list[str]:
    """Names that follow each other in the text, made one: "Pairwise Ranking Prompting"."""
    runs: list[str] = []
    for name in names:
        if runs and f"{runs[-1]} {name}" in text:
            runs[-1] = f"{runs[-1]} {name}"
        else:
            runs.append(name)
    return runs


def _owning(name: str, candidates: Sequence[Candidate]) -> list[str]:
    owned = [(ownership(name, item), item.paper) for item in candidates]
    best = max((value for value, _ in owned), default=0.0)
    holders = [paper for value, paper in owned if value == best]
    if best == OWNED or (best >= OWNER and len(holders) == 1 and _is_its_own(name, holders[0])):
        return [paper.paper_id for paper in holders]
    return []


def _is_its_own(name: str, paper: Paper) -> bool:
    """Whether an abstract gives the name to what its title is about, or after a word of introduction."""
    spelt_out = re.search(rf"\b(\w+)\W*\({re.escape(name)}\)", paper.abstract)
    if spelt_out:
        return spelt_out[1].lower() in _key(paper.title).split()
    return re.search(rf"{INTRODUCES}\W+(?:\w+\W+){{0,2}}{re.escape(name)}", paper.abstract) is not None


def _quotes_title(text: str, title: str) -> bool:
    head = title.partition(":")[0]
    part = head if len(head.split()) >= TITLE_WORDS else title
    return _holds(text, part)


def _holds(text: str, title: str) -> bool:
    return len(title.split()) >= TITLE_WORDS and f" {_key(title)} " in f" {_key(text)} "


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(re.findall(r"\w+", folded))
