"""Follow-ups become questions that stand alone, over papers on the table; new topics stay as they are."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.conversation.standalone import EMPTY, History, TablePaper, Turn, repeated, resolve, turn
from rag.question.understanding import plain_text, understand
from rag.types import Answer, Citation, ScoredPaper, Span, Statement

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "evals/cases/conversation.jsonl").read_text("utf-8").splitlines()
HEAD, *CASES = map(json.loads, LINES)


def paper(title, probability=0.9):
    return TablePaper(title, title, probability)


def written(turn):
    papers = tuple(map(paper, turn["papers"]))
    quotes = [Citation(papers[0].paper_id, "", "", quote, Span(0, 1)) for quote in turn.get("quotes", ())]
    touching = tuple(map(paper, turn.get("touching", ())))
    said = (turn["asked"], turn["asked"], turn["kind"], papers, touching, tuple(quotes), turn["topic"])
    return Turn(*said, turn.get("abstained", False))


def history(*names):
    return History(tuple(written(HEAD["turns"][name]) for name in names))


def resolved(typed, said):
    text, before = repeated(plain_text(typed), said)
    return resolve(understand(text), before)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{'/'.join(case['before'])}: {case['question']}")
def test_a_written_follow_up_is_read_as_its_writer_meant_it(case):
    found = resolved(case["question"], history(*case["before"]))
    assert (found.text if found.changed else "") == case["asked"]
    ids = None if found.paper_ids is None else list(found.paper_ids)
    assert ids == case["papers"] or (case["papers"] is None and found.each)


@given(st.text(min_size=1).filter(lambda text: any(char.isalnum() for char in text)))
def test_without_a_history_every_question_stays_as_it_was_typed(text):
    found = resolved(text, EMPTY)
    assert (found.changed, found.paper_ids) == (False, None)


@given(
    st.lists(st.sampled_from(sorted(HEAD["turns"])), min_size=1, max_size=4),
    st.text(min_size=1, max_size=60).filter(lambda text: any(char.isalnum() for char in text)),
)
def test_any_text_can_follow_any_conversation(names, text):
    found = resolved(text, history(*names))
    shown = {each.paper_id for said in history(*names).turns for each in said.shown}
    assert set(found.paper_ids or ()) <= shown


def test_asking_whether_it_is_sure_asks_the_question_before_again_and_again():
    kv, clusters = history("kv", "kv-clusters").turns
    typed = Turn("Which of them groups tokens?", clusters.asked, "set", clusters.papers)
    sure = Turn("Are you sure?", clusters.asked, "set", clusters.papers)
    for before in ((kv, typed), (kv, typed, sure)):
        found = resolved("are you sure?", History(before))
        assert found.text == "Which of ClusterKV, Quest groups tokens?"
        assert found.changed


def test_a_paper_that_comes_clearly_first_is_the_one_meant_by_it():
    shown = (paper("Quest: A", 0.9), paper("Ferry: B", 0.2))
    found = resolved("How fast is it?", History((Turn("q", "Which papers?", "set", shown),)))
    assert found.text == "How fast is Quest?"
    level = (paper("Quest: A", 0.9), paper("Ferry: B", 0.8))
    found = resolved("How fast is it?", History((Turn("q", "Which papers?", "set", level),)))
    assert [part.text for part in found.each] == ["How fast is Quest?", "How fast is Ferry?"]
    assert found.one_meant


def test_more_than_a_handful_of_papers_are_counted_and_still_all_asked():
    shown = tuple(paper(f"Name{n}: A") for n in range(9))
    found = resolved("Which of them is fast?", History((Turn("q", "Which papers?", "set", shown),)))
    assert found.text == "Which of the 9 papers shown is fast?"
    assert len(found.paper_ids) == 9


def test_a_paper_without_a_short_name_is_not_searched_by_its_title():
    shown = (paper("A Survey on Data Selection for Tuning"),)
    found = resolved("How fast is it?", History((Turn("q", "What is selection?", "fact", shown),)))
    assert found.text == "How fast is “A Survey on Data Selection for Tuning”?"
    assert found.query == "How fast is it?"


@pytest.mark.parametrize(("most", "left"), [(40, ["q7", "q8", "q9"]), (1, ["q9"])])
def test_the_oldest_turns_go_where_a_history_gets_too_long_but_never_the_newest(most, left):
    kept = EMPTY
    for number in range(10):
        said = Turn(f"q{number}", "word " * 10, "fact")
        kept = kept.followed_by(said, lambda text: len(text.split()), most)
    assert [each.question for each in kept.turns] == left


def citation(title):
    return Citation(title, title, f"{title}#0", "It works.", Span(0, 9))


def test_a_turn_holds_the_papers_in_the_order_of_their_numbers():
    said = tuple(Statement("It works.", "supported", (citation(name),)) for name in ("B: x", "A: y"))
    touch = (Statement("It works.", "supported", (citation("C: z"),)),)
    papers = (ScoredPaper("B: x", "B: x", 0.8),)
    made = turn(Answer("q", "set", abstained=False, statements=said, papers=papers, partial=touch))
    assert [each.title for each in made.shown] == ["B: x", "A: y", "C: z"]
    assert [each.title for each in made.papers] == ["B: x", "A: y"]
    assert made.papers[0].probability == 0.8


def test_an_abstention_leaves_on_the_table_what_it_was_asked_of():
    before = history("kv", "kv-clusters")
    answer = Answer("is it open?", "fact", abstained=True, asked="Is ClusterKV open?")
    assert [each.short_name for each in turn(answer, before).papers] == ["ClusterKV"]
    nearest = (ScoredPaper("x", "Other: a", 0.9), ScoredPaper("q", "Quest: b", 0.5))
    first = Answer("Is Quest open?", "fact", abstained=True, nearest=nearest)
    assert [each.short_name for each in turn(first).papers] == ["Quest"]
