"""Plain text and Markdown: one span a line; headings and rules known by their marks."""

import re

from pipeline.ingest.characters import read_text
from pipeline.ingest.reading_builder import span_of
from pipeline.records import Reading, Span
from pipeline.vocabulary import Part

RULE = re.compile(r"(?:[-*_=~][ \t]*){3,}")
MARKS = frozenset("#-*_=~")  # with which headings and rules begin
HEADING = re.compile(r"#{1,6}[ \t]+\S")


def read(data: bytes) -> Reading:
    """The text of a .txt or .md file with a span for every line that is not blank."""
    file = read_text(data, references=True)
    return Reading("plain 1", file.text, tuple(spans(file.text)), file.chars, file.outside, file.notes, file.status)


def spans(text: str) -> list[Span]:
    """The lines of a text, white space around them left out."""
    lines, at, body = [], 0, Part.BODY
    for number, line in enumerate(text.split("\n"), 1):
        if words := line.strip():
            start = at if words is line or words[0] == line[0] else at + len(line) - len(line.lstrip())
            part = _part(words) if words[0] in MARKS else body
            lines.append(span_of((start, start + len(words), f"line {number}", part, "", 0)))
        at += len(line) + 1
    return lines


def _part(words: str) -> Part:
    if words[0] == "#" and HEADING.match(words):
        return Part.HEADING
    if words[0] in "-*_=~" and len(words) < 200 and RULE.fullmatch(words):
        return Part.MARKUP
    return Part.BODY
