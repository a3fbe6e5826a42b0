"""Books and exported web pages: chapters in reading order, every character accounted for, hostile archives refused."""

import io
import zipfile

import pytest
from independent_counter import check_whole, count_html

from pipeline.errors import UnreadableError
from pipeline.ingest.formats import detect
from pipeline.ingest.zipped_pages import read_book, read_web_page
from pipeline.vocabulary import Kind, Part

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
BOOK = """<package xmlns="http://www.idpf.org/2007/opf"><manifest>
<item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="one%20a.xhtml" media-type="application/xhtml+xml"/>
<item id="n" href="notes.xhtml" media-type="application/xhtml+xml"/><item id="p" href="p.png" media-type="image/png"/></manifest>
<spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""
PAGE = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html>'
ONE = PAGE.format("<h1>Agua</h1><p>El agua llegó tarde.</p>")
TWO = PAGE.format("<p>Nadie preguntó.</p><script>x()</script>")
NOTES = PAGE.format("<p>1. Una nota.</p>")


def zipped(parts: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return data.getvalue()


def book(**changes: str) -> bytes:
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": BOOK,
             "OEBPS/one a.xhtml": ONE, "OEBPS/two.xhtml": TWO, "OEBPS/notes.xhtml": NOTES}  # fmt: skip
    return zipped({**parts, **changes})


def test_a_book_is_read_chapter_by_chapter_in_reading_order() -> None:
    reading = read_book(book())
    check_whole(reading)
    assert [(span.place, span.part, reading.text[span.start : span.end]) for span in reading.spans] == [
        ("chapter 1, ¶ 1", Part.HEADING, "Agua"),
        ("chapter 1, ¶ 2", Part.BODY, "El agua llegó tarde."),
        ("chapter 2, ¶ 1", Part.BODY, "Nadie preguntó."),
        ("chapter 3, ¶ 1", Part.BODY, "1. Una nota."),
    ]


def test_no_character_of_a_book_is_lost() -> None:
    assert read_book(book()).chars == sum(map(count_html, (ONE, TWO, NOTES)))


def test_a_book_is_known_by_its_content() -> None:
    assert detect(book(), Kind.DOCUMENT) == "epub"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"META-INF/container.xml": "<container/>"}, "without a list of its chapters"),
        ({"META-INF/container.xml": '<!DOCTYPE x [<!ENTITY a "b">]>' + CONTAINER}, "DOCTYPE or entities"),
        ({"OEBPS/book.opf": "<package"}, "not well-formed"),
        ({"OEBPS/two.xhtml": " " * (101 << 20)}, "unpacks to"),
        ({"../two.xhtml": TWO}, "leads out of the archive"),
    ],
)
def test_a_book_that_cannot_be_trusted_is_refused(changes: dict[str, str], what: str) -> None:
    with pytest.raises(UnreadableError, match=what):
        read_book(book(**changes))


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_truncated_book_is_refused(kept: float) -> None:
    data = book()
    with pytest.raises(UnreadableError):
        detect(data[: int(kept * len(data))], Kind.DOCUMENT)


def test_a_protected_book_says_so() -> None:
    rights = {
        "META-INF/encryption.xml": "<e><EncryptedData/></e>",
        "OEBPS/one a.xhtml": "\x01\x02",
        "OEBPS/two.xhtml": "\x03",
    }
    with pytest.raises(UnreadableError, match="protected against copying"):
        read_book(book(**rights, **{"OEBPS/notes.xhtml": "\x04"}))


def test_a_chapter_that_is_missing_is_noted() -> None:
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": BOOK,
        "OEBPS/two.xhtml": TWO,
    }
    assert "a chapter that its list names is not in the file" in read_book(zipped(parts)).notes


def test_a_document_that_google_docs_zipped_is_read_as_its_page() -> None:
    data = zipped({"Entrevista.html": "<html><body><p>Ana: ¿Y el agua?</p></body></html>", "images/image1.png": "x"})
    assert detect(data, Kind.INTERVIEW) == "zipped_html"
    reading = read_web_page(data)
    check_whole(reading)
    assert (reading.text, reading.notes) == ("Ana: ¿Y el agua?", ("pictures in it are not read: 1",))


def test_an_archive_of_several_pages_stays_an_archive() -> None:
    with pytest.raises(UnreadableError, match="is an archive"):
        detect(zipped({"a.html": "<p>a", "b.html": "<p>b"}), Kind.INTERVIEW)
