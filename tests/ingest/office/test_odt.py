"""OpenDocument text: everything in it is kept and labelled, or left out and listed."""

import pytest
from hostile import office
from hostile.office import odt
from independent_counter import check_whole, count_odt
from studies import ROOT

from pipeline.config import Settings, StudySettings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask, read_file
from pipeline.ingest.office.odt import read
from pipeline.records import SourceEntry
from pipeline.vocabulary import Kind, Part, Role

REAL = ROOT.parent / "shared" / "data" / "interviews" / "usability_odt"


def stretches(data):
    reading = read(data)
    check_whole(reading)
    assert reading.chars == count_odt(data)
    return [(span.place, span.part, reading.text[span.start : span.end]) for span in reading.spans]


def test_case_13_everything_in_an_opendocument_text_is_kept_and_labelled():
    assert stretches(office.odt_everything()) == [
        ("¶ 1", Part.HEADING, "Heading"),
        ("¶ 2", Part.BODY, "plain   spaced\ttabbed"),
        ("¶ 2", Part.BODY, "below"),
        ("¶ 3", Part.BODY, "noted on"),
        ("¶ 3, footnote 1", Part.FOOTNOTE, "underneath"),
        ("¶ 4", Part.BODY, "remarked"),
        ("¶ 5", Part.BODY, "beside"),
        ("¶ 5, text box", Part.TEXTBOX, "boxed"),
        ("¶ 6", Part.BODY, "seen"),
        ("table 1, row 1", Part.TABLE, "first"),
        ("table 2, row 1", Part.TABLE, "nested"),
        ("¶ 9", Part.FRONT, "contents"),
        ("¶ 10", Part.BODY, "listed"),
        ("header", Part.HEADER, "overhead"),
        ("footer", Part.FOOTER, "underfoot"),
        ("comment 1 (¶ 4)", Part.COMMENT, "remark"),
    ]


def test_case_13_what_is_left_out_of_an_opendocument_text_is_listed():
    assert [(x.reason, x.chars) for x in read(office.odt_everything()).outside] == [
        ("tracked deletion", 7),
        ("number of a footnote", 1),
        ("hidden text", 8),
        ("hidden text", 6),
    ]


def test_a_title_is_a_heading_by_its_base_style():
    styles = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    data = odt('<text:p text:style-name="P1">Name</text:p><text:p>text</text:p>', styles=styles)
    assert [part for _, part, _ in stretches(data)] == [Part.HEADING, Part.BODY]


def test_a_paragraph_hidden_by_a_field_is_left_out_as_a_whole():
    field = '<text:hidden-paragraph text:is-hidden="true"/>'
    data = odt(
        f"<text:p>a{field}b</text:p><text:p>c<text:hidden-text text:is-hidden='false'>d</text:hidden-text></text:p>"
    )
    assert [words for *_, words in stretches(data)] == ["cd"]


def test_lists_in_remarks_scripts_and_visible_sections():
    data = odt(
        '<text:section text:name="s"><text:p>a<office:annotation><text:list><text:list-item><text:p>in a list</text:p>'
        "</text:list-item></text:list></office:annotation></text:p></text:section>"
        "<text:p>b<text:script>run()</text:script>\nc</text:p>"
    )
    assert [(part, words) for _, part, words in stretches(data)] == [
        (Part.BODY, "a"),
        (Part.BODY, "b c"),
        (Part.COMMENT, "in a list"),
    ]
    assert [(x.reason, x.chars) for x in read(data).outside] == [("script", 5)]


def test_equal_headers_of_several_page_styles_count_once():
    page = "<style:master-page><style:header><text:p>overhead</text:p></style:header></style:master-page>"
    assert [part for _, part, _ in stretches(odt("<text:p>a</text:p>", masters=page * 3))] == [Part.BODY, Part.HEADER]


def test_macros_are_named():
    data = office.zipped({**office.odt_parts("<text:p>a</text:p>"), "Basic/Standard/x.xml": "<x/>"})
    assert read(data).notes == ("contains macros, which were neither read nor run",)


def test_a_file_without_its_content_is_named():
    parts = office.odt_parts("")
    del parts["content.xml"]
    with pytest.raises(UnreadableError, match=r"has no content\.xml"):
        read(office.zipped(parts))


def real(name):
    if not (REAL / name).exists():
        pytest.skip("shared/data is not here: interviews/usability_odt")
    return REAL / name


# name -> paragraphs with words, and turns of the moderator, both counted by hand in the files
BY_HAND = {
    "P12_GMT20211206.odt": (153, 10),
    "P1_GMT20211118.odt": (207, 1),
    "P5_GMT20211125.odt": (218, 8),
    "P9_GMT20211129.odt": (180, 23),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_real_sessions_lose_nothing_and_have_the_turns_counted_by_hand(name):
    data = real(name).read_bytes()
    paragraphs, moderator = BY_HAND[name]
    reading = read(data)
    check_whole(reading)
    assert reading.chars == count_odt(data)
    assert len({span.place for span in reading.spans}) == paragraphs
    entry = SourceEntry(name, speakers=(("MODERATOR", "INTERVIEWER"),))
    turns = read_file(FileTask(name, data, Kind.INTERVIEW, entry, (), Settings(study=StudySettings(title="t")))).turns
    assert {turn.role for turn in turns if turn.speaker} == {Role.INTERVIEWER}
    assert sum(turn.speaker == "MODERATOR" for turn in turns) == moderator


@pytest.mark.parametrize("count", ["²", "-1", "", "x", "٣"])
def test_a_number_of_spaces_that_is_none_counts_as_one(count):
    assert stretches(odt(f'<text:p>a<text:s text:c="{count}"/>b</text:p>'))[0][2] == "a b"


SAID = "<text:p>said</text:p>"


def whole(data):
    reading = read(data)
    check_whole(reading)
    return reading


def test_tables_lists_and_sections_in_headers_are_kept_and_labelled():
    row = "<table:table-row><table:table-cell><text:p>cell</text:p></table:table-cell></table:table-row>"
    cell = f"<table:table>{row}</table:table>"
    item = "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
    section = "<style:region-left><text:section><text:p>left</text:p></text:section></style:region-left>"
    masters = f"<style:master-page><style:header>{cell}{item}{section}</style:header></style:master-page>"
    assert stretches(odt(SAID, masters=masters))[1:] == [("header", Part.HEADER, w) for w in ("cell", "item", "left")]


def test_a_style_that_builds_on_a_hidden_one_hides_too():
    styles = (
        '<style:style style:name="A"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="B" style:parent-style-name="A"/>'
    )
    reading = whole(odt(SAID + '<text:p text:style-name="B">gone</text:p>', styles=styles))
    assert (reading.text, reading.outside[0].reason) == ("said", "hidden text")


def test_remarks_and_notes_outside_of_a_paragraph_are_labelled():
    change = (
        "<text:tracked-changes><text:changed-region><text:insertion><office:change-info><text:p>why</text:p>"
        "</office:change-info></text:insertion></text:changed-region></text:tracked-changes>"
    )
    remark = "<office:annotation><text:p>remark</text:p></office:annotation>"
    note = "<text:note><text:note-body><text:p>note</text:p></text:note-body></text:note>"
    reading = whole(odt(change + remark + note + SAID))
    assert [(span.part, reading.text[span.start : span.end]) for span in reading.spans] == [
        (Part.COMMENT, "why"),
        (Part.COMMENT, "remark"),
        (Part.FOOTNOTE, "note"),
        (Part.BODY, "said"),
    ]


def test_what_was_typed_into_a_form_is_kept():
    form = '<office:forms xmlns:form="f"><form:text form:current-value="typed"/><form:text form:value="asked"/></office:forms>'
    assert [(span.place, span.part) for span in whole(odt(form + SAID)).spans][1:] == [("form field", Part.BODY)]


def test_objects_and_what_lies_elsewhere_are_named():
    far = '<text:p>x<draw:image xmlns:x="http://www.w3.org/1999/xlink" x:href="http://127.0.0.1:9/i.png"/></text:p>'
    inner = office.zipped({**office.odt_parts(far), "Object 1/content.xml": "<x/>"})
    notes = ("embedded objects in it are not read", "it refers to content elsewhere, which was not fetched")
    assert read(inner).notes == notes
    assert read(odt('<text:p><draw:image draw:href="Pictures/1.png"/>x</text:p>')).notes == ()
