"""A small collection of invented papers, in memory, and an assistant that reads it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fakes import HashEncoder, MemoryStore

from ingest.pipeline import ingest_papers
from models import folder
from rag.assistant import Assistant
from rag.build import fingerprint
from rag.kinds.parts import Parts
from rag.models.encoders.bm25 import Bm25Encoder
from rag.retrieval.candidates import Candidate, Evidence
from rag.retrieval.hybrid import Retriever
from rag.retrieval.relevance import Linear
from rag.selection.fitted_weights import load_weights
from rag.selection.pinpoint import SIGNALS, STATED, AnswerModel
from rag.settings import ChunkSettings, Settings
from rag.types import Paper

LANTERN = Paper(
    "lantern",
    "Lantern: Pruning the Key Cache for Long Prompts",
    "Cache compression has become popular, and many cache compression methods exist for long prompts. "
    "We propose Lantern, a cache compression method that drops keys which no query attends to. "
    "Lantern shrinks the cache by 8.5 times on long prompts.",
    authors=("Ada Nordmann", "Ben Okoro"),
    venue="Workshop on Small Caches",
    year=2031,
    url="https://example.org/lantern",
)
FERRY = Paper(
    "ferry",
    "Ferry: Cache Compression by Merging Values across Layers",
    "Long prompts fill the memory of accelerators. "
    "We introduce Ferry, a cache compression algorithm which merges the values of neighbouring layers. "
    "Experiments on four benchmarks show that Ferry halves the cache.",
)
FIRST = Paper(
    "first",
    "FIRST: Listwise Reranking from One Decoded Token",
    "Listwise rerankers decode a whole permutation, which is slow. "
    "We present FIRST, which reads the logits of a single token to rerank passages. "
    "FIRST accelerates listwise reranking by 50%.",
)
STUDY = Paper(
    "study",
    "A Field Study of Survey Respondents",
    "We are the first to compare chatbots with survey respondents. "
    "In the first part of this study we interview 312 nurses. "
    "In the second part the chatbots answer the same questionnaire.",
)
SIFTER = Paper(
    "sifter",
    "Sifter: Extracting the Final Answer",
    "Extracting the final answer of a model is harder than it seems. "
    "We train Sifter, an extractor with 40 million parameters and 12 layers. "
    "Sifter reaches an accuracy of 91.3% on held-out tasks. "
    "In contrast, RegEx reaches an accuracy of 70.2%.",
)
GRADES = Paper(
    "grades",
    "A Cheaper Way to Grade Essays",
    "Grading essays by hand takes teachers many evenings. "
    "This paper introduces EssayNet, a grader that agrees with teachers on 84 of 100 essays. "
    "Unlike Sifter, EssayNet reads the whole essay.",
)
SMALL = (LANTERN, FERRY, FIRST, STUDY, SIFTER, GRADES)

SETTINGS = Settings.model_construct(collection="small")  # the defaults, whatever the environment says
FITTED, SHIPPED = load_weights(folder("ranking") / "weights.json")

# Of six papers invented here the shipped cuts say nothing: a new fit of those moves no test of the assistant.
RELEVANCE = replace(FITTED, opening=0.75, threshold=0.75, nearest=0.25)


def linear(names: Sequence[str], intercept: float, **weights: float) -> Linear:
    """A logistic model over the named signals, 0 for those that are not given."""
    return Linear(tuple(weights.get(name, 0.0) for name in names), intercept)


# Nor do weights of cosines: those of a hash encoder are noise.
ANSWERS = AnswerModel(
    linear(
        SIGNALS,
        -12.0,
        cover=2.25,
        cover_context=1.5,
        cover_focus=1.5,
        focus_phrase=0.8,
        focus_absent=1.0,
        paper=2.5,
        paper_share=3.5,
        not_linked=-3.0,
        number=1.5,
        no_number=-3.0,
        named=3.0,
        definition=10.0,
        no_definition=-1.0,
        manner=1.5,
    ),
    linear(STATED, 0.0, logit=1.0),
    0.17,
)


def quoted(paper: Paper, sentence: int) -> str:
    """The sentence of this number, from 0, of one of the abstracts above."""
    return paper.abstract.rstrip(".").split(". ")[sentence] + "."


def terms_of(text: str) -> frozenset[int]:
    """Ids of the stemmed terms of a text."""
    return frozenset(Bm25Encoder().encode_query(text).indices)


async def store_of(papers: Sequence[Paper] = SMALL, max_tokens: int = 256) -> MemoryStore:
    """These papers, ingested."""
    encoder = HashEncoder(256)
    store = MemoryStore(fingerprint(SETTINGS, encoder))
    await ingest_papers(papers, store, encoder, ChunkSettings(max_tokens=max_tokens))
    return store


async def evidence_for(query: str, papers: Sequence[Paper] = SMALL, max_tokens: int = 256) -> Evidence:
    """What is found for a query among these papers."""
    store = await store_of(papers, max_tokens)
    return await Retriever(store, HashEncoder(256), Bm25Encoder(), 60).retrieve(query, 100)


async def candidate_of(paper: Paper, query: str = "cache compression", max_tokens: int = 256) -> Candidate:
    """The paper as a candidate for a query."""
    return (await evidence_for(query, [paper], max_tokens)).candidates[0]


async def open_small(papers: Sequence[Paper] = SMALL, *, max_tokens: int = 256, **parts: Any) -> Assistant:
    """An assistant on these papers, with the models that pincite ships unless other ``parts`` are given."""
    store = await store_of(papers, max_tokens)
    made = Parts(SETTINGS, store, HashEncoder(256), Bm25Encoder(), RELEVANCE, ANSWERS)
    return Assistant(replace(made, **parts))
