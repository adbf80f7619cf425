"""Judges of answers: claims and verdicts, checklists, the exam a judge has to pass, panels, noise."""
