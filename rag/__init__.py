"""The kernel of pincite: understand a question, retrieve evidence, choose it, write and prove the answer."""

from rag import telemetry

telemetry.switch_off()
