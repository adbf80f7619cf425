"""A question understood: its kind, its topic, names, years, authors and venues."""
