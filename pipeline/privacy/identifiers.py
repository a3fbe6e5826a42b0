"""What would identify a person in a text, and how it is looked for: in whatever spelling, escape or wrapping.

Looked for are names, aliases and ids of the register, names of source files, speaker labels, and the study's own list of
words that must not leave. Text and needle are compared without case, accents, marks, separators and invisible characters.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import PurePosixPath
from urllib.parse import unquote

import simplemma
from ahocorasick_rs import AhoCorasick

from pipeline.people import ANSWERING, ASKING, ASKING_ALONE, UNNAMED
from pipeline.privacy.word_search import texts_of_markup
from pipeline.records import Participant
from pipeline.vocabulary import Identifier

ORDINARY = ("es", "en", "pt", "fr")  # languages whose words a label or a file name may be made of
ROLES = ASKING | ASKING_ALONE | ANSWERING | frozenset("entr enc spk fgd gf kii idi".split())  # folded
SURNAMES = frozenset({"mann", "frau"})  # words of no language of a study's, although the list of everyday words has one
SHORTEST_NAME = 3  # letters
SHORTEST_ID = 3  # letters and digits of an id, one of them a letter
SHORTEST_JOINED = 9  # letters of a name that is looked for without its spaces
DEEPEST = 2  # escapes within escapes that are resolved
TELLING_WORDS = 3  # of a file name: this many everyday words in order are not found elsewhere by chance
FORMS_OF = 4  # words of a name of which every order is looked for
INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]"
)  # accents, soft hyphens, marks of direction and characters without width
SEPARATORS = re.compile(r"[\W_]+")
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{2,24}){1,4}")
PHONE = re.compile(r"(?<![\w.#/-])\+?\(?(?:\d(?:[ ()-]{0,2}\d){8,14}|\d{3}(?:\.\d{3}){2,3})(?![\w-]|\.\d)")
DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b")
CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
CAPITALISED = re.compile(r"(?<!\w)[^\W\d_a-zà-ÿ][^\W\d_]{2,40}")
BASE64 = re.compile(r"[A-Za-z0-9+/]{12,4000}={0,2}")


@dataclass(frozen=True, slots=True)
class Needle:
    """A text that must not leave, and what it is."""

    kind: Identifier
    text: str


def needles(
    people: Iterable[Participant],
    *,
    paths: Iterable[str],
    ids: Iterable[str],
    labels: Iterable[str],
    denied: Iterable[str],
) -> tuple[Needle, ...]:
    """Everything that a released edition must not hold: of the register, of sources, and of the list of denied words."""
    listed: list[Needle] = []
    for person in people:
        listed += (Needle(Identifier.NAME, name) for name in person.names)
        listed.append(Needle(Identifier.ID, person.participant_id))
    for path in set(paths):
        stem = PurePosixPath(path).stem
        if not is_ordinary(stem) or len(folded(stem).split()) >= TELLING_WORDS:
            listed += (Needle(Identifier.FILE, path), Needle(Identifier.FILE, stem))
    listed += (Needle(Identifier.ID, identity) for identity in set(ids))
    listed += (Needle(Identifier.LABEL, label) for label in set(labels) if not is_generic(label))
    listed += (Needle(Identifier.DENIED, text) for text in denied)
    return tuple(sorted(set(listed), key=lambda needle: (needle.kind, needle.text)))


def is_ordinary(text: str) -> bool:
    """Whether a label or file name is made of everyday words, single letters and numbers alone, and names nobody."""
    return all(map(_is_everyday, _words_of(text)))


def is_generic(label: str) -> bool:
    """Whether a speaker label is a role and a number (R1, INT, Speaker 2), or everyday words alone, and names nobody."""
    roles = ROLES | UNNAMED if any(map(str.isdigit, label)) else ROLES
    return all(folded(word) in roles or _is_everyday(word) for word in _words_of(label))


def _words_of(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 1]


def _is_everyday(word: str) -> bool:
    return folded(word) not in SURNAMES and simplemma.is_known(word.lower(), lang=ORDINARY)


def folded(text: str) -> str:
    """The words of a text as they are compared: letters and digits without case and accents, one space between words."""
    letters = INVISIBLE.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(SEPARATORS.sub(" ", letters).casefold().split())


class IdentifierSearch:
    """Looks for needles, e-mail addresses and telephone numbers in texts."""

    def __init__(self, listed: Iterable[Needle]) -> None:
        spaced: dict[str, Identifier] = {}
        joined: dict[str, Identifier] = {}
        self._capitalised: set[str] = set()  # names that are everyday words too: they count where they are capitalised
        for needle in listed:
            if needle.kind is Identifier.NAME and " " not in folded(needle.text) and is_ordinary(needle.text):
                self._capitalised.add(folded(needle.text))
                continue
            for form in _forms(needle):
                spaced[f" {form} "] = needle.kind
                if " " in form and len(form.replace(" ", "")) >= SHORTEST_JOINED:
                    joined[form.replace(" ", "")] = needle.kind
        self._kinds, self._joined_kinds = list(spaced.values()), list(joined.values())
        self._spaced = AhoCorasick(list(spaced)) if spaced else None
        self._joined = AhoCorasick(list(joined)) if joined else None

    def kinds_in(self, text: str) -> frozenset[Identifier]:
        """The kinds of identifiers in a text, whatever form they are written in."""
        kinds: set[Identifier] = set()
        for form in readings_of(text):
            kinds |= self._in_reading(form)
        return frozenset(kinds)

    def _in_reading(self, text: str) -> set[Identifier]:
        words = folded(text)
        kinds = set()
        if self._capitalised and not self._capitalised.isdisjoint(map(folded, CAPITALISED.findall(text))):
            kinds.add(Identifier.NAME)
        if self._spaced:
            matches = self._spaced.find_matches_as_indexes(f" {words} ", overlapping=True)
            kinds |= {self._kinds[number] for number, _, _ in matches}
        if self._joined:
            matches = self._joined.find_matches_as_indexes(words.replace(" ", ""), overlapping=True)
            kinds |= {self._joined_kinds[number] for number, _, _ in matches}
        return kinds


def contacts_in(text: str) -> frozenset[Identifier]:
    """Whether a text has an e-mail address or a telephone number; dates do not count."""
    kinds = set()
    if EMAIL.search(text):
        kinds.add(Identifier.EMAIL)
    if PHONE.search(DATE.sub(" ", text)):
        kinds.add(Identifier.PHONE)
    return frozenset(kinds)


def readings_of(text: str) -> frozenset[str]:
    """The text in all ways in which it can be read: as it is, without escapes, markup or encoding, and with joined words parted.

    Escapes of escapes are resolved too.
    """
    forms = {text}
    for _ in range(DEEPEST):
        forms |= {reading for form in forms for reading in _readings(form)}
    return frozenset(forms | {CAMEL.sub(" ", form) for form in forms if CAMEL.search(form)})


def _readings(text: str) -> Iterator[str]:
    yield from texts_of_markup(text)
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield unquote(text)
    yield from _decoded(text)


def _decoded(text: str) -> Iterator[str]:
    """The base64 runs in a text, decoded, if they hold letters."""
    for match in BASE64.finditer(text):
        run = match.group()
        try:
            yield base64.b64decode(run[: len(run) // 4 * 4], validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue


def _is_telling(identity: str) -> bool:
    """Whether an id is found by chance nowhere else: it has letters, and a digit or no everyday word."""
    has_letter, has_digit = (any(map(test, identity)) for test in (str.isalpha, str.isdigit))
    return has_letter and (has_digit or not is_ordinary(identity))


def _forms(needle: Needle) -> Collection[str]:
    """The forms of a needle that are looked for; none if it is too short to differ from other words."""
    words = folded(needle.text).split()
    length = len("".join(words))
    if needle.kind is Identifier.ID:
        return {" ".join(words)} if length >= SHORTEST_ID and _is_telling(needle.text) else set()
    if length < SHORTEST_NAME:
        return set()
    if needle.kind is not Identifier.NAME or not 1 < len(words) <= FORMS_OF:
        return {" ".join(words)}
    forms = {" ".join(order) for order in permutations(words)}
    initials = {f"{words[0][0]} {' '.join(words[1:])}"}
    return forms | {form for form in initials if len(form) > SHORTEST_NAME + 2}
