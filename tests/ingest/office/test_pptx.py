"""Presentations: every slide in the order shown, its title, text, table, notes and comments, and nothing twice."""

import io
import re
import zipfile

import pytest
from independent_counter import check_whole, visible

from pipeline.errors import UnreadableError
from pipeline.ingest.formats import detect
from pipeline.ingest.office.pptx import read
from pipeline.vocabulary import Kind, Part, Reason

A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def shape(text: str, placeholder: str = "") -> str:
    kind = f'<p:nvPr><p:ph type="{placeholder}"/></p:nvPr>' if placeholder else ""
    return f"<p:sp><p:nvSpPr>{kind}</p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def slide(inside: str) -> str:
    return f"<p:sld {A} {P} {MC}><p:cSld><p:spTree>{inside}</p:spTree></p:cSld></p:sld>"


def relations(**parts: str) -> str:
    rows = [f'<Relationship Id="{name}" Type="{KIND}/{kind}" Target="{target}"/>' for name, (kind, target) in
            {name: value.split("|") for name, value in parts.items()}.items()]  # fmt: skip
    return f'<Relationships xmlns="x">{"".join(rows)}</Relationships>'


TABLE = "<a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>Zona alta</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl>"
TWICE = (
    f"<mc:AlternateContent><mc:Choice>{shape('Nuevo')}</mc:Choice>"
    f"<mc:Fallback>{shape('Viejo')}</mc:Fallback></mc:AlternateContent>"
)
SHOWN = '<p:sldIdLst><p:sldId r:id="b"/><p:sldId r:id="a"/></p:sldIdLst>'
PARTS = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": relations(r1="officeDocument|ppt/presentation.xml"),
    "ppt/presentation.xml": f"<p:presentation {P} {R}>{SHOWN}</p:presentation>",
    "ppt/_rels/presentation.xml.rels": relations(a="slide|slides/slide1.xml", b="slide|slides/slide2.xml"),
    "ppt/slides/slide1.xml": slide(shape("Nadie preguntó.") + shape("7", "sldNum") + TWICE),
    "ppt/slides/slide2.xml": slide(shape("Agua", "title") + TABLE),
    "ppt/slides/_rels/slide1.xml.rels": relations(
        n="notesSlide|../notesSlides/n1.xml", c="comments|../comments/c1.xml"
    ),
    "ppt/notesSlides/n1.xml": slide(shape("Decirlo despacio.")),
    "ppt/comments/c1.xml": f"<p:cmLst {P}><p:cm><p:text>¿Seguro?</p:text></p:cm></p:cmLst>",
}


def presentation(**changes: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**PARTS, **changes}.items():
            archive.writestr(name, text)
    return data.getvalue()


def test_slides_come_in_the_order_shown_with_titles_tables_notes_and_comments() -> None:
    reading = read(presentation())
    check_whole(reading)
    assert [(span.place, span.part, reading.text[span.start : span.end]) for span in reading.spans] == [
        ("slide 1", Part.HEADING, "Agua"),
        ("slide 1", Part.TABLE, "Zona alta"),
        ("slide 2", Part.BODY, "Nadie preguntó."),
        ("slide 2", Part.FOOTER, "7"),
        ("slide 2", Part.BODY, "Nuevo"),
        ("slide 2, notes", Part.BODY, "Decirlo despacio."),
        ("slide 2", Part.COMMENT, "¿Seguro?"),
    ]
    assert [(each.reason, each.chars) for each in reading.outside] == [(Reason.REPEATED, 5)]


def test_no_character_of_a_presentation_is_lost() -> None:
    texts = re.findall(r"<(?:a:t|p:text)>([^<]*)<", "".join(PARTS.values()))
    assert read(presentation()).chars == sum(map(visible, texts))


def test_a_presentation_is_known_by_its_content() -> None:
    assert detect(presentation(), Kind.DOCUMENT) == "pptx"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"ppt/vbaProject.bin": "x"}, "macros"),
        ({"ppt/slides/slide1.xml": '<!DOCTYPE x [<!ENTITY a "b">]>' + slide("")}, "DOCTYPE"),
        ({"ppt/slides/slide1.xml": "<p:sld"}, "not well-formed"),
        ({"ppt/slides/slide1.xml": " " * (101 << 20)}, "unpacks to"),
        ({"ppt/_rels/presentation.xml.rels": relations(a="slide|slides/slide1.xml")}, "slide that is not in the file"),
    ],
)
def test_a_presentation_that_cannot_be_trusted_is_refused(changes: dict[str, str], what: str) -> None:
    with pytest.raises(UnreadableError, match=what):
        read(presentation(**changes))
