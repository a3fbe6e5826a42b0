"""Whether what is stored and published agrees with its sources: read by the table contracts alone, with no code of the writers."""
