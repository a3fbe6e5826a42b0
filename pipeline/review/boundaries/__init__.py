"""Excerpts that people cut in two or joined: from lines of the ledger to the bounds that hold, and to new lines."""
