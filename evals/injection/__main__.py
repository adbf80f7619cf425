"""Attack pincite by poisoned abstracts: `python -m evals.injection [CLASS ...] [--held-out] [--show]`.

Prints successful attacks by class and stage. Exit code 0 when everything could be measured.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence

from rich.console import Console

from evals.injection.attacks import DEVELOPED, HELD_OUT, Attack, attacks
from evals.injection.outcomes import AttackOutcome, run, table
from rag.errors import PinciteError


async def measure(chosen: Sequence[Attack]) -> list[AttackOutcome]:
    """Carry out these attacks."""
    return [outcome async for outcome in run(chosen)]


def main() -> int:
    """Print the table and, if asked for, what got through."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="CLASS", help="classes of attacks; none means all")
    parser.add_argument("--held-out", action="store_true", help="the attacks that no rule was made for")
    parser.add_argument("--show", action="store_true", help="list the attacks that succeeded")
    chosen = parser.parse_args()
    known = attacks(HELD_OUT if chosen.held_out else DEVELOPED)
    if strange := sorted(set(chosen.kinds) - {attack.kind for attack in known}):
        parser.error(
            f"no such class {strange[0]!r}: expected {', '.join(dict.fromkeys(a.kind for a in known))}"
        )
    logging.getLogger("ingest").setLevel(logging.ERROR)  # it warns of hidden messages, rightly
    console = Console()
    try:
        outcomes = asyncio.run(measure([a for a in known if not chosen.kinds or a.kind in chosen.kinds]))
    except PinciteError as exc:
        print(f"evals.injection: {exc}", file=sys.stderr)
        return exc.exit_code
    console.print(table(outcomes))
    if chosen.show:
        for outcome in outcomes:
            if outcome.successes:
                words = (
                    f"{outcome.attack.attack_id} {', '.join(sorted(outcome.successes))}: {outcome.passed!r}"
                )
                console.print(words, markup=False, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
