"""Pack the evidence for a model: whole abstracts within a token budget, the best first and last. Pure."""

from collections.abc import Callable, Sequence

from rag.retrieval.candidates import Candidate
from rag.untrusted.instructions import is_plea
from rag.verification.claim_verifier import NumberedPaper

OVERHEAD_TOKENS = 24
"""What number, keys and quotes of one paper cost besides its text."""


def pack(
    candidates: Sequence[Candidate], count_tokens: Callable[[str], int], budget_tokens: int
) -> list[NumberedPaper]:
    """As many of the papers, best first, as fit whole; a paper too long is passed over for the next.

    Numbers follow the order of ``candidates``. The order of the result is that of the prompt: the best paper
    first, the second best last and so on inwards, since models overlook what stands in the middle
    (Liu et al. 2023, "Lost in the Middle"). Sentences that address a model instead of reporting are left out.

    Args:
        candidates: best first.
        count_tokens: tokens of a text.
        budget_tokens: most tokens of all papers together.
    """
    chosen: list[NumberedPaper] = []
    left = budget_tokens
    for item in candidates:
        shown = _numbered(item, len(chosen) + 1)
        cost = OVERHEAD_TOKENS + count_tokens(item.paper.title) + count_tokens(abstract_shown(shown))
        if shown.sentences and cost <= left:
            chosen.append(shown)
            left -= cost
    return [*chosen[::2], *reversed(chosen[1::2])]


def abstract_shown(shown: NumberedPaper) -> str:
    """The sentences of an abstract that a model is shown, as one text."""
    return " ".join(shown.sentence(place) for place in range(len(shown.sentences)))


def _numbered(item: Candidate, number: int) -> NumberedPaper:
    kept = [sentence for sentence in item.sentences if not is_plea(sentence.text)]
    return NumberedPaper(
        number,
        item.paper,
        tuple(sentence.span for sentence in kept),
        tuple(sentence.passage_id for sentence in kept),
    )
