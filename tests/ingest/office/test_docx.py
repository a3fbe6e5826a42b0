"""Word files: everything in them is kept and labelled, or left out and listed; nothing is lost and nothing counted twice."""

from unicodedata import normalize

import pytest
from hostile import office
from hostile.office import docx, p, r, story
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from independent_counter import check_whole, count_docx
from studies import ROOT

from pipeline.ingest.formats import detect
from pipeline.ingest.office.docx import read
from pipeline.vocabulary import SPOKEN, Kind, Part, ReadStatus


def stretches(data):
    reading = read(data)
    check_whole(reading)
    assert reading.chars == count_docx(data)
    return [(span.place, span.part, reading.text[span.start : span.end]) for span in reading.spans]


def spoken(data):
    return [words for _, part, words in stretches(data) if part in SPOKEN]


def left_out(data):
    return [(exclusion.place, exclusion.reason, exclusion.chars) for exclusion in read(data).outside]


def test_case_13_everything_in_a_word_file_is_kept_and_labelled():
    assert stretches(office.case_13_everything()) == [
        ("¶ 1", Part.HEADING, "Título"),
        ("¶ 2", Part.BODY, "plain inserted"),
        ("¶ 3", Part.BODY, "movedto"),
        ("¶ 4", Part.BODY, "visible shown"),
        ("¶ 5", Part.BODY, "noted"),
        ("¶ 5, footnote 1", Part.FOOTNOTE, "underneath"),
        ("¶ 5, endnote 1", Part.FOOTNOTE, "atend"),
        ("¶ 6", Part.BODY, "commented"),
        ("¶ 7", Part.BODY, "beside"),
        ("¶ 7, text box", Part.TEXTBOX, "boxed"),
        ("¶ 8", Part.BODY, "controlled"),
        ("¶ 9", Part.BODY, "inlinelinked"),
        ("¶ 10", Part.BODY, "simple"),
        ("table 1, row 1", Part.TABLE, "first"),
        ("table 1, row 1", Part.TABLE, "second"),
        ("table 2, row 1", Part.TABLE, "nested"),
        ("¶ 15", Part.BODY, "tab\tbed"),
        ("¶ 15", Part.BODY, "below-e"),
        ("¶ 16", Part.BODY, "ticked"),
        ("¶ 17", Part.BODY, "half whole"),
        ("header 1", Part.HEADER, "overhead"),
        ("footer 1", Part.FOOTER, "underfoot"),
        ("comment 1 (¶ 6)", Part.COMMENT, "remark"),
    ]


def test_case_13_what_is_left_out_of_a_word_file_is_listed_with_its_place():
    assert left_out(office.case_13_everything()) == [
        ("¶ 2", "tracked deletion", 7),
        ("¶ 3", "tracked deletion", 9),
        ("¶ 4", "hidden text", 8),
        ("¶ 4", "hidden text", 7),
        ("¶ 7, text box", "repeated for older versions of Word", 5),
        ("¶ 10", "field code", 10),
        ("¶ 16", "character of a symbol font", 1),
        ("footnotes", "footnote that nothing refers to", 8),
    ]


def test_who_commented_is_not_in_the_text():
    assert "X. Y." not in read(office.case_13_everything()).text


def test_a_comment_in_the_middle_leaves_its_paragraph_whole():
    comments = story("comments", f'<w:comment w:id="4">{p(r("hm"))}</w:comment>')
    call = '<w:commentRangeStart w:id="4"/>', r("one"), '<w:r><w:commentReference w:id="4"/></w:r>', r(" two")
    assert stretches(docx(p(*call), notes={"comments": comments}))[0] == ("¶ 1", Part.BODY, "one two")


def test_a_note_called_twice_is_read_once():
    notes = story("footnotes", f'<w:footnote w:id="5">{p(r("below"))}</w:footnote>')
    call = '<w:r><w:footnoteReference w:id="5"/></w:r>'
    data = docx(p(r("a"), call) + p(r("b"), call), notes={"footnotes": notes})
    assert spoken(data) == ["a", "below", "b"]


def test_a_note_of_a_deleted_sentence_is_not_spoken():
    notes = story("footnotes", f'<w:footnote w:id="5">{p(r("below"))}</w:footnote>')
    call = '<w:del w:id="1"><w:r><w:footnoteReference w:id="5"/></w:r></w:del>'
    assert spoken(docx(p(r("a"), call), notes={"footnotes": notes})) == ["a"]


def test_headings_are_recognised_by_style_by_base_style_and_by_outline_level():
    styles = story(
        "styles",
        '<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="Own"><w:name w:val="Own"/><w:basedOn w:val="berschrift2"/></w:style>'
        '<w:style w:styleId="Round"><w:name w:val="Round"/><w:basedOn w:val="Round"/></w:style>'
        '<w:style w:styleId="Level"><w:name w:val="L"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>',
    )
    direct = '<w:p><w:pPr><w:outlineLvl w:val="9"/></w:pPr>' + r("text") + "</w:p>"
    body = "".join(p(r(style), style=style) for style in ("berschrift2", "Own", "Round", "Level", "TOC1", "Absent"))
    parts = [part for _, part, _ in stretches(docx(body + direct, notes={"styles": styles}))]
    assert parts == [Part.HEADING, Part.HEADING, Part.BODY, Part.HEADING, Part.FRONT, Part.BODY, Part.BODY]


def test_a_paragraph_style_may_hide_its_text():
    styles = story("styles", '<w:style w:styleId="S"><w:name w:val="S"/><w:rPr><w:vanish/></w:rPr></w:style>')
    data = docx(p(r("secret"), style="S") + p(r("open")), notes={"styles": styles})
    assert spoken(data) == ["open"]
    assert left_out(data) == [("¶ 1", "hidden text", 6)]


def test_a_box_that_occurs_twice_in_a_header_counts_once():
    box = p(r("box"))
    twice = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    data = docx(p(r("a")), notes={"header1": story("hdr", twice)})
    assert stretches(data)[1:] == [("header 1", Part.HEADER, "box")]
    assert left_out(data) == [("header 1", "repeated for older versions of Word", 3)]


def test_the_outline_of_a_paragraph_makes_it_a_heading():
    data = docx('<w:p><w:pPr><w:outlineLvl w:val="2"/></w:pPr>' + r("Title") + "</w:p>")
    assert [part for _, part, _ in stretches(data)] == [Part.HEADING]


def test_charts_and_inserted_files_are_named_as_not_read():
    far = [("chart", "charts/c.xml", False), ("aFChunk", "a.html", False)]
    data = docx(p(r("a")), more={"word/charts/c.xml": "<c/>", "word/a.html": "x"}, far=far)
    assert read(data).notes == (
        "charts in it are not read",
        "inserted files (save the document again in Word to include them) in it are not read",
    )
    assert read(data).status is ReadStatus.PARTIAL


def test_a_former_format_hides_nothing():
    former = '<w:rPr><w:b/><w:rPrChange w:id="1"><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr>'
    assert spoken(docx(f"<w:p><w:r>{former}<w:t>seen</w:t></w:r></w:p>")) == ["seen"]


def test_a_table_of_speakers_and_words_gives_each_cell_its_speaker():
    said = [
        ("Speaker", "Text"),
        ("Ana", "¿Qué le sirvió?"),
        ("Luz", "El pozo."),
        ("Ana", "¿Y más?"),
        ("Luz", "Nada más."),
    ]
    rows = "".join(f"<w:tr><w:tc>{p(r(who))}</w:tc><w:tc>{p(r(what))}</w:tc></w:tr>" for who, what in said)
    reading = read(docx(f"<w:tbl>{rows}</w:tbl>"))
    check_whole(reading)
    turns = [(span.speaker, reading.text[span.start : span.end]) for span in reading.spans if span.part in SPOKEN]
    assert turns == said[1:]
    assert {span.part for span in reading.spans} == {Part.BODY, Part.LABEL, Part.MARKUP}


def test_a_table_of_figures_stays_a_table():
    rows = "".join(f"<w:tr><w:tc>{p(r(f'Office {n}'))}</w:tc><w:tc>{p(r(str(n)))}</w:tc></w:tr>" for n in range(5))
    assert {part for _, part, _ in stretches(docx(f"<w:tbl>{rows}</w:tbl>"))} == {Part.TABLE}


def test_a_strict_word_file_is_read():
    data = office.docx_parts(office.SPOKEN)
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    data["word/document.xml"] = data["word/document.xml"].replace(office.W, strict)
    assert spoken(office.zipped(data))[1].endswith("The well, and the talk beside it.")


def test_the_main_part_may_have_another_name():
    parts = office.docx_parts(office.SPOKEN)
    parts["word/document2.xml"] = parts.pop("word/document.xml")
    parts["_rels/.rels"] = office.relations(("officeDocument", "/word/document2.xml", False))
    assert read(office.zipped(parts)).text.startswith("Interviewer")


def test_text_in_a_block_that_occurs_twice_counts_once():
    new = p(r("new"))
    body = f"<mc:AlternateContent><mc:Choice>{new}</mc:Choice><mc:Fallback>{new}</mc:Fallback></mc:AlternateContent>"
    assert spoken(docx(body)) == ["new"]
    assert left_out(docx(body)) == [("¶ 1", "repeated for older versions of Word", 3)]


def test_a_deleted_end_of_a_paragraph_joins_it_with_the_next_also_at_the_end_of_a_cell():
    ended = '<w:p><w:pPr><w:rPr><w:del w:id="7"/></w:rPr></w:pPr>' + r("one ") + "</w:p>"
    assert spoken(docx(ended + p(r("two")))) == ["one two"]
    assert spoken(docx(ended)) == ["one"]
    assert spoken(docx(f"<w:tbl><w:tr><w:tc>{ended}</w:tc><w:tc>{p(r('two'))}</w:tc></w:tr></w:tbl>")) == ["one", "two"]


@pytest.mark.parametrize("code", ["F0FC", "x0FC", "", "FFFFFFFF", "D800"])
def test_a_symbol_counts_as_one_character_whatever_its_code(code):
    data = docx(p(f'<w:r><w:sym w:font="Wingdings" w:char="{code}"/></w:r>', r("ticked")))
    assert (spoken(data), left_out(data)) == (["ticked"], [("¶ 1", "character of a symbol font", 1)])


def test_accents_in_two_pieces_are_joined_and_counted():
    data = docx(p(r("cafe\u0301")))
    assert spoken(data) == ["café"]
    assert left_out(data) == [("whole file", "accents joined to their letters (NFC)", 1)]


# Letters that Unicode writes in one way only, or in fewer characters than they were typed in.
LETTERS = st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff").filter(
    lambda c: c in "\t\n\r" or (ord(c) >= 32 and len(normalize("NFC", c)) == 1)
)
LEGAL = st.text(LETTERS, max_size=40)


def escaped(words):
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(LEGAL, max_size=4), max_size=8),
    st.sampled_from(["ins", "del", "moveFrom", "smartTag", "hyperlink"]),
)
def test_whatever_is_written_is_counted_once(paragraphs, wrapper):
    body = "".join(
        p(*(r(escaped(words)) for words in runs), f"<w:{wrapper}>{r(escaped(runs[0])) if runs else ''}</w:{wrapper}>")
        for runs in paragraphs
    )
    data = docx(body)
    reading = read(data)
    check_whole(reading)
    assert reading.chars == count_docx(data)


REAL = [*sorted(ROOT.glob("raw/**/*.docx")), *sorted((ROOT.parent / "shared" / "data").rglob("*.docx"))]


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_word_files_lose_nothing(path):
    data = path.read_bytes()
    reading = read(data)
    check_whole(reading)
    assert reading.chars == count_docx(data) > 0


def whole(data):
    reading = read(data)
    check_whole(reading)
    return reading


def control(words, *properties):
    return f"<w:sdt><w:sdtPr>{''.join(properties)}</w:sdtPr><w:sdtContent>{words}</w:sdtContent></w:sdt>"


@pytest.mark.parametrize(
    "body",
    [
        control(p(r("Click here")), "<w:showingPlcHdr/>") + p(r("said")),
        p(control(r("Click here"), "<w:showingPlcHdr/>"), r("said")),
        "<w:tbl><w:tr>"
        + control(f"<w:tc>{p(r('Click here'))}</w:tc>", "<w:showingPlcHdr/>")
        + "</w:tr></w:tbl>"
        + p(r("said")),
    ],
)
def test_what_a_form_asks_is_not_an_answer(body):
    reading = whole(docx(body))
    assert reading.text == "said"
    assert [(x.reason, x.chars) for x in reading.outside] == [("placeholder of a form field", 9)]


def test_what_was_answered_in_a_content_control_is_kept():
    controls = control(p(r("yes")), '<w:showingPlcHdr w:val="0"/>') + p(control(r("no")))
    assert spoken(docx(controls)) == ["yes", "no"]


def test_what_is_chosen_and_ticked_in_an_old_form_is_kept():
    entries = '<w:listEntry w:val="often"/><w:listEntry w:val="never"/>'
    chosen = f'<w:ffData><w:ddList><w:result w:val="1"/>{entries}</w:ddList></w:ffData>'
    first = f"<w:ffData><w:ddList>{entries}</w:ddList></w:ffData>"
    beyond = f'<w:ffData><w:ddList><w:result w:val="7"/>{entries}</w:ddList></w:ffData>'
    states = ('<w:default w:val="1"/><w:checked w:val="0"/>', "<w:checked/>")
    boxes = "".join(f"<w:ffData><w:checkBox>{state}</w:checkBox></w:ffData>" for state in states)
    lines = [p(f"<w:r><w:fldChar>{fields}</w:fldChar></w:r>", r(".")) for fields in (chosen, first, beyond, boxes)]
    assert whole(docx("".join(lines))).text.split("\n") == ["never.", "often.", ".", "☐☒."]


def test_words_behind_an_element_inside_a_text_are_kept():
    assert whole(docx("<w:p><w:r><w:t>one<w:odd/>two</w:t></w:r></w:p>")).text == "onetwo"


def test_two_notes_of_one_id_are_both_kept():
    called = p(r("noted"), '<w:r><w:footnoteReference w:id="2"/></w:r>')
    notes = "".join(f'<w:footnote w:id="2">{p(r(words))}</w:footnote>' for words in ("first", "second"))
    assert whole(docx(called, notes={"footnotes": story("footnotes", notes)})).text == "noted\nfirst\nsecond"


def test_of_several_choices_for_newer_programs_one_is_kept():
    choices = f"<mc:AlternateContent><mc:Choice>{p(r('one'))}</mc:Choice><mc:Choice>{p(r('two'))}</mc:Choice></mc:AlternateContent>"
    assert whole(docx(choices)).text == "one"
    assert left_out(docx(choices)) == [("¶ 1", "repeated for older versions of Word", 3)]


def test_a_fallback_of_nothing_is_kept():
    assert whole(docx(f"<mc:Fallback>{p(r('alone'))}</mc:Fallback>")).text == "alone"


def test_a_run_that_shows_itself_is_shown_though_its_style_hides():
    styles = story("styles", '<w:style w:styleId="S"><w:rPr><w:vanish/></w:rPr></w:style>')
    shown = p(r("hidden ", '<w:rStyle w:val="S"/>'), r("shown", '<w:rStyle w:val="S"/><w:vanish w:val="0"/>'))
    assert whole(docx(shown, notes={"styles": styles})).text == "shown"


def test_words_drawn_as_a_picture_are_a_text_box_and_in_a_header_part_of_it():
    drawn = '<w:r><w:pict><v:shape><v:textpath string="Borrador"/></v:shape></w:pict></w:r>'
    reading = whole(docx(p(r("said"), drawn), notes={"header1": story("hdr", p(drawn))}))
    assert [(span.place, span.part, reading.text[span.start : span.end]) for span in reading.spans] == [
        ("¶ 1", Part.BODY, "said"),
        ("¶ 1, drawing", Part.TEXTBOX, "Borrador"),
        ("header 1, drawing", Part.HEADER, "Borrador"),
    ]


def test_parts_are_found_as_word_finds_them():
    more = {"word/over head.xml": story("hdr", p(r("overhead"))), "word/FOOT.xml": story("ftr", p(r("underfoot")))}
    targets = [("header", "over%20head.xml", False), ("footer", "foot.xml", False)]
    assert whole(docx(p(r("said")), far=targets, more=more)).text == "said\noverhead\nunderfoot"


def test_notes_in_two_parts_are_both_read():
    called = p(*(f'<w:r><w:footnoteReference w:id="{n}"/></w:r>' for n in (2, 3)), r("said"))
    notes = {
        f"word/notes{n}.xml": story("footnotes", f'<w:footnote w:id="{n}">{p(r(f"note {n}"))}</w:footnote>')
        for n in (2, 3)
    }
    targets = [("footnotes", f"notes{n}.xml", False) for n in (2, 3)]
    assert whole(docx(called, far=targets, more=notes)).text == "said\nnote 2\nnote 3"


def test_a_document_under_another_name_is_read():
    parts = office.docx_parts(p(r("said")))
    parts["word/document2.xml"] = parts.pop("word/document.xml")
    parts["_rels/.rels"] = office.relations(("officeDocument", "word/document2.xml", False))
    assert detect(office.zipped(parts), Kind.DOCUMENT) == "docx"
    assert read(office.zipped(parts)).text == "said"
