"""Retrieval measured on collections with judgements, beside baseline systems."""
