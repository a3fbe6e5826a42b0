"""The evidence for each finding: links, strength, robustness, matrix."""
