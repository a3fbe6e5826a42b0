"""HTML: blocks are paragraphs, tables are tables, and what a browser does not show as text is listed."""

from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from independent_counter import check_whole, count_html

from pipeline.errors import UnreadableError
from pipeline.ingest.html import read, rows
from pipeline.vocabulary import Part


def stretches(text):
    data = text.encode() if isinstance(text, str) else text
    reading = read(data)
    check_whole(reading)
    return [(span.place, span.part, reading.text[span.start : span.end]) for span in reading.spans]


def words(text):
    return [words for *_, words in stretches(text)]


PAGE = """<!DOCTYPE html><html><head><title>Guide</title><style>p {color: red}</style></head><body><h1>Guía</h1>
<p><b>E1:</b> Hola   &amp; buenos d&iacute;as,<br>otra l&iacute;nea</p><div>loose <p>inside</p> after</div>
<ul><li>one<li>two</ul><p hidden>secret</p><p style="display: NONE">secret</p><pre>as
it is</pre><nav>menu</nav><table><tr><td>first<td>second</table><!-- remark --><script>run("x")</script>tail</body></html>"""


def test_blocks_are_paragraphs_and_tables_are_tables():
    assert stretches(PAGE) == [
        ("¶ 1", Part.HEADING, "Guía"),
        ("¶ 2", Part.BODY, "E1: Hola & buenos días,"),
        ("¶ 2", Part.BODY, "otra línea"),
        ("¶ 3", Part.BODY, "loose"),
        ("¶ 4", Part.BODY, "inside"),
        ("¶ 5", Part.BODY, "after"),
        ("¶ 6", Part.BODY, "one"),
        ("¶ 7", Part.BODY, "two"),
        ("¶ 8", Part.BODY, "as"),
        ("¶ 8", Part.BODY, "it is"),
        ("table 1, row 1", Part.TABLE, "first"),
        ("table 1, row 1", Part.TABLE, "second"),
        ("¶ 11", Part.BODY, "tail"),
    ]


def test_what_a_browser_does_not_show_as_text_is_listed():
    reading = read(PAGE.encode())
    assert [(x.reason, x.chars) for x in reading.outside] == [
        ("title of the page", 5),
        ("script or style", 12),
        ("hidden text", 6),
        ("hidden text", 6),
        ("navigation", 4),
        ("comment in the page's source", 6),
        ("script or style", 8),
    ]
    assert reading.chars == count_html(PAGE)


def test_case_16_a_table_saved_as_xls_is_read_by_its_rows():
    data = b"<html><body><table><tr><th>speaker</th><th>text</th></tr><tr><td>Ana</td><td>El <!-- x --> pozo</td></tr></table>"
    assert rows(data) == [["speaker", "text"], ["Ana", "El pozo"]]
    assert rows(b"<p>no table</p>") == []


def test_headers_and_footers_that_an_office_program_wrote_are_recognised():
    page = '<div title="header"><p>overhead</p></div><p>text</p><div title="footer"><p>underfoot</p></div>'
    assert [part for _, part, _ in stretches(page)] == [Part.HEADER, Part.BODY, Part.FOOTER]


@pytest.mark.parametrize("depth", [10, 255, 300, 1500])
def test_deep_pages_are_read_to_their_end(depth):
    assert words("<div>" * depth + "deep" + "</div>" * depth + "after") == ["deep", "after"]


def test_a_page_too_deep_to_be_read_to_its_end_is_named():
    with pytest.raises(UnreadableError, match="is HTML that cannot be read to its end"):
        read(b"<div>" * 200_000 + b"deep" + b"</div>" * 200_000 + b"after")


def test_a_text_of_more_than_ten_megabytes_is_whole():
    assert len(read(b"<p>" + b"x" * 11_000_000 + b"</p>").text) == 11_000_000


def test_words_behind_a_comment_that_is_never_closed_are_listed():
    reading = read(b"<html><body><p>Interviewer: What?</p><!-- <p>Respondent: The well.</p></body></html>")
    assert reading.text == "Interviewer: What?"
    assert [(x.reason, x.chars) for x in reading.outside] == [("comment in the page's source", 40)]


def test_words_after_a_comment_are_kept():
    assert words("<p>one<!-- two -->three<?php four ?>five</p>") == ["onethreefive"]
    reading = read(b"<!-- before --><html><body><p>one</p></body></html><!-- after")
    assert [(x.reason, x.chars) for x in reading.outside] == [("comment in the page's source", n) for n in (6, 5)]


def test_nul_and_half_characters_are_taken_out_and_counted():
    reading = read(b"<p>a\0b \xed\xa0\x80c</p>")
    check_whole(reading)
    assert reading.text == "ab c"
    assert sum(exclusion.chars for exclusion in reading.outside) == 2


def test_a_table_in_a_table_is_in_its_cell():
    page = "<table><tr><td>a<table><tr><td>b</td></tr></table>c</td><td>d</td></tr></table>"
    assert [(place, words) for place, _, words in stretches(page)] == [
        ("table 1, row 1", "a"),
        ("table 2, row 1", "b"),
        ("table 1, row 1", "c"),
        ("table 1, row 1", "d"),
    ]


def test_the_encoding_is_recognised_like_that_of_a_text():
    page = "<html><p>Sí, señor, mañana también</p><p>Otra razón más</p>"
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        assert words(page.encode(encoding))[0] == "Sí, señor, mañana también"


TEXTS = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Cn", "Co", "Cf"], blacklist_characters="<&").filter(
        lambda character: len(normalize("NFC", character)) == 1
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("p div li td h2 span b script del pre blockquote".split()), TEXTS), max_size=12)
)
def test_whatever_is_written_is_counted_once(pieces):
    page = "<html><body>" + "".join(f"<{tag}>{text}</{tag}>" for tag, text in pieces) + "</body></html>"
    reading = read(page.encode())
    check_whole(reading)
    assert reading.chars == count_html(page)


@pytest.mark.parametrize("end", ["</body></html>", "</HTML >", "</Body>", "</body\n></html></body>"])
def test_words_behind_the_end_of_the_page_are_kept_as_browsers_show_them(end):
    assert words(f"<html><body><p>one</p>{end}<p>two</p>three</body></html>") == ["one", "two", "three"]


def test_what_was_typed_into_a_field_is_listed():
    fields = (
        '<input value="typed"><input type=hidden value=x><input type=checkbox value=on><input type=EMAIL value="me">'
    )
    assert [(x.reason, x.chars) for x in read(f"<p>one{fields}</p>".encode()).outside] == [
        ("form field", 5),
        ("form field", 2),
    ]
