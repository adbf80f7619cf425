"""The regression gate: two runs beside each other, and whether the second may follow the first."""
