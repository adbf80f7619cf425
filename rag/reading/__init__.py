"""Answers in the abstracts' own sentences."""
