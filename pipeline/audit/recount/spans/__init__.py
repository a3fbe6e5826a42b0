"""The words that coders marked, counted again from the ledger: in the table, and where they are shown."""
