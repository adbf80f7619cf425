"""Papers like a paper."""

from collection import FERRY, LANTERN, SMALL, open_small


async def test_the_papers_most_like_one_come_first_and_it_is_not_among_them():
    found = await (await open_small()).similar("lantern", top_k=10)
    assert found[0].paper_id == "ferry"
    assert found[0].title == FERRY.title
    assert {paper.paper_id for paper in found} == {paper.paper_id for paper in SMALL} - {LANTERN.paper_id}
    scores = [paper.score for paper in found]
    assert scores == sorted(scores, reverse=True)


async def test_as_many_are_returned_as_were_asked_for():
    assert len(await (await open_small()).similar("lantern", top_k=2)) == 2


async def test_a_paper_that_is_not_stored_is_like_none():
    assert await (await open_small()).similar("no such") == []
