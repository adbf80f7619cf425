"""What every report shows, gathered once: this is also the JSON form, whose schema is `schema.json`."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from evals.files import Record
from evals.gate.comparison import MeasureComparison
from evals.gate.summary import Summary
from evals.judges.qualifications import Qualification
from evals.records import Head, Status
from evals.report.answers import ShownAnswer

SCHEMA_VERSION: Literal[1] = 1
Conclusion = Literal["fine", "regression", "inconclusive", "not good enough", "not compared"]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]


class MeasureRow(Record):
    """A measure.

    Attributes:
        measure: its name.
        says: what it measures, for readers.
        unit: share, ms, tokens or usd.
        better: whether more or less of it is better.
        gates: whether it may stop a change.
        margin: the loss that a change may cost, in its unit.
        run: its mean over the run, None where nothing applies to it.
        compared: beside the baseline, None without one.
    """

    measure: str
    says: str
    unit: Literal["share", "ms", "tokens", "usd"]
    better: Literal["higher", "lower"]
    gates: bool
    margin: float
    run: Summary | None
    compared: MeasureComparison | None


class ScoreChange(Record):
    """A measure that scores a case otherwise; None where it has no value.

    Attributes:
        measure: its name.
        before: value in the baseline.
        after: value in the run.
        why: what was missing or wrong, of the run if it says so, else of the baseline.
        lost: whether the case got worse by it; None where one of the two has no value.
    """

    measure: str
    before: float | None
    after: float | None
    why: str
    lost: bool | None


class CaseChange(Record):
    """A case that changed, with both answers; None where asking failed."""

    case_id: str
    question: str
    moved: tuple[ScoreChange, ...]
    before: ShownAnswer | None
    after: ShownAnswer | None


class Gap(Record):
    """A score that a case should have and has not; ``measure`` is empty where the whole case failed."""

    case_id: str
    question: str
    measure: str
    status: Status | Literal["failed"]
    why: str


class KindCosts(Record):
    """What the cases of a kind took; latencies in milliseconds, None where none was measured."""

    kind: str
    cases: Count
    latency_median_ms: Amount | None
    latency_p95_ms: Amount | None
    tokens: Count
    cost_usd: Amount


class ReportedJudge(Record):
    """Who judged faithfulness.

    Attributes:
        name: as `--judge` takes it; empty where nobody judged.
        why_not: why its scores may not gate; empty if they may, or where nobody judged.
        exam: what it did in the exam, None where it never sat it.
    """

    name: str
    why_not: str
    exam: Qualification | None


class Doubt(Record):
    """A sentence that the judge did not find supported, or had no verdict on.

    Attributes:
        case_id: whose answer says it.
        claim: the sentence.
        verdict: contradicted or not in context; where there is none, the status.
        quote: the words of an abstract that decide; may be empty.
        why: how the verdict was reached, or what was wrong; may be empty.
    """

    case_id: str
    claim: str
    verdict: str
    quote: str
    why: str


class CaseLine(Record):
    """A case and its values by measure, None for those that could not be scored."""

    case_id: str
    kind: str
    question: str
    failed: str
    values: dict[str, float | None]
    latency_ms: Amount


class RunReport(Record):
    """A report.

    Attributes:
        schema_version: of this form; raised when a reader of the last one would misread it.
        conclusion: what the gate says of the run, or that there is no baseline.
        reasons: a line for each measure that is not fine.
        head: of the run.
        baseline: head of what it is compared with.
        measures: in the order of the catalogue.
        changed: what is not the same in the two runs: setting, before, after.
        flips: cases that changed, the greatest loss first.
        gaps: what could not be scored.
        costs: by kind of case, all cases last.
        costs_before: the same of the baseline; empty without one.
        judge: of faithfulness.
        doubts: sentences that the judge did not find supported.
        exams: everyone who ever sat the exam, best first.
        cases: in the order of the run.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    conclusion: Conclusion
    reasons: tuple[str, ...]
    head: Head
    baseline: Head | None
    measures: tuple[MeasureRow, ...]
    changed: tuple[tuple[str, str, str], ...]
    flips: tuple[CaseChange, ...]
    gaps: tuple[Gap, ...]
    costs: tuple[KindCosts, ...]
    costs_before: tuple[KindCosts, ...]
    judge: ReportedJudge
    doubts: tuple[Doubt, ...]
    exams: tuple[Qualification, ...]
    cases: tuple[CaseLine, ...]


FILE = Path(__file__).parent / "schema.json"


def to_json(contents: RunReport) -> str:
    """The report, as `schema.json` says."""
    return contents.model_dump_json(indent=1) + "\n"


def schema() -> str:
    """The JSON schema (2020-12) of that."""
    form = RunReport.model_json_schema(mode="serialization")
    told = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "RunReport of pincite eval",
        **form,
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema(), "utf-8")
