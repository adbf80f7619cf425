"""The JSON form of a report and its published schema; `python -m evals.report.published` writes it."""

import json
from pathlib import Path

from evals.report.contents import RunReport

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
