"""A document's paragraphs become turns; what says nothing is listed and becomes none."""

from small_interviews import read

from pipeline.records import Kind


def spoken(words):
    """The turns of a document, and why the rest is none."""
    result = read(words.encode(), name="informe.txt", kind=Kind.DOCUMENT)
    text = result.texts[0].text
    return [text[turn.start : turn.end] for turn in result.turns], [each.reason for each in result.rejected]


BODY = "The committee repaired the pump in March, and families pay each month for the spare parts."


def test_entries_of_a_table_of_contents_are_not_words_of_a_document():
    entries = "Respondents by region . . . . . . . . . . 2\n\nEl agua ........... iv\n\nUso…………… 14"
    assert spoken(f"{entries}\n\n{BODY}") == ([BODY], ["front matter"] * 3)


def test_entries_that_a_reader_joined_are_still_recognised():
    assert spoken(f"Region . . . . . 2 Sex and age . . . . . 3\n\n{BODY}")[0] == [BODY]


def test_dots_of_a_sentence_are_not_an_entry():
    pause = "We waited .... and in 2019 nobody came ...."
    form = "Name of the village ..............."
    assert spoken(f"{pause}\n\n{form}\n\n{BODY}")[0] == [pause, form, BODY]


def test_paragraphs_without_a_letter_are_listed_and_no_excerpts():
    assert spoken(f"14 14\n\n2 3 17 19\n\n{BODY}") == ([BODY], ["paragraph without a letter"] * 2)


def test_marks_of_markdown_inside_a_paragraph_are_not_words_of_a_document():
    words, reasons = spoken(
        "The **pump** was repaired by the _whole_ village in March, as snake_case_names say.\n\n> Quoted."
    )
    assert words == ["The pump was repaired by the whole village in March, as snake_case_names say.", "Quoted."]
    assert set(reasons) == {"markup"}


def test_stars_and_lines_below_in_one_paragraph_come_out_in_any_order():
    words, _ = spoken(f"The _whole_ village and the **pump**, then _again_ the **village**.\n\n{BODY}")
    assert words == ["The whole village and the pump, then again the village.", BODY]


def test_marks_that_lie_in_one_another_come_out_once():
    words, _ = spoken(f"It was __**never** repaired__ and _**nobody**_ came, **_not_ one**.\n\n{BODY}")
    assert words == ["It was never repaired and nobody came, not one.", BODY]
