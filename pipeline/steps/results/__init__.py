"""What commands show of the results of the last run, and of two runs."""
