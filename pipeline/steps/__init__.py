"""The stages and commands of a study; the only package that knows their order."""
