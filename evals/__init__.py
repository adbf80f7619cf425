"""Measures, runs and reports: how good the answers are."""

from rag import telemetry

telemetry.switch_off()
telemetry.switch_off(telemetry.PEERS)
