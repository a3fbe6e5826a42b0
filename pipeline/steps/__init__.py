"""The story as code: read, run, check, write each step. The only package that knows the order."""
