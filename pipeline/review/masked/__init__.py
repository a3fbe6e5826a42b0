"""Decisions on words in which names were masked later, or are no longer masked."""
