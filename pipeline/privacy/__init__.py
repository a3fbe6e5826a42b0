"""What protects the people who spoke."""
