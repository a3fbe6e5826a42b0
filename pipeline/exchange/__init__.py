"""Import from and export to other programs: REFI-QDA projects and codebooks, codebooks as tables, and the flat table."""
