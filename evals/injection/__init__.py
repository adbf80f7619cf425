"""Poisoned abstracts against pincite: what a paper's text can make it find, say, believe and show."""
