"""Whether a written sentence is carried by what it cites."""
