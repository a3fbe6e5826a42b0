"""What a study masks: the people whose names are known, what persons decided, and the words shown for a mask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline import wording
from pipeline.people import fold_name
from pipeline.provenance import key_of
from pipeline.vocabulary import Identity, MaskEvidence, MaskStatus, NameDecision


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person whose names are known: of the register, the roster, the interviewers or the sheet of names."""

    key: str
    number: int  # in placeholders; it says nothing of the key
    names: tuple[str, ...]
    refuses: bool = False  # whose names are masked also where they may be another word


@dataclass(frozen=True, slots=True)
class NameChoice:
    """What a person decided on a name, by its id; `person` is who is meant, where they say so."""

    name_id: str
    decision: NameDecision
    person: str = ""


@dataclass(frozen=True, slots=True)
class AddedName:
    """Words that a person wants masked wherever they are written so."""

    words: str
    kind: Identity
    person: str = ""


@dataclass(frozen=True, slots=True)
class NamePlan:
    """All that masking depends on beside the words. `secret` is the study's: no other study has the same ids of names."""

    language: str
    secret: str
    people: tuple[NamedPerson, ...] = ()
    choices: tuple[NameChoice, ...] = ()
    added: tuple[AddedName, ...] = ()
    models: tuple[str, ...] = ()  # spaCy pipelines that are asked as well

    def digest(self) -> str:
        """A hash of the plan."""
        return key_of(repr(self))


@dataclass(frozen=True, slots=True)
class Mention:
    """A name, number or place in a text: `[start, end)`. `person` is the key of who is meant, blank where that is unclear."""

    start: int
    end: int
    kind: Identity
    status: MaskStatus
    because: MaskEvidence
    person: str = ""


def placeholder(kind: Identity, number: int, language: str) -> str:
    """The placeholder of a mention: `[person 3]`, `[phone]`."""
    word = wording.closed_word("mask", kind, language)
    return f"[{word} {number}]" if number else f"[{word}]"


def name_id(kind: Identity, words: str, secret: str) -> str:
    """The id of a name in the sheet of names: the same words have the same id in all files."""
    return f"N-{key_of(secret, kind, fold_name(words) or words)[:10]}"


def numbered(keys: Iterable[str], before: dict[str, int], secret: str) -> dict[str, int]:
    """A number for every person: the one of earlier runs, else the next free one, in an order that says nothing of the key."""
    numbers = dict(before)
    free = max(numbers.values(), default=0) + 1
    new = sorted(set(keys) - numbers.keys(), key=lambda key: key_of(secret, "number", key))
    return numbers | {key: free + at for at, key in enumerate(new)}
