"""A reading as turns: who speaks from where to where, in answer to what; everything else listed with its reason."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pipeline.ingest.transcript import speaker_labels
from pipeline.ingest.transcript.interview_guide import questions_of_the_guide
from pipeline.ingest.transcript.roles import NAME_THEM, Speaker, SpeakerMap, SpeakerStats, resolve
from pipeline.ingest.transcript.speaker_detection import DetectedSpeakers, roster_of, without_numbers
from pipeline.ingest.transcript.speaker_labels import Label
from pipeline.ingest.transcript.turn_builder import Split, TurnBuilder, TurnSpan
from pipeline.records import Reading, Span
from pipeline.vocabulary import SPOKEN, Kind, Part, Role

RANGE = r"\d{1,3}:\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?[ \t]*-->?[ \t]*\d{1,3}:\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?"
TIME_LINE = re.compile(rf"(?:{RANGE}|{speaker_labels.TIMES})$")
TIME_BEFORE = re.compile(
    rf"(?:[\[(]{speaker_labels.CLOCK}(?:{speaker_labels.SP}*[-–—]{speaker_labels.SP}*{speaker_labels.CLOCK})?[\])]"
    rf"|\d{{1,3}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,3}})?(?={speaker_labels.SP})){speaker_labels.SP}*"
)
SPACE = re.compile(r"\s+")
NOTE = re.compile(r"\*{0,2}(?:[\[(][^\[\]()\n]*[\])][\s.,;:*]*)+$")
ITALIC = re.compile(r"(?:_[^_\n]+_|\*[^*\n]+\*)$")
LONGEST_NOTE = 2000
FORGOTTEN = 10  # paragraphs without a label that a person should look at, where there are never half as many elsewhere
ASKS_MOST = 0.75  # of the words: whoever says so much seldom asks
NAMED = 3  # places that a note names
WORTH_A_NOTE = 500  # characters without a speaker that a person should know of
NO_LABEL = "(no label)"
GUIDE = "(question of the guide)"
UNLABELLED = frozenset({NO_LABEL, GUIDE})
FIELD = "form field"
CLOSING = frozenset({FIELD, str(Part.HEADING)})  # after which nobody speaks until the next label
LAYOUT = re.compile(
    r"\**(?:transcribed by https?://otter\.ai|fin de (?:la )?(?:transcripci[oó]n|entrevista)"
    r"|end of (?:the )?(?:transcript|interview|recording)"
    r"|.{1,60} (?:started|stopped) transcription|.{1,60} (?:inici[oó]|detuvo) la transcripci[oó]n)",
    re.IGNORECASE,
)


def split(reading: Reading, *, kind: Kind, speakers: SpeakerMap) -> Split:
    """The turns of a reading and the exclusions in its text; together they hold every character but white space."""
    if kind is Kind.DOCUMENT:
        from pipeline.ingest.transcript.documents import split_document

        return split_document(reading)
    found = without_numbers(_labels(reading))
    has_speakers = any(span.speaker for span in reading.spans)
    is_dialogue = has_speakers or any(label and speakers.asks(speaker_labels.core(label.name)) for label in found)
    bare = sum(label is not None and label.end >= span.end for label, span in zip(found, reading.spans, strict=True))
    roster = roster_of(found, speakers.knows, reading.text, bare=bare, is_dialogue=is_dialogue)
    if not roster.spoken and not has_speakers:
        return _one_voice(reading)
    found = [label if roster.has(label) else None for label in found]
    sheet = TurnBuilder(reading.text)
    if _only_interviewer_is_labelled(reading, found, speakers):
        _walk_prompted(sheet, reading, found)
        notes: tuple[str, ...] = (
            "only the interviewer is labelled: every other paragraph was read as the respondent's",
        )
    else:
        _walk(sheet, reading, found)
        notes = (*_seldom(reading, roster), *_unlabelled(reading, found))
    return _with_roles(sheet, speakers, notes)


def _seldom(reading: Reading, roster: DetectedSpeakers) -> Iterator[str]:
    """Notes on those who speak but once or twice, and on lines that may be such a one's."""
    if roster.seldom:
        yield f"speak but once or twice: {roster.seldom} of the speakers"
    if roster.doubtful:
        places = ", ".join(reading.spans[number].place for number in roster.doubtful[:NAMED])
        more = f" and {len(roster.doubtful) - NAMED} more" if len(roster.doubtful) > NAMED else ""
        yield f"may be a speaker who speaks but once, read as the words of the one before: {places}{more}; {NAME_THEM}"


def _unlabelled(reading: Reading, found: Sequence[Label | None]) -> Iterator[str]:
    """A note where labels stop for much longer than they do anywhere else in the file: somebody forgot them."""
    if any(span.speaker for span in reading.spans):
        return
    runs: list[list[Span]] = [[]]
    for span, label in zip(reading.spans, found, strict=True):
        if label:
            runs.append([])
        elif not _unspoken(span):
            runs[-1].append(span)
    longest, *rest = sorted(runs[1:], key=len, reverse=True) or [[]]
    usual = len(rest[0]) if rest else 0
    if len(longest) >= FORGOTTEN and len(longest) >= 2 * usual and rest:
        yield (
            f"{len(longest)} paragraphs on end without a label (from {longest[0].place}): read as the last speaker's; "
            "put the labels in if others speak there"
        )


def _labels(reading: Reading) -> list[Label | None]:
    """What may be a speaker label, for each span."""
    found: list[Label | None] = []
    after_time = False
    for span in reading.spans:
        if span.part is Part.HEADING:
            found.append(_name_as_heading(reading.text, span))
            continue
        is_candidate = not span.speaker and not _unspoken(span)
        found.append(
            speaker_labels.find(reading.text, span.start, span.end, after_time=after_time) if is_candidate else None
        )
        after_time = is_candidate and _is_time(reading.text, span.start, span.end)
    return found


def _name_as_heading(text: str, span: Span) -> Label | None:
    """A heading that is nothing but a name, with or without a time."""
    words = text[span.start : span.end].lstrip("# \t")
    label = speaker_labels.find(text, span.end - len(words), span.end) if words else None
    return label if label and label.end >= span.end else None


def _is_time(text: str, start: int, end: int) -> bool:
    return (
        text[start] in "[(<0123456789"
        and end - start < speaker_labels.LONGEST
        and TIME_LINE.match(text, start, end) is not None
    )


def _walk(sheet: TurnBuilder, reading: Reading, found: Sequence[Label | None]) -> None:
    """Paragraph after paragraph, each the words of the last speaker named; of a table, each row a turn."""
    is_table = reading.reader.startswith("table")
    for span, label in zip(reading.spans, found, strict=True):
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
    is_spoken = span.part in SPOKEN and span.part not in (Part.HEADING, Part.FOOTNOTE)
    return "" if is_spoken else str(span.part)


def _speak(sheet: TurnBuilder, start: int, span: Span) -> None:
    """What follows the label of a paragraph: the speaker's words, or a reason why not."""
    start = _skip_space(sheet.text, start, span.end)
    start = _skip_space(sheet.text, _skip_time(sheet, start, span), span.end)
    if start >= span.end:
        return
    reason = _not_speech(sheet.text, start, span.end) or ("" if sheet.who else sheet.why)
    if reason:
        sheet.leave_out(start, span.end, span.place, reason)
    else:
        sheet.say(start, span.end, span.place)


def _skip_space(text: str, start: int, end: int) -> int:
    found = SPACE.match(text, start, end)
    return found.end() if found else start


def _skip_time(sheet: TurnBuilder, start: int, span: Span) -> int:
    match = TIME_BEFORE.match(sheet.text, start, min(span.end, start + speaker_labels.LONGEST))
    if not match:
        return start
    sheet.leave_out(start, match.end(), span.place, str(Part.TIME))
    return match.end()


def _not_speech(text: str, start: int, end: int) -> str:
    """Why a paragraph is nobody's words, or nothing."""
    if end - start > LONGEST_NOTE:
        return ""
    if text[start] in "[(*_" and (NOTE.match(text, start, end) or ITALIC.match(text, start, end)):
        return str(Part.NOTE)
    if _is_time(text, start, end):
        return str(Part.TIME)
    return str(Part.MARKUP) if LAYOUT.match(text, start, min(end, start + 100)) else ""


def _field(text: str, span: Span) -> str:
    """What a paragraph such as `**Fecha:** 2023` is: its label in bold is no speaker's, but a form's or a note's."""
    if not text.startswith(("**", "- **", "* **"), span.start):
        return ""
    label = speaker_labels.find(text, text.index("**", span.start), span.end)
    if label is None:
        return ""
    return str(Part.NOTE) if speaker_labels.is_note_label(label.name) else FIELD


def _only_interviewer_is_labelled(reading: Reading, found: Sequence[Label | None], speakers: SpeakerMap) -> bool:
    names = {label.name for label in found if label}
    if (
        not names
        or any(span.speaker for span in reading.spans)
        or not all(speakers.asks(speaker_labels.core(name)) for name in names)
    ):
        return False
    spoken = sum(not _unspoken(span) for span in reading.spans)
    return sum(label is not None for label in found) < spoken / 2 and not any(
        label.end >= span.end for label, span in zip(found, reading.spans, strict=True) if label
    )


def _walk_prompted(sheet: TurnBuilder, reading: Reading, found: Sequence[Label | None]) -> None:
    """Paragraphs of one respondent, among which those with a label and numbered questions of the guide are not theirs."""
    guide = _guide(reading, found)
    for number, (span, label) in enumerate(zip(reading.spans, found, strict=True)):
        if reason := _unspoken(span):
            sheet.leave_out(span.start, span.end, span.place, reason)
            continue
        sheet.who = label.name if label else GUIDE if number in guide else NO_LABEL
        sheet.is_open = sheet.is_open and not label and "\n" not in reading.text[sheet.turns[-1].end : span.start]
        if label:
            sheet.leave_out(span.start, label.end, span.place, str(Part.LABEL))
        _speak(sheet, label.end if label else span.start, span)


def _guide(reading: Reading, found: Sequence[Label | None]) -> frozenset[int]:
    """The numbers of the spans that are the guide's questions."""
    free = [n for n, span in enumerate(reading.spans) if not found[n] and not _unspoken(span)]
    words = [reading.text[reading.spans[n].start : reading.spans[n].end] for n in free]
    return frozenset(free[at] for at in questions_of_the_guide(words))


def _one_voice(reading: Reading) -> Split:
    """A file without speakers: each paragraph a turn of one respondent, but for the questions of the guide."""
    sheet = TurnBuilder(reading.text)
    _walk_prompted(sheet, reading, [None] * len(reading.spans))
    note = "no speakers could be told: read as the words of one respondent"
    return _finished(sheet, {NO_LABEL: Speaker(Role.RESPONDENT)}, (note,) if sheet.turns else ())


def _with_roles(sheet: TurnBuilder, speakers: SpeakerMap, notes: tuple[str, ...]) -> Split:
    heard = _heard(sheet)
    known, more = resolve(heard, speakers)
    return _finished(sheet, known, (*notes, *more, *_unattributed(sheet), *_asks_most(heard, known)))


def _asks_most(heard: Mapping[str, SpeakerStats], known: Mapping[str, Speaker]) -> Iterator[str]:
    """A note where those who ask say nearly all: the labels may be the other way round, P for participant."""
    words = sum(each.words for each in heard.values())
    asked = sum(each.words for label, each in heard.items() if known[label].role is Role.INTERVIEWER)
    if len(heard) > 1 and ASKS_MOST * words < asked < words:
        yield f"those who ask say {asked / words:.0%} of the words: see whether the labels are the other way round"


def _finished(sheet: TurnBuilder, known: Mapping[str, Speaker], notes: tuple[str, ...]) -> Split:
    """The turns with who speaks them and what they answer."""
    asked, guide = "", sum(turn.label == GUIDE for turn in sheet.turns)
    for turn in sheet.turns:
        turn.who = Speaker(Role.INTERVIEWER) if turn.label == GUIDE else known[turn.label]
        if turn.who.role is Role.INTERVIEWER:
            asked = _flat(sheet.text, turn)
        else:
            turn.question = asked
        turn.label = "" if turn.label in UNLABELLED else turn.label
    told = [f"numbered questions of the guide, read as the interviewer's: {guide}"] if guide else []
    return Split(tuple(sheet.turns), tuple(sheet.exclusions), (*notes, *told))


def _unattributed(sheet: TurnBuilder) -> list[str]:
    """A note where much of the text after the first speaker is nobody's."""
    after = sum(e.chars for e in sheet.exclusions if e.reason == FIELD or e.reason.startswith("no speaker"))
    front = sum(e.chars for e in sheet.exclusions if e.reason == str(Part.FRONT))
    lost = {"before the first speaker": front, "without a speaker": after}
    return [f"left out: {chars} characters {where}" for where, chars in lost.items() if chars > WORTH_A_NOTE]


def _flat(text: str, turn: TurnSpan) -> str:
    return " ".join(text[turn.start : turn.end].split())


def _heard(sheet: TurnBuilder) -> dict[str, SpeakerStats]:
    words: dict[str, list[str]] = defaultdict(list)
    for turn in sheet.turns:
        if turn.label != GUIDE:
            words[turn.label].append(sheet.text[turn.start : turn.end])
    return {
        label: SpeakerStats(sum(map(len, said)), sum("?" in one for one in said), len(said))
        for label, said in words.items()
    }
