"""Transcripts as programs for speech recognition and annotation keep them: JSON of turns, EXMARaLDA (.exb), ELAN (.eaf)."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from typing import Any

from defusedxml.ElementTree import fromstring

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import RawText, count_visible, decode
from pipeline.ingest.guard import safe_xml
from pipeline.ingest.subtitles import Cue, CuePart, Parsed, plain_words, take_labels, written
from pipeline.ingest.transcript.speaker_labels import fold
from pipeline.ingest.turn_columns import SPEAKER_COLUMNS, WORD_COLUMNS
from pipeline.records import Exclusion, Reading
from pipeline.vocabulary import Part
from pipeline.wording.messages import message

SAVE_AS_TEXT = "ingest/export_it_from_its_program"
# Names of what a turn holds, the best first: its words, who speaks, when it begins and ends.
WORDS = ("text", "transcript", "utterance", "content", "display", "sentence", "body", "message", "words", "value")
SPEAKER = ("speaker", "speaker_name", "speakerName", "speaker_label", "speakerLabel", "speaker_id", "speakerId", "name", "who",
           "participant", "author", "role", "speakerTag", "sender", "from")  # fmt: skip
START = ("start", "start_time", "startTime", "begin", "from", "start_ms", "offset", "ts", "time", "inicio", "debut")
END = ("end", "end_time", "endTime", "to", "end_ms", "fin", "fim")
MOST_OF_THE_WORDS = 0.8  # of a turn say who speaks
DEEPEST = 60
MILLISECONDS = 100_000  # of a time: no recording has that many seconds


def read_json(data: bytes) -> Reading:
    """The turns of a transcript in JSON. UnreadableError if none can be recognised."""
    file = decode(data)
    try:
        content = _loaded(file.text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise UnreadableError(Problem("", message("ingest/is_json_that_is_cut"), message(SAVE_AS_TEXT))) from None
    lists = [turns for turns in _lists(content, 0) if turns]
    if not lists:
        raise UnreadableError(Problem("", message("ingest/is_json_without_a_field"), message(SAVE_AS_TEXT)))
    best = max(lists, key=lambda turns: (any(_speaker(turn) for turn in turns), _size(turns)))
    names = _names(content)
    parts = [
        CuePart(_cue(turn, number), _named(_speaker(turn), names), plain_words(_words(turn), Parsed()))
        for number, turn in enumerate(best, 1)
    ]
    return _reading("json 1", file, parts)


def _loaded(text: str) -> Any:
    """What JSON holds; of JSON lines, the list of what each line holds. ValueError if it is neither."""
    try:
        return json.loads(text)
    except ValueError:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) < 2:
            raise
        return [json.loads(line) for line in lines]


def _lists(content: Any, depth: int) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Every list of objects with words, at any depth."""
    if depth > DEEPEST:
        return
    if _are_turns(content):
        yield content
    for thing in _things_in(content):
        yield from _lists(thing, depth + 1)


def _are_turns(content: Any) -> bool:
    is_of_things = isinstance(content, list) and bool(content) and all(isinstance(thing, dict) for thing in content)
    return is_of_things and any(_words(thing) for thing in content)


def _things_in(content: Any) -> Sequence[Any]:
    """The items of a list or an object, without lists of single words."""
    if isinstance(content, dict):
        return [thing for key, thing in content.items() if key != "words"]
    return content if isinstance(content, list) else ()


def _keys(turn: Mapping[str, Any], best: Sequence[str], columns: Set[str]) -> Iterator[str]:
    """The names that what a turn holds may have: those of programs, the best first, then those of columns in tables."""
    yield from best
    yield from (key for key in turn if fold(key) in columns)


def _words(turn: Mapping[str, Any]) -> str:
    """The words of a turn: a text of its own, or those of the sentences or elements in it."""
    for key in _keys(turn, WORDS, WORD_COLUMNS):
        if isinstance(turn.get(key), str) and turn[key].strip():
            return str(turn[key])
    for best in _objects(turn.get("nBest") or turn.get("alternatives"))[:1]:
        return _words(best)
    elements, parts = _objects(turn.get("elements")), _objects(turn.get("sentences") or turn.get("words"))
    if elements:
        return "".join(str(part.get("value", "")) for part in elements)
    return " ".join(_words(part) or str(part.get("word", "")).strip() for part in parts)


def _objects(parts: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; none if it is no list."""
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _size(turns: Sequence[Mapping[str, Any]]) -> int:
    return sum(len(_words(turn)) for turn in turns)


def _speaker(turn: Mapping[str, Any]) -> str:
    """Who speaks: the turn says it, or nearly all of its words do."""
    best = _objects(turn.get("alternatives"))[:1]
    words = list(chain.from_iterable(_objects(one.get("words")) for one in (turn, *best)))
    return _named_in(turn) or next(iter(_mostly(map(_named_in, words))), "")


def _mostly(names: Iterable[str]) -> list[str]:
    """The name that nearly all of these are, if there is one."""
    counted = Counter(names)
    return [name for name, count in counted.items() if count > MOST_OF_THE_WORDS * counted.total()]


def _named_in(turn: Mapping[str, Any]) -> str:
    for key in _keys(turn, SPEAKER, SPEAKER_COLUMNS):
        value = turn.get(key)
        if isinstance(value, dict):
            value = value.get("name") or value.get("label") or value.get("id")
        if isinstance(value, str) and value.strip() and not (key in START and value.strip()[0].isdigit()):
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return f"Speaker {value}"
    return ""


def _names(content: Any) -> dict[str, str]:
    """The names that a list of speakers at the top gives to their ids."""
    people = content.get("speakers") if isinstance(content, dict) else None
    if isinstance(people, dict):
        return {str(key): str(name) for key, name in people.items() if isinstance(name, str) and name}
    speakers = [one for one in people or [] if isinstance(one, dict) and one.get("name")]
    return {str(one.get("id", one.get("spkid", ""))): str(one["name"]) for one in speakers}


def _named(speaker: str, names: Mapping[str, str]) -> str:
    return names.get(speaker) or names.get(speaker.removeprefix("Speaker ")) or speaker


def _cue(turn: Mapping[str, Any], number: int) -> Cue:
    inner = turn.get("timestamps")
    times: Mapping[str, Any] = inner if isinstance(inner, dict) else turn
    start, end = _seconds(times, START), _seconds(times, END)
    return Cue(number, start, max(start, end))


def _seconds(turn: Mapping[str, Any], keys: Sequence[str]) -> float:
    """A time in seconds, from seconds, milliseconds or a clock; -1 if there is none."""
    value = next((turn[key] for key in keys if key in turn), None)
    if isinstance(value, str):
        parts = value.replace(",", ".").rstrip("s").split(":")
        try:
            numbers = [float(part) for part in parts]
        except ValueError:
            return -1.0
        return float(sum(number * 60**power for power, number in enumerate(reversed(numbers))))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return -1.0
    return value / 1000 if value > MILLISECONDS else float(value)


def read_xml(data: bytes) -> Reading:
    """The turns of an EXMARaLDA or ELAN transcript in the order of their times."""
    file = decode(data)
    root = fromstring(safe_xml(data, "transcript"))
    tag = root.tag.rpartition("}")[2]
    parts = _elan(root) if tag == "ANNOTATION_DOCUMENT" else _exmaralda(root)
    if not parts:
        raise UnreadableError(Problem("", message("ingest/has_no_words_in_any_tier"), message(SAVE_AS_TEXT)))
    parts.sort(key=lambda part: (part.cue.start, part.cue.line))
    return _reading("tiers 1", file, parts)


def _elan(root: Any) -> list[CuePart]:
    """The annotations of independent tiers; dependent tiers annotate their words."""
    slots = {slot.get("TIME_SLOT_ID"): float(slot.get("TIME_VALUE") or -1000) / 1000 for slot in root.iter("TIME_SLOT")}
    tiers = [tier for tier in root.iter("TIER") if not tier.get("PARENT_REF")]
    parts: list[CuePart] = []
    for tier in tiers:
        speaker = (tier.get("PARTICIPANT") or tier.get("TIER_ID") or "").lstrip("@")
        for note in tier.iter("ALIGNABLE_ANNOTATION"):
            cue = Cue(
                len(parts) + 1,
                slots.get(note.get("TIME_SLOT_REF1"), -1.0),
                slots.get(note.get("TIME_SLOT_REF2"), -1.0),
            )
            parts.append(CuePart(cue, speaker, plain_words(note.findtext("ANNOTATION_VALUE") or "", Parsed())))
    return [part for part in parts if part.words]


def _exmaralda(root: Any) -> list[CuePart]:
    """The events of the tiers of transcription (type t); tiers of description and annotation are no words."""
    timeline = {point.get("id"): _Point(number, point) for number, point in enumerate(root.iter("tli"))}
    names = {one.get("id"): (one.findtext("abbreviation") or one.get("id") or "") for one in root.iter("speaker")}
    parts: list[CuePart] = []
    for tier in root.iter("tier"):
        if tier.get("type") == "t":
            speaker = names.get(tier.get("speaker")) or _name_of_tier(tier)
            parts += [_event(event, speaker, timeline) for event in tier.iter("event")]
    return [part for part in parts if part.words]


class _Point:
    """A point of the timeline: its number, and its seconds or -1."""

    def __init__(self, number: int = 0, point: Any = None) -> None:
        self.number = number
        self.time = -1.0 if point is None else float(point.get("time") or -1)


def _event(event: Any, speaker: str, timeline: Mapping[str, _Point]) -> CuePart:
    """The words of one speaker between two points of the timeline."""
    start, end = (timeline.get(event.get(which), NO_POINT) for which in ("start", "end"))
    cue = Cue(start.number, start.time if start.time >= 0 else float(start.number), end.time)
    return CuePart(cue, speaker, plain_words("".join(event.itertext()), Parsed()))


NO_POINT = _Point()


def _name_of_tier(tier: Any) -> str:
    """The name of a tier without a speaker, before its kind in brackets: `RM [v]`."""
    name: str = tier.get("display-name") or tier.get("id") or ""
    return name.partition(" [")[0]


def _reading(reader: str, file: RawText, parts: list[CuePart]) -> Reading:
    """The words of the parts; all else in the file is listed as markup."""
    parsed = Parsed()
    spoken = take_labels([part for part in parts if part.words], parsed)
    text, spans = written(spoken)
    text_chars = count_visible(text)
    labels = sum(count_visible(" ".join(words)) for words in parsed.left_out.values())
    around = max(0, count_visible(file.text) - text_chars - labels)
    outside = tuple(
        Exclusion(-1, -1, "whole file", why, chars)
        for why, chars in ((str(Part.LABEL), labels), (str(Part.MARKUP), around))
        if chars
    )
    total = text_chars + labels + around
    return Reading(reader, text, tuple(spans), total, outside, tuple(file.notes), file.status)
