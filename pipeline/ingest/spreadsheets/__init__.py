"""Workbooks, delimited text and SPSS files as sheets of text cells."""
