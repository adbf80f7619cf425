"""Faithfulness side by side: `python -m evals.peers.side_by_side [--ragas-python P] [--deepeval-python P]`.

60 answers with labels by construction, twenty kinds of three, are scored by our faithfulness, by ragas and by
DeepEval, each in an interpreter of its own, all through one scripted judge on loopback that knows every label
and misbehaves by script. A score is right, wrong, or withheld: an error or NaN is no number, so nobody is
misled by it. Without network, keys and telemetry.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from evals.judging.claims import claims_of
from evals.judging.faithfulness import faithfulness
from evals.judging.judges import build_judge
from evals.peers.scripted_answers import ScriptedAnswer, scripted_answers
from evals.peers.scripted_judge import ScriptedJudge, model_name
from evals.peers.side_by_side_report import Scored, counts, explanations, table
from evals.scripted_server import ScriptedServer
from evals.suite.records import Status
from rag import telemetry
from rag.build import load_settings
from rag.errors import BadCompletion, ConfigError, PinciteError

HERE = Path(__file__).parent
OURS = "pincite"
INSTALL = {
    "ragas": 'pip install "ragas==0.4.3" "instructor>=1.14" "langchain-community<0.4"',
    "deepeval": 'pip install "deepeval==4.3.1"',
}
"""How to make an environment for each; ragas 0.4.3 imports a module that newer langchain-community lacks."""

TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class Peer:
    """A library that ran: its version, and what its systems gave."""

    library: str
    version: str
    scored: tuple[Scored, ...]


async def ours(answers: Sequence[ScriptedAnswer], url: str) -> list[Scored]:
    """Our faithfulness of every answer, by the judge at this URL.

    Raises:
        ModelError: the model's adapter cannot be built.
    """
    scored = []
    for answer in answers:
        name = f"openai/{model_name(OURS, answer.answer_id)}"
        settings = load_settings(model={"name": name, "api_base": url, "api_key": "none", "cache": False})
        judge = build_judge(name, settings)
        try:
            abstracts = {paper.paper_id: paper.abstract for paper in answer.papers}
            score, _ = await faithfulness(judge, answer.question, claims_of(answer.form(), abstracts))
        finally:
            await judge.close()
        said = "" if score.status is Status.SCORED else f"{score.status}: {score.why}"
        scored.append(Scored(OURS, answer.answer_id, score.value, said))
    return scored


def run_peer(library: str, python: Path, answers: Sequence[ScriptedAnswer], url: str) -> Peer:
    """What a library gives, run by the interpreter it is installed for.

    Raises:
        ConfigError: the interpreter or the library is missing, or it came to a bad end.
    """
    given = "".join(f"{json.dumps(answer.for_peers())}\n" for answer in answers)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.jsonl"
        scorers = HERE / f"{library}_faithfulness.py"
        command = [str(python.absolute()), "-I", str(HERE / "apart.py"), str(scorers), url, str(out)]
        own = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "DEEPEVAL_HOME": folder}
        try:
            ran = subprocess.run(  # noqa: S603 - our own script, by the interpreter that was named
                command,
                input=given,
                capture_output=True,
                text=True,
                cwd=folder,
                env={**own, **telemetry.LIBRARIES, **telemetry.PEERS},
                timeout=TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise ConfigError(f"cannot run {library} with {str(python)!r}: {exc}") from exc
        if ran.returncode or not out.exists():
            last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise ConfigError(f"{str(python)!r} cannot run {library}: {last}; {INSTALL[library]} helps")
        return read_peer(out.read_text("utf-8"))


def read_peer(text: str) -> Peer:
    """What `apart.py` wrote: a line on the library, then a line for each score.

    Raises:
        BadCompletion: a line is not of this form.
    """
    try:
        head, *rows = (json.loads(line) for line in text.splitlines())
        scored = tuple(Scored(row["system"], row["answer_id"], row["value"], row["said"]) for row in rows)
        return Peer(head["library"], head["version"], scored)
    except (ValueError, KeyError, TypeError) as exc:
        raise BadCompletion(f"scores of a peer: {exc!r}; expected a head and rows of JSON", text) from exc


async def compare(pythons: Mapping[str, Path]) -> tuple[list[ScriptedAnswer], list[Scored], list[Peer]]:
    """Score all answers with ours and with each library that an interpreter is named for.

    Raises:
        ConfigError: a library cannot be run, or a prompt of one was not understood.
    """
    answers = scripted_answers()
    judge = ScriptedJudge(answers)
    with ScriptedServer(judge) as server:
        own = await ours(answers, server.url)
        peers = [
            await asyncio.to_thread(run_peer, library, python, answers, server.url)
            for library, python in pythons.items()
        ]
    if judge.misunderstood:
        raise ConfigError(f"the scripted judge did not understand {judge.misunderstood[0]}")
    return answers, own, peers


def main() -> int:
    """Read the arguments, run all, print the table, the counts and why who was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for library in INSTALL:
        parser.add_argument(f"--{library}-python", type=Path, help=f"an interpreter that has {library}")
    named = vars(parser.parse_args())
    pythons = {library: named[f"{library}_python"] for library in INSTALL if named[f"{library}_python"]}
    console = Console(width=150)
    try:
        answers, own, peers = asyncio.run(compare(pythons))
    except PinciteError as exc:
        print(f"evals.peers.side_by_side: {exc}", file=sys.stderr)
        return exc.exit_code
    scored = [*own, *(each for peer in peers for each in peer.scored)]
    for shown in (table(answers, scored), counts(answers, scored)):
        console.print(shown)
    for line in explanations(answers, scored):
        console.print(line, markup=False, highlight=False)
    for peer in peers:
        print(f"{peer.library} {peer.version}")
    for library in [each for each in INSTALL if each not in pythons]:
        print(f"{library} did not run: {INSTALL[library]}, then --{library}-python with its interpreter")
    return 0


if __name__ == "__main__":
    sys.exit(main())
