"""What the page finds and counts: its query language, the lists to pick terms from, and counts crossed by two sides."""
