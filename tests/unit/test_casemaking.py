"""New cases: what rules and models make of abstracts, what is refused, and what a person decides."""

import json
import random

import pytest
from cli_driver import assert_one_line
from collection import LANTERN, SIFTER, SMALL, open_small
from fakes import ScriptedModel

from evals.casemaking.by_model import CaseWriter
from evals.casemaking.draft import DraftCase
from evals.casemaking.rules import RULES, drafts
from evals.casemaking.sift import Sieve
from evals.questions import Record, read_records, written
from evals.suite.facts import Facts
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.errors import ModelUnavailable
from rag.types import Paper

PAPER = Paper(
    "swift",
    "Swift: Faster Decoding with Drafts",
    "Decoding is slow. We propose Swift, a novel draft-based decoding method that needs no training. "
    "Swift accelerates decoding on long prompts by up to 2.5x. "
    "We show that Swift reaches an answer extraction accuracy of 93.4% in every setting that we tried. "
    "Swift is evaluated on 12 reasoning benchmarks with several models of different sizes. "
    "A 31% memory reduction is seen with Swift on the longest prompts of all.",
)


def made(rule, paper=PAPER):
    return list(RULES[rule](paper, random.Random(0)))


@pytest.mark.parametrize(
    ("rule", "question", "fact"),
    [
        ("rate", "What answer extraction accuracy is reported for Swift?", "93.4%"),
        ("gain", "What memory reduction is reported for Swift?", "31%"),
        ("change", "By how much does Swift accelerate decoding on long prompts?", "2.5x"),
        ("count", "How many reasoning benchmarks are reported for Swift?", "12"),
        ("definition", "What is Swift?", "draft-based decoding method"),
        ("name", "What is the name of the draft-based decoding method?", "Swift"),
    ],
)
def test_a_rule_asks_for_what_the_abstract_states(rule, question, fact):
    draft = made(rule)[0]
    assert (draft.kind, draft.question, draft.facts) == ("fact", question, (fact,))
    assert draft.sentence in PAPER.abstract


def test_a_topic_becomes_a_set_question_that_says_others_may_be_right():
    paper = Paper(
        "p", "On Cranes", "Cranes cross in fog. We study acoustic counting of migrating cranes in fog."
    )
    [draft] = made("topic", paper)
    assert (draft.kind, draft.question) == (
        "set",
        "Which papers are about acoustic counting of migrating cranes in fog?",
    )
    assert "others may be right too" in draft.record().made


def test_what_an_abstract_leaves_out_has_no_answer_and_what_it_says_is_not_asked():
    asked = {draft.question for draft in made("absent")}
    assert "What learning rate was used to train Swift?" in asked
    said = Paper(PAPER.paper_id, PAPER.title, f"{PAPER.abstract} The learning rate is 0.1; a GPU is enough.")
    less = {draft.question for draft in made("absent", said)}
    assert asked - less == {
        "What learning rate was used to train Swift?",
        "Which GPUs were used for the experiments with Swift?",
    }
    record = made("absent")[0].record()
    assert (record.kind, record.relevant, record.why) == ("unanswerable", (), "not stated in the abstract")


def test_every_case_says_how_it_was_made():
    record = made("change")[0].record()
    assert record.made == (
        "rule change from “Swift accelerates decoding on long prompts by up to 2.5x.”, "
        "abstract of “Swift: Faster Decoding with Drafts”"
    )
    assert record.relevant == (PAPER.title,)


def sample():
    return [record for record in read_source(SAMPLE_FILE).records if isinstance(record, Paper)]


def test_the_shipped_abstracts_yield_cases_of_every_rule_whose_facts_stand_there():
    papers = sample()
    found = list(drafts(papers, random.Random(0)))
    rules = {draft.rule.split()[1] for draft in found}
    assert rules == set(RULES)
    facts = Facts()
    sieve = Sieve([])
    passed = [draft for draft in found if sieve.passes(draft)]
    assert sum(draft.kind == "fact" for draft in passed) >= 60
    for draft in passed:
        assert all(facts.states(draft.paper.abstract, fact) for fact in draft.facts), draft
        assert not any(facts.states(draft.question, fact) for fact in draft.facts), draft
    assert len({draft.record().id for draft in passed}) == len(passed)


def test_the_same_seed_makes_the_same_cases_and_another_makes_others():
    papers = sample()[:60]
    one, again, other = ([d.question for d in drafts(papers, random.Random(s))] for s in (1, 1, 2))
    assert one == again
    assert one != other


def draft(question, *facts, sentence=""):
    return DraftCase("fact", "rule", question, LANTERN, facts, sentence)


def test_a_question_that_is_asked_already_is_refused_however_it_is_worded():
    sieve = Sieve(["How much does Lantern shrink the cache on long prompts?"])
    assert not sieve.passes(draft("On long prompts, how much is Lantern shrinking caches?", "8.5"))
    assert not sieve.passes(draft("How much do Lantern's long prompts shrink caches?", "8.5"))
    assert sieve.passes(draft("How much does Lantern shrink the values?", "8.5"))
    assert not sieve.passes(draft("How much does Lantern shrink values?", "8.5"))
    assert sieve.refused == {"duplicate": 3}


def test_a_question_that_holds_its_answer_or_copies_the_sentence_is_refused():
    sentence = "Lantern shrinks the cache by 8.5 times on long prompts."
    sieve = Sieve([])
    assert not sieve.passes(draft("Does Lantern shrink the cache by 8.5 times?", "8.5x", sentence=sentence))
    copied = "What of Lantern shrinks the cache by 8.5 times on long prompts?"
    assert not sieve.passes(draft(copied, "prompts", sentence=sentence))
    assert not sieve.passes(draft(copied, "method", sentence=sentence))
    assert sieve.refused == {"leak": 3}


def test_gold_that_does_not_stand_in_the_abstract_is_refused():
    sieve = Sieve([])
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
        return await open_small([*SMALL, PAPER])

    async def ensured(settings):
        return None

    monkeypatch.setattr("evals.casemaking.make.open_assistant", opened)
    monkeypatch.setattr("evals.casemaking.make.ensure_sample", ensured)


def test_cases_are_made_once_and_what_was_refused_is_counted(run, small, tmp_path):
    file = tmp_path / "mine.jsonl"
    first = run("eval", "cases", "make", "--out", str(file), "--count", "8")
    assert first.code == 0
    assert first.out.startswith("8 new cases in ")
    records = read_records(file)
    assert len(records) == 8
    assert all(record.made and not record.reviewed for record in records)
    again = run("eval", "cases", "make", "--out", str(file), "--count", "8")
    assert "duplicate" in again.out
    questions = [record.question for record in read_records(file)]
    assert len(questions) == len(set(questions)) > 8


def test_a_model_that_fails_leaves_the_file_as_it_was(run, small, tmp_path, monkeypatch):
    file = tmp_path / "mine.jsonl"
    file.write_text(written([RECORDS[0]]))
    before = file.read_bytes()
    broken = ScriptedModel([ModelUnavailable("no connection")] * 10)
    monkeypatch.setattr("evals.casemaking.make.build_model", lambda settings: broken)
    outcome = run("eval", "cases", "make", "--out", str(file), "--model", "openai/gpt-4o-mini")
    assert_one_line(outcome, 4, "no connection")
    assert file.read_bytes() == before


RECORDS = [
    Record(id=f"m{n}", kind="fact", question=f"Question {n}?", relevant=("T",), facts=("1",), made="rule x")
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
    assert_one_line(run("eval", "cases", "review", str(file)), 4, "notes.txt line 1: not a case")
    assert file.read_text() == "my notes\n"
