"""WebVTT and SubRip: every word kept, every odd line named, speakers from tags and labels."""

import io
import re
import unicodedata

import pytest
import webvtt
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from small_interviews import read, roles, said, shared

from pipeline.ingest import subtitles
from pipeline.provenance import count_chars
from pipeline.vocabulary import ReadStatus

TEAMS = """WEBVTT

f522bb03-8b43-4aa4-9d22-b247fb01628e/10-0
00:00:01.644 --> 00:00:06.515
<v Vera Quintanal>¿Me oye bien,</v>

f522bb03-8b43-4aa4-9d22-b247fb01628e/10-1
00:00:06.515 --> 00:00:08.000
<v Vera Quintanal>mamá Rufina?</v>

f522bb03-8b43-4aa4-9d22-b247fb01628e/14-0
00:00:07.663 --> 00:00:12.136
<v Rufina Ccahuana Poma>Sí,
clarito.</v>
"""
ZOOM = """WEBVTT

1
00:00:01.000 --> 00:00:02.000
Vera Quintanal: ¿Me oye bien,

2
00:00:02.000 --> 00:00:03.000
Vera Quintanal: mamá Rufina?

3
00:00:03.000 --> 00:00:04.000
Rufina: Sí, clarito.
"""
SRT = """1
00:00:01,000 --> 00:00:02,000
Vera Quintanal: ¿Me oye bien,

2
00:00:02,000 --> 00:00:03,000
mamá Rufina?

3
00:00:03,000 --> 00:00:04,000
Rufina Ccahuana: Sí, clarito.
"""
WORDS = [("interviewer", "", "¿Me oye bien, mamá Rufina?"), ("respondent", "P001", "Sí, clarito.")]
NO_SPEAKERS = """WEBVTT

b05cbc69-3364-4c0c-a05b-70f360077a3c/7-0
00:00:03.138 --> 00:00:03.618
Y más.

b05cbc69-3364-4c0c-a05b-70f360077a3c/19-0
00:00:04.388 --> 00:00:07.128
Pienso que eso
empieza solo. Así

b05cbc69-3364-4c0c-a05b-70f360077a3c/19-1
00:00:07.128 --> 00:00:07.368
es.
"""


def vtt(*cues: str) -> str:
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


@pytest.mark.parametrize("content", [TEAMS, ZOOM, SRT])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_cues_of_one_speaker_are_one_turn(content, line_end, mark):
    assert said(read((mark + content).replace("\n", line_end), name="a.bin")) == WORDS


def test_a_turn_has_the_time_of_its_first_cue_and_holds_words_only():
    reading = read(TEAMS)
    assert [turn.place for turn in reading.turns] == ["00:00:01", "00:00:07"]
    assert reading.texts[0].text == "¿Me oye bien, mamá Rufina?\nSí, clarito."
    assert reading.turns[1].question == "¿Me oye bien, mamá Rufina?"


def test_without_speakers_each_utterance_is_a_turn_of_one_respondent():
    reading = read(NO_SPEAKERS)
    assert said(reading) == [("respondent", "", "Y más."), ("respondent", "", "Pienso que eso empieza solo. Así es.")]
    assert "one respondent" in reading.sources[0].note


def test_a_group_with_a_note_between_cues_starts_a_new_turn():
    reading = read(vtt("00:01.000 --> 00:02.000\n<v Rufina>Uno</v>", "00:02.000 --> 00:03.000\n<v Rufina>[tose]</v>",
                       "00:03.000 --> 00:04.000\n<v Rufina>dos.</v>"))  # fmt: skip
    assert [words for _, _, words in said(reading)] == ["Uno", "dos."]


def test_two_voices_in_one_cue_are_two_turns():
    reading = read(vtt("00:01.000 --> 00:02.000\n<v Vera>¿Y usted?</v>\n<v Rufina>Yo no.</v>"))
    assert [words for _, _, words in said(reading)] == ["¿Y usted?", "Yo no."]


def test_comments_styles_and_headers_are_listed_and_never_spoken():
    content = (
        "WEBVTT - una traducción\nKind: captions\n\nNOTE no es\npara leer\n\nSTYLE\n::cue { color: red }\n\n"
        "00:01.000 --> 00:02.000 align:start position:0%\n<c.red>Bue</c>no <00:01.500><i>pues</i>, AT&amp;T &lt;3\n"
    )
    reading = read(content)
    assert reading.texts[0].text == "Bueno pues, AT&T <3"
    assert {row.reason for row in reading.rejected} == {"comment", "markup", "time stamps and cue numbers"}


def test_signs_that_are_not_tags_stay():
    assert (
        read(vtt("00:01.000 --> 00:02.000\nSi 3 < 5 y 7 > 6 {bien} <vaya>")).texts[0].text
        == "Si 3 < 5 y 7 > 6 {bien} <vaya>"
    )


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("WEBVTT\n\n00:00:01.000 --> 00:00:1d.890\nUno dos.\n", 3),
        ("WEBVTT\n\n00:00:01.000 -> 00:00:02.000\nUno dos.\n\n00:00:03.000 --> 00:00:04.000\nTres.\n", 3),
        ("1\n00:00:01,000 --> 00:00:02\nUno dos.\n\n2\n00:00:03,000 --> 00:00:04,000\nTres.\n", 2),
        ("WEBVTT\n\n00:00:01.000 -->\nUno dos.\n", 3),
    ],
)
def test_case_26_a_malformed_timing_keeps_its_words_and_is_named(content, line):
    reading = read(content)
    assert reading.texts[0].text.startswith("Uno dos.")
    assert f"line {line}: the timing is malformed: words kept without a time" in reading.sources[0].note
    assert reading.turns[0].place.startswith("line ")


def test_case_26_a_missing_header_changes_nothing():
    assert said(read(TEAMS.removeprefix("WEBVTT\n\n"))) == WORDS


def test_case_26_words_without_any_timing_are_kept_and_named():
    reading = read(
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nUno.\n\nDos sin tiempo.\n\n00:00:03.000 --> 00:00:04.000\nTres.\n"
    )
    assert " ".join(reading.texts[0].text.split()) == "Uno. Dos sin tiempo. Tres."
    assert "line 6: words without a time: kept" in reading.sources[0].note


def test_case_26_words_on_the_line_of_the_timing_are_kept():
    assert read("1\n00:00:01,000 --> 00:00:02,000 Uno dos.\nTres.\n").texts[0].text == "Uno dos. Tres."


@pytest.mark.parametrize(
    ("cue", "what"),
    [
        ("3\n00:00:09,000 --> 00:00:08,000\nTres.", "line 10: a cue ends before it starts"),
        ("3\n00:00:01,500 --> 00:00:08,000\nTres.", "line 10: a cue starts before the one before it ends"),
        ("2\n00:00:05,000 --> 00:00:08,000\nTres.", "line 9: a cue number is repeated"),
    ],
)
def test_case_27_cues_that_cannot_be_right_are_named_and_kept(cue, what):
    reading = read(f"1\n00:00:01,000 --> 00:00:02,000\nUno.\n\n2\n00:00:02,000 --> 00:00:04,000\nDos.\n\n{cue}\n")
    assert " ".join(reading.texts[0].text.split()) == "Uno. Dos. Tres."
    assert what in reading.sources[0].note


@pytest.mark.parametrize("tail", ["00:00:03,000 --> 00:00:04,000", "00:00:03,000 --> 00:0", "00:00:03,000 -->"])
def test_case_27_a_cut_last_cue_makes_the_file_partial(tail):
    reading = read(f"1\n00:00:01,000 --> 00:00:02,000\nUno.\n\n2\n{tail}")
    assert reading.sources[0].status is ReadStatus.PARTIAL
    assert "cut" in reading.sources[0].note
    assert reading.texts[0].text == "Uno."


CUES = st.lists(
    st.one_of(
        st.text(alphabet="aé ¿?<>v/&;:-.,\n0123456789{}", max_size=40),
        st.sampled_from(
            ["00:00:01.000 --> 00:00:02.000", "00:00:01,000 --> 00:00:02,000 hola", "00:01 -> 00:02", "12", "NOTE sí", "STYLE",
             "<v Vera>¿Y?</v>", "Vera: sí", "<i>no</i>", "", "a/9-0", "--> 00:00:03.000", "&amp;&#0;e&#769;"]
        ),
    ),
    max_size=15,
)  # fmt: skip


@given(CUES, st.sampled_from(["", "WEBVTT\n", "WEBVTT x\n\n"]))
@examples(max_examples=400, deadline=None)
def test_no_character_of_a_subtitle_file_is_ever_lost(lines, header):
    content = header + "\n".join(lines)
    reading = subtitles.read(content.encode())
    assert count_chars(reading.text) + sum(e.chars for e in reading.outside) == reading.chars
    at = 0
    for span in reading.spans:
        assert at <= span.start < span.end
        assert not reading.text[at : span.start].strip()
        at = span.end
    assert at == len(reading.text)
    if "&" not in content:
        assert reading.chars == count_chars(content)


@given(st.lists(st.text(alphabet="abcé ¿?,.", min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=10))
@examples(max_examples=100, deadline=None)
def test_a_second_parser_finds_the_same_words_in_sound_files(texts):
    content = vtt(*(f"00:00:{n:02}.000 --> 00:00:{n + 1:02}.000\n{words.strip()}" for n, words in enumerate(texts)))
    theirs = " ".join(cue.text for cue in webvtt.from_buffer(io.StringIO(content)))
    assert subtitles.read(content.encode()).text.split() == theirs.split()


def test_case_26_and_27_no_word_of_the_malformed_samples_is_lost():
    folder = shared("interviews/subtitles_malformed")
    files = sorted(p for p in folder.iterdir() if p.suffix in (".vtt", ".srt") and p.stat().st_size > 10)
    assert len(files) > 20
    for path in files:
        content = path.read_text("utf-8-sig")
        words = re.findall(r"Caption text #\d+|pizza|world|telling|koppen|some text", content)
        text = " ".join(subtitles.read(content.encode()).text.split())
        assert all(word in text for word in words), path.name


def test_roles_are_recognised_in_a_group_by_voice_tags():
    cues = [f"00:0{n}.000 --> 00:0{n + 1}.000\n<v {who}>¿{what}</v>" for n, (who, what) in enumerate(
        [("Vera Quintanal", "Quién?"), ("Rufina", "Yo."), ("don Teófilo", "Y yo."), ("Hilda Tarqui", "Yo no.")])]  # fmt: skip
    assert roles(read(vtt(*cues))) == {"interviewer": 1, "respondent": 2, "other": 1}


def test_case_24_an_accent_behind_a_tag_joins_its_letter():
    reading = read(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Rufina>Y e<i>\u0301</i>l &#769;se fue a&#8203;lla.\n", name="a.vtt"
    )
    text = reading.texts[0].text
    assert text == unicodedata.normalize("NFC", text)
    assert "\u200b" not in text
    assert "Y él" in text


def test_a_cue_without_a_label_among_labelled_ones_is_noted_with_its_time():
    cues = ["[SPEAKER_00]: ¿Y?", "[SPEAKER_01]: Bien.", "A mí no.", "[SPEAKER_00]: ¿No?", "[SPEAKER_01]: No."]
    content = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{words}\n\n" for n, words in enumerate(cues, 1))
    assert "no label where nearly every cue has one (00:00:03)" in read(content).sources[0].note
