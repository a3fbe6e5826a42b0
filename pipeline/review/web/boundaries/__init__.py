"""Cutting and joining excerpts on the review page."""
