"""A language model writes; what it wrote is read, verified and put in its place."""
