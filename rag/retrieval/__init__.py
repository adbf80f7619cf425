"""Candidates for a question: hybrid search, fusion, names, the ranker, relevance."""
