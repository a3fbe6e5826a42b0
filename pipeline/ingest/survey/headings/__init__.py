"""Headings of survey exports: which rows hold them, what was asked, and what an XLSForm says of them."""
