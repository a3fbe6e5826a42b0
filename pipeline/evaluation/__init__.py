"""How good the tagger is: measured on held-out people or on a gold file."""
