"""How each transcript is read, for the terminal only: never for a log or a stored file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.errors import counted
from pipeline.records import SpeakerReading, TranscriptReading
from pipeline.registers.preview import Preview, settles
from pipeline.wording import closed_word

NO_LABEL = "(no label)"
WITHOUT_LAYOUT = "no layout was recognised"


def as_lines(preview: Preview) -> Iterator[str]:
    """A few lines on a transcript: layout, speakers with role and reason, first exchange, and the row that settles what is open."""
    transcript = preview.transcript
    if transcript is None:
        return
    advice = closed_word("sureness_advice", transcript.sureness, "en")
    yield f"raw/{preview.path}: {closed_word('sureness', transcript.sureness, 'en')}: {advice}"
    yield f"  layout    {_layout(transcript)}"
    yield f"  turns     {preview.turns}, {preview.asking:.0%} with a question"
    yield from (f"  speaker   {_speaker(one)}" for one in transcript.speakers)
    yield from (f"  first     {turn.role}: {turn.words}" for turn in preview.first)
    yield from (f"  missing   {label}: no turn has this label of raw/sources" for label in transcript.missing)
    yield from (f"  undecided {closed_word('undecided', reason, 'en')}" for reason in transcript.undecided)
    if transcript.undecided:
        yield f"  settle    in raw/sources.csv, column speakers: {settles(preview)}"


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


def _layout(transcript: TranscriptReading) -> str:
    name = transcript.layout or WITHOUT_LAYOUT
    return f"{name}; {transcript.runner_up} fits nearly as well" if transcript.is_close else name


def _speaker(one: SpeakerReading) -> str:
    person = f" {one.participant_id}" if one.participant_id else ""
    because = closed_word("role_evidence", one.because, "en")
    return (
        f"{one.speaker or NO_LABEL}: {one.role}{person} ({because}); "
        f"{counted(one.turns, 'turn')}, {counted(one.words, 'word')}, {one.questions} with a question"
    )


def _record(one: SpeakerReading) -> dict[str, Any]:
    return {
        "speaker": one.speaker,
        "role": one.role,
        "participant_id": one.participant_id,
        "because": closed_word("role_evidence", one.because, "en"),
        "turns": one.turns,
        "words": one.words,
        "questions": one.questions,
    }
