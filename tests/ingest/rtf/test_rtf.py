"""RTF: everything in it is kept and labelled, or left out and listed; what is out of order is named by byte."""

from unicodedata import normalize

import pytest
from hostile import rtf as made
from hostile.rtf import rtf
from hypothesis import given, settings
from hypothesis import strategies as st
from independent_counter import check_whole, visible
from striprtf.striprtf import rtf_to_text

from pipeline.errors import UnreadableError
from pipeline.ingest.rtf.reader import read
from pipeline.vocabulary import Part, ReadStatus


def stretches(data):
    reading = read(data)
    check_whole(reading)
    return [(span.place, span.part, reading.text[span.start : span.end]) for span in reading.spans]


def words(data):
    return [words for *_, words in stretches(data)]


def refused(data):
    with pytest.raises(UnreadableError) as caught:
        read(data)
    return caught.value.problems[0]


def test_case_13_everything_in_an_rtf_file_is_kept_and_labelled():
    assert stretches(made.everything()) == [
        ("¶ 1", Part.HEADING, "Heading"),
        ("¶ 2", Part.BODY, "plain café € 😀 dónde"),
        ("¶ 3", Part.BODY, "kept   inserted"),
        ("¶ 4", Part.BODY, "noted on"),
        ("¶ 4, footnote 1", Part.FOOTNOTE, "underneath"),
        ("¶ 5", Part.BODY, "remarked"),
        ("¶ 6", Part.BODY, "beside"),
        ("¶ 6, text box 1", Part.TEXTBOX, "boxed"),
        ("¶ 7", Part.BODY, "linked"),
        ("¶ 8", Part.BODY, "listed"),
        ("¶ 9", Part.BODY, "new\xa0x-y—“q”"),
        ("table 1, row 1", Part.TABLE, "first"),
        ("table 1, row 1", Part.TABLE, "second"),
        ("table 1, row 1", Part.TABLE, "more"),
        ("¶ 13", Part.BODY, "after"),
        ("¶ 13", Part.BODY, "below"),
        ("header 1", Part.HEADER, "overhead"),
        ("footer 2", Part.FOOTER, "underfoot"),
        ("comment 1 (¶ 5)", Part.COMMENT, "remark"),
    ]


def test_case_13_what_is_left_out_of_an_rtf_file_is_listed():
    assert [(x.place, x.reason, x.chars) for x in read(made.everything()).outside] == [
        ("¶ 3", "tracked deletion", 7),
        ("¶ 3", "hidden text", 8),
        ("¶ 6", "repeated for older versions of Word", 5),
        ("¶ 7", "field code", 10),
        ("¶ 8", "number or bullet of a list", 2),
        ("¶ 9", "repeated for older versions of Word", 3),
    ]


def test_case_28_what_is_not_rtf_is_named():
    assert refused(made.case_28_not_rtf()).what == "is not RTF"


def test_case_28_an_unknown_code_page_is_named_by_byte_where_a_letter_needs_it():
    problem = refused(made.case_28_unknown_code_page())
    assert (problem.where, problem.what) == ("byte 44", "uses the code page 99999, which this program does not know")


def test_case_28_an_unknown_code_page_without_letters_in_it_is_a_note():
    reading = read(made.case_28_unknown_code_page(used=False))
    assert reading.text == "cafe"
    assert reading.notes == ("names the code page 99999, which is not known; no letter was written in it",)


def test_case_28_bytes_that_are_not_letters_are_named_and_never_replaced():
    problem = refused(rtf("\\pard a\\'81b\\par"))
    assert problem.what == "has bytes that are not letters in its code page cp1252"
    assert problem.where.startswith("byte ")


def test_case_28_binary_data_is_passed_over_whatever_it_holds():
    assert words(made.case_28_binary()) == ["before  after"]
    assert words(rtf("\\pard a{\\pict\\bin100000000 x")) == ["a"]
    assert words(rtf("\\pard a\\bin-5 b\\par")) == ["ab"]


def test_case_28_two_hundred_thousand_nested_groups_are_named():
    assert refused(made.case_28_nested()).what == "more than 1000 groups are open at once: no program writes this"
    assert words(made.case_28_nested(900)) == ["deep"]


def test_case_28_notes_inside_notes_without_end_are_named():
    problem = refused(made.rtf("\\pard a " + "\\footnote " * 2000 + "deep\\par"))
    assert problem.what == "more than 50 notes or boxes are nested: no program writes this"
    assert problem.where == "¶ 1"


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_case_28_a_cut_file_is_named_and_what_is_there_is_kept(cut):
    whole = rtf(made.SPOKEN * 3)
    reading = read(whole[:-cut])
    check_whole(reading)
    assert reading.status is ReadStatus.PARTIAL
    assert "the file is cut off; 1 groups are open at its end" in reading.notes[0]
    assert reading.text.startswith("Interviewer: What was of use?\nRespondent: The well")


def test_case_28_what_follows_the_end_is_listed():
    reading = read(rtf(made.SPOKEN) + b"trailing words\0\0")
    assert [(x.reason, x.chars) for x in reading.outside] == [("after the end of the document", 13)]


def test_the_code_page_of_a_font_counts_for_its_letters():
    head = "\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial Cyr;}{\\f2\\fcharset238 Arial CE;}}"
    assert words(rtf("\\pard\\f0 \\'e9 \\f1 \\'ec\\'e8\\'f0 \\f2 \\'b3\\f0 \\'f1\\par", head=head)) == ["é мир łñ"]


def test_a_unicode_letter_hides_as_many_characters_as_announced():
    assert words(rtf("\\pard {\\uc0\\u233 b}{\\uc2\\u233\\'c3\\'a9c}\\u233 ?d\\par")) == ["ébécéd"]


def test_letters_written_as_bytes_are_read_in_the_code_page_of_the_file():
    assert words(b"{\\rtf1\\ansi\\ansicpg1251\\pard \xec\xe8\xf0\\par}") == ["мир"]


def test_a_backslash_at_the_end_of_a_line_ends_a_paragraph():
    assert words(rtf("\\pard one\\\ntwo\\par")) == ["one", "two"]


def test_a_file_cut_inside_a_note_or_a_table_keeps_what_is_there():
    for body, kept in (("\\pard a{\\footnote \\pard b", ["a", "b"]), ("\\trowd\\pard\\intbl a\\cell b", ["a", "b"])):
        assert words(rtf(body)[:-1]) == kept


def test_a_table_inside_a_note_is_text_of_the_note():
    note = "{\\footnote \\trowd\\pard\\intbl a\\cell b\\cell\\row}"
    assert stretches(rtf(f"\\pard x{note}\\par"))[1:] == [("¶ 1, footnote 1", Part.FOOTNOTE, n) for n in "ab"]


def test_old_mac_and_dos_letters_are_read():
    assert words(rtf("\\pard \\'8e\\par", head="\\mac")) == ["é"]
    assert words(rtf("\\pard \\'82\\par", head="\\pc")) == ["é"]


def test_a_nested_table_and_a_table_at_the_end_are_whole():
    body = "\\trowd\\pard\\intbl a\\cell b\\cell\\row\\trowd\\pard\\intbl c\\cell d\\cell\\row"
    places = [place for place, *_ in stretches(rtf(body))]
    assert places == ["table 1, row 1", "table 1, row 1", "table 1, row 2", "table 1, row 2"]
    assert words(rtf("\\pard\\intbl\\itap2 in\\nestcell{\\*\\nesttableprops x}{\\nonesttables y\\par}out\\cell\\row"))[
        :2
    ] == ["in", "out"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.text(
            st.characters(
                min_codepoint=32, max_codepoint=0x2FFFF, blacklist_categories=["Cs", "Cn", "Co", "Cc"]
            ).filter(lambda c: len(normalize("NFC", c)) == 1),
            max_size=30,
        )
    )
)
def test_whatever_is_written_is_counted_once(paragraphs):
    data = rtf("".join(f"\\pard {_written(text)}\\par\n" for text in paragraphs))
    reading = read(data)
    check_whole(reading)
    assert reading.chars == sum(map(visible, paragraphs))


def _written(text):
    def one(character):
        if character in "\\{}":
            return f"\\{character}"
        if character.isascii():
            return character
        units = character.encode("utf-16-le")
        codes = (int.from_bytes(units[i : i + 2], "little", signed=True) for i in range(0, len(units), 2))
        return "".join(f"\\u{code}?" for code in codes)

    return "".join(map(one, text))


def test_striprtf_finds_the_same_letters_in_plain_paragraphs():
    data = rtf("\\pard Uno, d\\'f3s y tr\\u233?s.\\par\\pard Cuatro\\tab cinco\\par")
    assert visible(rtf_to_text(data.decode("latin-1"))) == read(data).chars


def test_half_a_character_is_left_out_and_counted():
    for cut in (r"a\u-10179?b", r"a\u-10179?\u225?", r"a\u-10179?"):
        reading = read(rtf(cut))
        check_whole(reading)
        assert [(x.reason, x.chars) for x in reading.outside] == [("halves of characters (lone surrogates)", 1)]


def test_a_text_box_of_an_old_drawing_is_kept():
    assert words(rtf(r"{\*\do\dobxpage{\dptxbx{\dptxbxtext\pard boxed\par}}}beside\par")) == ["beside", "boxed"]
