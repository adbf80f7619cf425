"""The walk of a question is as docs/architecture.md has it, through no more modules than before."""

import json
import re
import subprocess
import sys
from pathlib import Path

TRACE = """
import json, sys
from walk import functions_entered
print(json.dumps(functions_entered(sys.argv[1], sys.argv[2])))
"""

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "architecture.md").read_text("utf-8")
QUESTION = re.search(r"`pincite ask \"(.+)\"`", PAGE)[1]
STEPS = re.findall(r"^\| `([\w/]+)\.py` \| `([\w.]+)` \|", PAGE, re.MULTILINE)

MOST_MODULES = 48
"""It may only fall."""


def test_the_page_on_the_architecture_walks_a_question_as_it_really_goes(sample_home):
    trace = [sys.executable, "-c", TRACE, QUESTION, str(sample_home)]  # apart: nothing is remembered there
    folder = Path(__file__).resolve().parents[1]
    walk = json.loads(subprocess.run(trace, check=True, capture_output=True, text=True, cwd=folder).stdout)
    steps = {path.replace("/", ".").removesuffix(".__init__"): function for path, function in STEPS}
    assert list(steps) == list(walk)
    assert {module: function for module, function in steps.items() if function not in walk[module]} == {}
    assert len(walk) <= MOST_MODULES
