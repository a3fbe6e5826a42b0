"""Conventions of transcripts by others: signs around labels, numbers as speakers, missing colons, brackets, lists, bold names."""

import io

import docx
import odfdo
import pytest
from docx.shared import RGBColor
from small_interviews import read, settings

from pipeline.ingest.transcript.roles import label_without_name
from pipeline.records import Participant, SourceEntry
from pipeline.vocabulary import Consent, Kind, Part, Role, Undecided

EXCHANGES = (
    ("How does the water come to you?", "By gravity, from the hill above the school."),
    ("Who dug the trench?", "All of us did, in two weekends."),
    ("And what do you still need?", "A tap for the lower houses."),
)
TURNS = [turn for question, answer in EXCHANGES for turn in (("i", question), ("r", answer))]


def unknown(content, *, name="interview.txt"):
    return read(content, name=name, people=(), chosen=settings(interviewers=()))


def spoken(reading):
    """(role by its first letter, words) of every turn."""
    text = reading.texts[0].text
    return [(str(turn.role)[0], text[turn.start : turn.end]) for turn in reading.turns]


def respondents(reading):
    return [turn for turn in reading.turns if turn.role is Role.RESPONDENT]


def lines(pattern, asks, answers):
    return "\n".join(
        f"{pattern.format(asks)} {question}\n{pattern.format(answers)} {answer}" for question, answer in EXCHANGES
    )


@pytest.mark.parametrize(
    ("pattern", "asks", "answers"),
    [
        ("#{}#", "MOD", "P1"),
        ("=={}==", "INT", "RES"),
        ("{}>", "I", "R"),
        ("{} >", "Ana", "Luis"),
        ("{}.", "1", "2"),
        ("{})", "1", "2"),
        ("{} -", "1", "2"),
    ],
)
def test_a_sign_or_a_number_shows_who_speaks(pattern, asks, answers):
    assert spoken(unknown(lines(pattern, asks, answers))) == TURNS


def test_that_1_asks_and_2_answers_is_a_guess():
    text = "1. Do you have a pump?\n2. Open the valve and wait.\n1. Is the tank full?\n2. Close the valve.\n"
    assert Undecided.GUESSED in unknown(text).transcript.undecided


def test_steps_numbered_1_and_2_under_several_headings_are_nobodys_turns():
    steps = "1. Dig a hole and line it.\n2. Fill it with leaves and ash.\n" * 4
    assert not {turn.speaker for turn in unknown(steps).turns} & {"1", "2"}


@pytest.mark.parametrize(
    ("asks", "answers", "sign"),
    [
        ("Interviewer", "Respondent", " "),
        ("Ana Rojas", "Luis", "; "),
        ("AR", "LV", "; "),
        ("E", "M", " "),
        ("I", "B", ". "),
    ],
)
def test_a_label_without_its_colon_is_a_label_between_two_turns_of_others(asks, answers, sign):
    paragraphs = [f"{who}: {words}" for pair in EXCHANGES * 2 for who, words in zip((asks, answers), pair, strict=True)]
    for number in (2, 7):
        paragraphs[number] = paragraphs[number].replace(": ", sign, 1)
    reading = unknown("\n\n".join(paragraphs))
    assert spoken(reading) == TURNS * 2
    assert "labels without a colon, read as labels: 2 (line 5, line 15)" in reading.sources[0].note
    assert Undecided.NO_COLON in reading.transcript.undecided


@pytest.mark.parametrize(
    "register", [(), (Participant("P7", Consent.YES, ("Rosa",), ()),)], ids=["unknown", "registered"]
)
def test_a_surname_behind_a_speakers_name_does_not_make_it_a_label(register):
    before = "Ana: ¿Quién vino?\nRosa: Yo.\nAna: ¿Y después?\nRosa: Nadie.\nAna: ¿Cómo fue?\nLuis: Llega...\n"
    text = f"{before}Rosa Quispe se fue a Lima y ya no volvió.\nLuis: Y no sé más.\nAna: ¿Sí?\nLuis: Sí.\n"
    reading = read(text, people=register, chosen=settings(interviewers=("Ana",)))
    assert not any(words.startswith("Quispe") for _, words in spoken(reading))
    assert Undecided.UNLABELLED_WORDS in reading.transcript.undecided


def test_a_sentence_that_begins_with_a_speakers_name_stays_with_who_says_it():
    text = "Ana: How is it?\n\nLuis: It comes.\n\nAna: And then?\n\nLuis: It stops.\n\nAna Rojas came.\n"
    assert not any(words.startswith("Rojas") for _, words in spoken(unknown(text)))


@pytest.mark.parametrize("brackets", ["[]", "()", "{}"])
def test_questions_in_brackets_are_the_interviewers(brackets):
    opened, closed = brackets
    text = "\n\n".join(
        f"{opened}{question}{closed}\n\n{answer} {opened}laughs{closed}" for question, answer in EXCHANGES
    )
    turns = spoken(unknown(text))
    assert [role for role, _ in turns] == ["i", "r"] * 3
    assert [words for role, words in turns if role == "i"] == [question for question, _ in EXCHANGES]


def test_a_name_inside_the_brackets_of_a_question_is_its_label():
    text = "\n\n".join(f"[Interviewer: {question}]\n\n{answer}" for question, answer in EXCHANGES)
    assert spoken(unknown(text)) == TURNS


def test_a_note_behind_a_labelled_question_in_brackets_leaves_no_bracket_in_it():
    text = "\n\n".join(f"[Interviewer: {question}] [laughs]\n\n{answer}" for question, answer in EXCHANGES)
    assert [words for role, words in spoken(unknown(text)) if role == "i"] == [f"{q} [laughs]" for q, _ in EXCHANGES]


def test_words_behind_a_labelled_question_in_brackets_are_a_problem():
    text = "\n\n".join(f"[Interviewer: {question}]\n\n{answer}" for question, answer in EXCHANGES)
    reading = unknown(text.replace("?]\n\nAll", "?] All"))
    assert Undecided.UNLABELLED_WORDS in reading.transcript.undecided


def test_an_editors_questions_in_brackets_are_put_to_nobody():
    remarks = ("Is this in chapter 2?", "Source for this?", "Before the election?", "Add a photograph?")
    text = "\n\n".join(f"The committee met in year {n}.\n\n[{remark}]" for n, remark in enumerate(remarks))
    reading = unknown(f"{text}\n\nThe roof leaked.")
    assert not respondents(reading) or reading.transcript.undecided


def as_docx(style, *, mark=None):
    """Questions in a list, or every paragraph with a name that the mark sets apart."""
    document, out = docx.Document(), io.BytesIO()
    for question, answer in EXCHANGES:
        for name, words in (("Ana", question), ("Luis", answer)):
            paragraph = document.add_paragraph(style=style if words == question else None)
            if mark:
                mark(paragraph.add_run(name))
            paragraph.add_run(f" {words}" if mark else words)
    document.save(out)
    return out.getvalue()


def as_odt():
    document, out = odfdo.Document("text"), io.BytesIO()
    document.body.clear()
    document.insert_style(odfdo.Style("text", name="Name", area="text", color="#c00000"), automatic=True)
    for question, answer in EXCHANGES:
        for name, words in (("Ana", question), ("Luis", answer)):
            paragraph = odfdo.Paragraph(f"{name} {words}")
            paragraph.set_span("Name", regex=f"^{name}")
            document.body.append(paragraph)
    document.save(out)
    return out.getvalue()


def as_html(mark):
    opened, closed = mark
    return "".join(
        f"<p>{opened}Ana{closed} {question}</p><p>{opened}Luis{closed} {answer}</p>" for question, answer in EXCHANGES
    ).encode()


def as_rtf():
    paragraphs = "".join(f"{{\\b Ana}} {question}\\par {{\\b Luis}} {answer}\\par " for question, answer in EXCHANGES)
    return f"{{\\rtf1 {paragraphs}}}".encode()


def in_bold(run):
    run.bold = True


def in_colour(run):
    run.font.color.rgb = RGBColor(0xC0, 0, 0)


def underlined(run):
    run.underline = True


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (as_docx(None, mark=in_bold), "docx"),
        (as_docx(None, mark=in_colour), "docx"),
        (as_docx(None, mark=underlined), "docx"),
        (as_odt(), "odt"),
        (as_rtf(), "rtf"),
        (b"<html>" + as_html(("<b>", "</b>")), "html"),
        (b"<html>" + as_html(('<span>0:03</span> <span style="color: #c00000">', "</span>")), "html"),
    ],
    ids=["bold", "colour", "underlined", "odt", "rtf", "html", "html with times"],
)
def test_names_that_are_set_apart_are_labels_without_a_colon(content, extension):
    assert spoken(unknown(content, name=f"interview.{extension}")) == TURNS


def test_a_second_name_in_bold_begins_a_turn_in_mid_paragraph():
    document, out = docx.Document(), io.BytesIO()
    for pair in EXCHANGES:
        paragraph = document.add_paragraph()
        for name, words in zip(("Ana", "Luis"), pair, strict=True):
            paragraph.add_run(name).bold = True
            paragraph.add_run(f" {words} ")
    document.save(out)
    assert spoken(unknown(out.getvalue(), name="interview.docx")) == TURNS


def test_bold_names_inside_the_sentences_of_a_report_are_no_labels():
    document, out = docx.Document(), io.BytesIO()
    for name, words in (("Ms Hale", " showed the store."), ("Mr Odum", " asked who pays?")) * 3:
        paragraph = document.add_paragraph()
        paragraph.add_run(name).bold = True
        paragraph.add_run(words)
    document.save(out)
    reading = unknown(out.getvalue(), name="visit.docx")
    assert not respondents(reading)


def test_paragraphs_that_word_numbers_are_the_questions():
    reading = unknown(as_docx("List Number"), name="interview.docx")
    assert spoken(reading) == TURNS
    assert not reading.transcript.undecided


def test_the_numbered_points_of_minutes_and_of_a_guide_are_nobodys_answers_without_a_problem():
    document, out = docx.Document(), io.BytesIO()
    for question in ("How did you come to the programme?", "What has changed?", "Who takes part?"):
        document.add_paragraph(question, style="List Number")
        document.add_paragraph("Probe: examples, who else, how often", style="List Bullet")
    document.save(out)
    reading = unknown(out.getvalue(), name="guide.docx")
    assert set(reading.transcript.undecided) & {
        Undecided.IMPERSONAL,
        Undecided.LIST_OF_QUESTIONS,
        Undecided.NO_SPEAKERS,
    }


DRAWN = """Interview 3

+---------+----------------------------+
| Speaker | Text                       |
+=========+============================+
| Ana     | How does the water come    |
|         | to you?                    |
+---------+----------------------------+
| Luis    | By gravity.                |
+---------+----------------------------+
| Ana     | Who dug the trench?        |
+---------+----------------------------+
| Luis    | All of us, in two          |
|         | weekends.                  |
+---------+----------------------------+
"""


def test_a_drawn_table_with_a_column_of_speakers_is_read_line_by_line():
    assert spoken(unknown(DRAWN)) == [
        ("i", "How does the water come"),
        ("i", "to you?"),
        ("r", "By gravity."),
        ("i", "Who dug the trench?"),
        ("r", "All of us, in two"),
        ("r", "weekends."),
    ]


SIDES = """+-------------------+--------------------+
| Question          | Answer             |
+-------------------+--------------------+
| How is the water  | It comes every day |
| in your house{}    | but it is cold.    |
+-------------------+--------------------+
| Who pays{}         | All of us do.      |
+-------------------+--------------------+
"""


@pytest.mark.parametrize("sign", "?.")
@pytest.mark.parametrize("is_ruled", [True, False], ids=["rules between rows", "no rules between rows"])
def test_questions_and_answers_of_several_lines_beside_each_other_are_not_read_as_turns(sign, is_ruled):
    table = SIDES.format(sign, sign)
    if not is_ruled:
        first, *rows = table.splitlines(keepends=True)
        table = "".join([first, *rows[:4], *rows[5:]])
    reading = read(table, people=(), entry=SourceEntry("interviews/a.txt", ("P1",)))
    assert not respondents(reading)
    assert reading.transcript.undecided


def test_a_drawn_table_of_one_line_a_question_is_read():
    rows = [line for line in SIDES.format("?", "?").splitlines(keepends=True) if "in your" not in line]
    assert [role for role, _ in spoken(unknown("".join(rows)))] == ["i", "r"] * 2


def drawn(rows, *, width=30):
    """A table of two columns as prettytable and MySQL draw it: three rules, none between the rows."""
    rule = f"+------+{'-' * width}+\n"
    lines = [f"| {who:<4} | {words:<{width - 2}} |\n" for who, words in [("Who", "Words"), *rows]]
    return "".join([rule, lines[0], rule, *lines[1:], rule])


ROWS = [("Ana", "How is the water?"), ("Luis", "It comes."), ("", "I pay 3 | 4 soles for it."), ("Ana", "And then?")]


def test_a_short_table_with_rules_around_its_headings_alone_has_a_turn_a_row():
    words = ["How is the water?", "It comes.", "I pay 3 | 4 soles for it.", "And then?", "It stops."]
    reading = unknown(drawn([*ROWS, ("Luis", "It stops.")]))
    assert [words for _, words in spoken(reading)] == words
    assert [turn.speaker for turn in reading.turns] == ["Ana", "Luis", "Luis", "Ana", "Luis"]


@pytest.mark.parametrize(
    "table",
    [
        drawn([*ROWS, ("Luis", "3 | 4 " * 9)]),
        "| Who | Words |\n|---|---|\n"
        + "\n".join(f"| {who} | {words} |" for who, words in [*ROWS[:2], *ROWS[3:], ("Luis", "I pay 3 | 4 soles.")]),
    ],
    ids=["drawn", "Markdown"],
)
def test_a_bar_of_which_it_is_unclear_whether_it_parts_cells_is_a_problem(table):
    reading = unknown(table)
    assert not respondents(reading)
    assert reading.transcript.undecided


def test_speakers_in_brackets_in_a_table_without_outer_bars():
    rows = "\n".join(f"00:0{n} | [{'AI'[n % 2]}] | {words}" for n, (_, words) in enumerate(TURNS))
    reading = unknown(f"Timestamp | Speaker | Text\n---|---|---\n{rows}\n")
    assert [words for _, words in spoken(reading)] == [words for _, words in TURNS]


def test_women_and_men_of_a_group_without_names_are_respondents():
    text = "MODERADORA: ¿Qué les parece?\nMUJER: Es grande.\nHOMBRE: Me gusta.\nMODERADORA: ¿Y el sorteo?\nMUJER 2: No lo vi.\n"
    assert [role for role, _ in spoken(unknown(text))] == ["i", "r", "r", "i", "r"]


def test_a_surname_that_means_man_does_not_say_who_answers():
    text = "Mann: How is the water?\nKeller: It comes.\nMann: And then?\nKeller: It stops, and we wait for it.\n"
    assert [role for role, _ in spoken(unknown(text))] == ["i", "r"] * 2
    assert label_without_name("Mann") == ""
    assert label_without_name("Mann 2") == "Mann 2"


def test_a_speaker_of_whom_nothing_is_known_is_a_problem_also_in_a_short_file():
    text = (
        "Interviewer: How is it?\nRespondent: It comes.\nInterviewer: And then?\nChair: It stops.\nRespondent: Yes.\n"
    )
    assert Undecided.UNKNOWN_SPEAKERS in unknown(text).transcript.undecided


@pytest.mark.parametrize(
    "text",
    [
        "1. How do I join?\n\nWe write a receipt.\n\n2. What do I pay?\n\nWe ask for a bag.\n\n3. Where?\n\nWe meet at school.\n",
        "1. What do we call it?\n2. The lean season\n1. Who keeps the key?\n2. The chair\n1. And the box?\n2. The school\n",
    ],
    ids=["frequent questions", "quiz"],
)
def test_questions_that_are_put_to_nobody_are_a_problem(text):
    assert Undecided.IMPERSONAL in unknown(text).transcript.undecided


def test_findings_with_a_number_in_bold_are_nobodys_names():
    document, out = docx.Document(), io.BytesIO()
    for name, words in (("Finding 1.", " Stores are used. Why is that so?"), ("Finding 2.", " Fees are not paid.")) * 2:
        paragraph = document.add_paragraph()
        paragraph.add_run(name).bold = True
        paragraph.add_run(words)
    document.save(out)
    reading = unknown(out.getvalue(), name="report.docx")
    assert not respondents(reading)


def page(*paragraphs):
    """An HTML page: of each paragraph the words in bold, and the others."""
    return "<html>" + "".join(f"<p><b>{name}</b>{words}</p>" for name, words in paragraphs)


DIALOGUE = [
    (name, f" {words}") for pair in EXCHANGES for name, words in zip(("Interviewer", "Luis"), pair, strict=True)
]


def speakers(content, **how):
    return {turn.speaker for turn in read(content, name="a.html", chosen=settings(interviewers=()), **how).turns}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("words", [" gave us two tanks.", " gave the first, and Care the second."])
def test_a_name_in_bold_with_which_a_sentence_begins_is_nobodys_label(words, times):
    content = page(*DIALOGUE, *[("Oxfam", words)] * times)
    assert speakers(content, people=()) in ({"Interviewer", "Luis"}, {""})
    assert f"Oxfam{words}" in read(content, name="a.html").texts[0].text


def test_a_name_in_bold_that_comes_once_is_a_label_if_the_register_has_it_and_a_problem_otherwise():
    content = page(*DIALOGUE, ("Oxfam", " The tanks were theirs."))
    people = (Participant("P009", Consent.YES, ("Oxfam",), ()),)
    assert speakers(content, people=people) == {"Interviewer", "Luis", "Oxfam"}
    assert speakers(content, people=()) == {"Interviewer", "Luis"}
    assert Undecided.SELDOM in unknown(content, name="a.html").transcript.undecided


def test_a_speakers_name_in_bold_that_goes_on_as_a_sentence_is_a_problem():
    content = page(*DIALOGUE * 2, ("Interviewer", " And your aunt?"), ("Luis", " told me that she left."))
    assert Undecided.SELDOM in unknown(content, name="a.html").transcript.undecided


def test_names_in_bold_of_an_interview_with_an_interviewer_are_no_problem():
    assert not unknown(page(*DIALOGUE), name="a.html").transcript.undecided


@pytest.mark.parametrize(
    "mark", ['<span class="SpellE">', '<span lang="es">', '<font size="3">', "<span style='color:black'>"]
)
def test_what_sets_no_words_apart_makes_no_labels(mark):
    closed = f"</{mark[1:5].rstrip()}>"
    assert speakers(b"<html>" + as_html((mark, closed)), people=()) == {""}


def report(*asks):
    """Places in bold at the beginning of paragraphs, some of which ask."""
    return "<html>" + "".join(
        f"<h2>Indicator {number}</h2><p><b>Lima</b> The water comes daily, and I pay for it.</p>"
        f"<p><b>Cusco</b> We fetch it from my aunt, and I pay nothing.{' Why?' if number in asks else ''}</p>"
        for number in range(4)
    )


@pytest.mark.parametrize("asks", [(), (2,), (0, 1, 2, 3)])
def test_places_in_bold_of_a_report_are_a_problem(asks):
    assert unknown(report(*asks), name="a.html").transcript.undecided


def test_nothing_leaves_a_document_as_a_label():
    reading = read(report(0, 1, 2, 3), name="a.html", kind=Kind.DOCUMENT)
    assert str(Part.LABEL) not in {row.reason for row in reading.rejected}
    text = reading.texts[0].text
    assert [text[turn.start : turn.end][:15] for turn in reading.turns] == ["Lima The water ", "Cusco We fetch "] * 4


def test_names_in_mid_paragraph_of_a_document_stay_in_their_paragraph():
    paragraphs = [f"<p><b>Lima</b> We pay {n}. <b>Cusco</b> Nobody pays. Why?</p>" for n in range(4)]
    reading = read("<html>" + "".join(paragraphs), name="a.html", kind=Kind.DOCUMENT)
    assert [text for _, text in spoken(reading)] == [f"Lima We pay {n}. Cusco Nobody pays. Why?" for n in range(4)]
