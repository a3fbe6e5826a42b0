"""What `import` reads, by what it is."""
