"""The theory of change as report, workbook and annex show it."""
