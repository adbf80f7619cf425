"""Adapters: each knows one framework, and only it."""
