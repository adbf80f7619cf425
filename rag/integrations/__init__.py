"""pincite inside other frameworks."""
