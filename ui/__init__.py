"""The faces of pincite: the command line and the chat."""

from rag import telemetry

telemetry.switch_off()
telemetry.switch_off(telemetry.PAGE)
