"""Rules that change a sentence of an abstract: some keep its meaning, others do not. For tests of judges."""
