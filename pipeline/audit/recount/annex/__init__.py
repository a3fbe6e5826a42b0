"""The annex, report.docx, beside the tables, the registers and what was measured: every paragraph and every cell."""
