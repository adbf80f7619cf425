"""New cases for question files: written from abstracts by a model, sifted, and reviewed."""
