"""Reports on a run, alone or beside its baseline: terminal, JSON, JUnit, Markdown, one HTML page."""
