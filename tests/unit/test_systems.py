"""What is compared: pincite's own search among others, by name."""

import re
import tomllib
from pathlib import Path

import pytest
from fakes import HashEncoder

from evals.baselines import BASELINES
from evals.retrieval import systems
from evals.retrieval.systems import Pincite, baseline_system, choose, collection_name
from rag.build import load_settings
from rag.errors import ConfigError
from rag.types import Counts, Paper, RankedPaper

PAPERS = (Paper("p1", "Quest", "We prune caches. Pages go."), Paper("p2", "FIRST", "We rerank passages."))


class Searching:
    """An assistant that finds the longest title."""

    def __init__(self):
        self.closed = False

    async def search(self, query, top_k):
        return [RankedPaper(paper.paper_id, paper.title, 0.5) for paper in PAPERS][:top_k]

    async def close(self):
        self.closed = True


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path, collection="measured", store={"url": None})


@pytest.fixture
def assistant(monkeypatch):
    opened = Searching()

    async def open_assistant(settings):
        return opened

    monkeypatch.setattr(systems, "open_assistant", open_assistant)
    return opened


async def test_pincite_ingests_once_and_ranks_as_its_assistant(settings, assistant):
    encoder, told = HashEncoder(), []
    for _ in range(2):
        system = Pincite(settings, encoder, lambda done, total: told.append((done, total)))
        await system.index(PAPERS)
        assert await system.rank("pruned caches", 1) == [("p1", 0.5)]
        await system.close()
        assert assistant.closed
    assert told == [(2, 2)]
    store = await systems.open_store(settings, systems.fingerprint(settings, encoder), create=False)
    assert (await store.counts()) == Counts(2, 2)
    await store.close()


async def test_pincite_goes_on_with_a_collection_that_is_not_complete(settings, assistant):
    encoder, told = HashEncoder(), []
    for papers in (PAPERS[:1], PAPERS):
        system = Pincite(settings, encoder, lambda done, total: told.append((done, total)))
        await system.index(papers)
        await system.close()
    assert told == [(1, 1), (2, 2)]


async def test_nothing_is_ranked_before_it_is_indexed(settings):
    system = Pincite(settings, HashEncoder(), lambda done, total: None)
    with pytest.raises(ConfigError, match="index"):
        await system.rank("q", 5)
    await system.close()


def test_a_collection_is_named_after_its_papers_and_what_it_is_made_with(settings):
    names = {
        collection_name(kind, digest, settings, HashEncoder(dimensions))
        for kind in ("scifact", "beir")
        for digest in ("0" * 16, "1" * 16)
        for dimensions in (32, 64)
    }
    assert len(names) == 8
    assert all(load_settings(collection=name).collection == name for name in names)


def test_a_system_nobody_knows_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match="no such system 'nonsense': expected pincite, bm25, dense"):
        baseline_system("nonsense", HashEncoder())
    with pytest.raises(ConfigError, match="no such system 'nonsense'"):
        choose(["dense", "nonsense"], 10)


@pytest.fixture
def uninstalled(monkeypatch):
    monkeypatch.setattr(systems, "BASELINES", {"dense": BASELINES["dense"], "absent": "no_such_library:Peer"})


@pytest.mark.usefixtures("uninstalled")
def test_a_peer_that_is_not_installed_is_left_out_unless_it_is_named():
    chosen, left_out = choose([], 10)
    assert chosen == ["pincite", "dense"]
    assert left_out == {"absent": "system 'absent' needs no_such_library: pip install 'pincite[baselines]'"}
    with pytest.raises(ConfigError, match="no_such_library"):
        choose(["absent"], 10)


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("haystack-bm25", "baselines"),
        ("paper-qa", "paper-qa"),
        ("paper-qa-hybrid", "paper-qa"),
        ("txtai-bm25", "txtai"),
        ("txtai", "txtai"),
    ],
)
def test_a_peer_that_is_not_installed_names_the_extra_that_brings_it(name, extra, monkeypatch):
    monkeypatch.setattr(systems, "BASELINES", {name: "no_such_library:Peer"})
    with pytest.raises(ConfigError, match=re.escape(f"pip install 'pincite[{extra}]'")):
        choose([name], 10)
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert extra in pyproject["project"]["optional-dependencies"]


def test_a_peer_is_left_out_of_more_papers_than_it_is_tried_with(monkeypatch):
    monkeypatch.setattr(systems, "MOST_PAPERS", {"dense": 10})
    assert choose(["dense", "pincite"], 10) == (["dense", "pincite"], {})
    assert choose(["dense", "pincite"], 11) == (
        ["pincite"],
        {"dense": "11 papers, more than the 10 it is tried with"},
    )
    with pytest.raises(ConfigError, match="no system remains: dense: 11 papers"):
        choose(["dense"], 11)


def test_a_system_that_is_named_twice_is_refused():
    with pytest.raises(ConfigError, match="each once"):
        choose(["dense", "dense"], 10)
