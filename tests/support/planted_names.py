"""A name in many spellings and in many places of a file, as somebody may leave it there."""

import base64
import html
import json
import struct
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import docx
import openpyxl
from openpyxl.comments import Comment

NAME = "Eulalia Quiñca Ramos"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as typed": str,
    "small": str.lower,
    "capitals": str.upper,
    "without accents": lambda name: unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode(),
    "accents apart": lambda name: unicodedata.normalize("NFD", name),
    "surname first": lambda name: f"{name.split()[1]} {name.split()[2]}, {name.split()[0]}",
    "like a file name": lambda name: name.replace(" ", "_"),
    "joined": lambda name: name.replace(" ", ""),
    "full width": lambda name: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name),
    "soft hyphens": "\u00ad".join,
    "entities": lambda name: "".join(f"&#{ord(c)};" for c in name),
    "percent": quote,
    "JSON": json.dumps,
    "base64": lambda name: base64.b64encode(f"by {name}.".encode()).decode(),
    "with an initial": lambda name: f"{name[0]}. {name.split(' ', 1)[1]}",
}


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def image(text: bytes, kind: bytes = b"tEXt") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(kind, text) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )


def author_of_a_document(path: Path, name: str) -> None:
    document = docx.Document()
    document.core_properties.author = name
    document.save(str(path.with_suffix(".docx")))


def author_of_a_workbook(path: Path, name: str) -> None:
    book = openpyxl.Workbook()
    book.properties.creator = name
    book.save(path.with_suffix(".xlsx"))


def comment_in_a_workbook(path: Path, name: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"].comment = Comment(f"ask {name}", "x")
    book.save(path.with_suffix(".xlsx"))


def hidden_sheet(path: Path, name: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("notes")
    sheet.sheet_state = "hidden"
    sheet["Z99"] = name
    book.save(path.with_suffix(".xlsx"))


PLACES: dict[str, Callable[[Path, str], object]] = {
    "author of a document": author_of_a_document,
    "author of a workbook": author_of_a_workbook,
    "comment of a workbook": comment_in_a_workbook,
    "hidden sheet": hidden_sheet,
    "text of an image": lambda path, name: path.with_suffix(".png").write_bytes(image(b"Author\0" + name.encode())),
    "packed text of an image": lambda path, name: path.with_suffix(".png").write_bytes(
        image(b"Author\0\0" + zlib.compress(name.encode()), b"zTXt")
    ),
    "comment in the source of a page": lambda path, name: path.with_suffix(".html").write_text(
        f"<p>a<!-- {name} --></p>"
    ),
    "attribute of a page": lambda path, name: path.with_suffix(".html").write_text(
        f'<p data-by="{html.escape(name, quote=True)}">a</p>'
    ),
    "letters in tags": lambda path, name: path.with_suffix(".html").write_text("".join(f"<b>{c}</b>" for c in name)),
    "log": lambda path, name: path.with_suffix(".log").write_text(f"read {name} in 3 s"),
    "JSON": lambda path, name: path.with_suffix(".json").write_text(json.dumps({"by": name})),
    "name of a file": lambda path, name: path.with_name(f"{name.replace(' ', '-')}.txt").write_text(""),
}
