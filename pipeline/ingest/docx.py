"""Word: paragraphs and tables in the order of the body."""

import io
from collections.abc import Iterator

from pipeline.ingest.characters import clean
from pipeline.provenance import count_chars
from pipeline.records import Part, Reading, Span


def read(data: bytes) -> Reading:
    """The paragraphs and table cells of a .docx, a span each."""
    import docx as word

    pieces: list[str] = []
    spans: list[Span] = []
    at = 0
    for number, (words, part) in enumerate(_blocks(word.Document(io.BytesIO(data))), 1):
        for line in filter(None, map(str.strip, clean(words)[0].split("\n"))):
            spans.append(Span(at, at + len(line), f"¶ {number}", part))
            pieces.append(line)
            at += len(line) + 1
    text = "\n".join(pieces)
    return Reading("docx 0", text, tuple(spans), count_chars(text))


def _blocks(document: object) -> Iterator[tuple[str, Part]]:
    from docx.table import Table

    for block in document.iter_inner_content():  # type: ignore[attr-defined]
        if isinstance(block, Table):
            for row in block.rows:
                yield " \t ".join(cell.text for cell in row.cells), Part.TABLE
        else:
            is_heading = (block.style.name or "").startswith(("Heading", "Title"))
            yield block.text, Part.HEADING if is_heading else Part.BODY
