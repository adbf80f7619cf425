"""Fit the ranking models on the calibration questions: `python -m models.ranking.calibrate`.

Writes `models/ranking/weights.json` and prints what was measured on held-out folds. Facts are also asked of
papers that do not state them (the name of another method put in), to learn what "not stated" looks like.
Questions about topics are also asked of small parts of the collection, as somebody does who has just begun to
collect: signals are measured beside the other papers, and models fitted on one size misjudge the others.
Thresholds: of papers, where answers are best, an empty one being right for an absent topic; of answers to
fact questions, where the mean of the shares of right answers and right abstentions is.
"""

import asyncio
import hashlib
import random
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from evals.cases.questions import CASES, Case, read_cases
from evals.retrieval.measures import calibration_error, mean, reliability, set_f1
from ingest.sample_collection import ensure_sample
from models import folder
from models.ranking.fit import (
    NEAREST,
    SEED,
    SWAPPED,
    Asked,
    Example,
    Sentences,
    case_id,
    fit_answers,
    fit_relevance,
    out_of_fold,
)
from rag.build import build_encoder, fingerprint, load_settings, open_store
from rag.models.encoders.bm25 import Bm25Encoder
from rag.ports import Encoder, Store
from rag.question.clauses import DEFINITION_WANTED, Clause, analyse
from rag.question.understanding import understand
from rag.retrieval.candidates import Candidate, short_name
from rag.retrieval.hybrid import Retriever
from rag.retrieval.relevance import MOST_PAPERS, Linear, Ranker, RelevanceModel, features, neighbours, sigmoid
from rag.selection.facts import read_closely, worth_reading
from rag.selection.fitted_weights import RANKER, load_ranker, save_weights
from rag.selection.pinpoint import AnswerModel, PaperStanding, counts, read_signals, stated_signals
from rag.selection.selection import Selection
from rag.settings import Settings

FITTED = ("calibration", "heldout", "natural")
SWAPS = 3
OPENING_GRID = np.arange(0.2, 0.71, 0.02)
PAPER_GRID = np.arange(0.2, 0.61, 0.02)
STATED_GRID = np.arange(0.2, 0.81, 0.01)

SIZES = (5, 10, 20, 40, 80)
EVERY = 2
"""One case of so many is also asked of a part: of more, and the whole collection is judged worse for it."""

NATURAL_ID = "natural"
"""How ids of `natural.jsonl` begin."""

Found = tuple[float, tuple[str, ...]]
"""Of a clause: the probability that what is asked is stated, and the sentences that are shown then."""


async def examples_of(cases: Sequence[Case], settings: Settings, ranker: Ranker) -> list[Example]:
    """Retrieve the evidence for every case from the sample collection, and for topics from parts of it."""
    await ensure_sample(settings)
    encoder = build_encoder(settings)
    store = await open_store(settings, fingerprint(settings, encoder), create=False)
    found = [await example_of(case, store, encoder, settings, ranker) for case in cases]
    topics = [example.case for example in found if example.about_a_topic and of_relevance(example)]
    async for case, part in parts_for(topics, store, settings):
        found.append(await example_of(case, part, encoder, settings, ranker))
    await store.close()
    return found


async def parts_for(
    cases: Sequence[Case], store: Store, settings: Settings
) -> AsyncIterator[tuple[Case, Store]]:
    """Some of the cases, each with what is relevant in a part of the collection, and that part.

    A part is open until the next one is asked for; home and collection of the settings are not touched.
    """
    papers = {paper.title: paper.paper_id async for paper in store.papers()}
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    for case in cases[::EVERY]:
        chosen = chosen_papers(case, sorted(papers), rng)
        with TemporaryDirectory() as folder:
            apart = settings.model_copy(update={"home": Path(folder), "collection": "part"})
            part = await open_store(apart, store.fingerprint, create=True)
            await part.upsert(await store.fetch([papers[title] for title in chosen]))
            yield within(case, chosen), part
            await part.close()


def chosen_papers(case: Case, titles: Sequence[str], rng: random.Random) -> list[str]:
    """Titles of a part: half of it at most are relevant or partial papers, at least one relevant."""
    size = rng.choice(SIZES)
    some = [*case.relevant, *case.partial]
    kept = rng.sample(some, min(len(some), size // 2))
    if kept and not set(kept) & set(case.relevant):
        kept[0] = rng.choice(case.relevant)
    rest = [title for title in titles if title not in some]
    return kept + rng.sample(rest, size - len(kept))


def within(case: Case, titles: Sequence[str]) -> Case:
    """The case as it is where there are these papers alone."""
    relevant = tuple(title for title in case.relevant if title in titles)
    return replace(case, relevant=relevant, partial=tuple(title for title in case.partial if title in titles))


async def example_of(
    case: Case, store: Store, encoder: Encoder, settings: Settings, ranker: Ranker
) -> Example:
    """Retrieve the evidence for a case."""
    question = understand(case.question)
    retriever = Retriever(store, encoder, Bm25Encoder(), settings.retrieval.rank_constant)
    depth = settings.retrieval.screen_depth if question.kind == "set" else settings.retrieval.depth
    evidence = await retriever.retrieve(question.topic, depth)
    vectors = await encoder.encode_queries(question.clauses)
    return Example(case, question, evidence, features(evidence, ranker), neighbours(evidence), vectors)


def of_relevance(example: Example) -> bool:
    """Whether the relevance of papers is fitted on it: no `swapped` one, and none of `natural.jsonl`.

    The latter are nearly all about facts, and their few questions about topics moved the thresholds to where
    answer sets hold more wrong papers.
    """
    return SWAPPED not in example.case.case_id and not example.case.case_id.startswith(NATURAL_ID)


def swapped(cases: Sequence[Case]) -> list[Case]:
    """Fact questions about named methods, asked of other methods instead: nobody states the answer."""
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    heads = sorted({short_name(title) for case in cases for title in case.relevant} - {""})
    named = [case for case in cases if case.kind == "fact" and short_name(case.relevant[0]) in case.question]
    return [
        replace(
            case,
            case_id=f"{case.case_id}{SWAPPED}{other}",
            kind="unanswerable",
            question=case.question.replace(short_name(case.relevant[0]), other),
            relevant=(),
            facts=(),
            why="not stated in the abstract",
        )
        for case in named
        if short_name(case.relevant[0]) and not DEFINITION_WANTED.search(case.question)
        for other in rng.sample([head for head in heads if head != short_name(case.relevant[0])], SWAPS)
    ]


async def _read_all(examples: Sequence[Example], relevance: RelevanceModel, encoder: Encoder) -> list[Asked]:
    return [(example, await read(example, relevance, encoder)) for example in examples]


async def read(example: Example, relevance: RelevanceModel, encoder: Encoder) -> list[Sentences]:
    """What the reader sees of every clause, labelled: does it hold a fact, in the right paper."""
    encode = Bm25Encoder().encode_query
    selection = Selection(example.question, example.evidence, odds_of(relevance, example))
    question, idf = example.question, example.evidence.idf
    clauses = analyse(question, example.vectors, idf, lambda text: frozenset(encode(text).indices))
    selection = await read_closely(selection, clauses, encoder)
    return [_labelled(example.case, clause, worth_reading(selection, clause)) for clause in clauses]


def _labelled(case: Case, clause: Clause, papers: Sequence[tuple[Candidate, PaperStanding]]) -> Sentences:
    rows = [(item.paper, sentence.text) for item, _ in papers for sentence in item.sentences]
    right = [p.title in case.relevant and any(fact in text for fact in case.facts) for p, text in rows]
    texts, owners = tuple(text for _, text in rows), tuple(paper.paper_id for paper, _ in rows)
    signals, counted = read_signals(clause, papers), counts(clause, papers)
    return Sentences(signals, counted, np.array(right, np.int64), texts, owners)


def paper_thresholds(examples: Sequence[Example], ranker: Ranker) -> tuple[float, float]:
    """The least probability of the best paper, and of any, with which held-out answers are best.

    An answer counts by its F1, and where nothing is relevant by whether it is empty: an answer set for a
    topic that is not here is wrong as a whole. Prints how good they are.
    """

    def judge(train: Sequence[Example], test: Sequence[Example]) -> list[list[float]]:
        model = fit_relevance(train, ranker)
        return [odds_of(model, example) for example in test]

    judged = list(zip(examples, out_of_fold(examples, judge, case_id), strict=True))
    topics = [(example, found) for example, found in judged if example.about_a_topic]
    say_reliability(topics)
    cuts = [(high, low) for high in OPENING_GRID for low in PAPER_GRID if low <= high]
    opening, least = max(cuts, key=lambda cut: mean([_worth(*each, *cut) for each in topics]))
    for extent, part in (("the whole collection", False), ("parts of it, 5 to 80 papers", True)):
        some = [each for each in topics if (each[0].evidence.searched < MOST_PAPERS) == part]
        say_answers(extent, some, float(opening), float(least))
    return round(float(opening), 2), round(float(least), 2)


def odds_of(relevance: RelevanceModel, example: Example) -> list[float]:
    """Probability of each candidate of an example."""
    found = relevance.odds(example.features, example.near, example.evidence.searched)
    return [float(each) for each in found]


def say_answers(extent: str, topics: Sequence[tuple[Example, list[float]]], high: float, low: float) -> None:
    """Print how good answers to questions about topics are with these thresholds."""
    sets = [(example, found) for example, found in topics if example.case.answerable]
    absent = [found for example, found in topics if not example.case.answerable]
    right = mean([_worth(*each, high, low) for each in sets])
    wrongly = mean([float(max(found) < high) for _, found in sets])
    quiet = mean([float(max(found) < high) for found in absent])
    print(f"{extent}, {len(sets)} set questions: held-out F1 {right:.3f}, nothing shown for {wrongly:.0%};")
    print(f"  abstains on {quiet:.0%} of {len(absent)} absent topics")


def _worth(example: Example, found: Sequence[float], opening: float, least: float) -> float:
    if max(found) < opening:
        return float(not example.case.answerable)
    pairs = zip(example.evidence.candidates, found, strict=True)
    chosen = [item.paper.title for item, probability in pairs if probability >= least]
    return set_f1(chosen, example.case.relevant, example.case.partial)


def say_reliability(topics: Sequence[tuple[Example, Sequence[float]]]) -> None:
    """Print how probabilities of papers agree with how many were relevant, a partial paper counting half."""
    probabilities = [p for _, found in topics for p in found]
    labels = [float(grade) for example, _ in topics for grade in example.grades]
    least = [(p, label) for p, label in zip(probabilities, labels, strict=True) if p >= NEAREST]
    error = calibration_error([p for p, _ in least], [label for _, label in least])
    print(f"relevance: ECE {calibration_error(probabilities, labels):.4f} on {len(labels):,} held-out pairs,")
    print(f"  {error:.3f} on the {len(least)} of at least {NEAREST}")
    for number, probability, label in reliability(probabilities, labels):
        print(f"  {number:6,} pairs  probability {probability:.2f}  relevant {label:.2f}")


def stated_threshold(asked: Sequence[Asked]) -> float:
    """The probability that what is asked is stated from which answers and abstentions are best, held out.

    Prints both shares, of all and by the file that the questions come from.
    """

    def predict(train: Sequence[Asked], test: Sequence[Asked]) -> list[list[Found]]:
        sentence, stated = fit_answers(train)
        return [[_found(clause, sentence, stated) for clause in clauses] for _, clauses in test]

    found = out_of_fold(asked, predict, lambda entry: case_id(entry[0]))
    told = [(example.case, clauses) for (example, _), clauses in zip(asked, found, strict=True)]
    best = max(STATED_GRID, key=lambda cut: sum(shares(told, float(cut))))
    natural = [entry for entry in told if entry[0].case_id.startswith(NATURAL_ID)]
    others = [entry for entry in told if not entry[0].case_id.startswith(NATURAL_ID)]
    for label, some in (("all", told), ("natural", natural), ("others", others)):
        answered, abstained = shares(some, float(best))
        print(f"fact questions, {label} ({len(some)}): held-out all facts {answered:.0%};")
        print(f"  abstains on {abstained:.0%} of those not stated")
    return round(float(best), 2)


def _found(clause: Sentences, sentence: Linear, stated: Linear) -> Found:
    odds = clause.odds(sentence)
    row = np.array([stated_signals(clause.signals, odds, clause.owners)])
    return float(sigmoid(stated.logit(row))[0]), tuple(clause.texts[place] for place in clause.shown(odds))


def shares(told: Sequence[tuple[Case, Sequence[Found]]], cut: float) -> tuple[float, float]:
    """Of fact questions those answered with all facts; of the others those that got no sentence."""
    facts, others = [], []
    for case, found in told:
        said = [text for odds, texts in found if odds >= cut for text in texts]
        if case.kind == "fact":
            facts.append(float(all(any(fact in text for text in said) for fact in case.facts)))
        else:
            others.append(float(not said))
    return mean(facts), mean(others)


def main() -> int:
    """Fit, save, report."""
    cases = [case for name in FITTED for case in read_cases(CASES / f"{name}.jsonl")]
    settings = load_settings(collection="sample")
    ranker = load_ranker(folder("ranking") / RANKER)
    examples = asyncio.run(examples_of([*cases, *swapped(cases)], settings, ranker))
    original = [example for example in examples if of_relevance(example)]
    relevance = fit_relevance(original, ranker, *paper_thresholds(original, ranker))
    whole = [example for example in examples if example.evidence.searched >= MOST_PAPERS]
    facts = [e for e in whole if e.question.kind == "fact" and e.question.record_field is None]
    asked = asyncio.run(_read_all(facts, relevance, build_encoder(settings)))
    answers = AnswerModel(*fit_answers(asked), stated_threshold(asked))
    file = folder("ranking") / "weights.json"
    save_weights(file, relevance, answers)
    digests = {each: hashlib.sha256(each.read_bytes()) for each in (file, file.with_name(RANKER))}
    sums = "".join(f"{digest.hexdigest()}  {each.name}\n" for each, digest in digests.items())
    file.with_name("SHA256SUMS").write_text(sums)
    print(f"wrote {file}: the best paper from {relevance.opening}, others from {relevance.threshold},")
    print(f"  answers from {answers.threshold}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
