"""What is done with each file of raw/ in a worker."""
