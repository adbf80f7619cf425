"""From a source file to a collection: read, clean, identify, chunk, embed, upsert."""

from rag import telemetry

telemetry.switch_off()
