"""What people decide: the ledger, review workbooks out and back, and how well coders agree."""
