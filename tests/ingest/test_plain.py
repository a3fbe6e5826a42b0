"""Text files: encodings, line ends, characters that nobody sees, and offsets that stay exact."""

import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from small_interviews import PEOPLE, check_conserved, read, said

from pipeline.errors import UnreadableError
from pipeline.ingest import characters, plain, subtitles
from pipeline.ingest.transcript.roles import speaker_map
from pipeline.ingest.transcript.turns import split
from pipeline.provenance import count_chars
from pipeline.records import SourceEntry
from pipeline.vocabulary import Kind, Part, ReadStatus

SPANISH = "Entrevistadora: ¿Cómo llegó aquí la señora?\n\nRufina: Llegó en camión, qué más. Mañana se irá, creo yo.\n"
FRENCH = "Enquêtrice : Où était-elle l’été passé ?\n\nRufina : À côté, chez sa sœur, très fâchée.\n"


def whole(reading):
    """All characters of a reading: of its text and of what stands outside of it."""
    return count_chars(reading.text) + sum(exclusion.chars for exclusion in reading.outside)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]
)
@pytest.mark.parametrize("text", [SPANISH, FRENCH])
def test_case_23_each_encoding_gives_the_same_words(encoding, text):
    if encoding == "mac_roman" and text is FRENCH:
        pytest.skip("read, but see the test of doubtful files")
    reading = read(text.encode(encoding))
    assert reading.texts[0].text == text
    assert said(reading)[1][1] == "P001"


@pytest.mark.parametrize(("encoding", "place"), [("cp1252", "byte 16"), ("mac_roman", "byte 16")])
def test_case_23_a_file_that_is_not_utf_8_says_how_and_from_where_it_was_read(encoding, place):
    note = read(SPANISH.encode(encoding)).sources[0].note
    assert f"read as {encoding}" in note
    assert place in note


def test_case_23_utf_16_without_a_mark_says_so():
    assert "no byte order mark" in read(SPANISH.encode("utf-16-le")).sources[0].note


def test_case_23_two_encodings_in_one_file_are_read_and_named_with_byte_and_line():
    data = SPANISH.encode() + "VQ: ¿Y después?\n".encode("cp1252")
    reading = read(data)
    assert reading.texts[0].text.endswith("VQ: ¿Y después?\n")
    assert reading.sources[0].status is ReadStatus.PARTIAL
    at = len(SPANISH.encode()) + 4
    assert f"byte {at} (line 4) and 1 more" in reading.sources[0].note


@pytest.mark.parametrize("data", [b"abc \x81\x8d\x90 def", b"x\x87\xe1y \x8d z\xf0w", bytes(range(128, 256)) * 3])
def test_case_23_a_doubtful_file_is_asked_about_with_its_byte(data):
    with pytest.raises(UnreadableError) as caught:
        read(data)
    assert caught.value.problems[0].where.startswith("byte ")
    assert "UTF-8" in caught.value.problems[0].remedy


def test_case_23_a_replacement_character_is_never_made_and_one_that_was_there_is_named():
    assert "\ufffd" not in read(SPANISH.encode("cp1252")).texts[0].text
    assert "1 character was lost before" in read("VQ: ¿C\ufffdmo?\nRC: Bien.\n").sources[0].note


def test_case_23_a_file_cut_inside_a_character_is_partial():
    reading = read(SPANISH.encode("utf-16")[:-1])
    assert reading.sources[0].status is ReadStatus.PARTIAL
    assert "cut off in the middle of a character" in reading.sources[0].note


def test_case_24_what_nobody_sees_is_left_out_and_counted():
    text = "VQ: ¿Y\u200b us\u00adted?\nRC: Y\x00o\x07 tam\u202epoco\uffff. \ufeffNada\u200d.\n"
    reading = read(text)
    assert reading.texts[0].text == "VQ: ¿Y usted?\nRC: Yo tampoco. Nada.\n"
    counts = {row.reason: row.chars for row in reading.rejected}
    assert counts["control characters"] == 3
    assert counts["invisible characters"] == 4
    assert counts["marks of writing direction"] == 1


def test_case_24_lone_surrogates_are_left_out():
    reading = plain.read("a\ud800b".encode("utf-8", "surrogatepass"))
    assert reading.text == "ab"
    assert whole(reading) == 3
    wide = (SPANISH + "\ud800").encode("utf-16-le", "surrogatepass")
    assert plain.read(wide).text == SPANISH


def test_case_24_separate_accents_join_their_letters_and_offsets_hold():
    text = unicodedata.normalize("NFD", SPANISH)
    reading = read(text)
    assert reading.texts[0].text == SPANISH
    assert reading.sources[0].chars == count_chars(text)
    assert said(reading)[1][2].startswith("Llegó en camión")


def test_case_24_an_emoji_of_several_characters_stays_whole():
    assert plain.read("Bien 👩\u200d🚀 sí".encode()).text == "Bien 👩\u200d🚀 sí"


@pytest.mark.parametrize("line_end", ["\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"])
def test_case_25_every_line_end_is_a_line_end(line_end):
    reading = read(SPANISH.replace("\n", line_end))
    assert reading.texts[0].text == SPANISH
    assert len(reading.turns) == 2


def test_case_25_one_line_of_50_mb_is_read_within_limits():
    words = "Y entonces llegó la lluvia y se llevó el puente otra vez. "
    data = ("RC: " + words * (50_000_000 // len(words.encode()))).encode()
    began = process_time()
    reading = read(data)
    assert process_time() - began < 20
    assert reading.turns[0].end == len(reading.texts[0].text.rstrip())


def test_case_25_a_transcript_of_ten_hours_is_read_within_limits():
    pair = "[{0:02}:{1:02}:00] VQ: ¿Y qué pasó?\n\n[{0:02}:{1:02}:20] RC: " + "Pasó lo de siempre, pues. " * 30 + "\n\n"
    text = "".join(pair.format(hour, minute) for hour in range(10) for minute in range(60))
    began = process_time()
    assert len(read(text).turns) == 1200
    assert process_time() - began < 10


def test_character_references_are_written_out_and_counted():
    reading = read("VQ: You&#39;re here &amp; there?\nRC: I&#x27;m &lt;here&gt;, AT&T &copy.\n")
    assert reading.texts[0].text == "VQ: You're here & there?\nRC: I'm <here>, AT&T &copy.\n"


def test_headings_and_rules_are_known_by_their_marks():
    parts = [span.part for span in plain.read(b"# Title\n\n---\n\n- item\n#hash\n***\n").spans]
    assert parts == [Part.HEADING, Part.MARKUP, Part.BODY, Part.BODY, Part.MARKUP]


LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            [
                "VQ:",
                "RC: ",
                "**Vera:** ",
                "[ruido]",
                "# H",
                "---",
                "Vera  0:20",
                "00:00:21RC: sí",
                "\t",
                "👩‍👧",
                "e\u0301",
            ]
        ),
        st.text(alphabet="áéñ¿¡ 👍\u0301\r\n\u2028\x00\u200b:*[]()aB1&#;", max_size=30),
    ),
    max_size=12,
)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
@examples(max_examples=300, deadline=None)
def test_no_character_is_ever_lost_and_offsets_are_exact(lines, line_end):
    data = line_end.join(lines).encode("utf-8", "surrogatepass")
    try:
        reading = read(data)
    except UnreadableError:
        assert not plain.read(data).text.strip() or b"\x00" in data
        return
    text = reading.texts[0].text
    assert text == unicodedata.normalize("NFC", text)
    assert text.encode("utf-8")
    for turn in reading.turns:
        assert not text[turn.start].isspace()
        assert not text[turn.end - 1].isspace()


@given(st.text(max_size=200))
@examples(max_examples=300, deadline=None)
def test_spans_cover_every_visible_character_in_order(text):
    reading = plain.read(text.encode("utf-8", "surrogatepass"))
    at = 0
    for span in reading.spans:
        assert not reading.text[at : span.start].strip()
        assert span.start < span.end
        at = span.end
    assert not reading.text[at:].strip()
    assert whole(reading) == reading.chars


@given(st.text(max_size=300))
@examples(max_examples=200, deadline=None)
def test_the_quick_count_is_the_count(text):
    assert characters.count_visible(text) == count_chars(text)


def test_check_conserved_bites():
    reading = read(SPANISH)
    with pytest.raises(AssertionError):
        check_conserved(
            type(reading)(reading.path, reading.sources, reading.texts, reading.turns[1:], (), reading.rejected)
        )


@pytest.mark.parametrize(
    "stretch",
    [
        "[a]**",
        "(a) ",
        "**a ",
        "**  ",
        "00:00:01 ",
        "a:",
        "a: ",
        "<c ",
        "<v a ",
        "&#39",
        "[",
        "*a*_b_",
        "A B-",
        " - ",
        "\t",
        "1:00 A ",
    ],
)
@pytest.mark.parametrize(
    "header", ["", "RC: ", "WEBVTT\n\n00:01.000 --> 00:02.000 ", "1\n00:00:01,000 --> 00:00:02,000\n"]
)
def test_case_25_no_pattern_takes_long_over_what_repeats(header, stretch):
    short, long = (_seconds_to_read(header, stretch, length) for length in (40_000, 160_000))
    assert (
        long < 8 * short + 0.5
    )  # in proportion to the length: a pattern that goes back over it takes 16 times as long, or more


def _seconds_to_read(header: str, stretch: str, length: int) -> float:
    began = process_time()
    text = header + stretch * (length // len(stretch)) + "x\n"
    reading = plain.read(text.encode()) if not header.startswith(("W", "1")) else subtitles.read(text.encode())
    split(reading, kind=Kind.INTERVIEW, speakers=speaker_map(SourceEntry("a"), PEOPLE, ("Vera Quintanal",)))
    lines = header + "\n".join([stretch * (1000 // len(stretch)) + "x"] * (length // 1000))
    split(plain.read(lines.encode()), kind=Kind.INTERVIEW, speakers=speaker_map(SourceEntry("a"), PEOPLE, ()))
    return process_time() - began


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("The pump isn´t fixed and we don´t know.", "mac_roman"),
        ("It costs 5 £ a day – fine.", "cp1252"),
        ("señora\rcamión\r", "mac_roman"),
        ("año, más, señora", "cp850"),
        ("Größe und Straße", "mac_roman"),
        ("Größe und Straße", "cp1252"),
    ],
)
def test_case_23_bytes_that_two_encodings_explain_are_settled_by_the_words_around_them(words, encoding):
    file = characters.read_text(words.encode(encoding), references=False)
    assert file.text == words.replace("\r", "\n")
    assert f"read as {encoding}" in file.notes[0]
    assert "byte " in file.notes[0]


def test_case_23_one_strange_byte_far_inside_a_long_file_does_not_refuse_it():
    text = "The well is deep. " * 8000 + "It isn´t dry.\n"
    file = characters.read_text(text.encode("mac_roman"), references=False)
    assert file.text == text
