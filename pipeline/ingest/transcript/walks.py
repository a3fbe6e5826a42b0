"""How the paragraphs of a transcript become turns: if all have labels, only questions or answers do, or none does."""

import re
from collections.abc import Sequence, Set
from itertools import chain

from pipeline.ingest.transcript.header_block import counting_titles, is_field
from pipeline.ingest.transcript.inner_marks import Line
from pipeline.ingest.transcript.invented_words import invented, is_notice
from pipeline.ingest.transcript.layout_engine import is_unspoken
from pipeline.ingest.transcript.layouts import BOLD_LABEL, LONGEST, TURN_MARK, find, layout_named
from pipeline.ingest.transcript.marked_questions import (
    ANSWERS_EMPHASISED,
    DASHED,
    DASHES,
    EMPHASISED,
    EMPHASISED_QUESTIONS,
    HEADINGS,
    QUESTION_MARKS,
    TURN_ENDS,
    WHOLLY_IN_BRACKETS,
    MarkedQuestions,
    is_question,
    marked_questions,
)
from pipeline.ingest.transcript.roles import SpeakerMap
from pipeline.ingest.transcript.speaker_detection import ANSWER_LETTERS, ANSWER_WORDS
from pipeline.ingest.transcript.speaker_labels import core, is_note_label
from pipeline.ingest.transcript.times import BRACKETED, SP, is_time
from pipeline.ingest.transcript.turn_builder import TurnBuilder
from pipeline.records import Reading, Span
from pipeline.vocabulary import Part, Reason

TIME_BEFORE = re.compile(
    rf"\**(?:{BRACKETED}(?:{SP}*[-–—]{SP}*{BRACKETED})?|\d{{1,3}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,3}})?(?={SP}))\**(?:{SP}*[-–—](?={SP}))?{SP}*"
)
WORD = re.compile(r"[^\W\d_]+")
SPACE = re.compile(r"\s+")
NOTE = re.compile(r"\*{0,2}(?:[\[({][^\[\](){}\n]*[\])}][\s.,;:*]*)+$")
NOTE_OF = re.compile(
    r"(?i:notas? de(?: la| el|l)?|field|transcriber['’]?s?) ?(?:campo|transcri\w+|notes?|observaci\w+):"
)
LONGEST_NOTE = 2000
MANY = 0.3  # of the paragraphs without a label: with more questions it is a list of questions
ASKING_LETTERS = ({"q"}, {"p"})  # where nobody else has a label
OPENED = re.compile(
    rf"(?:#{{1,6}}[ \t]+|\d{{1,2}}[.)][ \t]+(?=[*_<])|[-*•][ \t]+|[–—»]{SP}*|>+[ \t]*"
    rf"|\*{{1,3}}|_{{1,3}}|<\w+>|{TURN_MARK}[ \t]*)*"
)  # the marks with which a question begins
NO_LABEL = "(no label)"
GUIDE = "(question of the guide)"
UNANSWERED = "no speaker after a question"
AFTERWARDS = "no speaker after the last answer"
TICKED = re.compile(r"\[[xX✓✔]\][ \t]*(?=\S)")  # a question of the guide that was asked
NOT_TICKED = re.compile(r"\[[ \t]?\][ \t]*\S|☐")  # one that was not
TITLE = re.compile(r"[^\W\d_][\w'’-]*(?: [\w'’-]+){0,3}:?")
LEAST_TITLES = 2  # below one question: it announces parts, of which each has its title
SECTION = re.compile(
    r"(?:\d{1,2}[.)]-? ?)?[^\W_a-zß-ÿ][\w'’ /&,()-]{1,58}[\w)]:?"
)  # the title of a part of an interview
ENDS_OF_ANSWERS = frozenset(".!…\"”“»'’)?")
NEARLY_ALL = 0.9
QUESTIONS_BEFORE = 4  # in which the parts are named: the task and its steps
RULE = re.compile(r"(?:[-_=*~–—]\s?){3,}")  # a line across the page
LEAST_ANSWERS, LEAST_QUESTIONS = 3, 2  # labels, and lines without one that ask
MOSTLY = 0.6  # of the lines without a label are questions with an answer below; of the labels are below the first
ASKED_BACK = 0.2  # of those who have a label, at most
NUMBERED = re.compile(r"(?:Q\.?[ ]?)?\d{1,2}[.):]")
QUESTIONS_STAND_IN = frozenset({Part.BODY, Part.STRONG, Part.HEADING, Part.TABLE})
FIELD = str(Reason.FORM_FIELD)
PAGES = frozenset({EMPHASISED_QUESTIONS, HEADINGS, QUESTION_MARKS})  # which may have other sections around them
BELOW_TABLE = "no speaker below a table"
CLOSING = frozenset({FIELD, str(Part.HEADING)})  # after which nobody speaks until the next label


def asks_on(reading: Reading, lines: Sequence[Line]) -> bool:
    """Whether enough unlabelled paragraphs are questions for them to be a guide and not answers."""
    free = [line.span for line in lines if not line.label and not is_unspoken(line.span)]
    asking = sum(
        is_question(reading.text[span.start : span.end]) or "? |" in reading.text[span.start : span.end]
        for span in free
    )
    return asking >= MANY * len(free) > 0


def walk(builder: TurnBuilder, reading: Reading, lines: Sequence[Line]) -> None:
    """Paragraph after paragraph, each the words of the last speaker named; of a table, each row a turn."""
    is_table = reading.reader.startswith("table")
    was_row = False
    speech = _without_closing_form(builder.text, lines)
    for number, line in enumerate(lines):
        if reason := _reason(builder.text, line) if number < speech else FIELD:
            _pass_over(builder, line.span, reason)
            continue
        who = line.label.name if line.label else line.span.speaker
        if was_row and not who:
            builder.close(BELOW_TABLE)
        was_row = _is_row(reading, line.span)
        builder.label = who or builder.label
        builder.is_open = builder.is_open and not is_table
        if line.label:
            builder.leave_out(line.span.start, line.label.end, line.span.place, str(Part.LABEL))
        _speak(builder, line.label.end if line.label else line.span.start, line.span)


def _without_closing_form(text: str, lines: Sequence[Line]) -> int:
    """The number of lines before the fields of a form at the end, without labels: *Duration: 12 minutes*."""
    count = len(lines)
    while count and not lines[count - 1].label and _is_closing_field(text, lines[count - 1].span):
        count -= 1
    return count


def _is_closing_field(text: str, span: Span) -> bool:
    return not span.speaker and not is_unspoken(span) and is_field(text[span.start : span.end])


def _pass_over(builder: TurnBuilder, span: Span, reason: str) -> None:
    builder.leave_out(span.start, span.end, span.place, reason)
    if reason in CLOSING:
        builder.close(f"no speaker after a {reason}")


def _is_row(reading: Reading, span: Span) -> bool:
    """Whether the span is of a table inside a document, in which each row names its speaker."""
    return bool(span.speaker) and (reading.reader.startswith("plain") or span.place.startswith("table"))


def _reason(text: str, line: Line) -> str:
    """The reason to exclude a paragraph without a label, or '' to keep it."""
    if line.label:
        return ""
    return _unspoken(line.span) or ("" if line.span.speaker else _field(text, line.span))


def _unspoken(span: Span) -> str:
    """The reason to exclude the span, or '' to keep it."""
    return str(span.part) if is_unspoken(span) else ""


def _speak(builder: TurnBuilder, start: int, span: Span) -> None:
    """What follows the label of a paragraph: the speaker's words, or a reason why not."""
    start = _skip_tick(builder, _skip_space(builder.text, start, span.end), span)
    if start < span.end and not is_time(builder.text, start, span.end):
        start = _skip_space(builder.text, _skip_time(builder, start, span), span.end)
    if start >= span.end:
        return
    reason = _not_speech(builder.text, start, span.end) or ("" if builder.label else builder.why)
    if reason:
        builder.leave_out(start, span.end, span.place, reason)
    else:
        builder.say(start, span.end, span.place)


def _skip_space(text: str, start: int, end: int) -> int:
    space = SPACE.match(text, start, end)
    return space.end() if space else start


def _skip_tick(builder: TurnBuilder, start: int, span: Span) -> int:
    """Behind the mark of a question of the guide that was asked: `[x] How did it begin?`."""
    match = TICKED.match(builder.text, start, span.end)
    if not match:
        return start
    builder.leave_out(start, match.end(), span.place, str(Part.MARKUP))
    return match.end()


def _skip_time(builder: TurnBuilder, start: int, span: Span) -> int:
    match = TIME_BEFORE.match(builder.text, start, min(span.end, start + LONGEST))
    if not match:
        return start
    builder.leave_out(start, match.end(), span.place, str(Part.TIME))
    return match.end()


def _not_speech(text: str, start: int, end: int) -> str:
    """The reason to exclude a paragraph, or '' to keep it."""
    if end - start > LONGEST_NOTE:
        return ""
    if text[start] in "[({*_" and (NOTE.match(text, start, end) or _is_aside(text[start:end])):
        return str(Part.NOTE)
    if is_time(text, start, end):
        return str(Part.TIME)
    if RULE.fullmatch(text, start, end):
        return str(Part.MARKUP)
    if NOT_TICKED.match(text, start, end):
        return str(Reason.NOT_ASKED)
    if invented(text[start:end]):
        return str(Reason.INVENTED)
    head = text[start : min(end, start + 100)]
    return str(Part.MARKUP) if is_notice(head) else ""


ITALIC = re.compile(r"(?:_[^_\n]+_|\*[^*\n]+\*)$")


def _is_aside(words: str) -> bool:
    """Whether a whole paragraph in italics is a note: a question in italics is somebody's."""
    return ITALIC.match(words) is not None and not is_question(words)


def _field(text: str, span: Span) -> str:
    """What a paragraph such as `**Fecha:** 2023` is: its label in bold is no speaker's, but a form's or a note's.

    So a paragraph that calls itself a note: `Nota de campo: mira hacia la puerta`.
    """
    if NOTE_OF.match(text, span.start, span.end):
        return str(Part.NOTE)
    if not text.startswith(("**", "- **", "* **"), span.start):
        return ""
    label = find(text, text.index("**", span.start), span.end)
    if label is None or label.layout not in BOLD_LABEL:
        return ""
    return str(Part.NOTE) if is_note_label(label.name) else FIELD


def only_interviewer_is_labelled(lines: Sequence[Line], speakers: SpeakerMap) -> bool:
    """Whether every label is of somebody who asks, and most paragraphs have none."""
    labelled = [(line.span, line.label) for line in lines if line.label]
    names = {core(label.name) for _, label in labelled}
    if any(line.span.speaker for line in lines) or not (
        names in ASKING_LETTERS or all(map(speakers.is_interviewers_name, names))
    ):
        return False
    spoken = sum(not is_unspoken(line.span) for line in lines)
    is_below = any(label.end >= span.end or layout_named(label.layout).below for span, label in labelled)
    return 0 < len(labelled) <= spoken / 2 and not is_below


def questions_of_answers(reading: Reading, lines: Sequence[Line]) -> frozenset[int]:
    """The unlabelled lines with questions, if all labels are respondents': `1. How is the water?`, `Answer: ...`.

    Several may answer one question. Nothing if somebody with a label asks, or if there are other lines in between.
    """
    labelled = [number for number, line in enumerate(lines) if line.label]
    if len(labelled) < _least_answers(lines):
        return frozenset()
    before = [max(0, number - 1) for number in labelled]
    if any(map(_has_words_below, lines)):
        return _asked_above(reading, lines, before) if _are_called_answers(lines) else frozenset()
    asked = _marked_as(_asked_of(reading, lines, before), before, reading, lines)
    if len(asked) < LEAST_QUESTIONS or not _are_answers(reading, lines, labelled, first=min(asked)):
        return frozenset()
    between = lines[min(asked) : max(labelled)]
    free = sum(_is_spoken_without_label(reading, line) for line in between)
    return asked if len(asked) >= MOSTLY * free else frozenset()


def _asked_of(reading: Reading, lines: Sequence[Line], numbers: Sequence[int]) -> frozenset[int]:
    return frozenset(number for number in numbers if _is_asked(reading, lines[number]))


def _are_called_answers(lines: Sequence[Line]) -> bool:
    names = {core(line.label.name) for line in lines if line.label}
    return names <= ANSWER_WORDS and not any(line.span.speaker for line in lines)


def _asked_above(reading: Reading, lines: Sequence[Line], before: Sequence[int]) -> frozenset[int]:
    """The lines right above the labels of answers, if nearly all lines that ask are among them."""
    above = frozenset(
        number for number in before if lines[number].label is None and not is_unspoken(lines[number].span)
    )
    asking = [n for n, line in enumerate(lines) if _is_asked(reading, line) and n >= min(before)]
    are_above = len(above.intersection(asking)) >= max(LEAST_QUESTIONS, NEARLY_ALL * len(asking))
    return above if are_above and 2 * len(asking) >= len(above) else frozenset()


def _marked_as(asked: Set[int], before: Sequence[int], reading: Reading, lines: Sequence[Line]) -> frozenset[int]:
    """The lines that ask, and those above a label that are in capitals, bold or italics as all of them are."""
    marks = {_mark(reading, lines[number].span) for number in asked}
    if len(marks) != 1 or "" in marks:
        return frozenset(asked)
    return frozenset(asked) | frozenset(
        n for n in before if lines[n].label is None and _mark(reading, lines[n].span) in marks
    )


def _mark(reading: Reading, span: Span) -> str:
    """How a whole line is marked: in capitals, in bold or italics, as a heading; '' if it is not."""
    words = reading.text[span.start : span.end]
    if words.isupper() and " " in words:
        return "capitals"
    if span.part is not Part.BODY:
        return str(span.part)
    return str(Part.STRONG) if EMPHASISED.match(words) else ""


def _least_answers(lines: Sequence[Line]) -> int:
    """How many labels show that they are those of answers: fewer where they say so themselves."""
    names = {core(line.label.name) for line in lines if line.label}
    return LEAST_QUESTIONS if names <= ANSWER_LETTERS else LEAST_ANSWERS


def _has_words_below(line: Line) -> bool:
    """Whether the format names the speaker, or labels have their own line: then a line without one may be anybody's words."""
    return bool(line.span.speaker) or (line.label is not None and line.label.end >= line.span.end)


def _is_asked(reading: Reading, line: Line) -> bool:
    return line.label is None and _asks(reading, line.span)


def _are_answers(reading: Reading, lines: Sequence[Line], labelled: Sequence[int], *, first: int) -> bool:
    """Whether labelled paragraphs are mostly below the first question and rarely ask."""
    back = sum(_asks(reading, lines[number].span) for number in labelled)
    after = sum(number > first for number in labelled)
    return back <= ASKED_BACK * len(labelled) and after >= MOSTLY * len(labelled)


def _is_spoken_without_label(reading: Reading, line: Line) -> bool:
    is_silent = is_unspoken(line.span) or RULE.fullmatch(reading.text, line.span.start, line.span.end)
    return line.label is None and not is_silent


def _asks(reading: Reading, span: Span) -> bool:
    words = reading.text[span.start : span.end]
    return span.part in QUESTIONS_STAND_IN and (is_question(words) or NUMBERED.match(words) is not None)


def walk_labelled_answers(builder: TurnBuilder, reading: Reading, lines: Sequence[Line], asked: Set[int]) -> None:
    """Questions without a label and, with labels, the answers below each."""
    first = min(asked)
    walk(builder, reading, lines[:first])
    for number in range(first, len(lines)):
        line = lines[number]
        if number in asked:
            builder.label, builder.is_open = GUIDE, False
            _ask(builder, line.span)
            builder.label, builder.why = "", UNANSWERED
        else:
            walk(builder, reading, [line])


def walk_labelled_questions(builder: TurnBuilder, reading: Reading, lines: Sequence[Line]) -> MarkedQuestions:
    """Read the paragraphs as one respondent's, except labelled ones and marked questions."""
    free = [number for number, line in enumerate(lines) if not line.label and not is_unspoken(line.span)]
    questions = marked_questions(reading, free)
    sections = titles_of_parts(reading, lines, questions) | _outside_of_questions(lines, questions)
    for number, line in enumerate(lines):
        is_asked = number in questions.spans
        reason = "" if is_asked else sections.get(number) or _unspoken(line.span)
        if reason:
            builder.leave_out(line.span.start, line.span.end, line.span.place, reason)
        else:
            _say_prompted(builder, line, is_asked=is_asked, layout=questions.layout)
    return questions


def titles_of_parts(reading: Reading, lines: Sequence[Line], questions: MarkedQuestions) -> dict[int, str]:
    """The titles of the parts of a task between the answers, with the reason to leave them out.

    `Explain each plot` is followed by `Heat map` and what is said of it, and by `Box plot`: short lines without a full
    stop, in the words of the questions above, several below one question, each with words below.
    """
    asked: list[set[str]] = []
    titles: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        words = reading.text[line.span.start : line.span.end]
        if number in questions.spans:
            asked.append(_stems(words))
        elif _is_title(words, line, asked) and _goes_on(lines, number + 1, questions):
            titles.setdefault(len(asked), []).append(number)
    several = [numbers for numbers in titles.values() if len(numbers) >= LEAST_TITLES]
    parts = {*chain.from_iterable(several), *_titles_of_sections(reading, lines, questions)}
    return dict.fromkeys(parts | (counting_titles(reading) if questions.spans else set()), str(Part.HEADING))


def _titles_of_sections(reading: Reading, lines: Sequence[Line], questions: MarkedQuestions) -> list[int]:
    """The short lines right above a question, below an answer, that are not written as the ends of answers are.

    They have no full stop where nearly all answers end with one, or are in bold or italics where no answer is.
    """
    ends = _ends_of_answers(lines, questions)
    words = {number: reading.text[lines[number].span.start : lines[number].span.end] for number in ends}
    titles = [n for n in ends if n - 1 not in questions.spans and SECTION.fullmatch(words[n])]
    others = sorted(set(ends) - set(titles))
    if not LEAST_TITLES <= len(titles) <= len(others):
        return []
    if sum(words[n][-1] in ENDS_OF_ANSWERS for n in others) >= NEARLY_ALL * len(others):
        return titles
    strong = _in_bold(lines, ends)
    return sorted(strong.intersection(titles)) if strong.isdisjoint(others) else []


def _in_bold(lines: Sequence[Line], numbers: Sequence[int]) -> set[int]:
    return {number for number in numbers if lines[number].span.part is Part.STRONG}


def _ends_of_answers(lines: Sequence[Line], questions: MarkedQuestions) -> list[int]:
    """The lines without a label right above a question, behind the first one."""
    first = min(questions.spans, default=0)
    above = [number - 1 for number in sorted(questions.spans) if number - 1 not in questions.spans]
    return [number for number in above if number > first and lines[number].label is None]


def _is_title(words: str, line: Line, asked: Sequence[Set[str]]) -> bool:
    is_short = line.label is None and TITLE.fullmatch(words) is not None and words[0].isupper()
    return is_short and _stems(words) <= set().union(*asked[-QUESTIONS_BEFORE:])


def _goes_on(lines: Sequence[Line], number: int, questions: MarkedQuestions) -> bool:
    """Whether the line is there and is neither a question nor another's."""
    return number < len(lines) and number not in questions.spans and lines[number].label is None


def _stems(words: str) -> set[str]:
    """The words, folded, without the s of the plural."""
    return {word.removesuffix("s") for word in WORD.findall(words.casefold())}


def _outside_of_questions(lines: Sequence[Line], questions: MarkedQuestions) -> dict[int, str]:
    """The lines before anybody asks or has a label and, of a page, those below headings that are not questions, with the reason."""
    if not questions.spans:
        return {}
    first = min([*questions.spans, *(number for number, line in enumerate(lines) if line.label)])
    last = len(lines) if questions.last is None else questions.last
    outside: dict[int, str] = {}
    is_closed = False
    for number, line in enumerate(lines):
        is_heading = line.span.part is Part.HEADING and questions.layout in PAGES
        is_closed = number not in questions.spans and (is_closed or is_heading)
        reason = _why_outside(number, first=first, last=last, is_closed=is_closed)
        if reason and not is_unspoken(line.span):
            outside[number] = reason
    return outside


def _why_outside(number: int, *, first: int, last: int, is_closed: bool) -> str:
    if number < first:
        return str(Part.FRONT)
    if is_closed:
        return f"no speaker after a {Part.HEADING}"
    return AFTERWARDS if number > last else ""


def _say_prompted(builder: TurnBuilder, line: Line, *, is_asked: bool, layout: str) -> None:
    """One paragraph: of who has the label, a marked question, or the answer of somebody without a label."""
    span, label = line.span, line.label
    builder.label = label.name if label else GUIDE if is_asked else NO_LABEL
    builder.is_open = builder.is_open and not label and "\n" not in builder.text[builder.turns[-1].end : span.start]
    if label:
        builder.leave_out(span.start, label.end, span.place, str(Part.LABEL))
    start = label.end if label else span.start
    if layout == DASHES and (mark := TURN_ENDS.search(builder.text, start, span.end)):
        _say_prompted(builder, Line(span._replace(end=mark.start()), label), is_asked=is_asked, layout=layout)
        builder.leave_out(mark.start(), span.end, span.place, str(Part.MARKUP))
        return
    if is_asked or _is_marked_answer(builder.text, line, layout):
        _ask(builder, span)
    else:
        _speak(builder, _skip_dash(builder, start, span) if layout == DASHES else start, span)


def _is_marked_answer(text: str, line: Line, layout: str) -> bool:
    """Whether a whole paragraph is in bold or italics, where the answers are."""
    is_whole = EMPHASISED.match(text[line.span.start : line.span.end]) is not None
    return layout == ANSWERS_EMPHASISED and line.label is None and is_whole


def _skip_dash(builder: TurnBuilder, start: int, span: Span) -> int:
    """Behind the dash with which a turn begins."""
    dash = DASHED.match(builder.text, start, span.end)
    if not dash:
        return start
    builder.leave_out(start, dash.end(), span.place, str(Part.MARKUP))
    return dash.end()


def _ask(builder: TurnBuilder, span: Span) -> None:
    """A marked question, or answer: its words, without the marks and brackets around them."""
    text = builder.text
    in_brackets = WHOLLY_IN_BRACKETS.match(text[span.start : span.end])
    if in_brackets and in_brackets.lastgroup:
        start, end = (span.start + at for at in in_brackets.span(in_brackets.lastgroup))
        _say_without_marks(builder, span, start=start, end=end)
        return
    opened = OPENED.match(text[span.start : span.end])
    start = _skip_space(text, span.start + (opened.end() if opened else 0), span.end)
    closed = re.search(r"(?:[*_\s\\]|</\w+>)*$", text[start : span.end])
    end = start + closed.start() if closed else span.end
    if start >= end:
        start, end = span.start, span.end
    _say_without_marks(builder, span, start=start, end=end)


def _say_without_marks(builder: TurnBuilder, span: Span, *, start: int, end: int) -> None:
    for one, other in ((span.start, start), (end, span.end)):
        if one < other:
            builder.leave_out(one, other, span.place, str(Part.MARKUP))
    builder.say(start, end, span.place)
