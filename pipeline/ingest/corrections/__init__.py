"""Corrections of transcripts: words that were mistyped, and turns under the wrong speaker. The files of raw/ stay as they are."""
