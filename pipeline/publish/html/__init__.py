"""report.html and the data behind it."""
