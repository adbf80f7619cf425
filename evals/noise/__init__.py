"""Bias and noise of judges: what moves a score although the answer stays the same. Pure analyses of tables."""
