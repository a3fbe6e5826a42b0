"""Work of other programs in, and ours out: REFI-QDA projects and codebooks, codebooks as tables, and the flat table."""
