"""ragas' faithfulness with its default settings; run by `apart.py` where ragas is installed."""

from typing import Any

from openai import AsyncOpenAI
from ragas.llms import llm_factory
from ragas.metrics.collections import Faithfulness

LIBRARY = "ragas"


async def faithfulness(url: str, model: str, answer: dict[str, Any]) -> float:
    """The score of an answer by the judge at this URL."""
    async with AsyncOpenAI(base_url=url, api_key="none") as client:
        metric = Faithfulness(llm=llm_factory(model, client=client))
        result = await metric.ascore(
            user_input=answer["question"], response=answer["answer"], retrieved_contexts=answer["contexts"]
        )
    return float(result.value)


SYSTEMS = {"ragas": faithfulness}
