"""The trial of the support classifier: three pairs for each written row, labels by construction."""

from collections import Counter

from evals.judging.verdicts import Verdict
from evals.support.trial import BESIDE, written_pairs
from rag.text import sentence_spans


def test_each_written_row_gives_a_pair_of_each_label_and_only_its_own_sentence_decides():
    pairs = written_pairs()
    assert set(Counter(pair.label for pair in pairs).values()) == {len(pairs) // 3}
    assert len({pair.claim.claim_id for pair in pairs}) == len(pairs)
    for supported, contradicted, absent in zip(pairs[::3], pairs[1::3], pairs[2::3], strict=True):
        assert (supported.label, contradicted.label, absent.label) == tuple(Verdict)
        assert supported.claim.evidence == contradicted.claim.evidence
        assert absent.claim.text == supported.claim.text
        told = [len(sentence_spans(pair.claim.evidence[0].abstract)) for pair in (supported, absent)]
        assert told == [BESIDE + 1, BESIDE]
