"""The evaluation suite: run the cases, score them, compare two runs, gate a change, report."""
