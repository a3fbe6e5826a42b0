"""report.docx: the annex of an evaluation report."""
