"""Headings of survey exports: their rows, the questions, and what an XLSForm adds."""
