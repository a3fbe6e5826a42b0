"""The words that coders marked in excerpts as what carries a code."""
