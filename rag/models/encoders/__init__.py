"""What turns text into vectors or terms."""
