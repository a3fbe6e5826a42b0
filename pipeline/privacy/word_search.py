"""Where a person's words stand in files, however they are stored: as text, escaped, compressed, or in a table.

What is looked for are whole sentences, long enough to be that person's and nobody else's.
"""

from __future__ import annotations

import html
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow
from ahocorasick_rs import AhoCorasick
from pyarrow import parquet

SHORTEST = 24  # characters of a sentence that is looked for: fewer are what anybody may say
SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
TAG = re.compile(r"<[^<>]{0,2000}>")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|[nrt\"\\/])")
PACKED = b"PK\x03\x04"
TABLE = b"PAR1"
DEEPEST = 3  # archives within archives that are opened
LARGEST = 512 << 20  # bytes of a packed file that are unpacked


def fragments_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The sentences by which a person's words are known again, sorted, in the form in which they are compared."""
    sentences = {folded(match.group()) for text in texts for match in SENTENCE.finditer(text)}
    return tuple(sorted(sentence for sentence in sentences if len(sentence) >= SHORTEST))


def folded(text: str) -> str:
    """The text as it is compared: one form of letters, small, one space for any run of spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


class WordSearch:
    """Looks for fragments in files."""

    def __init__(self, fragments: Iterable[str]) -> None:
        self.fragments = tuple(fragments)
        self._finder = AhoCorasick(self.fragments) if self.fragments else None

    def in_text(self, text: str) -> bool:
        """Whether a text holds one of the fragments."""
        return self._finder is not None and bool(self._finder.find_matches_as_indexes(folded(text)))

    def in_file(self, path: Path) -> bool:
        """Whether a file holds one of the fragments, in any form; OSError if it cannot be opened."""
        return any(map(self.in_text, texts_of(path.read_bytes())))


def texts_of(data: bytes, depth: int = 0) -> Iterator[str]:
    """All that the bytes of a file may say: its text, what its escapes stand for, and what is packed in it."""
    if data.startswith(TABLE):
        yield from _texts_of_table(data)
    elif data.startswith(PACKED) and depth < DEEPEST:
        yield from _texts_of_archive(data, depth)
    else:
        for encoding in ("utf-8", "utf-16"):
            yield from _forms(data.decode(encoding, "ignore"))


def _forms(text: str) -> Iterator[str]:
    yield text
    if "\\" in text:
        yield ESCAPE.sub(_unescaped, text)
    if "&" in text or "<" in text:
        yield html.unescape(TAG.sub(" ", text))
        yield html.unescape(TAG.sub("", text))


def _unescaped(match: re.Match[str]) -> str:
    letter: str = json.loads(f'"{match.group()}"')
    return letter


def _texts_of_table(data: bytes) -> Iterator[str]:
    try:
        table = parquet.read_table(io.BytesIO(data))
    except (OSError, ValueError, pyarrow.ArrowException):
        return
    for name, column in zip(table.column_names, table.columns, strict=True):
        yield name
        if pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type):
            yield "\n".join(value for value in column.unique().to_pylist() if value)


def _texts_of_archive(data: bytes, depth: int) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive.comment.decode("utf-8", "ignore")
            for member in archive.infolist():
                yield member.filename
                if member.file_size <= LARGEST:
                    yield from texts_of(archive.read(member), depth + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError):
        return
