"""Measures, runs and reports: how good the answers are."""
