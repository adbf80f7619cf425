"""The faces of pincite: the command line and the chat."""
