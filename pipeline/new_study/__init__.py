"""What a new study begins with: configuration, codebook, seeds, and empty registers (data files)."""
