"""Fit the ranker on queries made from open abstracts: `python -m models.ranking.train_ranker PAPERS`.

PAPERS is any file that `pincite ingest` reads, of some ten thousand papers; its papers are the collection and
the source of the queries (see `models.ranking.made_queries`). Negatives are what the first stage finds
besides; those that look as relevant as the paper itself are dropped as likely false ones. Writes
`models/ranking/ranker.json` and prints nDCG@10 of queries that were held out, with every signal and without
each in turn. The loss is ListNet's (Cao et al. 2007): cross-entropy of the softmax over the candidates.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from evals.retrieval.measures import mean
from ingest.pipeline import ingest_papers
from ingest.sources import read_source
from models import folder
from models.ranking.made_queries import MadeQuery, make_queries, searched
from rag.build import build_encoder, fingerprint, load_settings, open_store
from rag.models.encoders.bm25 import Bm25Encoder
from rag.ports import Encoder, Store
from rag.retrieval.hybrid import Retriever
from rag.retrieval.relevance import RANKING, Matrix, Ranker, ranking_signals
from rag.selection.fitted_weights import RANKER, save_ranker
from rag.settings import Settings
from rag.types import Paper

SEED = 0
PAPERS, QUERIES = 12_000, 2_400
PENALTY = 1e-3
LOOKALIKE = 0.97
"""A negative whose passage is nearer to the paper than this is the same work under another id."""


@dataclass(frozen=True, slots=True)
class CandidateList:
    """The candidates of one made query: signals, shape [candidates, RANKING], and the row of its paper."""

    kind: str
    signals: Matrix
    right: int


async def collect(
    store: Store, encoder: Encoder, settings: Settings, made: Sequence[MadeQuery]
) -> list[CandidateList]:
    """Retrieve for every query; those whose paper the first stage missed teach nothing and are left out."""
    retriever = Retriever(store, encoder, Bm25Encoder(), settings.retrieval.rank_constant)
    found = []
    for query in made:
        evidence = await retriever.retrieve(searched(query), settings.retrieval.depth)
        ids = [item.paper.paper_id for item in evidence.candidates]
        if query.paper.paper_id in ids:
            right = ids.index(query.paper.paper_id)
            centres = np.array([item.passages.mean(axis=0) for item in evidence.candidates])
            keep = centres @ centres[right] < LOOKALIKE
            keep[right] = True
            signals = ranking_signals(evidence)[keep]
            found.append(CandidateList(query.kind, signals, int(keep[:right].sum())))
    return found


def fit(lists: Sequence[CandidateList], columns: Sequence[int]) -> tuple[float, ...]:
    """Weights of all signals, 0 for those not in ``columns``."""
    scale = np.vstack([each.signals for each in lists]).std(axis=0)[list(columns)] + 1e-9
    rows = [(each.signals[:, columns] / scale, each.right) for each in lists]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, slope = 0.0, np.zeros_like(weights)
        for signals, right in rows:
            logs = log_softmax(signals @ weights)
            total -= float(logs[right])
            slope += signals.T @ np.exp(logs) - signals[right]
        penalty = PENALTY * float(weights @ weights)
        return total / len(rows) + penalty, slope / len(rows) + 2 * PENALTY * weights

    best: NDArray[np.float64] = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B").x
    fitted = np.zeros(len(RANKING))
    fitted[list(columns)] = best / scale
    return tuple(fitted.tolist())


def held_out(lists: Sequence[CandidateList], columns: Sequence[int]) -> dict[str, float]:
    """Mean nDCG@10 by kind of the odd queries, by weights fitted on the even ones."""
    weights = np.asarray(fit(lists[::2], columns))
    scores: dict[str, list[float]] = {"all": []}
    for each in lists[1::2]:
        judged = each.signals @ weights
        rank = int((judged > judged[each.right]).sum()) + 1
        value = 1 / float(np.log2(rank + 1)) if rank <= 10 else 0.0  # noqa: PLR2004 - nDCG@10
        scores["all"].append(value)
        scores.setdefault(each.kind, []).append(value)
    return {kind: mean(values) for kind, values in scores.items()}


async def train(papers: Sequence[Paper], encoder: Encoder, settings: Settings) -> list[CandidateList]:
    """Index the papers, those asked for without the part their query was made from, and collect the lists."""
    made = list(make_queries(papers, SEED))[:QUERIES]
    altered = {query.paper.paper_id: query.paper for query in made}
    store = await open_store(settings, fingerprint(settings, encoder), create=True)
    try:
        shown = (altered.get(paper.paper_id, paper) for paper in papers)
        await ingest_papers(shown, store, encoder, settings.chunk)
        return await collect(store, encoder, settings, made)
    finally:
        await store.close()


def report(lists: Sequence[CandidateList]) -> None:
    """Print the ablation."""
    every = range(len(RANKING))
    runs = [("all signals", list(every))]
    runs += [(f"without {RANKING[out]}", [column for column in every if column != out]) for out in every]
    for label, columns in runs:
        row = " ".join(f"{kind} {value:.3f}" for kind, value in sorted(held_out(lists, columns).items()))
        print(f"{label:24} nDCG@10 {row}")


def main() -> int:
    """Train, report, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("papers", type=Path, help="a file of papers, as `pincite ingest` reads it")
    source = read_source(parser.parse_args().papers)
    papers = [record for record in source.records if isinstance(record, Paper)][:PAPERS]
    with TemporaryDirectory() as home:
        settings = load_settings(home=Path(home), collection="training")
        lists = asyncio.run(train(papers, build_encoder(settings), settings))
    report(lists)
    file = folder("ranking") / RANKER
    save_ranker(file, Ranker(fit(lists, list(range(len(RANKING))))))
    print(f"wrote {file.name}: fitted on {len(lists)} made queries over {len(papers)} papers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
