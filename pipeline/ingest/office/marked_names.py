"""Names in bold, in italics or in colour with which paragraphs begin, and no colon behind them: who speaks in each."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.ingest.reading_builder import Piece
from pipeline.ingest.transcript import times
from pipeline.ingest.transcript.roles import is_word_for_respondent
from pipeline.ingest.transcript.speaker_labels import NO_SPEAKER, fold, looks_like_name
from pipeline.people import ASKING, ASKING_ALONE
from pipeline.vocabulary import Part

LONGEST = 40  # characters of a name
MOST_WORDS = 3  # of one that is not written as names are
LEAST_NAMES = 2
OFTEN = 3  # times that such a one comes
TIMED = re.compile(rf"[ \t\u00a0]*(?:{times.TIME})?[ \t\u00a0]*")
BEHIND = re.compile(r"[ \t\u00a0]*(?:[.)]?[-–—>|/]|[.)])?[ \t\u00a0\n]*")  # a name, and not part of the words
SENTENCE_END = re.compile(r"[.?!…:\"”»)\]]\s*$")
SMALL = re.compile(r"[a-zà-öø-ÿ,;]")  # goes on with a sentence of which the name is part
COVERED = 0.5  # of the paragraphs from the first begin with such a name: answers may have several paragraphs
NAMES_ONLY = 0.8  # of the marked beginnings are these names, and of the words behind begin a sentence
TAKE_TURNS = 0.6  # of the neighbours among the names are two different ones


class MarkedName(NamedTuple):
    """A marked stretch of a piece that may name who says what follows."""

    number: int  # of the piece
    start: int
    end: int  # where the words begin
    name: str
    is_first: bool  # at the beginning of its paragraph, but for a time
    begins_sentence: bool

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return fold(self.name)


def with_marked_names(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, those that begin with the marked name of a speaker parted in label and words; unchanged without such names."""
    if not any(piece.marked for piece in pieces):
        return list(pieces)
    marked = [name for number, piece in enumerate(pieces) for name in _names_of(number, piece)]
    labels = _labels(pieces, marked)
    if not labels:
        return list(pieces)
    parted: list[Piece] = []
    for number, piece in enumerate(pieces):
        parted += _parted(piece, labels.get(number, ()))
    return parted


def _labels(pieces: Sequence[Piece], marked: Sequence[MarkedName]) -> Mapping[int, list[MarkedName]]:
    """The marked names that are speakers', by the number of their piece."""
    speaking = _speaking(marked)
    again = [one for one in marked if one.key in speaking and (one.is_first or one.begins_sentence)]
    if not _are_speakers(pieces, marked, again):
        return {}
    labels: dict[int, list[MarkedName]] = {}
    for one in sorted([*again, *_once(marked, again[0].number)]):
        labels.setdefault(one.number, []).append(one)
    return labels


def _once(marked: Sequence[MarkedName], first: int) -> Iterator[MarkedName]:
    """The names that come once below the first speaker and may be somebody's: a register says whether they are."""
    counts = Counter(one.key for one in marked)
    for one in marked:
        is_once = counts[one.key] == 1 and one.number > first
        if is_once and one.is_first and one.begins_sentence and looks_like_name(one.name):
            yield one


def _speaking(marked: Sequence[MarkedName]) -> set[str]:
    """The names that come again, and behind which a sentence begins nearly everywhere: *Oxfam gave us two tanks* goes on."""
    counts = Counter(one.key for one in marked)
    sentences = Counter(one.key for one in marked if one.begins_sentence)
    names = {one.key: one.name for one in marked}
    return {
        key
        for key, count in counts.items()
        if count > 1 and sentences[key] >= NAMES_ONLY * count and _may_speak(names[key], count)
    }


def _are_speakers(pieces: Sequence[Piece], marked: Sequence[MarkedName], again: Sequence[MarkedName]) -> bool:
    """Whether the names that come again begin most paragraphs, a sentence follows each, and they take turns."""
    first = [one for one in again if one.is_first]
    if len({one.key for one in again}) < LEAST_NAMES or not first:
        return False
    below = sum(map(_is_body, pieces[first[0].number :]))
    beginnings = sum(one.is_first for one in marked)
    sentences = sum(one.begins_sentence for one in again)
    changes = sum(one.key != other.key for one, other in pairwise(again))
    are_usual = len(first) >= max(COVERED * below, NAMES_ONLY * beginnings) and sentences >= NAMES_ONLY * len(again)
    return are_usual and changes >= TAKE_TURNS * (len(again) - 1)


def _may_speak(name: str, count: int) -> bool:
    folded = fold(name)
    if looks_like_name(name) or is_word_for_respondent(folded) or folded in ASKING | ASKING_ALONE:
        return True
    words = folded.split()
    return count >= OFTEN and 0 < len(words) <= MOST_WORDS and NO_SPEAKER.isdisjoint(words[:1])


def _is_body(piece: Piece) -> bool:
    return piece.part in (Part.BODY, Part.STRONG) and not piece.speaker and bool(piece.words.strip())


def _names_of(number: int, piece: Piece) -> Iterator[MarkedName]:
    """The marked stretches of a piece that are short, have words behind them and no colon."""
    for start, end in piece.marked if _is_body(piece) else ():
        name = piece.words[start:end]
        behind = BEHIND.match(piece.words, end)
        words = behind.end() if behind else end
        before = piece.words[:start]
        is_first = TIMED.fullmatch(before) is not None
        has_colon = ":" in name or piece.words[words : words + 1] == ":"
        is_no_name = has_colon or len(name) > LONGEST or not name.strip() or words >= len(piece.words)
        if is_no_name or piece.words[end - 1 : words + 1].isalnum():  # a word goes on behind its first letters
            continue
        if is_first or SENTENCE_END.search(before):
            shown = " ".join(name.split()).strip(".-–—>|/() ")
            begins = not SMALL.match(piece.words, words)
            yield MarkedName(number, start, words, shown, is_first, begins)


def _parted(piece: Piece, labels: Sequence[MarkedName]) -> Iterator[Piece]:
    """A piece as labels and words: what comes before the first label is a time, or the words of who spoke before."""
    at, speaker = 0, ""
    for label in labels:
        words = piece.words[at : label.start]
        if words.strip():
            part = Part.TIME if label.is_first else piece.part
            yield piece._replace(words=words, part=part, speaker=speaker, marked=())
        words = piece.words[label.start : label.end]
        yield piece._replace(words=words, part=Part.LABEL, speaker="", marked=((0, len(words)),))
        at, speaker = label.end, label.name
    yield piece._replace(words=piece.words[at:], speaker=speaker, marked=()) if labels else piece
