"""Decisions on words in which names are masked since, or were masked before."""
