"""The recipes of docs/extending.md work: each file in an empty folder, registered as the page says."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from collection import LANTERN, open_small
from fastapi import FastAPI
from fastapi.testclient import TestClient

from evals.judges.claims import CitedAbstract, Claim
from evals.judges.registry import JUDGES, build_judge
from evals.judges.verdicts import ClaimLabel
from ingest import sources
from rag.build import build_reranker
from rag.models import registry
from rag.question.answer_kinds import KINDS, KindTraits
from rag.settings import Settings
from ui import exports
from ui.chat.endpoints import ENDPOINTS, add_endpoints

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "extending.md").read_text("utf-8")
RECIPES = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    """The module of a recipe, imported from a folder that holds nothing else."""
    monkeypatch.syspath_prepend(tmp_path)

    def follow(name):
        (tmp_path / f"{name}.py").write_text(RECIPES[name], "utf-8")
        return import_module(name)

    return follow


def test_a_source_reads_its_files_and_says_what_is_no_paper(recipe, monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "FORMATS", (*sources.FORMATS, recipe("tab_separated")))
    file = tmp_path / "papers.txt"
    file.write_text("id\ttitle\tabstract\na\tBees\tBees dance.\nb\t\tNo title.\n", "utf-8")
    paper, rejected = sources.read_source(file).records
    assert (paper.paper_id, paper.title, paper.abstract) == ("a", "Bees", "Bees dance.")
    assert (rejected.line, rejected.reason) == (3, "expected an id, a title and an abstract")


async def test_a_reranker_is_built_by_its_name(recipe, monkeypatch):
    recipe("word_count")
    monkeypatch.setitem(registry.RERANKERS, "word-count/WORD", "word_count:WordCount")
    reranker = build_reranker(Settings(reranker={"name": "word-count/cache"}))
    assert await reranker.score("anything", ["no", "a cache of the Cache"]) == [0.0, 2.0]


async def test_a_judge_is_built_by_its_name_and_judges(recipe, monkeypatch):
    monkeypatch.setitem(JUDGES, "quoting", recipe("quoting").quoting_judge)
    evidence = (CitedAbstract("a", "Bees", "Bees dance in the dark."),)
    claims = [Claim("1", "Bees dance", evidence), Claim("2", "Ants dance", evidence)]
    verdicts = (await build_judge("quoting", Settings()).judge("", claims)).judged
    assert [each.verdict for each in verdicts] == [ClaimLabel.SUPPORTED, ClaimLabel.ABSENT]


async def test_a_kind_answers_the_questions_that_it_recognises(recipe, monkeypatch):
    recipe("title_kind")
    asked = re.compile("^what is the title of", re.IGNORECASE)
    monkeypatch.setitem(KINDS, "title", KindTraits("title_kind:TitleKind", asked=asked))
    answer = await (await open_small()).ask("What is the title of the paper on cache compression in keys?")
    assert (answer.kind, answer.note) == ("title", "One title.")
    assert answer.statements[0].text.startswith(LANTERN.title)


async def test_an_endpoint_is_served(recipe, monkeypatch):
    monkeypatch.setitem(ENDPOINTS, "/counts", recipe("counts").counts)
    app, assistant = FastAPI(), await open_small()
    add_endpoints(app, assistant)
    with TestClient(app) as client:
        assert client.get("/counts").json() == {"papers": (await assistant.counts()).papers}


async def test_an_export_is_chosen_by_the_ending_of_a_file(recipe, monkeypatch):
    monkeypatch.setitem(exports.FORMATS, "txt", recipe("titles").FORMAT)
    assistant = await open_small()
    answer = await assistant.ask("which papers do cache compression?")
    papers = await exports.exported_papers(assistant, answer)
    written = exports.format_of("papers.txt").write(answer, papers)
    assert written.splitlines() == [paper.title for paper in papers]
    assert written


def test_every_recipe_of_the_page_is_followed_here():
    assert set(RECIPES) == {"tab_separated", "word_count", "quoting", "title_kind", "counts", "titles"}
