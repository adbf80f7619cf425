"""Which papers the names and titles in a question belong to."""

import pytest
from collection import FERRY, FIRST, GRADES, LANTERN, SIFTER, STUDY, candidate_of, evidence_for

from rag.retrieval.paper_names import OWNER, linked, of_titles, ownership, same_title
from rag.types import Paper


async def links(names, text=""):
    return linked(names, text, (await evidence_for("cache")).candidates)


async def test_a_method_called_first_is_not_the_word_first():
    assert ownership("FIRST", await candidate_of(STUDY)) == 0
    assert set(await links(["FIRST"])) == {"first"}


async def test_a_name_that_an_abstract_introduces_is_owned_by_it_and_one_it_mentions_is_not():
    grades = await candidate_of(GRADES)
    assert ownership("EssayNet", grades) >= OWNER
    assert 0 < ownership("Sifter", grades) < OWNER
    assert ownership("RegEx", await candidate_of(SIFTER)) < OWNER


INTRODUCTIONS = [
    "We propose Kite.",
    "In this work we present a fast and simple method, Kite.",
    "The method is dubbed Kite.",
    "It is called “Kite” and it flies.",
    "A keyed index for text embeddings (Kite) is better.",
    "Kite (Keyed Index for Text Embeddings) is better.",
]
MENTIONS = [
    "Unlike Kite, it is fast.",
    "It beats Kite. Kite is slow. Kite's cost is high. Kite, Kite and Kite.",
    "We propose something. Kite is slower.",
]


async def test_the_owner_weighs_most_and_a_name_that_nobody_mentions_links_nothing():
    found = await links(["Sifter"])
    assert found["sifter"] == 1
    assert 0 < found["grades"] < 1
    assert await links(["Zeppelin"]) == await links([]) == {}


async def test_a_rare_name_outweighs_a_common_one():
    common = [Paper(f"c{n}", f"On Costs {n}", "Orbs are cheap. So is GPT-4.") for n in range(3)]
    rare = Paper("rare", "On Lamps", "We propose Lamp and compare it.")
    evidence = await evidence_for("costs lamps", [*common, rare])
    found = linked(["GPT-4", "Lamp"], "", evidence.candidates)
    assert found["rare"] == 1
    assert all(found[paper.paper_id] < 0.3 for paper in common)


async def test_a_quoted_title_beats_every_name():
    found = await links(["Sifter"], "Does “a cheaper way to grade essays” mention Sifter?")
    assert found["grades"] == 1 > found["sifter"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (LANTERN.title, True),
        ("lantern pruning the KEY cache, for long prompts?", True),
        ("Lantern: Pruning the Key Cache", False),
        (FERRY.title, False),
        ("", False),
    ],
)
def test_a_title_is_recognised_whatever_its_case_and_signs(text, same):
    assert same_title(text, LANTERN.title) is same
    assert same_title("Na\u00efve Caf\u00e9s", "nai\u0308ve cafe\u0301s")


def test_names_of_titles_are_found_in_the_case_of_the_title_or_in_any_where_that_marks_them():
    titles = [
        "metabench -- A Sparse Benchmark",
        "ClusterKV: Caches",
        "FIRST: Reranking",
        "Quest: Pages",
        "PRP: Pairs",
    ]
    papers = [Paper(str(n), title, "") for n, title in enumerate(titles)]
    text = "How do clusterkv and metabench differ from the first Quest and from PRP?"
    assert of_titles(text, papers) == ("ClusterKV", "metabench", "Quest")
    assert of_titles("metabenchmarks on a quest", papers) == ()


def test_a_title_that_begins_with_a_topic_names_nothing_by_it():
    papers = [Paper("1", "Large Language Models: A Survey", ""), Paper("2", "Chain of Tools: Agents", "")]
    assert of_titles("How many large language models use a chain of tools?", papers) == ()


OTHER_NAMES = ["We propose KiteBench.", "We propose Kite-2.", "We propose kite."]


@pytest.mark.parametrize(
    ("abstract", "least", "most"),
    [
        *((abstract, OWNER, 1.0) for abstract in INTRODUCTIONS),
        *((abstract, 0.1, OWNER - 0.01) for abstract in MENTIONS),
        *((abstract, 0.0, 0.0) for abstract in OTHER_NAMES),
    ],
)
async def test_who_introduces_a_name_owns_it_and_no_number_of_mentions_does(abstract, least, most):
    assert least <= ownership("Kite", await candidate_of(Paper("k", "On Indexes", abstract))) <= most


@pytest.mark.parametrize(("name", "owned"), [("FIRST", 1), ("C++", 0), ("(", 0), ("a|b", 0), ("[x", 0)])
async def test_a_name_is_taken_literally(name, owned):
    assert ownership(name, await candidate_of(FIRST)) == owned
