"""Which files are called by the name of somebody who speaks: names of files are published, names of people are not."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from pipeline.ingest.transcript.speaker_labels import fold
from pipeline.records import Participant

LONG = 4  # letters: of a name of several words, two words as long as this tell who it is; `de la` does not
SHORTEST = 3  # letters of a name of one word


def telling(paths: Sequence[str], people: Iterable[Participant]) -> tuple[int, ...]:
    """The positions in `paths` of files whose path holds a name or an alias of the register, whole or by two of its words.

    Initials do not count: they stand for places and years as well.
    """
    names = [name for person in people for name in _names(person)]
    return tuple(at for at, path in enumerate(paths) if any(_holds(_words(path), name) for name in names))


def _names(person: Participant) -> Iterator[list[str]]:
    for name in person.names:
        words = fold(name).split()
        if len(words) > 1 or (len("".join(words)) >= SHORTEST and not name.isupper()):
            yield words


def _words(path: str) -> set[str]:
    """The words of a path as they are compared: `2_RosaLuna.docx` holds rosa and luna, and rosaluna."""
    whole = re.sub(r"\d+", " ", unicodedata.normalize("NFC", path))
    apart = re.sub(r"([a-zß-ÿ])([A-ZÀ-Þ])", r"\1 \2", whole)
    return {*fold(whole).split(), *fold(apart).split()}


def _holds(words: set[str], name: list[str]) -> bool:
    long = {word for word in name if len(word) >= LONG} & words
    return words.issuperset(name) or "".join(name) in words or len(long) > 1
