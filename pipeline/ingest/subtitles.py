"""WebVTT and SubRip: a tolerant cue parser that keeps every word, and lists malformed lines."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import pairwise

from pipeline.ingest.characters import Decoded, clean, count_visible, read_text, write_out_references
from pipeline.ingest.transcript.inner_marks import INSIDE, Line, with_inner_labels
from pipeline.ingest.transcript.layout_engine import recognise
from pipeline.ingest.transcript.marked_questions import DASHED
from pipeline.ingest.transcript.roles import speaker_map
from pipeline.ingest.transcript.speaker_labels import is_note_label, looks_like_name
from pipeline.ingest.transcript.times import TIME
from pipeline.records import Exclusion, Reading, SourceEntry, Span
from pipeline.vocabulary import Part, ReadStatus
from pipeline.wording.messages import and_more, message

CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
TIMING = re.compile(rf"\s*(?P<start>{CLOCK})\s*-->\s*(?P<end>{CLOCK})(?=\s|$)")
LIKE_TIMING = re.compile(r"\s*(?:\d[\w:.,]{2,14}\s*(?:--?>|[—–]>|→|=>)|-->)\s*(?:\d[\w:.,]{0,14}(?=\s|$))?")
SETTINGS = re.compile(r"(?:\s+[A-Za-z]+[12]?:\S+)*\s*")
HEADER = re.compile(r"WEBVTT(?=\s|$)")
BLOCK = re.compile(r"(?P<what>NOTE|STYLE|REGION)(?=\s|$)")
TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang|font)(?:[.\s][^<>\n]*)?>|<\d[\d:.,]*>|\{\\an?\d\}")
VOICE = re.compile(r"(<v(?:\.[^\s>]*)?[ \t]+([^<>\n]*)>)")
UTTERANCE = re.compile(r"(?P<id>[0-9a-fA-F-]{8,}(?:/\d+)?)-\d+")
NOTHING_BUT_LABEL = re.compile(r"(?P<name>[^\W_][^:\n]{0,60}?)\s?:")
STAMP = re.compile(rf"\[{TIME}\]|\[?\d{{1,2}}:\d{{2}}:\d{{2}}\]?")
NEARLY_ALL = 0.75  # of the cues have a label: one without is worth a look
PAUSE = 1.5  # seconds of silence that end an utterance if speakers are not named
LONG = 600  # characters after which it ends with the next sentence


class _Kind(Enum):
    """What a line is."""

    BLANK = auto()
    HEADER = auto()
    COMMENT = auto()
    STYLE = auto()
    NUMBER = auto()
    TIMING = auto()
    MALFORMED = auto()
    WORDS = auto()


BLOCKS = {"NOTE": _Kind.COMMENT, "STYLE": _Kind.STYLE, "REGION": _Kind.STYLE}
LISTED = {_Kind.HEADER: str(Part.MARKUP), _Kind.COMMENT: str(Part.COMMENT), _Kind.STYLE: str(Part.MARKUP)}


@dataclass(slots=True)
class Cue:
    """What is shown at one time."""

    line: int
    start: float = -1.0
    end: float = -1.0
    name: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The place of a cue: its time, or its line if it has none."""
        if self.start < 0:
            return f"line {self.line}"
        minutes, seconds = divmod(int(self.start), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


@dataclass(slots=True)
class CuePart:
    """What one speaker says in one cue."""

    cue: Cue
    speaker: str
    words: str


@dataclass(slots=True)
class Parsed:
    """What the parser has gathered."""

    cues: list[Cue] = field(default_factory=list)
    outside: list[Exclusion] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)  # why characters are left out -> which
    odd: dict[str, list[int]] = field(default_factory=dict)  # what is wrong -> in which lines
    numbers: set[str] = field(default_factory=set)

    def remark(self, what: str, line: int) -> None:
        """List a malformed line."""
        self.odd.setdefault(what, []).append(line)

    def leave_out(self, words: str, why: str) -> None:
        """List words that are not part of the text."""
        self.left_out.setdefault(why, []).append(words)


TIMES = "time stamps and cue numbers"
CUT = "ingest/cut_cue_without_words"


def is_subtitles(head: str) -> bool:
    """Whether a file that begins so is WebVTT or SubRip."""
    return HEADER.match(head) is not None or any(TIMING.match(line) for line in head.split("\n")[:40])


def read(data: bytes) -> Reading:
    """The words of a subtitle file, a span for every part of a cue; all else is listed outside of the text."""
    file = read_text(data, references=False)
    parsed = Parsed()
    _parse(file.text.split("\n"), parsed)
    _check_cues(parsed)
    parts = take_labels([part for cue in parsed.cues for part in _parts_of(cue, parsed)], parsed)
    text, spans = written(parts)
    return _reading(file, parsed, text, spans)


def _reading(file: Decoded, parsed: Parsed, text: str, spans: Sequence[Span]) -> Reading:
    counts = {why: count_visible(" ".join(words)) for why, words in parsed.left_out.items()}
    totals = [Exclusion(-1, -1, "whole file", why, chars) for why, chars in counts.items() if chars]
    outside = (*file.outside, *parsed.outside, *totals)
    chars = count_visible(text) + sum(exclusion.chars for exclusion in outside)
    notes = (*file.notes, *(_remark(what, lines) for what, lines in parsed.odd.items()))
    status = ReadStatus.PARTIAL if message(CUT) in parsed.odd else file.status
    return Reading("subtitles 1", text, tuple(spans), chars, outside, notes, status)


def _remark(what: str, lines: Sequence[int]) -> str:
    return message("ingest/remark_on_lines", lines=and_more([str(line) for line in lines]), what=what)


def _kinds(lines: Sequence[str]) -> Iterator[_Kind]:
    """What each line is. Comments, styles and the header go on to the next blank line or timing."""
    is_srt = any("," in match["start"] for line in lines[:200] if (match := TIMING.match(line)))
    block = kind = _Kind.BLANK
    for at, line in enumerate(lines):
        begins = kind is _Kind.BLANK
        if not line or line.isspace():
            kind = block = _Kind.BLANK
        elif "-->" in line and TIMING.match(line):
            kind, block = _Kind.TIMING, _Kind.BLANK
        elif block is not _Kind.BLANK:
            kind = block
        else:
            kind = _kind(lines, at, begins=begins, is_srt=is_srt)
            block = kind if kind in LISTED else _Kind.BLANK
        yield kind


def _kind(lines: Sequence[str], at: int, *, begins: bool, is_srt: bool) -> _Kind:
    line = lines[at]
    if LIKE_TIMING.match(line):
        return _Kind.MALFORMED
    if at == 0 and HEADER.match(line):
        return _Kind.HEADER
    if not begins:
        return _Kind.WORDS
    if not is_srt and (match := BLOCK.match(line)):
        return BLOCKS[match["what"]]
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return _Kind.NUMBER if _is_number_of_cue(line, following, is_srt=is_srt) else _Kind.WORDS


def _is_number_of_cue(line: str, following: str, *, is_srt: bool) -> bool:
    """Whether a line behind a blank one numbers or names the cue below it; in SubRip it is a number, and its time may be lost."""
    return line.strip().isdecimal() if is_srt else LIKE_TIMING.match(following) is not None


def _parse(lines: Sequence[str], parsed: Parsed) -> None:
    cue: Cue | None = None
    name = ""
    for number, (kind, line) in enumerate(zip(_kinds(lines), lines, strict=True), 1):
        if kind is _Kind.BLANK:
            cue = None
        elif kind in LISTED:
            parsed.outside.append(Exclusion(-1, -1, f"line {number}", LISTED[kind], count_visible(line)))
        elif kind is _Kind.NUMBER:
            name = _number(line.strip(), number, parsed)
            cue = None
        elif kind is _Kind.WORDS:
            cue = cue or _untimed(parsed, number)
            cue.lines.append(line.strip())
        else:
            cue = _begin(line, number, parsed)
            cue.name, name = name, ""


def _number(name: str, line: int, parsed: Parsed) -> str:
    parsed.leave_out(name, TIMES)
    if name in parsed.numbers:
        parsed.remark(message("ingest/cue_number_is_repeated"), line)
    parsed.numbers.add(name)
    return name


def _untimed(parsed: Parsed, line: int) -> Cue:
    parsed.remark(message("ingest/cue_words_without_a_time"), line)
    parsed.cues.append(Cue(line))
    return parsed.cues[-1]


def _begin(line: str, number: int, parsed: Parsed) -> Cue:
    cue = Cue(number)
    match = TIMING.match(line)
    if match:
        cue.start, cue.end = _seconds(match["start"]), _seconds(match["end"])
    else:
        parsed.remark(message("ingest/cue_timing_is_malformed"), number)
        match = LIKE_TIMING.match(line)
    tail = line[match.end() :] if match else line
    if not SETTINGS.fullmatch(tail):
        cue.lines.append(tail.strip())
        line = line[: -len(tail)]
    parsed.leave_out(line, TIMES)
    parsed.cues.append(cue)
    return cue


def _seconds(clock: str) -> float:
    *hours, minutes, seconds = clock.replace(",", ".").split(":")
    return (int(hours[0]) if hours else 0) * 3600 + int(minutes) * 60 + float(seconds)


def _check_cues(parsed: Parsed) -> None:
    """Note cues with impossible times, and those without words."""
    latest = 0.0
    for cue in parsed.cues:
        if not cue.lines:
            parsed.remark(message(CUT if cue is parsed.cues[-1] else "ingest/cue_has_no_words"), cue.line)
        if cue.start < 0:
            continue
        if cue.end < cue.start:
            parsed.remark(message("ingest/cue_ends_before_it_starts"), cue.line)
        if cue.start < latest:
            parsed.remark(message("ingest/cue_starts_too_early"), cue.line)
        latest = max(cue.start, cue.end)


def _parts_of(cue: Cue, parsed: Parsed) -> Iterator[CuePart]:
    """The words of a cue, speaker by speaker and line by line, without tags."""
    before, *tagged = VOICE.split("\n".join(cue.lines))
    for line in before.split("\n"):
        if line:
            yield CuePart(cue, "", plain_words(line, parsed))
    for tag, name, words in zip(tagged[::3], tagged[1::3], tagged[2::3], strict=True):
        parsed.leave_out(tag, str(Part.LABEL))
        yield CuePart(cue, plain_words(name, Parsed()), plain_words(words, parsed))


def plain_words(words: str, parsed: Parsed) -> str:
    """The words without tags, references such as &amp; written out, white space made single."""
    if "<" in words or "{" in words:
        parsed.left_out.setdefault(str(Part.MARKUP), []).extend(TAG.findall(words))
        words = TAG.sub("", words)
    if "&" in words:
        words, fewer = write_out_references(words)
        parsed.leave_out("&" * fewer, str(Part.MARKUP))
    words, outside = clean(words)  # an accent may follow a tag, a control character for a reference
    for exclusion in outside:
        parsed.leave_out("&" * exclusion.chars, exclusion.reason)
    return " ".join(words.split())


def take_labels(parts: Sequence[CuePart], parsed: Parsed) -> list[CuePart]:
    """The parts, with the names in `Name: words` as speakers; lines without a name continue the one above."""
    named = list(_at_labels(_unrepeated(parts, parsed)))
    text, spans = _lines_of(named)
    speakers = speaker_map(SourceEntry(""), (), ())
    recognised = recognise(text, spans, knows=speakers.knows, asks=speakers.is_interviewers_name, is_dialogue=True)
    lines = [Line(span, label) for span, label in zip(spans, recognised.labels, strict=True)]
    result: list[CuePart] = []
    for line in with_inner_labels(text, lines):
        part = _part_of(line, named[int(line.span.place)].cue, text, parsed)
        last = result[-1] if result else None
        goes_on = part.speaker in ("", last.speaker) and not _is_dashed(part) if last else False
        if last and last.cue is part.cue and goes_on:
            last.words = f"{last.words} {part.words}".strip()
        else:
            result.append(part)
    spoken = [part for part in result if part.words]
    _name_unlabelled(spoken, parsed)
    return spoken


def _at_labels(parts: Sequence[CuePart]) -> Iterator[CuePart]:
    """The parts, cut before names in mid-line that come more than once and nowhere begin one: `ANA: Why? ROSA: For us all.`."""
    inside = Counter(match["name"] for part in parts for match in INSIDE.finditer(part.words))
    names = {name for name, count in inside.items() if count > 1 and looks_like_name(name) and not is_note_label(name)}
    for part in parts:
        cuts = [match.start("name") for match in INSIDE.finditer(part.words) if match["name"] in names]
        for start, end in pairwise([0, *cuts, len(part.words)]):
            yield replace(part, words=part.words[start:end].strip()) if cuts else part


def _is_dashed(part: CuePart) -> bool:
    """Whether a line without a name begins with a dash or arrows, with which subtitles mark a change of speaker."""
    return not part.speaker and DASHED.match(part.words) is not None


def _part_of(line: Line, cue: Cue, text: str, parsed: Parsed) -> CuePart:
    """What one speaker says in a cue, without the label before it."""
    start = line.label.end if line.label else line.span.start
    parsed.leave_out(text[line.span.start : start], str(Part.LABEL))
    return CuePart(cue, line.label.name if line.label else line.span.speaker, text[start : line.span.end].strip())


def _name_unlabelled(parts: Sequence[CuePart], parsed: Parsed) -> None:
    """Notes on cues without a label where nearly every other has one, behind the end of a sentence: they may be anybody's."""
    labelled = sum(bool(part.speaker) for part in parts)
    if labelled < NEARLY_ALL * len(parts):
        return
    for before, part in pairwise(parts):
        if not part.speaker and before.words[-1:] in ".?!…":
            what = message("ingest/no_label_where_nearly_every_cue", place=part.cue.place)
            parsed.remark(what, part.cue.line)


def _lines_of(parts: Sequence[CuePart]) -> tuple[str, list[Span]]:
    """The words of the parts as lines of a text, the number of each part as the place of its span."""
    spans: list[Span] = []
    at = 0
    for number, part in enumerate(parts):
        spans.append(Span(at, at + len(part.words), str(number), Part.BODY, part.speaker))
        at += len(part.words) + 1
    return "\n".join(part.words for part in parts), spans


def _unrepeated(parts: Sequence[CuePart], parsed: Parsed) -> list[CuePart]:
    """The parts without words that only repeat who speaks and when, as editors of transcripts write into cues.

    `<v S00>Rosa:` names the part S00.
    """
    names: dict[str, str] = {}
    spoken: list[CuePart] = []
    for part in parts:
        label = NOTHING_BUT_LABEL.fullmatch(part.words) if part.speaker else None
        if label:
            names.setdefault(part.speaker, label["name"])
            parsed.leave_out(part.words, str(Part.LABEL))
        elif STAMP.fullmatch(part.words):
            parsed.leave_out(part.words, str(Part.TIME))
        elif part.words:
            spoken.append(part)
    for part in spoken:
        if part.speaker:
            _name_once(part, names.get(part.speaker, part.speaker), parsed)
    return [part for part in spoken if part.words]


def _name_once(part: CuePart, name: str, parsed: Parsed) -> None:
    """Gives a part its name, and takes the name and the time out of the beginning of its words."""
    if again := re.match(rf"{re.escape(name)}\s?:\s*", part.words):
        parsed.leave_out(again.group(), str(Part.LABEL))
        part.words = part.words[again.end() :]
    if stamp := STAMP.match(part.words):
        parsed.leave_out(stamp.group(), str(Part.TIME))
        part.words = part.words[stamp.end() :].strip()
    part.speaker = name


def written(parts: Sequence[CuePart]) -> tuple[str, list[Span]]:
    """All words as one text: a line per change of speaker, or per utterance if no speaker is named."""
    has_names = any(part.speaker for part in parts)
    pieces: list[str] = []
    spans: list[Span] = []
    at = line_start = 0
    speaker = ""
    for number, part in enumerate(parts):
        if number:
            before = parts[number - 1]
            breaks = _breaks(before, part, speaker) if has_names else _pauses(before, part, at - line_start)
            pieces.append("\n" if breaks else " ")
            at += 1
            line_start = at if breaks else line_start
        speaker = part.speaker or speaker
        spans.append(Span(at, at + len(part.words), part.cue.place, Part.BODY, part.speaker))
        pieces.append(part.words)
        at += len(part.words)
    return "".join(pieces), spans


def _breaks(before: CuePart, part: CuePart, speaker: str) -> bool:
    return (bool(part.speaker) and part.speaker != speaker) or (part.cue.start < 0) != (before.cue.start < 0)


def _pauses(before: CuePart, part: CuePart, length: int) -> bool:
    """Whether an utterance ends between two cues: by their names (uuid-0, uuid-1), by a silence, or at a full stop."""
    if _is_dashed(part):
        return True
    one, two = UTTERANCE.fullmatch(before.cue.name), UTTERANCE.fullmatch(part.cue.name)
    if one and two:
        return one["id"] != two["id"]
    ends = before.words[-1:] in ".?!…"
    return ends and (length > LONG or part.cue.start - before.cue.end >= PAUSE)
