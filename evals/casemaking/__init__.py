"""New cases for question files: made from abstracts by rule or by a model, sifted, and reviewed."""
