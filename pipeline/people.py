"""Who a name means: one rule for speaker labels, for the person columns of surveys and for the names of files."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from functools import lru_cache

from pipeline.errors import Problem
from pipeline.records import Participant
from pipeline.wording.messages import message, separated

TITLES = frozenset(
    """don dona dr dra drs doctor doctora sr sra srs srta senor senora senorita senores mr mrs ms mx miss sir madam lic licda
    licdo licenciado licenciada ing ingeniero ingeniera arq abog prof profa profe profesor profesora professor phd msc mtro
    mtra maestro maestra hno hna mons mme mlle monsieur madame""".split()
)
PARTICLES = frozenset("de del la las los el van von der den da do das dos di du le".split())
# How labels call who asks and who answers, folded; a number or a name may follow.
ASKING = frozenset(
    """entrevistador entrevistadora entrevistadores entrevistadoras interviewer interviewers moderador moderadora moderator
    facilitador facilitadora facilitator investigador investigadora researcher evaluador evaluadora evaluator encuestador
    encuestadora pesquisador pesquisadora avaliador avaliadora enqueteur enquetrice intervieweur intervieweuse animateur
    animatrice chercheur chercheuse evaluateur evaluatrice consultor consultora consultant interviewerin interviewende
    moderation befrager entrevistante mediador mediadora host presenter presentador presentadora locutora periodista journalist
    encuestadores moderators moderadores investigadores researchers""".split()
)
ASKING_ALONE = frozenset(
    {"int", "interv", "inter", "ent", "mod", "question", "pregunta", "pergunta", "pergunto", "frage", "probe",
     "probe aplicado", "sondeo", "repregunta", "follow up", "followup", "relance", "lead interviewer", "co interviewer"}
)  # fmt: skip
ANSWERING = frozenset(
    """entrevistado entrevistada entrevistados entrevistadas respondent respondente interviewee informante informant
    participante participant repondant repondante enquete enquetee interviewe respuesta answer resposta reponse
    testigo invitado invitada guest part resp res befragte befragter befragten interviewte interviewter interviewpartner
    interviewpartnerin antwort usuario usuaria user cliente client entrevistad informant participants respondents
    proband probandin teilnehmer teilnehmerin subject interviewees response rta rpta""".split()
) | {"entrevistado a", "persona entrevistada", "persona participante", "male voice", "female voice"}
# A woman or a man without a name: who answers where a number follows, or where a word says who asks. Mann is a surname, too.
UNNAMED = frozenset("mujer hombre woman man female male femme homme mulher homem frau mann".split())
# Marks inside a name that are written in many ways or left out: D'Angelo, D’Angelo, DAngelo.
APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼʻʹ′´`＇ˈ"))
# What a register or a survey calls women and men, folded: one group each. Everything else is a group as it is written.
GENDER, WOMAN, MAN = "gender", "woman", "man"
GENDER_WORDS = {
    **dict.fromkeys("woman female mujer femenino femenina fem f".split(), WOMAN),
    **dict.fromkeys("man male hombre masculino varon masc h".split(), MAN),
}
# Letters that Unicode does not take apart into a letter and an accent.
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "º": " ", "ª": " "}
)


class _InWords(dict[int, str]):
    """For `str.translate`: letters and digits as they are, without accents; a space for everything else."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = "" if unicodedata.combining(letter) else letter if letter.isalnum() else " "
        return self[code]


IN_WORDS = _InWords()
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\s.,'’‘ʼ`´()‐‑–-])*")
LETTERS_OF_A_NAME = re.compile(r"[^\W\d_]{4}")  # on end: `HH 77` and `P 12 b` have fewer
LONG = 4  # letters from which two words that differ in one letter may be one word misspelt
MISSPELT = 0.75  # similarity of two words from which one may be the other misspelt: `Ashdon` for `Ashdown` has .92
WORDS_COMPARED = 8  # of a name: no name in use has more


class Certainty(IntEnum):
    """How well a name fits a person of the register."""

    NONE = 0
    POSSIBLE = 1  # it may be this person, and may as well be somebody else
    LIKELY = 2  # a usual way to write the person's name: with initials, a surname left out, a middle name added
    CERTAIN = 3  # the name, an alias or the id as the register has it, but for case, accents, marks, order and titles


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """The match of a name: one person of the register, none, or several candidates.

    `candidates` are all who may be meant. `is_guess` says that one person is meant by a spelling that the register does not have.
    """

    participant_id: str = ""
    candidates: tuple[str, ...] = ()
    is_guess: bool = False

    @property
    def is_uncertain(self) -> bool:
        """Whether the name may mean somebody of the register, but it is unclear who."""
        return not self.participant_id and bool(self.candidates)


NOBODY = PersonMatch()


@lru_cache(maxsize=65536)
def fold_name(name: str) -> str:
    """A name for comparison: lower case, no accents, apostrophes and punctuation; initials joined (`R. P.` is `rp`)."""
    letters = unicodedata.normalize("NFKD", name.translate(APOSTROPHES).casefold().translate(LETTERS))
    words = letters.translate(IN_WORDS).split()
    are_initials = all(len(word) == 1 and word.isalpha() for word in words)
    return ("" if are_initials else " ").join(words)


def words_of_gender(values: Collection[str]) -> dict[str, str]:
    """The values of a column that say woman or man, each with that word; all others are left out.

    `M` is a man beside `F`, and a woman (*mujer*) beside `H`; alone, or beside both, it is left as it is.
    """
    folded = {value: fold_name(value) for value in values}
    meanings = dict(GENDER_WORDS)
    if {"f", "h"} & set(folded.values()) in ({"f"}, {"h"}):
        meanings["m"] = MAN if "f" in folded.values() else WOMAN
    return {value: meanings[word] for value, word in folded.items() if word in meanings}


def remark_on_genders(where: str, values: Iterable[str]) -> Iterator[Problem]:
    """A remark that says which values of a column were taken for woman and man, if any is another word."""
    words = words_of_gender(sorted(set(values)))
    lists = []
    for meaning in (WOMAN, MAN):
        if taken := ", ".join(value for value, word in words.items() if word == meaning != value):
            lists.append(message(f"study/taken_as_{meaning}", words=taken))
    if lists:
        what = message("study/words_of_gender", lists=separated("; ", lists))
        yield Problem(where, what, message("study/nothing_to_do_or_a_word_of_your_own"))


def is_name(text: str) -> bool:
    """Whether a text may be somebody's name: letters with the marks of names. Ids, codes and addresses are not names."""
    return NAME.fullmatch(unicodedata.normalize("NFC", text.strip())) is not None


def is_code(text: str) -> bool:
    """Whether a text is somebody else's id and not a name: one word with a digit, or few letters and digits."""
    has_digit = any(c.isdigit() for c in text)
    return has_digit and (len(text.split()) == 1 or not LETTERS_OF_A_NAME.search(text))


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name taken apart for comparison."""

    words: tuple[str, ...]  # without titles
    joined: frozenset[str]  # all words as one, as written and, around a comma, the other way round

    @property
    def telling(self) -> tuple[str, ...]:
        """The words without `de`, `la` and their like."""
        return tuple(word for word in self.words if word not in PARTICLES) or self.words

    @property
    def initials(self) -> str:
        """The first letters of its words, where it has several."""
        return "".join(word[0] for word in self.telling) if len(self.telling) > 1 else ""


@lru_cache(maxsize=65536)
def spelling_of(name: str) -> Spelling:
    """The folded words of a name, without what follows in brackets."""
    plain = re.sub(r"[(\[].*?[)\]]", " ", name)
    plain = plain if fold_name(plain) else name
    before, _, after = plain.partition(",")
    orders = {plain, f"{after} {before}"}
    words = _without_titles(fold_name(plain))[:WORDS_COMPARED]
    return Spelling(words, frozenset("".join(_without_titles(fold_name(order))) for order in orders))


def _without_titles(folded: str) -> tuple[str, ...]:
    words = folded.split()
    return tuple(word for word in words if word not in TITLES) or tuple(words)


def certainty_of(name: Spelling, full: Spelling) -> Certainty:
    """How well a name fits a name of the register."""
    if not name.words or not full.words:
        return Certainty.NONE
    if name.joined & full.joined or (len(name.words) > 1 and sorted(name.words) == sorted(full.words)):
        return Certainty.CERTAIN
    shared = _shared(name.telling, full.telling)
    whole_words = sum(len(word) > 1 for word in shared)
    shortest = min(len(name.telling), len(full.telling))
    if len(shared) == shortest > 1 and whole_words:
        return Certainty.LIKELY
    if whole_words > 1 or _is_one_word_of(name, full) or _is_misspelt(name.telling, full.telling, shared):
        return Certainty.POSSIBLE
    return Certainty.NONE


def _is_one_word_of(name: Spelling, full: Spelling) -> bool:
    """Whether a name is one word: a word of the full name, or its initials."""
    return len(name.telling) == 1 and name.telling[0] in (*full.telling, full.initials)


def _shared(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """The words that two names share, matched one to one; an initial may match a word."""
    short, long = sorted((first, second), key=len)
    left = list(long)
    shared = []
    for word in sorted(short, key=lambda each: (-len(each), each)):
        if match := _match_of(word, left):
            left.remove(match)
            shared.append(min(word, match, key=len))
    return tuple(shared)


def _match_of(word: str, words: Sequence[str]) -> str:
    """The word itself, otherwise the first for which it may be an initial, or that may be an initial for it."""
    if word in words:
        return word
    fits = (
        other
        for other in words
        if (len(word) == 1 and other.startswith(word)) or (len(other) == 1 and word.startswith(other))
    )
    return next(fits, "")


def _is_misspelt(name: Sequence[str], full: Sequence[str], shared: Sequence[str]) -> bool:
    """Whether all words of the name but one are the register's, and that one is nearly a word of the register's name."""
    strange = [word for word in name if word not in full and word not in shared]
    if len(strange) != 1 or len(name) < 2:
        return False
    unmatched = [word for word in full if word not in name]
    return any(
        min(len(strange[0]), len(word)) >= LONG and SequenceMatcher(None, strange[0], word).ratio() >= MISSPELT
        for word in unmatched
    )


class NameRegister:
    """The people of a register, ready to be looked up by name or id."""

    def __init__(self, people: Iterable[Participant]) -> None:
        self.people = tuple(people)
        self._ids: dict[str, set[str]] = defaultdict(set)
        self._loose_ids: dict[str, set[str]] = defaultdict(set)
        self._spellings: list[tuple[str, Spelling]] = []
        self._places: dict[str, set[int]] = defaultdict(set)  # a word, or all words as one -> positions in _spellings
        self._matches: dict[tuple[str, frozenset[str] | None], PersonMatch] = {}
        for person in self.people:
            self._ids[person.participant_id.strip().casefold()].add(person.participant_id)
            self._loose_ids[_loose_id(person.participant_id)].add(person.participant_id)
            for name in person.names:
                self._add(person.participant_id, spelling_of(name))

    def _add(self, participant_id: str, spelling: Spelling) -> None:
        for key in {*spelling.telling, *spelling.joined, spelling.initials} - {""}:
            self._places[key].add(len(self._spellings))
        self._spellings.append((participant_id, spelling))

    def has(self, name: str) -> bool:
        """Whether the register has exactly this name or alias."""
        return Certainty.CERTAIN in self.certainties(name).values()

    def certainties(self, name: str) -> dict[str, Certainty]:
        """How well a name or id fits each person; persons who do not fit are left out."""
        spelling = spelling_of(name)
        best: dict[str, Certainty] = dict.fromkeys(self._loose_ids.get(_loose_id(name), ()), Certainty.LIKELY)
        best |= dict.fromkeys(self._ids.get(name.strip().casefold(), ()), Certainty.CERTAIN)
        places = {place for key in {*spelling.telling, *spelling.joined} for place in self._places.get(key, ())}
        for place in sorted(places):
            person, full = self._spellings[place]
            best[person] = max(best.get(person, Certainty.NONE), certainty_of(spelling, full))
        return {person: certainty for person, certainty in best.items() if certainty}

    def find(self, name: str, among: frozenset[str] | None) -> PersonMatch:
        """See `find_person`."""
        key = (name, among)
        if key not in self._matches:
            self._matches[key] = _match(name, self.certainties(name), among)
        return self._matches[key]


def find_person(name: str, register: NameRegister, *, among: Collection[str] | None = None) -> PersonMatch:
    """Who of the register a name or an id means.

    A name means one person where it is theirs as the register has it, or where it is a variant of the name of no more
    than one person. It is uncertain where it fits several people, or one only in part. `among` holds the ids of the people
    who can be meant, where a file names who speaks in it: there a first name, a surname or initials are enough.
    """
    return register.find(name, frozenset(among) if among is not None else None)


def _match(name: str, certainties: Mapping[str, Certainty], among: frozenset[str] | None) -> PersonMatch:
    if among is not None:
        certainties = _narrowed(name, certainties, among)
    if not certainties:
        return NOBODY
    candidates = tuple(sorted(certainties))
    best = max(certainties.values())
    fitting = [person for person, certainty in certainties.items() if certainty is best]
    if best is Certainty.POSSIBLE or len(fitting) > 1:
        return PersonMatch(candidates=candidates)
    has_rivals = list(certainties.values()).count(Certainty.LIKELY) > (best is Certainty.LIKELY)
    return PersonMatch(fitting[0], candidates, is_guess=best is Certainty.LIKELY or has_rivals)


def _narrowed(name: str, certainties: Mapping[str, Certainty], among: frozenset[str]) -> dict[str, Certainty]:
    """How well a name fits the people whom a file names: one word of a name is enough there."""
    is_one_word = len(spelling_of(name).telling) == 1
    return {
        person: Certainty.LIKELY if is_one_word and certainty is Certainty.POSSIBLE else certainty
        for person, certainty in certainties.items()
        if person in among
    }


def _loose_id(text: str) -> str:
    """An id without case, marks and the zeros that spreadsheets drop: `P-007` and `p7` are equal."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", fold_name(text).replace(" ", ""))
