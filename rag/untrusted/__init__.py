"""Text from outside is never obeyed and never shown with a key in it."""
