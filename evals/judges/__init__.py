"""Judges of answers: claims and verdicts, checklists, panels."""
