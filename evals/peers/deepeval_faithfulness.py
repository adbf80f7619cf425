"""DeepEval's FaithfulnessMetric, by default and with its switch for claims that no paper bears out.

Run by `apart.py` where DeepEval is installed. A judge with the API of OpenAI is a LocalModel to it.
"""

from typing import Any

from deepeval.metrics import FaithfulnessMetric
from deepeval.models import LocalModel
from deepeval.test_case import LLMTestCase

LIBRARY = "deepeval"


async def faithfulness(url: str, model: str, answer: dict[str, Any]) -> float:
    """The score of an answer by the judge at this URL."""
    return await _score(FaithfulnessMetric(model=_judge(url, model)), answer)


async def strict_faithfulness(url: str, model: str, answer: dict[str, Any]) -> float:
    """The same, where a claim that no paper bears out does not pass."""
    return await _score(FaithfulnessMetric(model=_judge(url, model), penalize_ambiguous_claims=True), answer)


def _judge(url: str, model: str) -> LocalModel:
    return LocalModel(model=model, base_url=url, api_key="none")


async def _score(metric: FaithfulnessMetric, answer: dict[str, Any]) -> float:
    case = LLMTestCase(
        input=answer["question"], actual_output=answer["answer"], retrieval_context=answer["contexts"]
    )
    return float(await metric.a_measure(case, _show_indicator=False))


SYSTEMS = {"deepeval": faithfulness, "deepeval-strict": strict_faithfulness}
