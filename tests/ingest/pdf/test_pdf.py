"""PDF: pages as places, headers and footers and hyphens listed, scans named, and hostile files ended."""

import time

import pytest
from hostile import pdf as made
from hostile.pdf import document, lines_content, talk
from independent_counter import check_whole, count_pdf, held
from studies import ROOT

from pipeline import engine
from pipeline.config import Settings, StudySettings
from pipeline.engine import Failure, Limits
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask, read_file
from pipeline.ingest.pdf import guard as pdf_guard
from pipeline.ingest.pdf.reader import ranges, read
from pipeline.ingest.reading_builder import without_marked_labels
from pipeline.records import SourceEntry
from pipeline.vocabulary import Kind, Part, ReadStatus

SHARED = ROOT.parent / "shared" / "data" / "interviews" / "pdf_maxqda"
TALK = ["Interviewer: What was of use to the town?", "Respondent: The well, and the talk beside it in the evening."]


def pages(*contents, **how):
    return read(document([lines_content(lines, **how) for lines in contents]))


def stretches(reading):
    check_whole(reading)
    return [(span.place, span.part, reading.text[span.start : span.end]) for span in reading.spans]


def words(reading):
    return [words for *_, words in stretches(reading)]


def left_out(reading):
    return [(exclusion.place, exclusion.reason, exclusion.chars) for exclusion in reading.outside]


def refused(data):
    with pytest.raises(UnreadableError) as caught:
        read(data)
    (problem,) = caught.value.problems
    return problem


def in_child(data, *, seconds=3):
    """What the program makes of a file under limits, and the seconds it takes."""
    start = time.monotonic()
    task = FileTask("x.pdf", data, Kind.INTERVIEW, SourceEntry("x.pdf"), (), Settings(study=StudySettings(title="t")))
    ((_, outcome), (_, other)) = sorted(
        engine.run(read_file, [task, _good(task)], workers=1, limits=Limits(seconds, 1024)), key=lambda pair: pair[0]
    )
    assert other.turns
    return outcome, time.monotonic() - start


def _good(task):
    return FileTask("y.pdf", talk(), task.kind, SourceEntry("y.pdf"), (), task.settings)


# Paragraphs

WRAPPED = [
    "Respondent: The first thing that comes to my mind is the well, which the whole of the town",
    "had asked for over so many years that nobody believed in it any more when at last the two",
    "lorries came.",
    "Interviewer: And then?",
    "Respondent: Then they went.",
]


def test_lines_of_a_paragraph_are_joined_and_paragraphs_are_not():
    assert stretches(pages(WRAPPED)) == [
        ("p. 1", Part.BODY, " ".join(WRAPPED[:3])),
        ("p. 1", Part.BODY, "Interviewer: And then?"),
        ("p. 1", Part.BODY, "Respondent: Then they went."),
    ]


def test_a_speaker_opens_a_paragraph_even_where_the_line_before_is_full():
    one = "Respondent: The first thing that comes to my mind is the well, which the whole of the town"
    two = "Interviewer: And then, what did they do with it, and who was there with you at the time?"
    assert words(pages([one, two, one, two])) == [one, two, one, two]


def test_a_paragraph_goes_on_over_the_page():
    line = "A page of text in which every line is as long as the one before, so that none of them ends"
    one, two = stretches(pages([line] * 5, ["before its time. The next line is the end of it.", "A new one."]))
    assert one[:2] == ("p. 1-2", Part.BODY)
    assert one[2].endswith("so that none of them ends before its time. The next line is the end of it.")
    assert two == ("p. 2", Part.BODY, "A new one.")


def test_a_paragraph_goes_on_in_the_next_column_and_columns_do_not_mix():
    left = ["A column of text in which all the", "lines are of one length, and which"]
    right = ["goes on in the next.", "A second paragraph of the column."]
    columns = [
        *((70, 700 - 14 * n, words) for n, words in enumerate(left)),
        *((320, 700 - 14 * n, w) for n, w in enumerate(right)),
    ]
    assert words(pages(columns)) == [" ".join([*left, right[0]]), right[1]]


def test_a_wider_step_and_an_indent_open_a_paragraph():
    line = "A line that runs on to the very end of the column, word upon word, and then goes on in the"
    step = [(70, 700, line), (70, 686, line), (70, 660, line), (70, 646, line)]
    assert [len(text) for text in words(pages(step))] == [2 * len(line) + 1] * 2
    last = "nevertheless the end of it."
    indent = [(70, 700, line), (70, 686, line + "."), (90, 672, line[:-6]), (70, 658, last)]
    assert words(pages(indent)) == [f"{line} {line}.", f"{line[:-6].strip()} {last}"]


def test_bullets_and_numbered_items_are_paragraphs_of_their_own():
    line = "that runs on to the very end of the column, word upon word, so that nothing tells its end."
    assert len(words(pages([f"- one {line}", f"- two {line}", f"1. three {line}", f"2. four {line}"]))) == 4


@pytest.mark.parametrize("item", ["1)¿Cómo viene el agua?", "a)¿Y de noche?", "1) How does it come?"])
def test_an_item_below_a_title_with_a_colon_is_a_paragraph_of_its_own(item):
    title = "The body of the interview, in the words in which all of it was taken down by the team on that day:"
    assert words(pages([title, item])) == [title, item]


def test_rows_of_figures_stay_rows():
    rows = ["Item Budget 2022 Spent Share", "Staff, local 803,000 598,400 75 %", "Courses 412,000 322,100 78 %"]
    assert words(pages(rows)) == rows
    prose = "a line that ends in the year 2022 and goes on"
    assert len(words(pages([f"{prose} 4 300", "people in the next line of the very same paragraph."]))) == 1


def test_larger_letters_are_headings_unless_somebody_speaks():
    content = lines_content(["What was looked at"], size=16, top=800) + b"\n" + lines_content(WRAPPED, top=770)
    assert [part for _, part, _ in stretches(read(document([content])))] == [
        Part.HEADING,
        Part.BODY,
        Part.BODY,
        Part.BODY,
    ]


def test_letters_beyond_sixteen_bits_and_letters_that_are_several_are_kept():
    table = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"3 beginbfchar\n<41> <D83DDE00>\n<42> <0042>\n<43> <006600660069>\nendbfchar\nendcmap end"
    )
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >>"
    data = document([lines_content(["BAB", "CBC"])], font=font, extra={5: made.stream(table)})
    assert stretches(read(data)) == [("p. 1", Part.BODY, "B😀B ffiBffi")]


# Hyphens


@pytest.mark.parametrize(
    ("before", "after", "elsewhere", "joined", "is_listed"),
    [
        ("the extra-", "ordinary well", "", "the extraordinary well", True),
        ("the post-", "course talk", "a post-course talk", "the post-course talk", False),
        ("the post-", "course talk", "a post, no course, a post, the course", "the post-course talk", False),
        ("the extra-", "ordinary well", "extra ordinary extra ordinary extraordinary", "the extraordinary well", True),
        ("the town of San-", "Martin", "", "the town of San-Martin", False),
        ("the years 2018-", "2022", "", "the years 2018- 2022", False),
        ("of the co-de-", "sign", "", "of the co-design", True),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_goes_unless_the_word_has_it(before, after, elsewhere, joined, is_listed):
    filler = "A line that runs on to the very end of the column, word upon word, and then goes on in"
    reading = pages([f"{filler} {before}", f"{after} and so on.", "", f"Elsewhere {elsewhere}."])
    assert joined in words(reading)[0]
    assert left_out(reading) == ([("p. 1", "hyphen at the end of a line", 1)] if is_listed else [])


def test_a_hyphen_at_the_very_end_stays():
    assert words(pages(["an unfinished wo-"])) == ["an unfinished wo-"]


# Headers and footers

HEADED = [
    [
        (70, 810, f"Mission paper, draft {3 * number}"),
        "Some words on page",
        f"that is page {name}.",
        (290, 30, f"{number} / 4"),
    ]
    for number, name in enumerate(["one", "two", "three", "four"], 1)
]


def test_headers_and_footers_are_left_out_and_listed_by_page():
    reading = pages(*HEADED, top=750)
    assert "draft" not in reading.text
    assert [place for place, reason, _ in left_out(reading) if reason == "page header"] == [
        f"p. {n}" for n in range(1, 5)
    ]
    assert [chars for _, reason, chars in left_out(reading) if reason == "page footer"] == [3] * 4
    assert held(reading) == reading.chars


def test_what_is_said_again_at_the_top_of_pages_is_not_a_header():
    said = ["Respondent: Yes.", "Interviewer: And what did they do then?", "Respondent: They went."]
    reading = pages(*[[*said, f"Respondent: This was the {name}."] for name in ("first", "second", "third")])
    assert reading.outside == ()
    assert len(words(reading)) == 12


def test_pages_that_are_all_alike_keep_their_text():
    assert len(words(read(talk(pages=3)))) == 6


def test_numbers_in_the_margin_are_left_out_and_listed():
    lines = [(70, 700 - 20 * n, f"Interviewer: Question {'abcdef'[n]}, and a bit more of it?") for n in range(6)]
    numbers = [(40, 700 - 20 * n, str(n + 1)) for n in range(6)]
    reading = pages([*lines, *numbers])
    assert left_out(reading) == [("p. 1", "number in the margin", 1)] * 6
    assert len(words(reading)) == 6


def test_what_is_outside_the_page_is_listed():
    reading = pages([*TALK, (70, -200, "cropped away")])
    assert left_out(reading) == [("p. 1", "outside the page", 11)]


def test_a_line_that_the_next_page_shows_again_counts_once():
    again = "and this is the line that was cut in two by the page"
    reading = pages([*TALK, again], [again, "Interviewer: What then?"])
    assert left_out(reading) == [("p. 1", "line shown again on the next page", len(again.replace(" ", "")))]


# Hostile files


def test_case_17_a_stream_that_swells_is_refused_with_the_number_of_its_object():
    problem = refused(made.case_17_flate_bomb(150))
    assert (problem.where, problem.what) == ("object 11", "a stream in it unpacks to more than 100 MB")


def test_case_17_stacked_filters_are_counted_through():
    assert refused(made.case_17_stacked_filters(150)).where == "object 11"


def test_case_17_a_stream_of_some_megabytes_is_not_a_bomb():
    reading = read(document([b"q Q " * 500_000 + lines_content(TALK)]))
    assert words(reading) == TALK


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"/Filter /FlateDecode", b"/F#69lter /FlateDecode"),
        (b"/Filter /FlateDecode", b"/Filter 12 0 R"),
        (b"/FlateDecode >>", b"/FlateDecode /X (5 0 obj << >>)>>"),
        (b"/FlateDecode >>", b"/FlateDecode /X (" + b" " * 5000 + b")>>"),
        (b"/FlateDecode >>\nstream\n", b"/FlateDecode >>\nstream \r\n"),
    ],
)
def test_case_17_a_bomb_is_known_by_its_content_whatever_its_dictionary_says(before, after):
    data = made.case_17_flate_bomb(150)
    assert data.count(before) == 1
    assert "unpacks to more than 100 MB" in refused(data.replace(before, after)).what


def test_case_17_a_bomb_that_begins_like_a_packed_stream_is_counted():
    assert refused(made.case_17_flate_bomb(150, begins=b"(S")).where == "object 11"


def test_case_17_what_says_that_it_is_a_picture_is_held_to_a_limit_too(monkeypatch):
    monkeypatch.setattr(pdf_guard, "LARGEST_PICTURE", 120 * made.MB)
    data = made.case_17_flate_bomb(150).replace(b"/Filter", b"/Subtype /Image /Filter")
    assert refused(data).what == "a stream in it unpacks to more than 120 MB"


def test_case_17_large_pictures_and_broken_streams_are_not_refused(monkeypatch):
    monkeypatch.setattr(pdf_guard, "LARGEST_STREAM", 1000)
    picture = made.stream(bytes(5000), "/Subtype /Image ")
    pdf_guard.check_streams(b"9 0 obj\n" + picture)
    pdf_guard.check_streams(b"9 0 obj\n<< /Filter /FlateDecode >>\nstream\nnot packed\nendstream")
    pdf_guard.check_streams(b"9 0 obj\n<< /Filter [/ASCII85Decode /FlateDecode] >>\nstream\nx\nendstream")
    with pytest.raises(UnreadableError, match="object 9"):
        pdf_guard.check_streams(b"9 0 obj\n" + made.stream(bytes(5000)))


@pytest.mark.parametrize(
    "maker",
    [
        made.case_18_circular_prev,
        made.case_18_circular_outlines,
        made.case_18_circular_pages,
        made.case_18_no_root,
        made.case_18_million_operators,
        made.case_18_huge_to_unicode,
        made.case_18_deep_form,
    ],
)
def test_case_18_a_file_that_leads_in_circles_is_read_or_ended_and_the_next_goes_on(maker):
    outcome, seconds = in_child(maker())
    assert seconds < 12
    if isinstance(outcome, Failure):
        assert outcome.problems[0].what in {"not read within 3 s", "is not a complete PDF: truncated or damaged"}
    else:
        assert len(outcome.turns) == 2


def test_case_19_a_scan_is_refused_and_never_an_empty_interview():
    problem = refused(made.case_19_scan(range(1, 11)))
    assert (problem.where, problem.what) == ("p. 1-10", "no text layer: the pages are pictures")
    assert "OCR" in problem.remedy


def test_case_19_scanned_pages_among_others_are_listed():
    reading = read(made.case_19_scan({3, 5, 6}))
    assert reading.status is ReadStatus.PARTIAL
    assert reading.notes[0].startswith("p. 3, 5-6: no text layer")
    assert len(words(reading)) == 14


def test_case_19_a_blank_page_is_not_a_scan():
    reading = read(document([lines_content(TALK), b"", lines_content(TALK)]))
    assert (reading.status, reading.notes) == (ReadStatus.READ, ())


def test_case_19_a_scan_under_a_stamp_is_still_a_scan():
    stamp = b"q 595 0 0 842 0 0 cm /Im Do Q\n" + lines_content(["Received 3 May"])
    reading = read(document([lines_content(TALK), stamp]))
    assert reading.notes[0].startswith("p. 2: no text layer")
    assert "Received 3 May" in reading.text
    assert refused(document([stamp, stamp])).what == "no text layer: the pages are pictures"


def test_case_20_a_password_is_named():
    problem = refused(made.case_20_password("secret"))
    assert problem.what == "is encrypted with a password"
    assert "remove the password" in problem.remedy


def test_case_20_an_owners_password_is_named_and_the_text_is_read():
    reading = read(made.case_20_password(""))
    assert words(reading) == TALK
    assert reading.notes == ("is protected by an owner's password; it opens without one",)


def test_case_21_letters_that_cannot_be_recognised_are_refused_with_their_page():
    problem = refused(made.case_21_private_letters())
    assert problem.where == "p. 1"
    assert problem.what.startswith("100% of the characters cannot be identified")


def test_case_21_up_to_one_in_a_hundred_is_read():
    reading = read(made.case_21_private_letters(0.001))
    assert reading.status is ReadStatus.READ


def test_case_22_a_cut_file_is_named():
    assert refused(made.case_22_cut()).what == "is not a complete PDF: truncated or damaged"


def test_case_22_a_file_without_its_end_that_still_opens_is_partial():
    whole = talk(pages=3)
    reading = read(whole[: whole.rindex(b"startxref")])
    assert reading.status is ReadStatus.PARTIAL
    assert reading.notes == ("the file is cut off: its end is missing, and pages may be missing too",)


def test_case_22_scripts_and_attached_files_are_named_not_run_and_not_read():
    assert "contains JavaScript (1), which was not run" in read(made.case_22_javascript()).notes
    on_opening = talk(extra={5: "<< /S /JavaScript /JS (x) >>"}, catalog="/OpenAction 5 0 R ")
    assert read(on_opening).notes == ("contains JavaScript (1), which was not run",)
    assert read(made.case_22_attachment()).notes == ("contains attached files (1), which were not read",)


def test_remarks_typed_notes_and_answers_in_a_form_are_kept_and_labelled():
    assert stretches(read(made.annotated()))[2:] == [
        ("p. 1, comment", Part.COMMENT, "a remark"),
        ("p. 1, text box", Part.TEXTBOX, "typed onto it"),
        ("p. 1, form field", Part.BODY, "the answer"),
    ]


def test_a_form_that_one_program_alone_can_show_is_partial():
    xfa = {5: made.stream(b"<xdp/>")}
    reading = read(talk(extra=xfa, catalog="/AcroForm << /Fields [] /XFA 5 0 R >> "))
    assert reading.status is ReadStatus.PARTIAL
    assert reading.notes[0].startswith("is an XFA form")


def test_ranges_are_written_as_people_write_them():
    assert ranges([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"


# Real files

REAL = [*sorted(ROOT.glob("raw/**/*.pdf")), *sorted((ROOT.parent / "shared" / "data").rglob("*.pdf"))]


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files_lose_nothing(path):
    reading = read(path.read_bytes())
    check_whole(reading)
    off = sum(exclusion.chars for exclusion in reading.outside if exclusion.reason == "outside the page")
    assert reading.chars - off == count_pdf(path) > 0


# labels at the start of lines, counted by hand in the printed pages; a line printed twice at a page break counts once
BY_HAND = {"P1.pdf": {"Dan": 47, "Participant": 47}, "P2.pdf": {"Dan": 81, "Participant": 84}}


@pytest.mark.parametrize("name", BY_HAND)
def test_real_interviews_have_the_turns_counted_by_hand(name):
    if not (SHARED / name).exists():
        pytest.skip("shared/data is not here: interviews/pdf_maxqda")
    entry = SourceEntry(name, speakers=(("Dan", "INTERVIEWER"),))
    task = FileTask(
        name, (SHARED / name).read_bytes(), Kind.INTERVIEW, entry, (), Settings(study=StudySettings(title="t"))
    )
    speakers = [turn.speaker for turn in read_file(task).turns]
    assert {speaker: speakers.count(speaker) for speaker in set(speakers)} == BY_HAND[name]


# Pages that are cut, moved or turned; what is damaged


def page_of(box="/MediaBox [0 0 595 842]", content=b"11 0 R"):
    return f"<< /Type /Page /Parent 2 0 R {box} /Contents 11 0 R /Resources << /Font << /F1 3 0 R >> >> >>"


def moved(x, y):
    return lines_content([(70 + x, 770 + y, TALK[0]), (70 + x, 756 + y, TALK[1])])


@pytest.mark.parametrize(
    ("content", "box"),
    [
        (moved(1000, 2000), "/MediaBox [1000 2000 1595 2842]"),
        (moved(-700, -900), "/MediaBox [-700 -900 -105 -58]"),
        (moved(0, 0), "/MediaBox [0 0 595 842] /CropBox [50 400 595 842]"),
    ],
)
def test_a_page_that_does_not_begin_at_zero_is_read_whole(content, box):
    reading = read(document([content], extra={10: page_of(box)}))
    assert (words(reading), reading.outside) == (TALK, ())


def test_what_the_edge_of_a_page_cuts_off_is_listed():
    reading = read(document([moved(0, 0)], extra={10: page_of("/MediaBox [0 0 595 842] /CropBox [0 0 595 760]")}))
    assert words(reading) == [TALK[1]]
    assert left_out(reading) == [("p. 1", "outside the page", 34)]


TURNED = {90: "0 1 -1 0 %d %d", 180: "-1 0 0 -1 %d %d", 270: "0 -1 1 0 %d %d"}
PLACES = {90: [(100, 70), (114, 70)], 180: [(525, 72), (525, 86)], 270: [(700, 772), (686, 772)]}


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_is_turned_is_read_as_it_is_shown(degrees):
    lines = zip(PLACES[degrees], TALK, strict=True)
    shown = "\n".join(f"BT /F1 11 Tf {TURNED[degrees] % place} Tm ({words}) Tj ET" for place, words in lines)
    reading = read(document([shown.encode()], extra={10: page_of(f"/MediaBox [0 0 842 842] /Rotate {degrees}")}))
    assert (words(reading), reading.outside) == (TALK, ())


def test_words_that_run_backwards_or_upwards_alone_on_a_page_are_read():
    for matrix in ("-1 0 0 -1 500 400", "0 1 -1 0 300 100"):
        assert words(read(document([f"BT /F1 11 Tf {matrix} Tm (Against the grain) Tj ET".encode()]))) == [
            "Against the grain"
        ]


def test_pages_that_are_not_there_are_named_together():
    reading = read(talk(extra={2: "<< /Type /Pages /Kids [10 0 R] /Count 100000 >>"}))
    assert (words(reading), reading.status) == (TALK, ReadStatus.PARTIAL)
    assert reading.notes == ("p. 2-100000: cannot be loaded; the file is damaged there",)


def test_pages_that_no_list_names_are_named():
    one = "<< /Type /Pages /Kids [10 0 R 12 0 R 14 0 R] /Count 1 >>"
    (note,) = read(document([lines_content(TALK)] * 3, extra={2: one})).notes
    assert note.startswith("contains pages that its list of pages does not name (2)")
    assert read(document([lines_content(TALK)] * 3)).notes == ()


def test_a_page_that_shows_nothing_in_a_damaged_file_is_named():
    body = made.stream(lines_content([f"Line {n} of words that will be lost" for n in range(40)]))
    start = body.index(b"stream\n") + 7
    damaged = body[: start + 2] + bytes(20) + body[start + 22 :]
    reading = read(document([lines_content(TALK), b"", b""], extra={13: damaged}))
    assert (words(reading), reading.status) == (TALK, ReadStatus.PARTIAL)
    assert reading.notes == (
        "object 13 cannot be unpacked to the end: the file is damaged, and words may be missing",
        "nothing is shown on p. 2-3",
    )


def test_everything_that_is_chosen_or_ticked_in_a_form_is_kept():
    reading = read(made.filled_form())
    assert [(place, words) for place, _, words in stretches(reading)][2:] == [
        ("p. 1, form field", "bus"),
        ("p. 1, form field", "boat"),
        ("p. 1, box that is ticked", "weekly"),
    ]


def two_columns(rows):
    """A page on which the left column says who speaks, and the words beside it are wrapped."""
    content, at = [], 760
    for name, *beside in rows:
        for number, words in enumerate(beside):
            content += [f"1 0 0 1 72 {at} Tm ({name}) Tj"] if number == 0 else []
            content.append(f"1 0 0 1 200 {at} Tm ({words}) Tj")
            at -= 14
    return read(document([f"BT /F1 11 Tf {' '.join(content)} ET".encode()]))


def test_a_column_of_names_says_who_speaks():
    exchanges = [
        ("Susan", "Shall we begin with how you came", "to the seed bank?"),
        ("Rhoda", "Through my aunt, who kept maize from", "before the drought on the roof of", "the house."),
        ("Susan", "And did you agree with the officer", "straight away?"),
        ("Rhoda", "No, because we thought that he would", "sell it in town."),
        ("Susan", "What would you want the next project", "to know of it?"),
        ("Rhoda", "That the store needs a lock, and", "a woman to hold the key."),
    ]
    reading = two_columns(exchanges)
    check_whole(reading)
    spoken = [(span.speaker, reading.text[span.start :]) for span in reading.spans if span.speaker]
    assert [name for name, _ in spoken] == [name for name, *_ in exchanges]
    assert all(text.startswith(beside[0]) for (_, text), (_, *beside) in zip(spoken, exchanges, strict=True))
    as_document = without_marked_labels(reading, set(reading.marked_labels))
    check_whole(as_document)
    paragraphs = [as_document.text[span.start : span.end] for span in as_document.spans]
    assert all(any(words.startswith(f"{name} {beside[0]}") for words in paragraphs) for name, *beside in exchanges)


def test_a_column_of_names_beside_tasks_is_nobodys_speech():
    tasks = [
        (name, "buys the lock, and brings it to the", f"store in week {week}.")
        for week, name in enumerate(["Hale", "Odum"] * 3)
    ]
    assert not any(span.speaker for span in two_columns(tasks).spans)


@pytest.mark.parametrize("names", [("Participante 1", "Participante 2"), ("Maria Rojas", "Maria Vega")])
def test_names_in_a_column_that_begin_alike_are_different_people(names):
    rows = [
        row
        for number in range(4)
        for row in [
            ("Moderadora", "And what changed for you in the year", f"after flood {number}?"),
            (names[0], "The road was closed for a month, and", "we carried the sacks."),
            (names[1], "We had our own store by then, so we", "lost nothing."),
        ]
    ]
    spoken = [span.speaker for span in two_columns(rows).spans if span.speaker]
    assert spoken == [name for name, *_ in rows]


def test_a_column_of_names_with_a_line_that_names_nobody_is_not_read():
    exchange = [
        ("Susan", "And what did the officer say to the", "people?"),
        ("Rhoda", "He said that he would come", "back."),
    ]
    rows = [*exchange * 2, ("of the record", "This stretch was not heard and is", "left out."), *exchange]
    assert not any(span.speaker for span in two_columns(rows).spans)
