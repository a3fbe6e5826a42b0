"""Files of raw/ as sources: formats by content, files that are not interviews, names of files, languages, tables."""

import io
import zipfile
from time import process_time

import pytest
from hostile import office
from small_interviews import PEOPLE, read, roles, said, settings
from small_surveys import workbook

from pipeline.errors import IntegrityError, UnreadableError
from pipeline.ingest import READERS, check_nothing_lost, language, safe_id
from pipeline.ingest.formats import detect
from pipeline.ingest.transcript.turn_builder import Split, TurnSpan
from pipeline.provenance import sha256_bytes, sha256_text
from pipeline.records import Reading, SourceEntry
from pipeline.vocabulary import Kind, ReadStatus

TALK = "Vera Quintanal: ¿Desde cuándo?\n\nRufina: Desde siempre, pues, que yo me acuerde.\n"


def archive(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


def problem_of(content, **more):
    with pytest.raises(UnreadableError) as caught:
        read(content, **more)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("data", "kind", "name"),
    [
        (b"%PDF-1.7 ...", Kind.INTERVIEW, "pdf"),
        (b"{\\rtf1 hola}", Kind.INTERVIEW, "rtf"),
        (archive(("word/document.xml", "<x/>")), Kind.INTERVIEW, "docx"),
        (archive(("xl/workbook.xml", "<x/>")), Kind.SURVEY, "xlsx"),
        (archive(("mimetype", "application/vnd.oasis.opendocument.text")), Kind.DOCUMENT, "odt"),
        (b"$FL2@(#) SPSS", Kind.SURVEY, "sav"),
        (b"<!DOCTYPE html><html>", Kind.DOCUMENT, "html"),
        (b"\xef\xbb\xbf <html lang='es'>", Kind.DOCUMENT, "html"),
        (b"\xef\xbb\xbfWEBVTT\n", Kind.INTERVIEW, "subtitles"),
        ("WEBVTT\n".encode("utf-16"), Kind.INTERVIEW, "subtitles"),
        (b"1\r00:00:01,000 --> 00:00:02,000\rHola\r", Kind.INTERVIEW, "subtitles"),
        (b"id;answer\n1;x\n", Kind.SURVEY, "csv"),
        (b"speaker,words\nA,x\n", Kind.INTERVIEW, "table"),
        (b"speaker,words\nA,x\n", Kind.DOCUMENT, "plain"),
        ("Año de la señora".encode("cp1252"), Kind.INTERVIEW, "plain"),
    ],
)
def test_case_16_the_format_is_recognised_by_the_content(data, kind, name):
    assert detect(data, kind) == name


def test_every_format_has_a_reader_or_is_a_surveys():
    assert set(READERS) >= {"plain", "subtitles", "table", "xlsx", "docx", "odt", "rtf", "pdf", "html"}


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf\n", b"\x00" * 40, "\u200b\u2028 ".encode()])
def test_case_29_an_empty_file_is_named_and_not_counted(data):
    problem = problem_of(data)
    assert "empty" in problem.what or "no words" in problem.what
    assert problem.remedy


@pytest.mark.parametrize(
    "text", ["Vera Quintanal: ¿Me oye?\nVera Quintanal: ¿Y ahora?\n", "**VERA:** ¿Edad?\n\n**E1:** [completar]\n"]
)
def test_case_29_an_interview_in_which_nobody_answers_is_listed_and_has_no_turn(text):
    reading = read(text)
    assert reading.turns == ()
    assert reading.sources[0].status is ReadStatus.REJECTED
    assert "has no respondent" in reading.sources[0].note
    assert {row.reason for row in reading.rejected} >= {"nobody answers", "speaker label"}


def test_case_29_unknown_speakers_are_listed_and_not_counted():
    reading = read("Ana: Uno.\nEva: Dos.\nSol: Tres.\n" * 3, people=(), chosen=settings(interviewers=()))
    assert roles(reading) == {"other": 9}
    assert "whose words are not counted: 3" in reading.sources[0].note


def test_case_29_a_speaker_spelt_in_three_ways_is_listed():
    text = "".join(f"VQ: ¿Y?\n{name}: Sí, sí.\n" for name in ("Rufina", "RUFINA C.", "mamá Rufina"))
    reading = read(text)
    assert "names spelt in 3 ways: 1" in reading.sources[0].note
    assert reading.sources[0].participant_ids == "P001"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Office format, or encrypted"),
        (b"PK\x03\x04 cut", "broken archive"),
        (archive(("a.txt", "x")), "an archive, not a document"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 20 + b"\0" * 400, "a picture"),
        (b"SQLite format 3\0" + b"\0" * 400, "a database"),
        (b"\x1f\x8b\x08\0" + bytes(range(32)) * 20, "compressed with gzip"),
        (bytes(range(32)) * 20 + b"\0" * 400, "neither text"),
    ],
)
def test_files_that_cannot_be_read_say_what_they_are(data, what):
    assert what in problem_of(data).what


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'{"id": 1, "text": "The road is mud."}\n{"id": 2, "text": "We walk."}\n', "is JSON, not a table"),
        (b'[{"id": 1, "text": "The road is mud."}]', "is JSON, not a table"),
        (b"PAR1" + bytes(range(32)) * 20, "is a Parquet file"),
        (b"<stata_dta><header>", "is a Stata file"),
    ],
)
def test_a_file_that_is_not_a_table_among_the_surveys_says_how_to_export_one(data, what):
    problem = problem_of(data, kind=Kind.SURVEY)
    assert problem.what == what
    assert "as .csv or .xlsx" in problem.remedy


@pytest.mark.parametrize(
    ("stem", "safe"),
    [
        ("PE-01 relatives", "PE-01-relatives"),
        ("señora.v2", "senora.v2"),
        ("a\n\x1b[31mb", "a-31mb"),
        ("x:y/../z", "x-y-..-z"),
        ("entrevista 👍", "entrevista"),
        ("面接", "source"),
        ("trailing.", "trailing"),
    ],
)
def test_case_46_names_of_files_become_safe_ids(stem, safe):
    assert safe_id(stem) == safe
    assert ":" not in safe_id(stem)


def test_case_46_a_name_of_255_bytes_keeps_its_length():
    assert safe_id("a" * 255) == "a" * 255


def test_a_source_names_its_file_and_its_people():
    entry = SourceEntry("a", source_id="X-1", participant_ids=("P001",), date="2023-05-03", site="Huallpa")
    reading = read(TALK, entry=entry)
    source = reading.sources[0]
    assert (source.source_id, source.kind, source.bytes, source.sha256) == (
        "X-1", Kind.INTERVIEW, len(TALK.encode()), sha256_bytes(TALK.encode()),
    )  # fmt: skip
    assert (source.participant_ids, source.date, source.site, source.status) == (
        "P001",
        "2023-05-03",
        "Huallpa",
        "read",
    )
    assert reading.texts[0].text_sha256 == sha256_text(reading.texts[0].text)
    assert {turn.source_id for turn in reading.turns} == {"X-1"}
    assert [turn.turn for turn in reading.turns] == [1, 2]


def test_reading_twice_gives_the_same():
    assert read(TALK) == read(TALK)


def test_notes_and_reasons_hold_no_names_and_no_words_of_people():
    text = TALK + "Hilda Tarqui: Permiso.\n\nrufina: [tose]\n\n# Rufina\n\nRufina\n"
    reading = read(text)
    told = reading.sources[0].note + " ".join(row.reason + row.place for row in reading.rejected)
    assert not any(word in told for word in ("ufina", "Hilda", "Vera", "Permiso", "siempre"))


def test_languages_are_recognised_turn_by_turn_and_short_turns_have_the_files():
    text = (
        "VQ: ¿Desde cuándo conoce usted a la gente de la Misión y cómo fue la primera vez?\n"
        "RC: Uy.\nVQ: ¿Y?\nGA: I was there with the people of the valley and they said it was time for a change.\n"
        "RC: Sí, y eso fue muy bueno para nosotros porque ya no había nada.\n"
    )
    reading = read(text)
    assert [turn.language for turn in reading.turns] == ["es", "es", "es", "en", "es"]
    assert reading.sources[0].language == "es"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Cuando llegamos al pueblo no había nadie que nos pudiera decir dónde estaba la oficina de la fiscalía.",
            "es",
        ),
        ("When we came to the village nobody could tell us where the office of the prosecutor was.", "en"),
        ("Quand nous sommes arrivés au village, personne ne pouvait nous dire où était le bureau du procureur.", "fr"),
        ("Quando chegamos na aldeia não havia ninguém que pudesse dizer onde ficava a promotoria.", "pt"),
        ("Ya", ""),
    ],
)
def test_a_language_is_one_of_the_studys(text, told):
    assert language.identify(text, ("es", "en", "fr", "pt")) == told


def test_the_register_says_the_language_of_short_turns():
    assert {
        t.language
        for t in read("VQ: ¿Y?\nRC: No.\n", entry=SourceEntry("a", language="pt"), chosen=settings("es", "pt")).turns
    } == {"pt"}


TABLE = (
    "speaker,words,tags,timestamp\n,(antes de grabar),,\nVQ:,¿Desde cuándo?,inicio,0:00:00\n"
    "RC:,Desde siempre&#8212;pues.,tiempo,\nRC:,\"Y más,\nademás.\",,\nVQ:,,,\n"
)  # fmt: skip


def test_a_transcript_in_a_table_gives_a_turn_a_row():
    reading = read(TABLE)
    assert said(reading) == [
        ("interviewer", "", "¿Desde cuándo?"),
        ("respondent", "P001", "Desde siempre—pues."),
        ("respondent", "P001", "Y más, además."),
    ]
    assert [turn.place for turn in reading.turns] == ["row 3", "row 4", "row 5"]
    assert {row.reason for row in reading.rejected} >= {
        "no speaker",
        "column headings",
        "other columns",
        "speaker label",
    }


def test_a_row_without_a_speaker_continues_the_one_above_and_a_note_in_brackets_stays_out():
    reading = read("speaker,words\nVQ,¿Y?\nRC,Uno.\n,Dos.\n,(ríe)\n,Tres.\nVQ,Ya.\n")
    assert [(person, words) for _, person, words in said(reading)][1:4] == [
        ("P001", "Uno."),
        ("P001", "Dos."),
        ("P001", "Tres."),
    ]
    assert [row.place for row in reading.rejected if row.reason == "note of the transcriber"] == ["row 5"]


def test_a_transcript_in_a_workbook_is_read_alike():
    from openpyxl import Workbook

    book = Workbook()
    for row in (("Hablante", "Texto"), ("VQ", "¿Desde cuándo?"), ("Rufina", "Desde siempre.")):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    assert [words for _, _, words in said(read(buffer.getvalue(), people=PEOPLE))] == [
        "¿Desde cuándo?",
        "Desde siempre.",
    ]


def test_a_table_with_an_open_quote_names_the_line_where_it_opened():
    assert problem_of('speaker,words\nRC,Uno.\nVQ,"¿Desde\ny\nmás\n').where == "line 3"


def test_a_row_with_a_cell_too_many_is_named_and_no_word_is_taken_for_another_column():
    problem = problem_of("time,speaker,words\n0:01,VQ,¿Sí?\n0:02,RC,Sí, claro.\n0:03,VQ,Ya.\n")
    assert problem.where == "row 3"
    assert "more cells than headings" in problem.what


def test_what_else_a_workbook_with_a_transcript_holds_is_listed():
    rows = [["Hablante", "Texto"], ["RC\u200b", "Desde e\u0301l siempre."]]
    reading = read(workbook({"Nota": [["aparte"]], "A": rows, "Oculta": [["secreto"]]}, hidden=["Oculta"]))
    assert [(person, words) for _, person, words in said(reading)] == [("P001", "Desde él siempre.")]
    assert {(row.place, row.reason, row.chars) for row in reading.rejected} >= {
        ("sheet Nota", "another sheet", 6),
        ("sheet Oculta", "hidden sheet", 7),
        ("whole file", "accents joined to their letters (NFC)", 1),
    }


def test_a_workbook_with_a_transcript_that_swells_is_refused():
    data = office.case_09_doctype("xlsx", "xl/sharedStrings.xml", "billion laughs")
    assert problem_of(data).what.startswith("declares a DOCTYPE")


def test_a_format_that_is_not_an_interview_is_named():
    assert problem_of(archive(("project.qde", "<x/>"))).what == "a .qdpx file is not a transcript or document"


def test_lost_characters_stop_a_file():
    reading = Reading("x", "uno dos", (), 7)
    with pytest.raises(IntegrityError, match="7 characters were read, 3 are in turns and 0 are listed"):
        check_nothing_lost(reading, Split((TurnSpan("", 0, 3, "line 1"),), ()), 0)


@pytest.mark.parametrize(
    "start", ["<!-- c -->" * 800, "<!--" * 2000, "<!-- -->  \n" * 700, "<?xml " + "<!-- -->" * 900]
)
def test_case_25_the_format_is_recognised_at_once_whatever_repeats(start):
    began = process_time()
    assert detect(f"{start}x".encode(), Kind.INTERVIEW) == "plain"
    assert detect(f"{start.removeprefix('<?xml ')}<p>x".encode(), Kind.INTERVIEW) in ("html", "plain")
    assert process_time() - began < 1


def test_case_15_an_archive_whose_first_part_is_damaged_is_named():
    whole = bytearray(office.zipped({"mimetype": "application/vnd.oasis.opendocument.text" * 3, "content.xml": "<x/>"}))
    at = whole.index(b"mimetype") + len("mimetype")
    whole[at : at + 4] = b"\xff" * 4
    assert problem_of(bytes(whole)).what == "is a broken archive: truncated or altered"


@pytest.mark.parametrize(
    "table",
    [
        "Who,What\nVera,¿Y el agua?\nRufina,Llega todos los días.\nVera,¿Y de noche?\nRufina,De noche también llega.\n",
        (
            "0:01,0:03,Vera,¿Y el agua?\n0:03,0:07,Rufina,Llega todos los días.\n0:07,0:09,Vera,¿Y de noche?\n"
            "0:09,0:14,Rufina,De noche también llega.\n"
        ),
        (
            "Vera\t\t00:00:01.5\t1.5\t¿Y el agua?\nRufina\t\t00:00:03.0\t3.0\tLlega todos los días.\n"
            "Vera\t\t00:00:07.5\t7.5\t¿Y de noche?\nRufina\t\t00:00:09.0\t9.0\tDe noche también llega.\n"
        ),
    ],
)
def test_a_table_of_turns_is_recognised_by_any_sensible_headings_and_by_its_cells(table):
    assert [(role, words) for role, _, words in said(read(table))] == [
        ("interviewer", "¿Y el agua?"),
        ("respondent", "Llega todos los días."),
        ("interviewer", "¿Y de noche?"),
        ("respondent", "De noche también llega."),
    ]


def test_a_table_of_something_else_is_named():
    table = 'Code,Sub,Label,Quote\na,b,c,"x, y"\nd,e,f,"z, w"\ng,h,i,"k, l"\nj,k,l,"m, n"\n'
    assert "no columns for speaker and words" in problem_of(table).what


WHISPERX = (
    '{"segments": [{"start": 0.0, "text": " ¿Y el agua?", "speaker": "SPEAKER_00"},'
    ' {"start": 2.0, "text": " Llega.", "speaker": "SPEAKER_01"}], "language": "es"}'
)
DEEPGRAM = (
    '{"results": {"channels": [{"alternatives": [{"transcript": "¿Y el agua? Llega.", "paragraphs": {"paragraphs": ['
    '{"sentences": [{"text": "¿Y el agua?"}], "speaker": 0}, {"sentences": [{"text": "Llega."}], "speaker": 1}]}}]}]}}'
)
ELAN = (
    '<?xml version="1.0"?><ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="0"/>'
    '<TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="900"/></TIME_ORDER><TIER TIER_ID="R" PARTICIPANT="Rufina"><ANNOTATION>'
    '<ALIGNABLE_ANNOTATION TIME_SLOT_REF1="b"><ANNOTATION_VALUE>Llega.</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>'
    '</TIER><TIER TIER_ID="V" PARTICIPANT="Vera"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a"><ANNOTATION_VALUE>'
    "¿Y el agua?</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
)
EXMARALDA = (
    '<?xml version="1.0"?><basic-transcription><head><speakertable><speaker id="S0"><abbreviation>VQ</abbreviation></speaker>'
    '<speaker id="S1"><abbreviation>RC</abbreviation></speaker></speakertable></head><basic-body><common-timeline>'
    '<tli id="T0" time="0"/><tli id="T1" time="1"/><tli id="T2" time="2"/></common-timeline>'
    '<tier id="a" speaker="S1" type="t"><event start="T1" end="T2">Llega.</event></tier>'
    '<tier id="b" speaker="S0" type="t"><event start="T0" end="T1">¿Y el agua?</event></tier>'
    '<tier id="c" speaker="S0" type="d"><event start="T0" end="T1">nods</event></tier></basic-body></basic-transcription>'
)


@pytest.mark.parametrize("content", [WHISPERX, DEEPGRAM, ELAN, EXMARALDA])
def test_transcripts_that_programs_keep_as_data_give_their_turns_in_order(content):
    assert [(role, words) for role, _, words in said(read(content))] == [
        ("interviewer", "¿Y el agua?"),
        ("respondent", "Llega."),
    ]


@pytest.mark.parametrize("content", ['{"a": 1, "b": [1, 2]}', '{"segments": [', '[{"x": 1}]'])
def test_json_in_which_nothing_is_spoken_is_named(content):
    assert "is JSON" in problem_of(content).what


@pytest.mark.parametrize("content", [WHISPERX, DEEPGRAM, ELAN, EXMARALDA])
def test_every_character_of_a_transcript_kept_as_data_is_accounted_for(content):
    assert read(content).sources[0].chars == sum(not c.isspace() for c in content)
