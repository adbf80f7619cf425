"""A collection as a LlamaIndex retriever."""

import asyncio

import pytest
from collection import FERRY, LANTERN, SMALL, open_small
from llama_index.core import Settings
from llama_index.core.schema import MetadataMode

from rag.integrations.llama_index import PinciteRetriever


@pytest.fixture
async def retriever():
    return PinciteRetriever(await open_small(), top_k=2)


async def test_whole_abstracts_come_best_first_with_what_is_known_of_their_papers(retriever):
    found = await retriever.aretrieve("cache compression")
    assert [node.node_id for node in found] == ["lantern", "ferry"]
    assert [node.text for node in found] == [LANTERN.abstract, FERRY.abstract]
    assert found[0].score > found[1].score
    assert found[0].metadata == {
        "title": LANTERN.title,
        "authors": "Ada Nordmann, Ben Okoro",
        "venue": "Workshop on Small Caches",
        "year": 2031,
        "url": "https://example.org/lantern",
    }
    assert found[1].metadata == {"title": FERRY.title}


async def test_a_model_reads_title_and_abstract_but_no_record(retriever):
    lantern, _ = await retriever.aretrieve("cache compression")
    read = lantern.node.get_content(MetadataMode.LLM)
    assert LANTERN.title in read
    assert LANTERN.abstract in read
    assert "Nordmann" not in read


async def test_it_retrieves_the_same_without_await_also_inside_a_running_loop(retriever):
    awaited = await retriever.aretrieve("cache compression")
    assert retriever.retrieve("cache compression") == awaited


def test_it_retrieves_where_no_loop_runs():
    retriever = PinciteRetriever(asyncio.run(open_small()), top_k=2)
    assert [node.node_id for node in retriever.retrieve("cache compression")] == ["lantern", "ferry"]


async def test_there_are_no_more_nodes_than_papers_and_global_settings_are_not_touched():
    many = PinciteRetriever(await open_small(), top_k=50)
    assert len(await many.aretrieve("cache compression")) == len(SMALL)
    assert Settings._llm is Settings._embed_model is None
