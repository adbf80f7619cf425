"""Cases: question files, suites of them, and new ones written by a model, filtered and reviewed."""
