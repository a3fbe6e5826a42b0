"""Queries over codings, words and persons: which excerpts meet them, and how many persons, excerpts and sources that is."""
