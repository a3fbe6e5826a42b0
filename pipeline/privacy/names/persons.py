"""Names of persons in a text: of those who are known, in all usual spellings, and of others where a title or a name says so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import IntEnum
from typing import NamedTuple

from pipeline.people import LONG, MISSPELT, fold_name
from pipeline.privacy.names import lexicon
from pipeline.privacy.names.plan import Mention, NamedPerson
from pipeline.vocabulary import Identity, MaskEvidence, MaskStatus

GAP = re.compile(r"[ \t\u00a0]+|[ \t]*\n[ \t]*")
DOT, COMMA, HYPHEN = re.compile(r"\.[ \t\u00a0]*"), re.compile(r",[ \t]*\n?[ \t]*"), re.compile(r"[‐‑–-]")
STOPS = '.!?…:;¿¡"“«(—–\n'
LOOK_BACK = 12  # characters before a word in which the end of the last sentence is looked for
SHORTEST = 3  # letters of a name that is looked for; shorter ones are initials and words of every language
LONE = 4  # letters of a name in small letters that is proposed
INITIALS = re.compile(r"[^\W\d_](?:\.?[ ]?[^\W\d_]){0,3}\.?")
ARTICLES = frozenset("el la los las un una al del lo the".split())
NOT_INITIALS = frozenset("AYOEI")  # words of one letter
MOST_UNKNOWN = 3  # words of a name that no list has


class Part(IntEnum):
    """What a word is of a person's name."""

    SHORT = 1  # a short form of a given name
    GIVEN = 2
    SURNAME = 3
    ALIAS = 4  # what the person is called, by the register


EVIDENCE_OF = {Part.ALIAS: MaskEvidence.ALIAS, Part.SURNAME: MaskEvidence.SURNAME}


class Token(NamedTuple):
    """A word of a text."""

    start: int
    end: int
    word: str
    folded: str

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.word[0].isupper()

    @property
    def is_initial(self) -> bool:
        """Whether it may be the initial of a name."""
        return len(self.word) == 1 and self.is_capital


@dataclass(slots=True)
class Run:
    """Words of one name that follow each other: positions of tokens, and who may be meant."""

    first: int
    last: int
    matched: list[int]
    initials: int
    people: frozenset[str]


@dataclass(slots=True)
class PersonIndex:
    """The words of the names of known persons."""

    parts: dict[str, dict[str, Part]] = field(default_factory=lambda: defaultdict(dict))  # word -> person -> part
    letters: dict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )  # person -> first letters of the words
    refusers: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, people: Iterable[NamedPerson]) -> PersonIndex:
        """The index of these people."""
        index = cls()
        for person in people:
            if person.refuses:
                index.refusers.add(person.key)
            for name in sorted(person.names, key=lambda each: -len(each.split())):
                index._add(person.key, name)
        return index

    def _add(self, key: str, name: str) -> None:
        words = _words_of(name)
        telling = _telling(words)
        if len(telling) > 1:
            self._add_several(key, telling)
        elif telling and len(words) == 1:
            self._put(telling[0], key, Part.ALIAS)
        elif telling and key not in self.parts.get(telling[0], {}):
            self._put(telling[0], key, Part.SURNAME)

    def _add_several(self, key: str, words: Sequence[str]) -> None:
        """Words of a name: the first is given, the last a surname, those between by the list of given names."""
        for position, word in enumerate(words):
            is_given = position == 0 or (position < len(words) - 1 and word in lexicon.words("given"))
            self._put(word, key, Part.GIVEN if is_given else Part.SURNAME)
            for form in lexicon.short_forms(word) if is_given else ():
                self._put(form, key, Part.SHORT)

    def _put(self, word: str, key: str, part: Part) -> None:
        self.parts[word][key] = max(part, self.parts[word].get(key, part))
        self.letters[key].add(word[0])


def _telling(words: Sequence[str]) -> list[str]:
    """The words of a name without titles, particles and initials."""
    without_titles = [word for word in words if word not in lexicon.words("titles")] or words
    return [word for word in without_titles if word not in lexicon.words("particles") and len(word) >= SHORTEST]


def _words_of(name: str) -> list[str]:
    """The folded words of a name, given names first; none of initials alone."""
    plain = re.sub(r"[(\[].*?[)\]]", " ", name).strip()
    if INITIALS.fullmatch(plain) and plain.upper() == plain:
        return []
    before, _, after = plain.partition(",")
    return [fold_name(word) for word in lexicon.WORD.findall(f"{after} {before}" if after.strip() else plain)]


def _is_given_name(word: str) -> bool:
    """Whether a folded word is a common given name and nothing else."""
    return word in lexicon.words("given") and word not in lexicon.words("ordinary") | lexicon.words("titles")


def tokens_of(text: str) -> list[Token]:
    """The words of a text."""
    return [Token(match.start(), match.end(), match[0], fold_name(match[0])) for match in lexicon.WORD.finditer(text)]


class PersonDetector:
    """Finds names of persons in a text."""

    def __init__(self, people: Iterable[NamedPerson]) -> None:
        self.index = PersonIndex.of(people)

    def mentions(self, text: str) -> Iterator[Mention]:
        """The names in a text, in order, without overlap."""
        tokens = tokens_of(text)
        scan = _Scan(text, tokens, self.index)
        at = 0
        while at < len(tokens):
            run = scan.run_at(at)
            mention, after = scan.judged(run) if run else (None, at + 1)
            if mention is None:
                mention, after = scan.unknown_at(at)
            if mention:
                yield mention
            at = max(after, at + 1)


@dataclass(slots=True)
class _Scan:
    """One text while names are looked for in it."""

    text: str
    tokens: Sequence[Token]
    index: PersonIndex

    def run_at(self, first: int) -> Run | None:
        """The longest run of words of one person's name that begins at a token."""
        start = first
        while first < len(self.tokens) - 1 and self._is_initial(first) and self._follows(first + 1):
            first += 1
        if self.tokens[first].folded not in self.index.parts:
            return None
        run = Run(first, first, [first], 0, frozenset(self.index.parts[self.tokens[first].folded]))
        at = first + 1
        while at < len(self.tokens) and self._follows(at) and self._grows(run, at):
            at += 1
        for position in reversed(range(start, first)):
            people = self._with_initial(run.people, position)
            if not people:
                break
            run.first, run.people, run.initials = position, people, run.initials + 1
        return run

    def _grows(self, run: Run, at: int) -> bool:
        """Whether a token goes on with a run, which then has it."""
        token = self.tokens[at]
        if token.folded in lexicon.words("particles"):
            return at - run.last < MOST_UNKNOWN and "," not in self._between(at)
        if holders := self.index.parts.get(token.folded):
            people = run.people & holders.keys()
            if not people or not self._is_in_order(run, at, people):
                return False
            run.people, run.last = people, at
            run.matched.append(at)
            return True
        people = self._with_initial(run.people, at) if self._is_initial(at) else frozenset()
        if people and "," not in self._between(at):
            run.people, run.last, run.initials = people, at, run.initials + 1
            return True
        return False

    def _is_in_order(self, run: Run, at: int, people: frozenset[str]) -> bool:
        """Whether a comma stands only where a given name follows a surname; and no word counts twice."""
        folded = self.tokens[at].folded
        if folded in {self.tokens[each].folded for each in run.matched}:
            return False
        if "," not in self._between(at):
            return True
        last = self.tokens[run.last].folded
        return any(self.index.parts[last][p] is Part.SURNAME and self._is_given(folded, p) for p in people)

    def _is_given(self, folded: str, person: str) -> bool:
        return self.index.parts[folded][person] is not Part.SURNAME

    def _with_initial(self, people: frozenset[str], at: int) -> frozenset[str]:
        letter = self.tokens[at].folded
        return frozenset(person for person in people if letter in self.index.letters[person])

    def _is_initial(self, at: int) -> bool:
        token = self.tokens[at]
        has_dot = self.text[token.end : token.end + 1] == "."
        return token.is_initial and (has_dot or token.word not in NOT_INITIALS)

    def _between(self, at: int) -> str:
        return self.text[self.tokens[at - 1].end : self.tokens[at].start]

    def _follows(self, at: int) -> bool:
        """Whether a token may be of one name with the token before it, by what is between them."""
        gap = self._between(at)
        if GAP.fullmatch(gap) or HYPHEN.fullmatch(gap) or COMMA.fullmatch(gap):
            return True
        return bool(DOT.fullmatch(gap)) and len(self.tokens[at - 1].word) == 1

    def _title_before(self, at: int) -> str:
        """The title that stands just before a token."""
        if not at or self.tokens[at - 1].folded not in lexicon.words("titles"):
            return ""
        gap, title = self._between(at), self.tokens[at - 1].folded
        is_joined = GAP.fullmatch(gap) or (title in lexicon.words("abbreviated") and DOT.fullmatch(gap))
        return title if is_joined else ""

    def _is_first(self, at: int) -> bool:
        """Whether a token begins a sentence."""
        start = self.tokens[at].start
        before = self.text[max(0, start - LOOK_BACK) : start].rstrip(' \t¿¡"“«([')
        return not before or before[-1] in STOPS

    def _is_place(self, at: int) -> bool:
        """Whether a token is part of the name of a place or an institution: San, calle, colegio are before it."""
        is_joined = at and GAP.fullmatch(self._between(at))
        return bool(is_joined) and self.tokens[at - 1].folded in lexicon.words("before_places")

    def _has_article(self, at: int) -> bool:
        """Whether an article stands before a token: La Paz, the Banks."""
        return at > 0 and self.tokens[at - 1].folded in ARTICLES

    def judged(self, run: Run) -> tuple[Mention | None, int]:
        """What a run of words is, and the token to go on from."""
        matched = [self.tokens[at] for at in run.matched]
        capital = all(token.is_capital for token in matched)
        if len(matched) > 1 or run.initials:
            status, because = self._of_several(matched, run)
        else:
            status, because = self._of_one(run.matched[0], run, is_capital=capital)
            if run.people & self.index.refusers:
                status = self._of_refuser(run, status)
        if status is None:
            return None, run.last + 1
        if not capital:
            return self._mention(run, status, because, self._meant(run, matched)), run.last + 1
        if self._has_name_before(run, matched):
            run, _ = self._with_unknown(run)
            return self._mention(replace(run, first=run.first - 1), status, because, ""), run.last + 1
        run, is_same = self._with_unknown(run)
        if is_same:
            return self._mention(run, status, because, self._meant(run, matched)), run.last + 1
        if because is not MaskEvidence.ALIAS:
            status, because = MaskStatus.WAITING, MaskEvidence.OTHER_SURNAME
        return self._mention(run, status, because, ""), run.last + 1

    def _mention(self, run: Run, status: MaskStatus, because: MaskEvidence, person: str) -> Mention:
        start, end = self.tokens[run.first].start, self.tokens[run.last].end
        return Mention(start, end, Identity.NAME, status, because, person)

    def _of_several(self, matched: Sequence[Token], run: Run) -> tuple[MaskStatus | None, MaskEvidence]:
        """Several words of one name, or one with initials."""
        is_ordinary = all(token.folded in lexicon.words("ordinary") for token in matched)
        is_capital = all(token.is_capital for token in matched)
        if run.initials and not is_capital:
            return None, MaskEvidence.FULL_NAME
        if is_ordinary and not is_capital:
            return None, MaskEvidence.FULL_NAME
        if not is_capital and any(token.folded in lexicon.words("ordinary") for token in matched):
            return MaskStatus.WAITING, MaskEvidence.ORDINARY
        return MaskStatus.MASKED, MaskEvidence.FULL_NAME

    def _of_one(self, at: int, run: Run, *, is_capital: bool) -> tuple[MaskStatus | None, MaskEvidence]:
        """One word of a name alone: sure after a title, or where it is a surname or an alias and no ordinary word."""
        token = self.tokens[at]
        is_ordinary = token.folded in lexicon.words("ordinary")
        if title := self._title_before(run.first):
            is_sure = is_capital or (title in lexicon.words("honorifics") and not is_ordinary)
            return (MaskStatus.MASKED if is_sure else None), MaskEvidence.TITLE
        if self._is_place(run.first):
            return None, MaskEvidence.SURNAME
        if is_ordinary:
            is_doubtful = is_capital and not self._is_first(at) and not self._has_article(at)
            return (MaskStatus.WAITING if is_doubtful else None), MaskEvidence.ORDINARY
        return self._of_name(at, max(self.index.parts[token.folded][person] for person in run.people))

    def _of_refuser(self, run: Run, status: MaskStatus | None) -> MaskStatus | None:
        """The same of somebody who refuses: what may be the name alone is masked, also where it begins a sentence.

        After an article it is rather a thing or a place (*la Paz*): that is proposed.
        """
        at = run.matched[0]
        is_capital = self.tokens[at].is_capital and not self._is_shouted(at) and not self._is_place(run.first)
        is_titled = self._title_before(run.first) in lexicon.words("honorifics")
        if status is None and not is_capital and not is_titled:
            return None
        is_doubtful = status is None and not is_titled and self._has_article(run.first)
        return MaskStatus.WAITING if is_doubtful else MaskStatus.MASKED

    def _of_name(self, at: int, part: Part) -> tuple[MaskStatus | None, MaskEvidence]:
        """A single word that is a name and not an ordinary word; a dictionary shows whether it may be one after all."""
        token = self.tokens[at]
        because = EVIDENCE_OF.get(part, MaskEvidence.FIRST_NAME)
        if token.is_capital:
            is_word = part is not Part.ALIAS and self._is_first(at) and lexicon.is_word(token.word)
            if part < Part.SURNAME:
                return (None if is_word else MaskStatus.WAITING), because
            return (MaskStatus.WAITING if is_word else MaskStatus.MASKED), because
        is_doubtful = len(token.word) >= LONE and not lexicon.is_word(token.word)
        return (MaskStatus.WAITING if is_doubtful else None), because

    def _has_name_before(self, run: Run, matched: Sequence[Token]) -> bool:
        """Whether a surname alone follows a capital word that may be a given name which the register does not have."""
        at = run.first - 1
        is_surname = len(matched) == 1 and all(
            self.index.parts[matched[0].folded][person] >= Part.SURNAME for person in run.people
        )
        if at < 0 or not is_surname or run.initials or not GAP.fullmatch(self._between(run.first)):
            return False
        token = self.tokens[at]
        may_be_name = token.is_capital and not self._is_shouted(at) and len(token.word) >= SHORTEST
        is_other = token.folded in lexicon.words("titles") | lexicon.words("before_places")
        return may_be_name and not is_other and not (self._is_first(at) and lexicon.is_word(token.word))

    def _with_unknown(self, run: Run) -> tuple[Run, bool]:
        """The run with the capital words after it that are in no known name, and whether it is still the same person.

        After two words of a name they are further surnames. After a given name alone they are another person's, unless they
        are a surname of the person misspelt.
        """
        last = run.last
        while last + 1 < len(self.tokens) and last - run.last < MOST_UNKNOWN - 1 and self._goes_on(last + 1):
            last += 1
        if last == run.last:
            return run, True
        is_same = len(run.matched) > 1 or run.initials > 0
        first = self.tokens[run.matched[0]].folded
        possible_people = frozenset(
            person
            for person in run.people
            if is_same
            or self.index.parts[first][person] is Part.SURNAME
            or self._is_misspelt(self.tokens[run.last + 1].folded, person)
        )
        return Run(run.first, last, run.matched, run.initials, possible_people or run.people), bool(possible_people)

    def _goes_on(self, at: int) -> bool:
        token = self.tokens[at]
        is_joined = GAP.fullmatch(self._between(at)) or HYPHEN.fullmatch(self._between(at))
        is_name = token.is_capital and len(token.word) >= SHORTEST and not self._is_shouted(at)
        return bool(is_joined) and is_name and token.folded not in lexicon.words("titles")

    def _is_shouted(self, at: int) -> bool:
        """Whether a token is an abbreviation or part of a text in capitals: its capital says nothing."""
        return self.tokens[at].word.isupper()

    def _is_misspelt(self, word: str, person: str) -> bool:
        surnames = [name for name, holders in self.index.parts.items() if holders.get(person) is Part.SURNAME]
        return any(
            min(len(word), len(name)) >= LONG and SequenceMatcher(None, word, name).ratio() >= MISSPELT
            for name in surnames
        )

    def _meant(self, run: Run, matched: Sequence[Token]) -> str:
        """The one person who is meant; blank where it may be several."""
        if len(run.people) == 1:
            return next(iter(run.people))
        parts = [self.index.parts[token.folded] for token in matched]
        best = {person: min(part[person] for part in parts) for person in run.people}
        alike = [person for person, part in best.items() if part >= Part.GIVEN]
        return alike[0] if len(alike) == 1 else ""

    def unknown_at(self, at: int) -> tuple[Mention | None, int]:
        """A name that no register has, after a title or beginning with a common given name; proposed, never masked."""
        token = self.tokens[at]
        if not token.is_capital or self._is_shouted(at) or self._is_place(at) or len(token.word) < SHORTEST:
            return None, at + 1
        is_titled = bool(self._title_before(at)) and token.folded not in lexicon.words("before_places")
        if not is_titled and not _is_given_name(token.folded):
            return None, at + 1
        last = at
        while last + 1 < len(self.tokens) and last - at < MOST_UNKNOWN and self._goes_on_unknown(last + 1):
            last += 1
        because = MaskEvidence.TITLE if is_titled else MaskEvidence.GIVEN_NAME
        end = self.tokens[last].end
        return Mention(token.start, end, Identity.NAME, MaskStatus.WAITING, because), last + 1

    def _goes_on_unknown(self, at: int) -> bool:
        token = self.tokens[at]
        is_name = token.is_capital and not self._is_shouted(at) and len(token.word) >= SHORTEST
        return bool(GAP.fullmatch(self._between(at))) and is_name
