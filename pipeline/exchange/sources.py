"""Which source of the study each source of a project is: by its GUID, by its words, by its name, or by the words they share."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from pipeline.exchange.alignment import Alignment, lines_of
from pipeline.exchange.project import TextSource, guid_of

LONG = 20  # characters; shorter stretches are in many texts by accident
SHARED = 0.5  # of a source's long stretches that must be in one source of the study
ENDS = re.compile(r"[\n.!?:;…]")  # of a stretch: names that are masked, and corrections, are in few of them


@dataclass(frozen=True, slots=True)
class StudySource:
    """A source of the study: its text, the same as an export shows it, and the name of its file."""

    source_id: str
    text: str
    shown: str  # with blanks in the place of words that are not shown
    path: str


@dataclass(frozen=True, slots=True)
class Matched:
    """A source of a project beside that of the study."""

    source: TextSource
    source_id: str
    alignment: Alignment


class SourceIndex:
    """The sources of the study by what they can be recognised by."""

    def __init__(self, study_id: str, sources: Sequence[StudySource]) -> None:
        self._sources = {source.source_id: source for source in sources}
        self._guids = {guid_of(study_id, "source", source.source_id): source.source_id for source in sources}
        self._by_text = _unique((_words(source.text), source.source_id) for source in sources)
        stems = [(_folded(PurePath(source.path).stem), source.source_id) for source in sources]
        self._by_name = _unique([*((_folded(source.source_id), source.source_id) for source in sources), *stems])
        self._by_stretch: dict[str, set[str]] = defaultdict(set)
        for source in sources:
            for stretch in _stretches(source.text):
                self._by_stretch[stretch].add(source.source_id)

    def match(self, source: TextSource) -> Matched | None:
        """The study's source with this text; None if there is none, or nobody can say which."""
        if source_id := self._source_id(source):
            ours = self._sources[source_id]
            stored = ours.shown if source.text == ours.shown else ours.text
            return Matched(source, source_id, Alignment(source.text, stored))
        return None

    def _source_id(self, source: TextSource) -> str:
        if guid := self._guids.get(source.guid):
            return guid
        cleaned = "\n".join(line.cleaned for line in lines_of(source.text))
        name = source.name if _folded(source.name) in self._by_name else PurePath(source.name).stem
        return (
            self._by_text.get(_words(cleaned), "")
            or self._by_name.get(_folded(name), "")
            or self._of_most_stretches(cleaned)
        )

    def _of_most_stretches(self, text: str) -> str:
        """The source that holds at least half of the long stretches, and more than any other."""
        stretches = _stretches(text)
        shared: Counter[str] = Counter()
        for stretch in stretches:
            shared.update(self._by_stretch.get(stretch, ()))
        ranked = shared.most_common(2)
        is_tie = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
        return "" if not ranked or is_tie or ranked[0][1] < SHARED * len(stretches) else ranked[0][0]


def _stretches(text: str) -> set[str]:
    return {stretch for part in ENDS.split(text) if len(stretch := part.strip()) >= LONG}


def _words(text: str) -> str:
    return " ".join(text.split())


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _unique(pairs: Iterable[Sequence[str]]) -> Mapping[str, str]:
    """What each key refers to, without blank keys and keys that refer to several things."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        meanings[key].add(value)
    return {key: next(iter(values)) for key, values in meanings.items() if key and len(values) == 1}
