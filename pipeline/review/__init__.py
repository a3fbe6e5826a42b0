"""What people decide: the ledger, review workbooks written and read back, and how well coders agree."""
