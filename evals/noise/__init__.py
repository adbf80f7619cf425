"""Bias and noise of judges: what moves a score though the answer stays the same; pure analyses of tables."""
