"""Benchmarks: what the program costs beside named peers."""
