"""Case 67: the gate before a release finds a name in whatever spelling and wherever in a file it is."""

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
import pytest
from openpyxl.comments import Comment

from pipeline.privacy.identifiers import IdentifierSearch, contacts_in, needles
from pipeline.privacy.release_gate import problems_of
from pipeline.privacy.word_search import WordSearch, fragments_of
from pipeline.records import Participant
from pipeline.vocabulary import Consent, Identifier

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


def person(name: str = NAME) -> Participant:
    return Participant("P001", Consent.YES, (name, "EQ", "doña Eulalia"), ())


SEARCH = IdentifierSearch(
    needles(
        [person()],
        paths=["interviews/PE-05-valley-mayor.txt", "surveys/survey.csv"],
        ids=["PE-05"],
        labels=["Interviewer", "Mujer 1", "Zenón"],
        denied=["Operation Condor"],
    )
)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_case_67_a_name_is_found_in_every_spelling(spelling: str) -> None:
    assert Identifier.NAME in SEARCH.kinds_in(f"... {SPELLINGS[spelling](NAME)} ...")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("see P001", Identifier.ID),
        ("PE-05, line 3", Identifier.ID),
        ("pe_05_valley_mayor", Identifier.FILE),
        ("and ZENON went", Identifier.LABEL),
        ("operation-condor", Identifier.DENIED),
        ("Doña Eulalia came", Identifier.NAME),
    ],
)
def test_ids_files_labels_and_denied_words_are_found(text: str, kind: Identifier) -> None:
    assert kind in SEARCH.kinds_in(text)


def test_everyday_words_initials_and_codes_are_no_identifiers() -> None:
    for text in ("The interviewer asked a woman, mujer 1, in the survey.", "P-7Q3K, EQ, equal", "eulalia"):
        assert SEARCH.kinds_in(text) == frozenset()


def test_telephone_numbers_and_addresses_are_told_from_dates_and_figures() -> None:
    assert contacts_in("call +51 987 654 321") == {Identifier.PHONE}
    assert contacts_in("write to ana.rey@example.org") == {Identifier.EMAIL}
    assert contacts_in("2023-02-21 and 12/05/2023, 0.81 (0.74-0.88), 1 234 persons") == frozenset()


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


def test_case_67_a_name_is_found_in_every_part_of_a_file(tmp_path: Path) -> None:
    for number, plant in enumerate(PLACES.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        plant(folder / "file", NAME)
    problems = {problem.where.split("/")[0] for problem in problems_of(tmp_path, SEARCH, WordSearch(()))}
    assert problems == {str(number) for number in range(len(PLACES))}


def test_a_problem_names_the_place_and_never_the_name(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(f"<p>one</p>\n<p>{NAME}</p>\n", "utf-8")
    (problem,) = problems_of(tmp_path, SEARCH, WordSearch(()))
    assert (problem.where, problem.what) == ("report.html line 2", "holds a name of the register")
    assert "Eulalia" not in str(problem)


def test_sentences_that_may_not_be_quoted_are_found(tmp_path: Path) -> None:
    sentence = "The pump broke in March and nobody came to repair it."
    (tmp_path / "report.html").write_text(f"<p>{sentence.upper()}</p>", "utf-8")
    (problem,) = problems_of(tmp_path, SEARCH, WordSearch(fragments_of([sentence])))
    assert problem.what == "holds words that this edition must not quote"
