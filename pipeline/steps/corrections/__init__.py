"""Corrections of transcripts that the review page asks for."""
