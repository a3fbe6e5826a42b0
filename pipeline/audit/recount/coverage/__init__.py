"""What the codings say together: saturation, and codes that occur together."""
