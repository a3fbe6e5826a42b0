"""The registers of raw/: participants, sources, and the names found in them."""
