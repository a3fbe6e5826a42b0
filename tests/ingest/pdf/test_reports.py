"""What printed reports do: footnotes, contents, numbered headings in bold, margins that differ, letters enlarged by the page."""

from hostile.pdf import document, escaped

from pipeline.ingest.pdf.headers_footers import Page
from pipeline.ingest.pdf.lines import Line
from pipeline.ingest.pdf.paragraphs import paragraphs
from pipeline.ingest.pdf.reader import read
from pipeline.vocabulary import Part

FULL = "A line of the report that is as long as all of the others on its page and goes on in"


def line(page: int, base: float, words: str, *, left: float = 70, size: float = 11, weight: int = 400) -> Line:
    """A line as wide as its words."""
    return Line(page, words, left, left + 0.5 * size * len(words), base, size, "", weight)


def page(number: int, *lines: Line) -> Page:
    return Page(number, 600, 800, lines)


def texts(*pages: Page) -> list[str]:
    return [" ".join(each.words for each in paragraph.lines) for paragraph in paragraphs(pages)]


def test_a_paragraph_goes_on_over_the_footnotes_of_its_page() -> None:
    notes = [line(1, 120, "1 Interview of May, and the minutes of the", size=8), line(1, 110, "council.", size=8),
             line(1, 100, "2 Ibid.", size=8)]  # fmt: skip
    first = page(1, *(line(1, 700 - 14 * n, FULL) for n in range(4)), *notes)
    second = page(2, line(2, 700, "the next page, where it ends."), line(2, 672, "A new one."))
    body, *others = texts(first, second)
    assert body.endswith("goes on in the next page, where it ends.")
    assert others == ["1 Interview of May, and the minutes of the council.", "2 Ibid.", "A new one."]


def test_small_lines_without_a_mark_stay_where_they_are() -> None:
    source = line(1, 600, "Source: the register of 2020", size=8)
    made = texts(page(1, line(1, 700, "A table."), source, line(1, 560, "What follows below.")))
    assert made == ["A table.", "Source: the register of 2020", "What follows below."]


def test_each_line_of_the_contents_is_one_paragraph() -> None:
    entries = [f"{n}. What was done ......................................................... {n}" for n in (1, 2, 3)]
    assert texts(page(1, *(line(1, 700 - 14 * n, words) for n, words in enumerate(entries)))) == entries


def test_a_numbered_line_in_bold_is_a_heading() -> None:
    body = [line(1, 640 - 14 * n, FULL) for n in range(4)]
    made = paragraphs([page(1, line(1, 670, "2.1 Methods", weight=700), *body)])
    assert [paragraph.part for paragraph in made] == [Part.HEADING, Part.BODY]


def test_a_question_in_bold_after_a_number_is_not_a_heading() -> None:
    body = [line(1, 640 - 14 * n, FULL) for n in range(4)]
    made = paragraphs([page(1, line(1, 670, "2. What did you do there?", weight=700), *body)])
    assert {paragraph.part for paragraph in made} == {Part.BODY}


def test_the_margins_of_left_and_right_pages_may_differ() -> None:
    left = page(1, *(line(1, 700 - 14 * n, FULL, left=40) for n in range(12)))
    right = page(2, *(line(2, 700 - 14 * n, FULL, left=90) for n in range(12)))
    assert len(texts(left, right)) == 1


def test_narrow_lines_beside_a_picture_are_one_paragraph() -> None:
    narrow = [
        "Participatory science means that we will",
        "continually invite people, their relatives",
        "and carers to take part.",
    ]
    wide = [line(1, 600 - 14 * n, FULL) for n in range(6)]
    made = texts(page(1, *(line(1, 700 - 14 * n, words) for n, words in enumerate(narrow)), *wide))
    assert made[0] == " ".join(narrow)


def test_letters_of_size_one_that_the_page_enlarges_are_as_large_as_they_look() -> None:
    words = [FULL, FULL, FULL, "the end of it."]
    shown = [f"BT /F1 1 Tf 11 0 0 11 70 {700 - 14 * n} Tm ({escaped(each)}) Tj ET" for n, each in enumerate(words)]
    reading = read(document(["\n".join(shown).encode("cp1252")]))
    assert reading.text.strip() == " ".join(words)
