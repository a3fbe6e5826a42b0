"""What people decide: the ledger, the workbook that goes out and comes back, and how far coders agree."""
