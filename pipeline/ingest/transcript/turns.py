"""A reading as turns: who speaks from where to where, in answer to what; everything else listed with its reason."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.ingest.transcript.documents import split_document
from pipeline.ingest.transcript.header_block import header_of
from pipeline.ingest.transcript.inner_marks import Line, with_inner_labels, without_times
from pipeline.ingest.transcript.invented_words import invented
from pipeline.ingest.transcript.layout_engine import Recognised, is_unspoken, recognise
from pipeline.ingest.transcript.layouts import BOLD_LABEL, LONGEST, find, layout_named
from pipeline.ingest.transcript.marked_questions import (
    MarkedQuestions,
    has_questions,
    is_question,
    marked_questions,
    reads_like_document,
)
from pipeline.ingest.transcript.roles import NAME_THEM, NOBODY_ASKS, Speaker, SpeakerMap, SpeakerStats, resolve
from pipeline.ingest.transcript.speaker_detection import DetectedSpeakers
from pipeline.ingest.transcript.speaker_labels import Label, core, is_note_label
from pipeline.ingest.transcript.times import BRACKETED, SP, is_time
from pipeline.ingest.transcript.turn_builder import LayoutRecord, Split, TurnBuilder, TurnSpan
from pipeline.records import Reading, Span
from pipeline.vocabulary import Kind, Part, Reason, Role, RoleEvidence, Undecided

TIME_BEFORE = re.compile(
    rf"\**(?:{BRACKETED}(?:{SP}*[-–—]{SP}*{BRACKETED})?|\d{{1,3}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,3}})?(?={SP}))\**(?:{SP}*[-–—](?={SP}))?{SP}*"
)
SPACE = re.compile(r"\s+")
NOTE = re.compile(r"\*{0,2}(?:[\[({][^\[\](){}\n]*[\])}][\s.,;:*]*)+$")
LONGEST_NOTE = 2000
LONGEST_CODE = 3  # of a label that may lack its colon
SLIPS = 1 / 3  # of the lines behind a time, at most, lack it
FORGOTTEN = 10  # paragraphs without a label that a person should look at, where there are never half as many elsewhere
ASKS_MOST = 0.75  # of the words: whoever says so much seldom asks
MANY = 0.3  # of the paragraphs without a label: so many questions are a list of them
NAMED = 3  # places that a note names
WORTH_A_NOTE = 500  # characters without a speaker that a person should know of
NO_LABEL = "(no label)"
GUIDE = "(question of the guide)"
UNLABELLED = frozenset({NO_LABEL, GUIDE})
FIELD = str(Reason.FORM_FIELD)
PAGES = frozenset(
    {"questions in bold or italics", "questions as headings"}
)  # where other sections may stand around them
CLOSING = frozenset({FIELD, str(Part.HEADING)})  # after which nobody speaks until the next label
OF_PROGRAM = re.compile(
    r"\**(?:transcribed by https?://otter\.ai|fin de (?:la )?(?:transcripci[oó]n|entrevista)"
    r"|end of (?:the )?(?:transcript|interview|recording))",
    re.IGNORECASE,
)
RECORDS = re.compile(r".{1,60} (?:(?:started|stopped) transcription|(?:inici[oó]|detuvo) la transcripci[oó]n)")


def split(reading: Reading, *, kind: Kind, speakers: SpeakerMap) -> Split:
    """The turns of a reading and the exclusions in its text; together they hold every character but white space."""
    if kind is Kind.DOCUMENT:
        return split_document(reading)
    header = header_of(reading)
    reading = header.without(reading)
    speakers = replace(speakers, header=header.roles)
    has_speakers = any(span.speaker for span in reading.spans)
    recognised = recognise(
        reading.text, reading.spans, knows=speakers.knows, asks=speakers.asks, is_dialogue=has_speakers
    )
    lines = [Line(span, label) for span, label in zip(reading.spans, recognised.labels, strict=True)]
    lines = _with_slips(reading.text, lines)
    lines = with_inner_labels(reading.text, lines)
    reading, lines = without_times(replace(reading, spans=tuple(line.span for line in lines)), lines)
    if not recognised.roster.spoken and not has_speakers:
        return _one_voice(reading, speakers)
    sheet = TurnBuilder(reading.text)
    if _only_interviewer_is_labelled(lines, speakers):
        questions = _walk_prompted(sheet, reading, lines)
        if not questions.spans and _asks_on(reading, lines):
            return _one_voice(reading, speakers)
        notes: tuple[str, ...] = (
            "only the interviewer is labelled: every other paragraph was read as the respondent's",
        )
        layout = questions.layout or recognised.layout
    else:
        _walk(sheet, reading, lines)
        notes = (*_seldom(reading, recognised.roster), *_unlabelled(lines))
        layout = "speakers of the file's format" if has_speakers else recognised.layout
    record = _record(recognised, layout)
    return _with_roles(reading, sheet, speakers, notes, record)


def _asks_on(reading: Reading, lines: Sequence[Line]) -> bool:
    """Whether so many paragraphs without a label are questions that they are a list of them, and no answers."""
    free = [line.span for line in lines if not line.label and not is_unspoken(line.span)]
    asking = sum(
        is_question(reading.text[span.start : span.end]) or "? |" in reading.text[span.start : span.end]
        for span in free
    )
    return asking >= MANY * len(free) > 0


def _record(recognised: Recognised, layout: str) -> LayoutRecord:
    return LayoutRecord(layout=layout, runner_up=recognised.runner_up, margin=round(recognised.margin, 3))


def _seldom(reading: Reading, roster: DetectedSpeakers) -> Iterator[str]:
    """Notes on those who speak but once or twice, and on lines that may be such a one's."""
    if roster.seldom:
        yield f"speak only once or twice: {roster.seldom} of the speakers"
    if roster.doubtful:
        places = ", ".join(reading.spans[number].place for number in roster.doubtful[:NAMED])
        more = f" and {len(roster.doubtful) - NAMED} more" if len(roster.doubtful) > NAMED else ""
        yield f"may be a speaker who speaks but once, read as the words of the one before: {places}{more}; {NAME_THEM}"


def _unlabelled(lines: Sequence[Line]) -> Iterator[str]:
    """A note where labels stop for much longer than they do anywhere else in the file: somebody forgot them."""
    if any(line.span.speaker for line in lines):
        return
    runs: list[list[Span]] = [[]]
    for line in lines:
        if line.label:
            runs.append([])
        elif not is_unspoken(line.span):
            runs[-1].append(line.span)
    longest, *shorter = sorted(runs[1:], key=len, reverse=True) or [[]]
    usual = len(shorter[0]) if shorter else 0
    if len(longest) >= FORGOTTEN and len(longest) >= 2 * usual and shorter:
        yield (
            f"{len(longest)} paragraphs on end without a label (from {longest[0].place}): read as the last speaker's; "
            "put the labels in if others speak there"
        )


def _with_slips(text: str, lines: Sequence[Line]) -> list[Line]:
    """The lines, with labels that lack their colon (`A The school`) where nearly every other line behind a time has one."""
    codes = {
        line.label.name: line.label.layout for line in lines if line.label and len(line.label.name) <= LONGEST_CODE
    }
    if not codes:
        return list(lines)
    after_times = [number for number in range(1, len(lines)) if _is_time(text, lines[number - 1].span)]
    bare = [number for number in after_times if lines[number].label is None]
    if len(bare) > SLIPS * len(after_times):
        return list(lines)
    slip = re.compile(rf"(?P<name>{'|'.join(map(re.escape, sorted(codes)))}){SP}+(?=[^\W_a-z]|[¿¡])")
    corrected = list(lines)
    for number in bare:
        span = lines[number].span
        if match := slip.match(text, span.start, span.end):
            corrected[number] = Line(span, Label(match["name"], codes[match["name"]], match.end()))
    return corrected


def _is_time(text: str, span: Span) -> bool:
    return is_time(text, span.start, span.end)


def _walk(sheet: TurnBuilder, reading: Reading, lines: Sequence[Line]) -> None:
    """Paragraph after paragraph, each the words of the last speaker named; of a table, each row a turn."""
    is_table = reading.reader.startswith("table")
    for line in lines:
        span, label = line.span, line.label
        reason = "" if label else _unspoken(span) or ("" if span.speaker else _field(sheet.text, span))
        if reason:
            sheet.leave_out(span.start, span.end, span.place, reason)
            if reason in CLOSING:
                sheet.close(f"no speaker after a {reason}")
            continue
        sheet.who = label.name if label else span.speaker or sheet.who
        sheet.is_open = sheet.is_open and not is_table
        if label:
            sheet.leave_out(span.start, label.end, span.place, str(Part.LABEL))
        _speak(sheet, label.end if label else span.start, span)


def _unspoken(span: Span) -> str:
    """Why the whole span is nobody's words in an interview, or nothing."""
    return str(span.part) if is_unspoken(span) else ""


def _speak(sheet: TurnBuilder, start: int, span: Span) -> None:
    """What follows the label of a paragraph: the speaker's words, or a reason why not."""
    start = _skip_space(sheet.text, start, span.end)
    if start < span.end and not is_time(sheet.text, start, span.end):
        start = _skip_space(sheet.text, _skip_time(sheet, start, span), span.end)
    if start >= span.end:
        return
    reason = _not_speech(sheet.text, start, span.end) or ("" if sheet.who else sheet.why)
    if reason:
        sheet.leave_out(start, span.end, span.place, reason)
    else:
        sheet.say(start, span.end, span.place)


def _skip_space(text: str, start: int, end: int) -> int:
    space = SPACE.match(text, start, end)
    return space.end() if space else start


def _skip_time(sheet: TurnBuilder, start: int, span: Span) -> int:
    match = TIME_BEFORE.match(sheet.text, start, min(span.end, start + LONGEST))
    if not match:
        return start
    sheet.leave_out(start, match.end(), span.place, str(Part.TIME))
    return match.end()


def _not_speech(text: str, start: int, end: int) -> str:
    """Why a paragraph is nobody's words, or nothing."""
    if end - start > LONGEST_NOTE:
        return ""
    if text[start] in "[({*_" and (NOTE.match(text, start, end) or _is_aside(text[start:end])):
        return str(Part.NOTE)
    if is_time(text, start, end):
        return str(Part.TIME)
    if invented(text[start:end]):
        return str(Reason.INVENTED)
    head = text[start : min(end, start + 100)]
    is_of_program = OF_PROGRAM.match(head) or ("transcri" in head and RECORDS.match(head))
    return str(Part.MARKUP) if is_of_program else ""


ITALIC = re.compile(r"(?:_[^_\n]+_|\*[^*\n]+\*)$")


def _is_aside(words: str) -> bool:
    """Whether a whole paragraph in italics is a note: a question in italics is somebody's."""
    return ITALIC.match(words) is not None and not is_question(words)


def _field(text: str, span: Span) -> str:
    """What a paragraph such as `**Fecha:** 2023` is: its label in bold is no speaker's, but a form's or a note's."""
    if not text.startswith(("**", "- **", "* **"), span.start):
        return ""
    label = find(text, text.index("**", span.start), span.end)
    if label is None or label.layout not in BOLD_LABEL:
        return ""
    return str(Part.NOTE) if is_note_label(label.name) else FIELD


def _only_interviewer_is_labelled(lines: Sequence[Line], speakers: SpeakerMap) -> bool:
    """Whether every label is of somebody who asks, and most paragraphs have none."""
    labelled = [(line.span, line.label) for line in lines if line.label]
    if any(line.span.speaker for line in lines) or not all(speakers.asks(core(label.name)) for _, label in labelled):
        return False
    spoken = sum(not is_unspoken(line.span) for line in lines)
    is_below = any(label.end >= span.end or layout_named(label.layout).below for span, label in labelled)
    return 0 < len(labelled) < spoken / 2 and not is_below


def _walk_prompted(sheet: TurnBuilder, reading: Reading, lines: Sequence[Line]) -> MarkedQuestions:
    """Paragraphs of one respondent, among which those with a label and the marked questions are not theirs."""
    free = [number for number, line in enumerate(lines) if not line.label and not is_unspoken(line.span)]
    questions = marked_questions(reading, free)
    sections = _outside_of_questions(lines, questions) if questions.layout in PAGES else {}
    for number, line in enumerate(lines):
        is_asked = number in questions.spans
        reason = "" if is_asked else sections.get(number) or _unspoken(line.span)
        if reason:
            sheet.leave_out(line.span.start, line.span.end, line.span.place, reason)
        else:
            _say_prompted(sheet, line, is_asked=is_asked)
    return questions


def _outside_of_questions(lines: Sequence[Line], questions: MarkedQuestions) -> dict[int, str]:
    """Of a page, the lines before the first question and below headings that are none, with the reason."""
    first = min(questions.spans, default=0)
    outside: dict[int, str] = {}
    is_closed = False
    for number, line in enumerate(lines):
        is_closed = number not in questions.spans and (is_closed or line.span.part is Part.HEADING)
        if not is_unspoken(line.span) and number < first:
            outside[number] = str(Part.FRONT)
        elif not is_unspoken(line.span) and is_closed:
            outside[number] = f"no speaker after a {Part.HEADING}"
    return outside


def _say_prompted(sheet: TurnBuilder, line: Line, *, is_asked: bool) -> None:
    """One paragraph: of who has the label, a marked question, or the answer of somebody without a label."""
    span, label = line.span, line.label
    sheet.who = label.name if label else GUIDE if is_asked else NO_LABEL
    sheet.is_open = sheet.is_open and not label and "\n" not in sheet.text[sheet.turns[-1].end : span.start]
    if label:
        sheet.leave_out(span.start, label.end, span.place, str(Part.LABEL))
    if is_asked:
        _ask(sheet, span)
    else:
        _speak(sheet, label.end if label else span.start, span)


def _ask(sheet: TurnBuilder, span: Span) -> None:
    """A marked question: its words, without the marks around them."""
    text = sheet.text
    opened = re.match(r"(?:#{1,6}[ \t]+|[-*•>][ \t]+|\*{1,3}|_{1,3}|<\w+>)*", text[span.start : span.end])
    start = span.start + (opened.end() if opened else 0)
    closed = re.search(r"(?:[*_\s\\]|</\w+>)*$", text[start : span.end])
    end = start + closed.start() if closed else span.end
    if start >= end:
        start, end = span.start, span.end
    for one, other in ((span.start, start), (end, span.end)):
        if one < other:
            sheet.leave_out(one, other, span.place, str(Part.MARKUP))
    sheet.say(start, end, span.place)


def _one_voice(reading: Reading, speakers: SpeakerMap) -> Split:
    """A file without speakers: each paragraph a turn of one respondent, but for the questions that are marked.

    Where nothing tells questions from answers and there are questions, the words wait for a person.
    """
    sheet = TurnBuilder(reading.text)
    lines = [Line(span, None) for span in reading.spans]
    questions = _walk_prompted(sheet, reading, lines)
    undecided: tuple[Undecided, ...] = ()
    if speakers.unlabelled:
        speaker = speakers.unlabelled
    elif questions.spans and questions.are_answered:
        speaker = Speaker(Role.RESPONDENT, because=RoleEvidence.MARKED_QUESTIONS)
    elif questions.spans:
        speaker, undecided = Speaker(Role.OTHER), (Undecided.LIST_OF_QUESTIONS,)
    elif has_questions(reading):
        speaker, undecided = Speaker(Role.OTHER), (Undecided.NO_SPEAKERS,)
    elif reads_like_document(reading):
        speaker, undecided = Speaker(Role.OTHER), (Undecided.DOCUMENT,)
    else:
        speaker = Speaker(Role.RESPONDENT, because=RoleEvidence.NO_QUESTIONS)
    note = (
        "no speakers could be identified: its words do not count until raw/sources.csv says who speaks"
        if speaker.role is Role.OTHER
        else "no speakers could be identified: read as the words of one respondent"
    )
    undecided = (*undecided, *_left_out(sheet))
    record = LayoutRecord(layout=questions.layout, undecided=undecided)
    return _finished(reading, sheet, {NO_LABEL: speaker}, (note,) if sheet.turns else (), record)


def _with_roles(
    reading: Reading, sheet: TurnBuilder, speakers: SpeakerMap, notes: tuple[str, ...], record: LayoutRecord
) -> Split:
    stats = _stats_by_label(sheet)
    identities, more = resolve(stats, speakers)
    undecided = [Undecided.NOBODY_ASKS] if NOBODY_ASKS in more and any(h.questions for h in stats.values()) else []
    roles = {speaker.role for speaker in identities.values()}
    if not undecided and Role.OTHER in roles and Role.RESPONDENT not in roles:
        undecided = [Undecided.NOBODY_KNOWN]
    undecided += _left_out(sheet)
    record = replace(record, undecided=tuple(undecided))
    notes = (*notes, *more, *_unattributed(sheet), *_asks_most(stats, identities))
    return _finished(reading, sheet, identities, notes, record)


def _left_out(sheet: TurnBuilder) -> list[Undecided]:
    """Whether a first or last stretch is left out that may be somebody's words."""
    if not sheet.turns:
        return []
    fields = [e for e in sheet.exclusions if e.reason == FIELD or e.reason.startswith("no speaker")]
    last = sum(e.chars for e in fields if e.start > sheet.turns[-1].start)
    first = sum(e.chars for e in sheet.exclusions if e.reason == str(Part.FRONT) and e.start < sheet.turns[0].start)
    return [
        *([Undecided.BEGINNING_LEFT_OUT] if first > WORTH_A_NOTE else []),
        *([Undecided.END_LEFT_OUT] if last > WORTH_A_NOTE else []),
    ]


def _asks_most(stats: Mapping[str, SpeakerStats], identities: Mapping[str, Speaker]) -> Iterator[str]:
    """A note where those who ask say nearly all: the labels may be the other way round, P for participant."""
    words = sum(each.words for each in stats.values())
    asking_words = sum(each.words for label, each in stats.items() if identities[label].role is Role.INTERVIEWER)
    if len(stats) > 1 and ASKS_MOST * words < asking_words < words:
        yield f"those who ask say {asking_words / words:.0%} of the words: see whether the labels are the other way round"


def _finished(
    reading: Reading,
    sheet: TurnBuilder,
    identities: Mapping[str, Speaker],
    notes: tuple[str, ...],
    record: LayoutRecord,
) -> Split:
    """The turns with who speaks them and what they answer."""
    question, guide = "", sum(turn.label == GUIDE for turn in sheet.turns)
    for turn in sheet.turns:
        turn.who = (
            Speaker(Role.INTERVIEWER, because=RoleEvidence.MARKED_QUESTIONS)
            if turn.label == GUIDE
            else identities[turn.label]
        )
        if turn.who.role is Role.INTERVIEWER:
            question = _flat(sheet.text, turn)
        else:
            turn.question = question
        turn.label = "" if turn.label in UNLABELLED else turn.label
    guide_notes = [f"numbered questions of the guide, read as the interviewer's: {guide}"] if guide else []
    return Split(tuple(sheet.turns), tuple(sheet.exclusions), (*notes, *guide_notes), reading=reading, record=record)


def _unattributed(sheet: TurnBuilder) -> list[str]:
    """A note where much of the text after the first speaker is nobody's."""
    after = sum(e.chars for e in sheet.exclusions if e.reason == FIELD or e.reason.startswith("no speaker"))
    front = sum(e.chars for e in sheet.exclusions if e.reason == str(Part.FRONT))
    lost = {"before the first speaker": front, "without a speaker": after}
    return [f"left out: {chars} characters {where}" for where, chars in lost.items() if chars > WORTH_A_NOTE]


def _flat(text: str, turn: TurnSpan) -> str:
    return " ".join(text[turn.start : turn.end].split())


def _stats_by_label(sheet: TurnBuilder) -> dict[str, SpeakerStats]:
    words: dict[str, list[str]] = defaultdict(list)
    for turn in sheet.turns:
        if turn.label != GUIDE:
            words[turn.label].append(sheet.text[turn.start : turn.end])
    return {label: _stats_of(texts) for label, texts in words.items()}


def _stats_of(texts: Sequence[str]) -> SpeakerStats:
    return SpeakerStats(words=sum(map(len, texts)), questions=sum("?" in text for text in texts), turns=len(texts))
