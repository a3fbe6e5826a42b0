"""How many findings of reports that others made are read whole: `python tests/support/field_reports.py FOLDER`.

FOLDER holds reports and truth.json: for each `file`, what a person counted in it: `counts` by section, and `findings` as
[number, first words, last words]. A finding is whole if its statement begins and ends with these words; only letters and digits
are compared. Only counts are printed.

The reports of docs/real-data.md: github.com/dividor/evidencelab, 28be99a, `tests/integration/data` (UNDP, Liberia: 16 findings);
github.com/franckalbinet/evaluatr, 58d06a3, `nbs/files/test/pdf_library` (IOM: NG20P0516, IB0053, NC0030, IB0238: 20, 13, 13, 23).
Not read: IOM, meta-evaluation 2020-2024.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from pipeline.codebook import load_codebook
from pipeline.config import Settings, StudySettings
from pipeline.ingest import FileTask
from pipeline.records import SourceEntry
from pipeline.registers.report.blocks import read_blocks
from pipeline.registers.report.register import counts, register_of
from pipeline.vocabulary import Kind

SETTINGS = Settings(study=StudySettings(title="A study", languages=("en", "es")))
LEAST = 0.95  # of the findings


def letters(words):
    """The letters and digits of a text."""
    return re.sub(r"\W|_", "", words.casefold())


def figures(folder):
    """For each report: its name, what was read of each section beside what a person counted, and findings whole, of all."""
    codebook = load_codebook(ROOT / "coded" / "codebook.toml")
    for entry in json.loads((folder / "truth.json").read_text("utf-8")):
        path = folder / entry["file"]
        task = FileTask(path.name, path.read_bytes(), Kind.DOCUMENT, SourceEntry(path.name), (), SETTINGS)
        register = register_of(read_blocks(task), codebook, path.name).register
        read = [(finding.id, letters(finding.statement)) for finding in register.findings]  # a number may be used twice
        whole = sum(
            any(
                name == f"F{number}" and words.startswith(letters(first)) and words.endswith(letters(last))
                for name, words in read
            )
            for number, first, last in entry["findings"]
        )
        sections = {name: (counts(register)[name], counted) for name, counted in entry["counts"].items()}
        yield path.name, sections, whole, len(entry["findings"])


def main(folder):
    """Print the figures of every report, and their sum."""
    total_whole = total = 0
    for name, sections, whole, of_all in figures(folder):
        shown = ", ".join(f"{section} {read} of {counted}" for section, (read, counted) in sections.items())
        print(f"{name}: {whole} of {of_all} findings whole; read: {shown}")  # noqa: T201
        total_whole, total = total_whole + whole, total + of_all
    print(f"all: {total_whole} of {total} findings whole ({total_whole / total:.0%})")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
