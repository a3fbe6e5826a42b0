"""What codings show across excerpts: saturation, codes that occur together, profiles, the theory of change."""
