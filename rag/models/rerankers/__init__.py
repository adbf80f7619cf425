"""What scores a query and a text together."""
