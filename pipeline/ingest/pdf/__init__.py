"""PDF files: lines, paragraphs, running headers and annotations."""
