"""Language models behind litellm, local ones and kept replies included."""
