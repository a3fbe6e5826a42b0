"""`export` and `import`: the study for other programs, and what was made elsewhere."""
