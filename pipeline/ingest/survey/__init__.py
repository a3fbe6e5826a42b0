"""Survey exports: which columns are answers, who answered, and a source per row."""
