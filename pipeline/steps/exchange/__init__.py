"""Work that leaves for other programs, and work that comes from them."""
