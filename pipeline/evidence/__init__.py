"""What stands behind each finding: links, strength, robustness, matrix."""
