"""Files in which bytes of two encodings meet: read by what they make of the words around them, and refused only if nothing does."""

import pytest

from pipeline.errors import UnreadableError
from pipeline.ingest.characters import read_text
from pipeline.vocabulary import ReadStatus

SPANISH = "La señora habló del agua y de la reunión; nadie contestó. ¿Qué pasó después? Los niños están más sanos. "


def text_of(data: bytes) -> str:
    return read_text(data, references=False).text


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_a_paragraph_pasted_in_another_encoding_keeps_its_accents(encoding: str) -> None:
    data = (SPANISH * 3).encode() + b"\n" + SPANISH.encode(encoding)
    reading = read_text(data, references=False)
    assert reading.text == SPANISH * 3 + "\n" + SPANISH
    assert reading.status is ReadStatus.PARTIAL
    assert "two encodings in one file" in reading.notes[0]


def test_one_strange_byte_does_not_refuse_a_file_with_a_byte_order_mark() -> None:
    data = b"\xef\xbb\xbf" + (SPANISH * 20).encode() + "también".encode("cp1252")
    reading = read_text(data, references=False)
    assert reading.text.endswith("también")
    assert "two encodings in one file" in reading.notes[0]


@pytest.mark.parametrize("byte", [b"\x81", b"\x8d", b"\x90", b"\x9d"])
def test_a_byte_that_no_encoding_has_costs_one_character_and_not_the_file(byte: bytes) -> None:
    for text in ((SPANISH * 5).encode(), (SPANISH * 5).encode("cp1252")):
        reading = read_text(text + byte + b" fin", references=False)
        assert reading.text.startswith(SPANISH)
        assert reading.text.endswith(" fin")


def test_capitals_alone_show_that_most_of_a_file_is_utf8() -> None:
    data = "EL NIÑO Y EL AÑO DE LA MAÑANA EN ESPAÑA\n".encode() * 4 + "ma\xf1ana".encode("cp1252")
    assert text_of(data).endswith("mañana")
    assert text_of(data).startswith("EL NIÑO")


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_a_whole_file_of_one_old_encoding_is_read_as_that(encoding: str) -> None:
    assert text_of((SPANISH * 4).encode(encoding)) == SPANISH * 4


def test_what_makes_no_words_is_refused() -> None:
    with pytest.raises(UnreadableError, match="no other encoding gives words"):
        read_text(bytes(range(128, 256)) * 40, references=False)
