"""Where a stretch of one form of a text is in another form of it."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.exchange.alignment import Alignment
from pipeline.exchange.positions import Interpretation, LineEnds, Positions
from pipeline.ingest.characters import clean

LINES = [f"Rosa Luna: In village {n} we carried water {n * n} times before the pump came." for n in range(400)]


def words_at(ours: str, theirs: str, words: str) -> str | None:
    start = theirs.index(words)
    stretch = Alignment(theirs, ours).stretch(start, start + len(words))
    return ours[stretch.start : stretch.end] if stretch else None


def test_masked_names_on_every_line_move_nothing() -> None:
    theirs = "\n".join(LINES)
    ours = theirs.replace("Rosa Luna", "[name 1]")
    for line in (LINES[0], LINES[250], LINES[399]):
        words = line.partition(": ")[2]
        assert words_at(ours, theirs, words) == words


def test_lines_that_only_one_side_has_move_nothing() -> None:
    theirs = "\n".join(["Transcribed by Ben", *LINES])
    ours = "\n".join(line.replace("Rosa Luna", "[name 1]") for n, line in enumerate(LINES) if n % 50)
    words = LINES[333].partition(": ")[2]
    assert words_at(ours, theirs, words) == words


def test_words_that_the_study_does_not_have_are_nowhere() -> None:
    assert (
        words_at("One line.\nAnother line.", "One line.\nQuite different!\nAnother line.", "Quite different!") is None
    )


@given(
    lines=st.lists(st.text("aéñ😀 \u0301\t.", min_size=1), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    is_apart=st.booleans(),
)
def test_a_text_and_its_cleaned_form_are_aligned_to_the_character(
    *, lines: list[str], end: str, is_apart: bool
) -> None:
    theirs = end.join(lines)
    theirs = unicodedata.normalize("NFD", theirs) if is_apart else theirs
    ours = clean(theirs)[0]
    alignment = Alignment(theirs, ours)
    assert alignment.is_whole
    stretch = alignment.stretch(0, len(theirs))
    assert stretch is None or ours[stretch.start : stretch.end].strip() == ours.strip()


@given(
    text=st.text("aé😀\r\n", max_size=30),
    is_utf16=st.booleans(),
    line_ends=st.sampled_from(LineEnds),
    counts_mark=st.booleans(),
)
def test_a_position_leads_to_its_character_however_it_is_counted(
    *, text: str, is_utf16: bool, line_ends: LineEnds, counts_mark: bool
) -> None:
    way = Interpretation(is_utf16=is_utf16, line_ends=line_ends, counts_mark=counts_mark)
    positions, at = Positions(text, way), int(counts_mark)
    for number, width in enumerate(way.widths(text).tolist()):
        place = positions.index(at)
        assert place.is_exact
        assert place.at == number or (width == 0 and place.at == number + 1)
        at += width
