"""A careless model, played by rule: what it writes must not reach the reader, and what holds must."""
