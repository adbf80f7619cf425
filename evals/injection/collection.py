"""The sample and the papers to be poisoned in one collection, where one at a time is poisoned."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.injection.attacks import Base
from ingest.pipeline import ingest_papers
from ingest.precomputed import VECTORS_FILE, PrecomputedEncoder
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.assistant import Assistant
from rag.build import build_encoder, fingerprint, load_settings, open_store
from rag.models.encoders.bm25 import Bm25Encoder
from rag.parts import Parts
from rag.ports import Encoder, Store
from rag.retrieval.candidates import Candidate
from rag.retrieval.hybrid import Retriever
from rag.selection.fitted_weights import load_weights
from rag.settings import Settings
from rag.types import Answer, Paper

TOP = 3
"""Ranks that a paper must not reach by what an attacker put in."""


class PoisonedCollection:
    """An open collection in which papers can be exchanged for their poisoned twins and back."""

    def __init__(self, settings: Settings, store: Store, encoder: Encoder) -> None:
        from models import folder

        relevance, answers = load_weights(folder("ranking") / "weights.json")
        terms = Bm25Encoder()
        self._settings, self._store, self._encoder = settings, store, encoder
        self._assistant = Assistant(Parts(settings, store, encoder, terms, relevance, answers))
        self._retriever = Retriever(store, encoder, terms, settings.retrieval.rank_constant)

    @asynccontextmanager
    async def holding(self, poisoned: Paper, clean: Paper) -> AsyncIterator[None]:
        """The collection with one paper in place of its clean twin, which comes back afterwards."""
        await self.add([poisoned])
        try:
            yield
        finally:
            await self.add([clean])

    async def add(self, papers: Sequence[Paper]) -> None:
        """Write papers, in place of those of the same ids."""
        await ingest_papers(papers, self._store, self._encoder, self._settings.chunk)

    async def ask(self, question: str) -> Answer:
        """As `Assistant.ask`."""
        return await self._assistant.ask(question)

    async def reaches(self, question: str, paper_id: str) -> bool:
        """Whether a paper is in the answer set of a question or among its `TOP` papers."""
        top = [paper.paper_id for paper in await self._assistant.search(question, TOP)]
        return paper_id in top or paper_id in [paper.paper_id for paper in (await self.ask(question)).papers]

    async def candidates(self, question: str, paper_id: str, most: int) -> list[Candidate]:
        """The papers a model would be shown: the best for a question, with this one in second place."""
        found = (await self._retriever.retrieve(question, self._settings.retrieval.depth)).candidates
        this = [item for item in found if item.paper.paper_id == paper_id]
        others = [item for item in found if item.paper.paper_id != paper_id][: most - 1]
        return [*others[:1], *this, *others[1:]]


@asynccontextmanager
async def open_collection(bases: Sequence[Base]) -> AsyncIterator[PoisonedCollection]:
    """A new collection of the sample and these papers, in a folder that goes afterwards."""
    with TemporaryDirectory() as folder:
        settings = load_settings(collection="injection").model_copy(update={"home": Path(folder)})
        encoder = PrecomputedEncoder(build_encoder(settings), VECTORS_FILE)
        store = await open_store(settings, fingerprint(settings, encoder), create=True)
        try:
            collection = PoisonedCollection(settings, store, encoder)
            papers = {r.paper_id: r for r in read_source(SAMPLE_FILE).records if isinstance(r, Paper)}
            await collection.add(
                list({**papers, **{base.paper.paper_id: base.paper for base in bases}}.values())
            )
            yield collection
        finally:
            await store.close()
