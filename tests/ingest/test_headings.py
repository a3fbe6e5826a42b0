"""Documents keep the path of headings above each paragraph, whatever format says how deep a heading is."""

import pytest
from hostile import pdf
from hostile.office import docx, odt, p, r, story
from hostile.rtf import rtf
from small_interviews import read

from pipeline.records import Kind

BODY = "Las familias dijeron que el agua llega dos días a la semana y que el comité la reparte."


def paths(data, name="informe.docx"):
    """The headings above each paragraph of a document."""
    return [turn.heading for turn in read(data, name=name, kind=Kind.DOCUMENT).turns]


EXPECTED = [
    "Hallazgos",
    "Hallazgos > Agua",
    "Hallazgos > Agua > Zona alta",
    "Hallazgos > Escuela",
    "Conclusiones",
]
OUTLINE = [(1, "Hallazgos"), (2, "Agua"), (3, "Zona alta"), (2, "Escuela"), (1, "Conclusiones")]


def test_word_by_the_names_of_styles_whatever_their_ids():
    styles = (
        "".join(f'<w:style w:styleId="Ttulo{n}"><w:name w:val="heading {n}"/></w:style>' for n in (1, 2, 3))
        + '<w:style w:styleId="Puesto"><w:name w:val="Title"/></w:style>'
    )
    body = p(r("Informe final"), style="Puesto") + "".join(
        p(r(words), style=f"Ttulo{level}") + p(r(BODY)) for level, words in OUTLINE
    )
    assert paths(docx(body, notes={"styles": story("styles", styles)})) == EXPECTED


def test_word_by_the_outline_of_base_styles_and_of_paragraphs():
    styles = (
        '<w:style w:styleId="a"><w:name w:val="Capítulo"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:styleId="b"><w:name w:val="Tema"/><w:basedOn w:val="a"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    )
    third = f'<w:p><w:pPr><w:outlineLvl w:val="2"/></w:pPr>{r("Zona alta")}</w:p>'
    no_heading = f'<w:p><w:pPr><w:pStyle w:val="a"/><w:outlineLvl w:val="9"/></w:pPr>{r(BODY)}</w:p>'
    body = p(r("Hallazgos"), style="a") + p(r("Agua"), style="b") + third + p(r(BODY)) + no_heading
    found = paths(docx(body, notes={"styles": story("styles", styles)}))
    assert found == ["Hallazgos > Agua > Zona alta"] * 2


def test_a_heading_on_two_lines_is_one():
    styles = '<w:style w:styleId="a"><w:name w:val="heading 1"/></w:style>'
    body = p(r("Agua"), "<w:r><w:br/></w:r>", r("y saneamiento"), style="a") + p(r(BODY))
    assert paths(docx(body, notes={"styles": story("styles", styles)})) == ["Agua y saneamiento"]


def test_a_hash_before_the_words_of_a_word_heading_belongs_to_them():
    styles = '<w:style w:styleId="a"><w:name w:val="heading 1"/></w:style>'
    assert paths(docx(p(r("#1: agua"), style="a") + p(r(BODY)), notes={"styles": story("styles", styles)})) == [
        "#1: agua"
    ]


def test_open_document_by_outline_level():
    body = "".join(
        f'<text:h text:outline-level="{level}">{words}</text:h><text:p>{BODY}</text:p>' for level, words in OUTLINE
    )
    assert paths(odt(body), "informe.odt") == EXPECTED


def test_html_by_the_number_of_the_tag():
    body = "".join(f"<h{level}>{words}</h{level}><p>{BODY}</p>" for level, words in OUTLINE)
    assert paths(f"<!DOCTYPE html><html><body>{body}</body></html>", "informe.html") == EXPECTED


def test_markdown_by_its_hashes():
    body = "".join(f"{'#' * level} {words} {'#' * level}\n\n{BODY}\n\n" for level, words in OUTLINE)
    assert paths(body, "informe.md") == EXPECTED


def test_markdown_by_underlines():
    text = f"Hallazgos\n=========\n\n{BODY}\n\nAgua\n----\n\n{BODY}\n\nConclusiones\n============\n\n{BODY}\n"
    assert paths(text, "informe.md") == ["Hallazgos", "Hallazgos > Agua", "Conclusiones"]


def test_a_rule_below_a_long_line_makes_no_heading_of_it():
    assert paths(f"Hallazgos\n=========\n\n{BODY}\n----\n\n{BODY}\n", "informe.md") == ["Hallazgos"] * 2


@pytest.mark.parametrize("mark", ["s{0}", "outlinelevel{1}"])
def test_rtf_by_the_outline_or_the_name_of_the_style(mark):
    sheet = "{\\stylesheet{\\s1 heading 1;}{\\s2 heading 2;}{\\s3\\outlinelevel2 Tema;}}"
    body = "".join(
        "\\pard\\" + mark.format(level, level - 1) + f" {words}\\par\\pard {BODY}\\par " for level, words in OUTLINE
    )
    assert paths(rtf(sheet + body), "informe.rtf") == EXPECTED


def test_pdf_by_the_size_of_the_letters():
    pages = [
        b"\n".join(
            pdf.lines_content([words], size=size, top=top)
            for words, size, top in (
                ("Hallazgos", 20, 800), ("Agua", 16, 760), (BODY[:60] + ".", 11, 730), ("Escuela", 16, 690),
                (BODY[:60] + ".", 11, 660), ("Conclusiones", 20, 600), (BODY[:60] + ".", 11, 560),
            )
        )
    ]  # fmt: skip
    assert paths(pdf.document(pages), "informe.pdf") == ["Hallazgos > Agua", "Hallazgos > Escuela", "Conclusiones"]


def test_pdf_by_the_size_of_the_letters_and_by_numbers():
    pages = [
        b"\n".join(
            pdf.lines_content([words], size=size, top=top)
            for words, size, top in (
                ("1. Hallazgos", 20, 800), ("1.1 Agua", 20, 760), (BODY[:60] + ".", 11, 730), ("1.2 Escuela", 20, 690),
                (BODY[:60] + ".", 11, 660), ("2. Conclusiones", 20, 600), (BODY[:60] + ".", 11, 560),
            )
        )
    ]  # fmt: skip
    assert paths(pdf.document(pages), "informe.pdf") == [
        "1. Hallazgos > 1.1 Agua",
        "1. Hallazgos > 1.2 Escuela",
        "2. Conclusiones",
    ]
