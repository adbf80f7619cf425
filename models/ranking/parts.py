"""Small parts of a collection, for questions about topics: what a person asks who has just begun to collect.

The signals of a paper are measured beside the other papers, and the rarity of a term is that in the
collection: models fitted on one size alone misjudge the others.
"""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.cases.questions import Case
from rag.build import open_store
from rag.ports import Store
from rag.settings import Settings

SIZES = (5, 10, 20, 40, 80)
EVERY = 2
"""One case of so many is also asked of a part: of more, and the whole collection is judged worse for it."""

SEED = 0


async def parts_for(
    cases: Sequence[Case], store: Store, settings: Settings
) -> AsyncIterator[tuple[Case, Store]]:
    """Some of the cases, each with what is relevant in a part of the collection, and that part.

    A part is open until the next one is asked for.

    Args:
        cases: set questions, or about what no paper is about.
        store: the whole collection.
        settings: how a store is opened; its home and collection are not touched.

    Raises:
        StoreError: the collection cannot be read, or a part of it written.
    """
    papers = {paper.title: paper.paper_id async for paper in store.papers()}
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    for case in cases[::EVERY]:
        chosen = chosen_papers(case, sorted(papers), rng)
        with TemporaryDirectory() as folder:
            apart = settings.model_copy(update={"home": Path(folder), "collection": "part"})
            part = await open_store(apart, store.fingerprint, create=True)
            await part.upsert(await store.fetch([papers[title] for title in chosen]))
            yield within(case, chosen), part
            await part.close()


def chosen_papers(case: Case, titles: Sequence[str], rng: random.Random) -> list[str]:
    """Titles of a part: half of it at most are relevant or partial papers, at least one relevant."""
    size = rng.choice(SIZES)
    some = [*case.relevant, *case.partial]
    kept = rng.sample(some, min(len(some), size // 2))
    if kept and not set(kept) & set(case.relevant):
        kept[0] = rng.choice(case.relevant)
    rest = [title for title in titles if title not in some]
    return kept + rng.sample(rest, size - len(kept))


def within(case: Case, titles: Sequence[str]) -> Case:
    """The case as it is where there are these papers alone."""
    relevant = tuple(title for title in case.relevant if title in titles)
    return replace(case, relevant=relevant, partial=tuple(title for title in case.partial if title in titles))
