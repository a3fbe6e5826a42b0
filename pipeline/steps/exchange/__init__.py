"""Exchange with other programs: export and import."""
