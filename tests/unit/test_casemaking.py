"""New cases: what a model makes of abstracts, what is refused, and what a person decides."""

import json
import random

import pytest
from cli_driver import assert_one_line
from collection import LANTERN, SIFTER, SMALL, open_small
from fakes import ScriptedModel

from evals.cases.drafts import CaseWriter, DraftCase, DraftFilter
from evals.cases.questions import CaseRecord, read_records, written
from rag.errors import ModelUnavailable


def draft(question, *facts, sentence=""):
    return DraftCase("model m,", question, LANTERN, facts, sentence)


def test_a_question_that_is_asked_already_is_refused_however_it_is_worded():
    sieve = DraftFilter(["How much does Lantern shrink the cache on long prompts?"])
    assert not sieve.passes(draft("On long prompts, how much is Lantern shrinking caches?", "8.5"))
    assert not sieve.passes(draft("How much do Lantern's long prompts shrink caches?", "8.5"))
    assert sieve.passes(draft("How much does Lantern shrink the values?", "8.5"))
    assert not sieve.passes(draft("How much does Lantern shrink values?", "8.5"))
    assert sieve.refused == {"duplicate": 3}


def test_a_question_that_holds_its_answer_or_copies_the_sentence_is_refused():
    sentence = "Lantern shrinks the cache by 8.5 times on long prompts."
    sieve = DraftFilter([])
    assert not sieve.passes(draft("Does Lantern shrink the cache by 8.5 times?", "8.5x", sentence=sentence))
    copied = "What of Lantern shrinks the cache by 8.5 times on long prompts?"
    assert not sieve.passes(draft(copied, "prompts", sentence=sentence))
    assert not sieve.passes(draft(copied, "method", sentence=sentence))
    assert sieve.refused == {"leak": 3}


def test_gold_that_does_not_stand_in_the_abstract_is_refused():
    sieve = DraftFilter([])
    assert not sieve.passes(draft("How much does Lantern shrink the cache?", "9.5"))
    assert not sieve.passes(draft("Tell me of Lantern.", "8.5"))
    assert sieve.refused == {"fact not in the abstract": 1, "no question": 1}


def reply(**change):
    quote = "Sifter reaches an accuracy of 91.3% on held-out tasks."
    form = {"quote": quote, "fact": "91.3%", "question": "How accurate is Sifter on tasks it never saw?"}
    return json.dumps(form | change)


async def written_by(*replies, papers=(SIFTER,)):
    writer = CaseWriter(ScriptedModel(replies))
    return [each async for each in writer.drafts(papers, random.Random(0))], writer.refused


async def test_a_model_writes_a_question_with_a_fact_and_the_sentence_that_states_it():
    [draft], refused = await written_by(f"Here it is: {reply()}")
    record = draft.record()
    assert record.question == "How accurate is Sifter on tasks it never saw?"
    assert record.made.startswith("model scripted, prompt make-case/1, from “Sifter reaches an accuracy")
    assert not refused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I cannot do that.", "reply not in the agreed form"),
        (reply(question=""), "reply not in the agreed form"),
        (reply(note="x"), "reply not in the agreed form"),
        (reply(quote="Sifter reaches an accuracy of 99.9%."), "quote not in the abstract"),
    ],
)
async def test_a_reply_that_is_no_question_is_counted_and_gives_no_case(text, reason):
    found, refused = await written_by(text)
    assert found == []
    assert refused == {reason: 1}


# --- the commands -------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch):
    async def opened(settings):
        return await open_small(SMALL)

    async def ensured(settings):
        return None

    monkeypatch.setattr("evals.cases.making.open_assistant", opened)
    monkeypatch.setattr("evals.cases.making.ensure_sample", ensured)


def test_cases_are_made_once_and_what_was_refused_is_counted(run, small, tmp_path, monkeypatch):
    def said(request):
        return reply() if SIFTER.title in request.messages[-1].content else "I cannot do that."

    monkeypatch.setattr("evals.cases.making.build_model", lambda settings: ScriptedModel(said))
    file = tmp_path / "mine.jsonl"
    arguments = ("eval", "cases", "make", "--out", str(file), "--model", "openai/gpt-4o-mini")
    first, again = run(*arguments), run(*arguments)
    assert first.code == 0
    assert first.out.startswith("1 new cases in ")
    [record] = read_records(file)
    assert record.made
    assert not record.reviewed
    assert again.out.startswith("0 new cases in ")
    assert "refused: 1 duplicate" in again.out


def test_a_model_that_fails_leaves_the_file_as_it_was(run, small, tmp_path, monkeypatch):
    file = tmp_path / "mine.jsonl"
    file.write_text(written([RECORDS[0]]))
    before = file.read_bytes()
    broken = ScriptedModel([ModelUnavailable("no connection")] * 10)
    monkeypatch.setattr("evals.cases.making.build_model", lambda settings: broken)
    outcome = run("eval", "cases", "make", "--out", str(file), "--model", "openai/gpt-4o-mini")
    assert_one_line(outcome, 4, "no connection")
    assert file.read_bytes() == before


RECORDS = [
    CaseRecord(
        id=f"m{n}", kind="fact", question=f"Question {n}?", relevant=("T",), facts=("1",), made="rule x"
    )
    for n in range(4)
]


@pytest.fixture
def reviewed(run, tmp_path, monkeypatch):
    """Types these lines into `pincite eval cases review`; then the person is gone."""
    file = tmp_path / "mine.jsonl"
    file.write_text(written(RECORDS))

    def command(*lines, end=EOFError):
        typed = iter(lines)

        def answer(prompt):
            line = next(typed, None)
            if line is None:
                raise end
            return line

        monkeypatch.setattr("builtins.input", answer)
        return run("eval", "cases", "review", str(file)), read_records(file)

    return command


def test_a_person_accepts_edits_and_rejects_and_puts_off(reviewed):
    outcome, records = reviewed("a", "r", "e", "Better question?", "2; 3", "", "-", "s")
    assert outcome.code == 0
    assert [record.reviewed for record in records] == ["accepted", "rejected", "edited", ""]
    edited = records[2]
    assert (edited.question, edited.facts, edited.relevant) == ("Better question?", ("2", "3"), ("T",))
    assert edited.made == "rule x"
    assert "1 cases are left to look at" in outcome.out


def test_a_review_goes_on_where_it_stopped(reviewed):
    _, records = reviewed("a", "q")
    assert [record.reviewed for record in records] == ["accepted", "", "", ""]
    outcome, records = reviewed("r", "a")
    assert [record.reviewed for record in records] == ["accepted", "rejected", "accepted", ""]
    assert "Question 0?" not in outcome.out


def test_ctrl_c_loses_no_decision(reviewed):
    outcome, records = reviewed("a", "r", end=KeyboardInterrupt)
    assert outcome.code == 130
    assert [record.reviewed for record in records] == ["accepted", "rejected", "", ""]


def test_an_edit_that_is_no_case_is_asked_again(reviewed):
    outcome, records = reviewed("e", "", "", "-", "", "a")
    assert "That is no case: Value error, relevant: expected the title" in outcome.out
    assert records[0].reviewed == "accepted"


def test_a_key_that_means_nothing_is_asked_again(reviewed):
    _, records = reviewed("x", "", "a")
    assert records[0].reviewed == "accepted"


def test_control_characters_of_a_paper_do_not_reach_the_terminal(run, tmp_path, monkeypatch):
    file = tmp_path / "mine.jsonl"
    file.write_text(written([RECORDS[0].model_copy(update={"made": "rule x from \x1b[2J“gone”"})]))
    monkeypatch.setattr("builtins.input", lambda prompt: "a")
    outcome = run("eval", "cases", "review", str(file))
    assert "\x1b" not in outcome.out
    assert "“gone”" in outcome.out


def test_the_file_of_a_review_has_to_be_one(run, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("my notes\n")
    assert_one_line(run("eval", "cases", "review", str(file)), 4, "notes.txt line 1: no case")
    assert file.read_text() == "my notes\n"
