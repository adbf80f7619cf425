"""Which candidates count, and which sentence of each shows it."""
