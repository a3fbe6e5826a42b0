"""Hallazgo: from what people said to the evidence behind each finding of an evaluation."""

__version__ = "0.1.0"
