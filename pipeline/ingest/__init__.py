"""Files of raw/ to sources, texts and turns. The content decides the format; the reader is imported when it is needed."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module

from pipeline.config import Settings
from pipeline.errors import IntegrityError, Problem, UnreadableError
from pipeline.ingest.characters import count_visible
from pipeline.ingest.formats import detect
from pipeline.ingest.language import languages_of
from pipeline.ingest.reading_builder import without_marked_labels
from pipeline.ingest.transcript.roles import UNLABELLED, is_registered, protected, speaker_map
from pipeline.ingest.transcript.speaker_labels import core, fold
from pipeline.ingest.transcript.turn_builder import Split, TurnSpan
from pipeline.ingest.transcript.turns import split
from pipeline.provenance import sha256_bytes, sha256_text
from pipeline.records import (
    Correction,
    Exclusion,
    FileReading,
    Participant,
    Reading,
    Rejected,
    Source,
    SourceEntry,
    SpeakerReading,
    Text,
    TranscriptReading,
    Turn,
    UnidentifiedSpeaker,
)
from pipeline.vocabulary import Kind, Part, ReadStatus, Reason, Role, Undecided
from pipeline.wording.messages import message, noted

# format -> module of this package and its function (bytes -> Reading)
READERS = {
    "plain": ("plain", "read"),
    "subtitles": ("subtitles", "read"),
    "table": ("transcript_tables", "read"),
    "json": ("transcript_data", "read_json"),
    "tiers": ("transcript_data", "read_xml"),
    "xlsx": ("transcript_tables", "read_workbook"),
    "docx": ("office.docx", "read"),
    "odt": ("office.odt", "read"),
    "rtf": ("rtf.reader", "read"),
    "pdf": ("pdf.reader", "read"),
    "html": ("html", "read"),
    "zipped_html": ("zipped_pages", "read_web_page"),
    "epub": ("zipped_pages", "read_book"),
    "pptx": ("office.pptx", "read"),
    "mail": ("mail", "read"),
}


@dataclass(frozen=True, slots=True)
class RepeatsFile:
    """A file that is read with another: the repeats of a survey."""

    path: str
    source_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FileTask:
    """One file to read (`data` None: it could not be opened), with all that the reading depends on."""

    path: str
    data: bytes | None
    kind: Kind
    entry: SourceEntry
    people: tuple[Participant, ...]
    settings: Settings
    form: bytes = b""  # of a survey: the XLSForm that config.toml names
    repeats: tuple[RepeatsFile, ...] = ()  # of a survey: files whose rows belong to its rows
    corrections: tuple[Correction, ...] = ()


def safe_id(stem: str) -> str:
    """A file's stem as a source id: letters of ASCII, digits, dot, hyphen and underscore."""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.") or "source"


def format_of(task: FileTask) -> str:
    """The format of a file; UnreadableError if no reader knows it."""
    name = detect(task.data or b"", task.kind)
    if task.kind is not Kind.SURVEY and name not in READERS:
        raise UnreadableError(
            Problem(
                "", message("ingest/a_file_is_not_a_transcript", name=name), message("ingest/save_it_as_docx_pdf_txt")
            )
        )
    return name


def read_file(task: FileTask) -> FileReading:
    """What a file holds. UnreadableError if it cannot be read, with place and remedy."""
    if task.kind is Kind.SURVEY:
        format_of(task)
        return import_module("pipeline.ingest.survey.sources").read(task)  # type: ignore[no-any-return]
    reading = read_document(task)
    speakers = speaker_map(task.entry, task.people, task.settings.ingest.interviewers)
    turned = split(reading, kind=task.kind, speakers=speakers)
    return file_reading(task, turned.reading or reading, turned)


def read_document(task: FileTask) -> Reading:
    """The text of a transcript or document. UnreadableError if it cannot be read or has no words."""
    reading = _reader(format_of(task))(task.data or b"")
    if not reading.text.strip():
        raise UnreadableError(
            Problem("", message("ingest/contains_no_words"), message("ingest/add_the_text_or_remove"))
        )
    return without_marked_labels(reading, set(reading.marked_labels)) if task.kind is Kind.DOCUMENT else reading


def _reader(name: str) -> Callable[[bytes], Reading]:
    module, function = READERS[name]
    reader: Callable[[bytes], Reading] = getattr(import_module(f"pipeline.ingest.{module}"), function)
    return reader


def file_reading(task: FileTask, reading: Reading, turned: Split) -> FileReading:
    """The records of a file, after counting that no character is lost."""
    status, turned = _excluded_if_nobody_answers(task.kind, reading, turned)
    source_id = task.entry.source_id or safe_id(task.path.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    language, turns = _turns(source_id, reading.text, turned, task)
    rejected = _rejected(source_id, (*reading.outside, *turned.exclusions))
    chars_excluded = sum(row.chars for row in rejected)
    check_nothing_lost(reading, turned, chars_excluded)
    data = task.data or b""
    speaking = {turn.participant_id for turn in turns if turn.participant_id}
    source = Source(
        source_id, task.path, task.kind, sha256_bytes(data), len(data), reading.chars, chars_excluded, language,
        ";".join(sorted(speaking | set(task.entry.participant_ids))), reading.reader, status,
        noted((*reading.notes, *turned.notes), task.settings.study.language), "", task.entry.date, task.entry.site,
    )  # fmt: skip
    text = Text(source_id, reading.text, sha256_text(reading.text))
    return FileReading(
        path=task.path,
        sources=(source,),
        texts=(text,),
        turns=turns,
        rejected=(*rejected, *_guesses(source_id, turned)),
        unidentified=tuple(_unidentified(source_id, turned, turns, task)),
        transcript=_transcript(source_id, reading.text, turned, task) if task.kind is Kind.INTERVIEW else None,
    )


WAITING = frozenset(
    {
        Undecided.NO_SPEAKERS,
        Undecided.NOBODY_ASKS,
        Undecided.NOBODY_KNOWN,
        Undecided.LIST_OF_QUESTIONS,
        Undecided.DOCUMENT,
        Undecided.UNPUNCTUATED,
    }
)


def _transcript(source_id: str, text: str, turned: Split, task: FileTask) -> TranscriptReading:
    """How the turns of an interview were recognised, and who speaks in them."""
    speakers = tuple(_speakers_of(text, turned))
    present = {fold(one.speaker) for one in speakers} | {core(one.speaker) for one in speakers}
    missing = [label for label, _ in task.entry.speakers if fold(label) not in present and label != UNLABELLED]
    undecided = (*turned.record.undecided, *([Undecided.LABEL_MISSING] if missing else []))
    waits = set(undecided) & WAITING
    return TranscriptReading(
        source_id=source_id,
        layout=turned.record.layout,
        runner_up=turned.record.runner_up,
        margin=turned.record.margin,
        speakers=speakers,
        undecided=undecided,
        waiting=sum(one.words for one in speakers if one.role is Role.OTHER) if waits else 0,
        missing=tuple(missing),
    )


def _speakers_of(text: str, turned: Split) -> Iterator[SpeakerReading]:
    """Every speaker of a transcript, in the order in which they first speak."""
    by_label: dict[tuple[str, Role], list[TurnSpan]] = {}
    first: dict[tuple[str, Role], int] = {}
    for number, turn in enumerate(turned.turns, 1):
        by_label.setdefault((turn.label, turn.speaker.role), []).append(turn)
        first.setdefault((turn.label, turn.speaker.role), number)
    for (label, role), turns in by_label.items():
        texts = [text[turn.start : turn.end] for turn in turns]
        yield SpeakerReading(
            speaker=label,
            role=role,
            participant_id=turns[0].speaker.participant_id,
            because=turns[0].speaker.because,
            turns=len(turns),
            words=sum(len(words.split()) for words in texts),
            questions=sum("?" in words for words in texts),
            first=first[label, role],
        )


def _guesses(source_id: str, turned: Split) -> Iterator[Rejected]:
    """The first place of every speaker who was identified by a variant spelling."""
    guessed: set[str] = set()
    for turn in turned.turns:
        if turn.speaker.is_guess and turn.speaker.participant_id not in guessed:
            guessed.add(turn.speaker.participant_id)
            yield Rejected("ingest", source_id, turn.place, Reason.PERSON_GUESSED, 0)


def _unidentified(
    source_id: str, turned: Split, turns: Iterable[Turn], task: FileTask
) -> Iterator[UnidentifiedSpeaker]:
    """The turns whose label may refer to several people of the register, or of whose speaker raw/sources.csv has an unknown id."""
    is_misnamed = not all(is_registered(person, task.people) for person in task.entry.participant_ids)
    of_unknown = protected(task.people) if is_misnamed else ()
    for span, turn in zip(turned.turns, turns, strict=True):
        candidates = span.speaker.candidates or (of_unknown if turn.role is not Role.INTERVIEWER else ())
        if candidates and not turn.participant_id:
            yield UnidentifiedSpeaker(source_id, turn.turn, candidates)


def _excluded_if_nobody_answers(kind: Kind, reading: Reading, turned: Split) -> tuple[ReadStatus, Split]:
    """The status and the turns; the turns become exclusions if nobody answers."""
    if kind is Kind.DOCUMENT and turned.turns:
        return reading.status, turned
    roles = {turn.speaker.role for turn in turned.turns}
    if Role.RESPONDENT in roles:
        return reading.status, turned
    if Role.OTHER in roles:
        return reading.status, turned
    unanswered = [
        Exclusion(t.start, t.end, t.place, Reason.NO_RESPONDENT, count_visible(reading.text[t.start : t.end]))
        for t in turned.turns
    ]
    note = message("ingest/has_no_respondent_only_the_interviewer")
    undecided = (*turned.record.undecided, *([Undecided.NOBODY_ANSWERS] if unanswered else []))
    record = replace(turned.record, undecided=undecided)
    return ReadStatus.REJECTED, Split((), (*turned.exclusions, *unanswered), (*turned.notes, note), record=record)


def _turns(source_id: str, text: str, turned: Split, task: FileTask) -> tuple[str, tuple[Turn, ...]]:
    texts = [text[turn.start : turn.end] for turn in turned.turns]
    language, each = languages_of(texts, task.settings.study.languages, task.entry.language)
    named = task.entry.participant_ids
    alone = named[0] if len(named) == 1 and is_registered(named[0], task.people) else ""
    turns = tuple(
        Turn(
            source_id, number, turn.label, turn.speaker.role,
            turn.speaker.participant_id or (alone if not turn.label and turn.speaker.role is Role.RESPONDENT else ""),
            turn.start, turn.end, turn.question, turn.place, lang, turn.heading,
        )
        for number, (turn, lang) in enumerate(zip(turned.turns, each, strict=True), 1)
    )  # fmt: skip
    return language, turns


JOINED = frozenset({Part.LABEL, Part.TIME, Part.MARKUP, Part.HEADER, Part.FOOTER, Reason.MARGIN_NUMBER})


def _rejected(source_id: str, exclusions: Iterable[Exclusion]) -> tuple[Rejected, ...]:
    """What was left out, a row each; labels, time stamps and the like, which are many, one row for all of a kind."""
    rows: list[Rejected] = []
    joined: dict[str, list[Exclusion]] = {}
    for exclusion in exclusions:
        if exclusion.reason in JOINED:
            joined.setdefault(exclusion.reason, []).append(exclusion)
        else:
            rows.append(Rejected("ingest", source_id, exclusion.place, exclusion.reason, exclusion.chars))
    for reason, alike in joined.items():
        more = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
        rows.append(Rejected("ingest", source_id, alike[0].place + more, reason, sum(e.chars for e in alike)))
    return tuple(rows)


def check_nothing_lost(reading: Reading, turned: Split, excluded: int) -> None:
    """IntegrityError unless every character read is in a turn or listed as left out."""
    spoken = sum(count_visible(reading.text[turn.start : turn.end]) for turn in turned.turns)
    if spoken + excluded != reading.chars:
        what = message(
            "ingest/characters_were_read_are_in_turns", chars=reading.chars, spoken=spoken, excluded=excluded
        )
        raise IntegrityError(Problem("", what, message("common/please_report_this_with_the_files")))
