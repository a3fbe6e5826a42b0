"""How a name in a label is written, and whether its words are common ones in the text around it."""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from pipeline.ingest.transcript.speaker_labels import NO_SPEAKER, fold, looks_like_name

INITIALS = "initials"  # RC
CODE = "code"  # P4
CAPITALS = "capitals"  # RUFINA
NAMES = "names"  # Rufina Ccahuana
NAME = "name"  # Rufina
NONE = ""  # not as names are written; a numbered word (Participant 6) is a shape of its own, `participant 1`

MOST = 4  # words of a label
LOOKED_AT = 2_000_000  # characters of a text in which its words are looked up
OF_NAMES = frozenset("de del la las los y e i van von der den da do das dos di du le".split())
PLACE = frozenset("a an en de del desde hasta hacia para in at from to of em au aux".split())  # a place follows them
A_CODE = re.compile(r"[^\W\d_a-z]{1,3}[ _-]?\d{1,3}")
NUMBERED = re.compile(r"([^\W\d_]+)[ _-]?\d{1,3}")
SHORT = re.compile(r"(?:[^\W\d_]\.? ?){1,3}")
WORD = re.compile(r"[^\W\d_]+")
INSIDE = re.compile(
    r"(?<!\w)(\w++)([,;]?)(?= ([^\W\d_]++)(?! ?[:：]))"
)  # a word, and the one after it in the same sentence


@lru_cache(maxsize=4096)
def shape_of(name: str) -> str:
    """The shape of a name, ignoring brackets; NONE if it is not written like a name."""
    plain = re.sub(r"\([^)]*\)", " ", name).strip()
    words = plain.split()
    if not looks_like_name(name) or len(words) > MOST:
        return NONE
    if A_CODE.fullmatch(plain):
        return CODE
    if numbered := NUMBERED.fullmatch(plain):
        return f"{fold(numbered[1])} 1"
    if any(word[0].islower() and fold(word) not in OF_NAMES for word in words):
        return NONE
    if plain.upper() == plain:
        return INITIALS if SHORT.fullmatch(plain) else CAPITALS
    return NAMES if len(words) > 1 else NAME


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of a text: those in small letters, and those by which somebody seems to be addressed."""

    small: Set[str]
    called: Set[str]

    def has_common(self, name: str) -> bool:
        """Whether a word of the name is a common one: in small letters in the text, or one that introduces something else."""
        words = [word for word in WORD.findall(name) if fold(word) not in OF_NAMES]
        return any(fold(word) in NO_SPEAKER or word.casefold() in self.small for word in words)

    def calls(self, name: str) -> bool:
        """Whether somebody is addressed elsewhere by the first word of the name."""
        return WORD.findall(name)[0] in self.called


def vocabulary_of(text: str) -> Vocabulary:
    """The words of a text, of a very long one those at its beginning."""
    looked_at = text[:LOOKED_AT]
    small = {word for word in WORD.findall(looked_at) if word[0].islower()}
    called = {
        word
        for before, comma, word in INSIDE.findall(looked_at)
        if word[0].isupper() and (comma or fold(before) not in PLACE)
    }
    return Vocabulary(small, called)
