"""Word and OpenDocument text files."""
