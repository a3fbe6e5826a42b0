"""Review workbooks and other spreadsheets: written for people, and read back as rows of answers."""
