"""How reports that others made come out as paragraphs: `python tests/support/field_documents.py FOLDER`.

Printed per file: paragraphs, those that begin inside a sentence (with a small letter), those without a letter (labels of charts,
page numbers), and headings; at last the sums. Only counts are printed, never words.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from pipeline.config import Settings, StudySettings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask, read_file
from pipeline.records import SourceEntry
from pipeline.vocabulary import Kind

NAMES = ("paragraphs", "inside a sentence", "without a letter", "headings")


def counts(path: Path) -> tuple[int, ...]:
    """The figures of one file, as NAMES has them."""
    entry = SourceEntry(f"documents/{path.name}", source_id=path.stem)
    settings = Settings(study=StudySettings(title="A study", languages=("en", "es")))
    reading = read_file(FileTask(entry.path, path.read_bytes(), Kind.DOCUMENT, entry, (), settings))
    (text,) = (each.text for each in reading.texts)
    paragraphs = [text[turn.start : turn.end] for turn in reading.turns]
    return (
        len(paragraphs),
        sum(words[:1].islower() for words in paragraphs),
        sum(not any(map(str.isalpha, words)) for words in paragraphs),
        len({turn.heading for turn in reading.turns}),
    )


def main(folder: Path) -> None:
    """Print the figures of every file in a folder."""
    total = [0] * len(NAMES)
    for path in sorted(folder.iterdir()):
        try:
            row = counts(path)
        except UnreadableError as error:
            print(path.name, "refused:", error)  # noqa: T201
            continue
        total = [sum(pair) for pair in zip(total, row, strict=True)]
        print(path.name, *(f"{name}: {value}" for name, value in zip(NAMES, row, strict=True)), sep="  ")  # noqa: T201
    print("all", *(f"{name}: {value}" for name, value in zip(NAMES, total, strict=True)), sep="  ")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
