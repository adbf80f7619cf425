"""Intervals and tests over scores by case, and simulations that say how often they err."""
