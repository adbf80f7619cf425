"""Models of every sort: language models, encoders, rerankers, and what their use costs."""
