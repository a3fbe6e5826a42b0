"""Which files are called by the name of somebody who speaks: names of files are published, names of people are not."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.people import Certainty, NameRegister, fold_name, spelling_of
from pipeline.records import Participant

SHORTEST = 3  # letters of a name of one word; initials are shorter, and are also used for places and years
INTERVIEWS = "interviews/"
MOST_WORDS = 6  # of a name in a path


def files_named_after_people(paths: Sequence[str], people: Iterable[Participant]) -> tuple[int, ...]:
    """The positions in `paths` of files whose path holds a name of the register, or a variant of it."""
    registered = tuple(people)
    names = NameRegister(_without_initials(number, person) for number, person in enumerate(registered))
    first_names = frozenset(_first_names(registered))
    return tuple(at for at, path in enumerate(paths) if _holds_a_name(path, names, first_names))


def _holds_a_name(path: str, names: NameRegister, first_names: frozenset[str]) -> bool:
    """Whether a path holds a name or, in the folder of interviews, a first name: one interview is one person's."""
    words = list(_phrases(path))
    is_interview = path.startswith(INTERVIEWS)
    return any(_is_a_name(each, names) for each in words) or (is_interview and not first_names.isdisjoint(words))


def _first_names(people: Iterable[Participant]) -> Iterator[str]:
    """The first word of each name of several words, without titles."""
    for person in people:
        for name in person.names:
            first, *further_names = spelling_of(name).telling
            if further_names and len(first) >= SHORTEST:
                yield first


def _without_initials(number: int, person: Participant) -> Participant:
    """The person by name alone: an id may be in a path. `number` distinguishes people."""
    names = tuple(name for name in person.names if " " in name or (len(name) >= SHORTEST and not name.isupper()))
    return replace(person, participant_id=f"#{number}", names=names)


def _is_a_name(words: str, names: NameRegister) -> bool:
    return max(names.certainties(words).values(), default=Certainty.NONE) >= Certainty.LIKELY


def _phrases(path: str) -> Iterator[str]:
    """Adjacent words of a path, split at capitals: `2_RosaLuna` holds rosa, luna, and rosa luna."""
    whole = re.sub(r"\d+", " ", unicodedata.normalize("NFC", path))
    apart = re.sub(r"([a-zß-ÿ])([A-ZÀ-Þ])", r"\1 \2", whole)
    for text in dict.fromkeys((whole, apart)):
        words = fold_name(text).split()
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + MOST_WORDS) + 1):
                yield " ".join(words[start:end])
