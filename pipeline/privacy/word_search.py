"""Where a person's words are in files, however they are stored: as text, escaped, compressed, or in a table.

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
IMAGE = b"\x89PNG\r\n\x1a\n"
PICTURE = (b"IHDR", b"PLTE", b"IDAT", b"IEND")  # chunks that hold the picture and no text
DEEPEST = 3  # archives within archives that are opened
LARGEST = 512 << 20  # bytes of a packed file that are unpacked


def fragments_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The sentences by which a person's words are recognised, sorted, in the form in which they are compared."""
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
    """All texts that a file may hold: its own, with escapes resolved, and what is packed in it."""
    for _, text in places_of(data, depth=depth):
        yield from texts_of_markup(text)


def places_of(data: bytes, place: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts in the bytes of a file as they are written, each with the part of a package or image that it is in."""
    if data.startswith(TABLE):
        yield from ((place, text) for text in _texts_of_table(data))
    elif data.startswith(PACKED) and depth < DEEPEST:
        yield from _texts_of_archive(data, place, depth)
    elif data.startswith(IMAGE):
        yield from _texts_of_image(data, place)
    else:
        yield place, data.decode("utf-8", "ignore")
        if b"\0" in data:
            yield place, data.decode("utf-16", "ignore")


def texts_of_markup(text: str) -> Iterator[str]:
    """The text as it is, with its escapes resolved, and without its tags."""
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


def _texts_of_image(data: bytes, place: str) -> Iterator[tuple[str, str]]:
    """The texts beside the picture of a PNG file, packed ones too; what follows its last chunk as well."""
    at = len(IMAGE)
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + size]
        where = f"{place} {kind.decode('ascii', 'replace')}".strip()
        if kind not in PICTURE:
            yield where, content.decode("utf-8", "ignore")
            yield where, content.decode("latin-1")
            yield from ((where, text) for text in _unpacked(content))
        at += size + 12
        if kind == b"IEND":
            break
    yield f"{place} end".strip(), data[at:].decode("utf-8", "ignore")


def _unpacked(content: bytes) -> Iterator[str]:
    """What the packed part of a chunk says: it follows one of the first zero bytes."""
    for start in range(len(content)):
        if content[start : start + 1] == b"\0":
            for packed in (content[start + 1 :], content[start + 2 :]):
                try:
                    yield zlib.decompress(packed).decode("utf-8", "ignore")
                except zlib.error:
                    continue


def _texts_of_archive(data: bytes, place: str, depth: int) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield f"{place} comment".strip(), archive.comment.decode("utf-8", "ignore")
            for member in archive.infolist():
                where = f"{place} {member.filename}".strip()
                yield where, member.filename
                yield where, (member.comment + b" " + member.extra).decode("utf-8", "ignore")
                if member.file_size <= LARGEST:
                    yield from places_of(archive.read(member), where, depth + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError):
        return
