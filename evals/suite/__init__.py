"""A run of the suite: ask the cases, score what is said, keep it on file."""
