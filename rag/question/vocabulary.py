"""Read a question beside what the collection holds: authors, venues, and words to mend spelling by."""

import asyncio
import re
from collections import Counter

from rag.ports import Store, TermEncoder
from rag.question.answer_kinds import KINDS
from rag.question.spelling import Speller
from rag.question.understanding import Question, understand

MAY_NAME = re.compile(r"\b(?:by|from|at|in|of|written|authored)\b|['’]s\b|\bpapers\b", re.IGNORECASE)
"""Without one of these no author and no venue can be meant, and the catalogue need not be read."""

SPELLING_LIMIT = 5_000
"""Papers up to which slips are mended: the words of all abstracts are gathered when the first slip is met."""

WORD = re.compile(r"[^\W\d_]+")


class Vocabulary:
    """The names and words of one open collection, to understand questions by.

    Args:
        store: the collection.
        terms: splits text into stems, as the collection's sparse vectors were made.
    """

    def __init__(self, store: Store, terms: TermEncoder) -> None:
        self._store = store
        self._terms = terms
        self._speller: Speller | None = None
        self._gathering = asyncio.Lock()

    async def read(self, text: str) -> Question:
        """As `understand`, with the catalogue and the speller where they can matter.

        Raises:
            QuestionError: the question is empty or far too long.
            StoreError: the collection cannot be read.
        """
        catalogue = await self._store.catalogue() if MAY_NAME.search(text) else None
        asked = understand(text, catalogue)
        if not KINDS[asked.kind].searched or not await self._has_unknown_words(asked.topic):
            return asked
        speller = await self._known_words()
        return asked.mended(speller) if speller else asked

    async def _has_unknown_words(self, topic: str) -> bool:
        terms = self._terms.encode_query(topic).indices
        return len(await self._store.idf(terms)) < len(terms)

    async def _known_words(self) -> Speller | None:
        async with self._gathering:
            if self._speller is None and (await self._store.counts()).papers <= SPELLING_LIMIT:
                papers: Counter[str] = Counter()
                async for paper in self._store.papers():
                    papers.update(set(WORD.findall(f"{paper.title} {paper.abstract}".lower())))
                self._speller = Speller(papers)
            return self._speller
