"""The walk of a question: how many modules it enters, and in which order its stages come."""

from walk import functions_entered

MOST_MODULES = 46
"""It may only fall."""


def test_a_fact_question_goes_from_stage_to_stage_and_enters_few_modules(sample_home, capfd):
    walk = functions_entered("How does Quest reduce attention cost?", sample_home)
    stages = ["question.vocabulary", "retrieval.hybrid", "kinds.fact", "selection.facts", "receipt"]
    modules = list(walk)
    assert [name for name in modules if name.removeprefix("rag.") in stages] == [f"rag.{s}" for s in stages]
    assert modules[0] == "rag.assistant"
    assert "FactKind.findings" in walk["rag.kinds.fact"]
    assert len(modules) <= MOST_MODULES
