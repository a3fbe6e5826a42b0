"""Corrections of the transcript on the review page."""
