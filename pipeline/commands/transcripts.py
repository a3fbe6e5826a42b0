"""How each transcript is read, for the terminal only: never for a log or a stored file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.commands.messages import language
from pipeline.records import SpeakerReading, TranscriptReading
from pipeline.registers.preview import Preview, settles
from pipeline.vocabulary import Sureness
from pipeline.wording import closed_word
from pipeline.wording.messages import Message, counted, message, separated


def as_lines(preview: Preview, *, has_register: bool = True) -> Iterator[Message]:
    """A few lines on a transcript: layout, speakers with role and reason, first exchange, and the row that settles what is open.

    `has_register`: whether there are people whom a speaker could be.
    """
    transcript = preview.transcript
    if transcript is None:
        return
    nobodies = preview.unregistered if has_register else ()
    yield _first_line(preview.path, transcript, is_answered_by_nobody=bool(nobodies))
    yield message("commands/layout", layout=_layout(transcript))
    yield message("commands/turns", turns=preview.turns, asking=preview.asking)
    yield from (_speaker(one) for one in transcript.speakers)
    yield from (_nobody(one) for one in nobodies)
    yield from (
        message("commands/first", role=message(f"commands/role_{turn.role}"), words=turn.words)
        for turn in preview.first
    )
    yield from (message("commands/missing", label=label) for label in transcript.missing)
    yield from (message("commands/undecided", reason=message(f"undecided.{reason}")) for reason in transcript.undecided)
    if transcript.undecided:
        yield message("commands/settle", speakers=settles(preview))


def _first_line(path: str, transcript: TranscriptReading, *, is_answered_by_nobody: bool) -> Message:
    if is_answered_by_nobody and transcript.sureness is Sureness.SURE:
        return message("commands/answered_by_nobody", path=path)
    return message(
        "commands/sure_of_the_reading",
        path=path,
        sureness=message(f"sureness.{transcript.sureness}"),
        advice=message(f"sureness_advice.{transcript.sureness}"),
    )


def _nobody(one: SpeakerReading) -> Message:
    if not one.speaker:
        return message("commands/respondent_not_registered")
    return message("commands/speaker_not_registered", speaker=one.speaker)


def as_record(preview: Preview) -> dict[str, Any]:
    """How a file is read, as JSON."""
    transcript = preview.transcript
    if transcript is None:
        return {"path": preview.path}
    return {
        "path": preview.path,
        "layout": transcript.layout,
        "runner_up": transcript.runner_up,
        "margin": transcript.margin,
        "sureness": transcript.sureness,
        "undecided": list(transcript.undecided),
        "waiting": transcript.waiting,
        "turns": preview.turns,
        "asking": round(preview.asking, 3),
        "speakers": [_record(one) for one in transcript.speakers],
        "first": [{"role": turn.role, "speaker": turn.speaker, "words": turn.words} for turn in preview.first],
        "settle": settles(preview) if transcript.undecided else "",
    }


def _layout(transcript: TranscriptReading) -> Message:
    name = _layout_name(transcript.layout) if transcript.layout else message("commands/no_layout")
    if not transcript.is_close:
        return separated("", [name])
    runner_up = separated(" ", [_layout_name(transcript.runner_up), message("reading_page.nearly")])
    return separated("; ", [name, runner_up])


def _layout_name(layout: str) -> str:
    return layout if language() == "en" else closed_word("layout", layout, language())


def _speaker(one: SpeakerReading) -> Message:
    return message(
        "commands/speaker",
        speaker=one.speaker or message("commands/withheld_label" if one.is_withheld else "commands/no_label"),
        role=message(f"commands/role_{one.role}"),
        person=f" {one.participant_id}" if one.participant_id else "",
        because=message(f"role_evidence.{one.because}"),
        turns=counted(one.turns, "turn"),
        words=counted(one.words, "word"),
        questions=one.questions,
    )


def _record(one: SpeakerReading) -> dict[str, Any]:
    return {
        "speaker": one.speaker,
        "role": one.role,
        "participant_id": one.participant_id,
        "because": closed_word("role_evidence", one.because, language()),
        "turns": one.turns,
        "words": one.words,
        "questions": one.questions,
    }
