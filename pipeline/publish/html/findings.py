"""Findings and registers for the report: voices, persons by group, dependents, what needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import tables, wording
from pipeline.codebook import Criterion
from pipeline.errors import Problem
from pipeline.findings import Conclusion, Finding, Learning, Recommendation
from pipeline.publish import Publication, dependents
from pipeline.records import StrengthAssessment
from pipeline.spans import Part, of_cell, parts_of
from pipeline.vocabulary import Direction, Kind, LinkStatus, ReadStatus, Stance, Strength

if TYPE_CHECKING:
    pass

STANCES = (*Stance, "")  # "": none
SEVERAL = "several"  # directions of one person
DIVIDED = "divided"  # shown as the status of undecided words on which coders differ
PANELS = 18  # a study with more groups shows only those that speak, and names the others
SHOWN = 6  # voices of a direction that are shown; the others are one click away


@dataclass(frozen=True, slots=True)
class Voice:
    """One excerpt behind a finding: words, speaker, place and rationale."""

    excerpt_id: str
    source_id: str
    participant: str
    group: str
    country: str
    gender: str
    kind: str
    place: str
    language: str
    direction: str
    status: str
    stance: str
    coding_status: str
    probability: float
    score: float
    bearing: float
    question: str
    quote: str
    span_at: str
    because: str
    is_divided: bool  # whether coders differ on it

    @property
    def shown_status(self) -> str:
        """The status as shown: of undecided words, those on which coders differ are not called the machine's."""
        return DIVIDED if self.is_divided else self.status

    @property
    def parts(self) -> tuple[Part, ...]:
        """The quote in parts: words that coders marked, and what is around them; nothing where nothing is marked."""
        return tuple(parts_of(self.quote, of_cell(self.span_at))) if self.span_at else ()


class PanelPerson(NamedTuple):
    """A person who speaks to a finding: who, in which direction (`SEVERAL` for more than one), confirmed or not.

    Of a person with confirmed excerpts, the direction is theirs alone.
    """

    participant: str
    direction: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """The persons of one group who speak to a finding."""

    group: str
    persons: tuple[PanelPerson, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """Whose words have a direction."""

    persons: tuple[tuple[str, int], ...]  # group, persons
    documents: int  # excerpts

    def __bool__(self) -> bool:
        return bool(self.persons or self.documents)


@dataclass(frozen=True, slots=True)
class Entry:
    """A conclusion or recommendation with its own anchor, because numbers may repeat."""

    anchor: str
    content: Conclusion | Recommendation


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that the report shows of one finding."""

    finding: Finding
    criterion: Criterion
    standing: StrengthAssessment
    voices: Mapping[str, tuple[Voice, ...]]  # by direction
    rejected: tuple[Voice, ...]
    panels: tuple[Panel, ...]
    silent: tuple[str, ...]  # groups of the study that nobody speaks for here
    documents: int  # excerpts of documents
    conclusions: tuple[Entry, ...]
    recommendations: tuple[Entry, ...]

    def confirmed(self, direction: str) -> Heard:
        """Whose words have a direction by people's decision."""
        return _heard(voice for voice in self.voices[direction] if voice.status == LinkStatus.CONFIRMED)

    def undecided(self, direction: str, *, is_divided: bool = False) -> Heard:
        """Whose words have a direction by the machine's suggestion alone, or by that of coders who differ (`is_divided`)."""
        voices = self.voices[direction]
        confirmed = {voice.participant for voice in voices if voice.status == LinkStatus.CONFIRMED} - {""}
        return _heard(
            voice
            for voice in voices
            if voice.status == LinkStatus.SUGGESTED
            and voice.is_divided is is_divided
            and voice.participant not in confirmed
        )

    @property
    def all_voices(self) -> tuple[Voice, ...]:
        """The voices of all directions."""
        return tuple(voice for voices in self.voices.values() for voice in voices)

    @property
    def in_several(self) -> int:
        """How many persons speak in more than one direction, as for and against, by people's decision."""
        voices = [voice for voice in self.all_voices if voice.status == LinkStatus.CONFIRMED]
        said = {(voice.participant, voice.direction) for voice in voices if voice.participant}
        directions = Counter(participant for participant, _ in said)
        return sum(count > 1 for count in directions.values())

    @property
    def sources(self) -> frozenset[str]:
        """The sources of all its voices."""
        return frozenset(voice.source_id for voices in self.voices.values() for voice in voices)

    @property
    def first(self) -> Voice | None:
        """The first voice of a finding's page, or None."""
        return next(iter(self.all_voices), None)


def coverage(voices: Iterable[Voice], language: str) -> str:
    """Which stances the excerpts that people confirmed as support take on the criterion; "" if there are none."""
    supporting = [v.stance for v in voices if (v.status, v.direction) == (LinkStatus.CONFIRMED, Direction.SUPPORTS)]
    counts = [
        (wording.closed_word("stance", stance or "untold", language), supporting.count(stance)) for stance in STANCES
    ]
    stances = ", ".join(f"{word} {count}" for word, count in counts if count)
    return wording.text("finding.covered", language, stances=stances) if supporting else ""


@dataclass(frozen=True, slots=True)
class Concern:
    """One kind of thing that needs attention: its heading's key, and what it is about."""

    key: str
    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shaky:
    """A conclusion or recommendation with the weak, contested or unsupported findings that it relies on."""

    entry: Entry
    rungs: tuple[tuple[str, tuple[Account, ...]], ...]  # strength, findings


@dataclass(frozen=True, slots=True)
class Registers:
    """The registers with their anchors, and which entries rest on each finding and conclusion."""

    conclusions: tuple[Entry, ...]
    recommendations: tuple[Entry, ...]
    lessons: tuple[Learning, ...]
    practices: tuple[Learning, ...]

    def on_finding(self, finding_id: str, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """The entries that rest on a finding."""
        return tuple(entry for entry in entries if finding_id in entry.content.findings)

    def on_conclusion(self, conclusion_id: str) -> tuple[Entry, ...]:
        """The recommendations that rest on a conclusion."""
        return tuple(e for e in self.recommendations if conclusion_id in getattr(e.content, "conclusions", ()))


def registers(publication: Publication) -> Registers:
    """The registers of a study as the report shows them."""
    register = publication.register
    return Registers(
        _entries("conclusion", register.conclusions),
        _entries("recommendation", register.recommendations),
        register.lessons,
        register.practices,
    )


def _entries(section: str, entries: Iterable[Conclusion | Recommendation]) -> tuple[Entry, ...]:
    return tuple(Entry(f"{section}-{number}", entry) for number, entry in enumerate(entries, 1))


def ordered(publication: Publication) -> tuple[Finding, ...]:
    """The findings in the order of the codebook's criteria and of the register."""
    order = {name: i for i, name in enumerate(publication.codebook.ids)}
    return tuple(sorted(publication.register.findings, key=lambda finding: order[finding.criterion]))


def accounts(publication: Publication, registers: Registers) -> tuple[Account, ...]:
    """An account of every finding, in order."""
    groups = sorted(set(publication.people["group"]) - {""})
    voices = voices_of(publication)
    return tuple(_account(f, voices.get(f.id, ()), groups, publication, registers) for f in ordered(publication))


def voices_of(publication: Publication) -> dict[str, tuple[Voice, ...]]:
    """The voices of every finding: confirmed ones first, then each person's most similar words, then their second, and so on."""
    by_finding: dict[str, list[Voice]] = {}
    columns = [name for name in Voice.__slots__ if name != "is_divided"]
    for finding, *values in tables.rows_of(publication.evidence, ["finding_id", *columns]):
        said = dict(zip(columns, values, strict=True))
        is_divided = (finding, said["excerpt_id"]) in publication.divided
        by_finding.setdefault(finding, []).append(Voice(**said, is_divided=is_divided))
    return {finding: _in_turn(voices) for finding, voices in by_finding.items()}


def _in_turn(voices: list[Voice]) -> tuple[Voice, ...]:
    """Voices in rounds, one per person, first the confirmed ones, then the others."""
    turns: Counter[tuple[str, str, bool]] = Counter()
    ranked = []
    for voice in sorted(voices, key=lambda each: (-each.bearing, -each.score, each.excerpt_id)):
        confirmed = voice.status == LinkStatus.CONFIRMED
        speaker = (voice.direction, voice.participant or voice.source_id, confirmed)
        ranked.append(((not confirmed, turns[speaker], -voice.bearing, -voice.score, voice.excerpt_id), voice))
        turns[speaker] += 1
    return tuple(voice for _, voice in sorted(ranked, key=lambda pair: pair[0]))


def _account(
    finding: Finding, voices: tuple[Voice, ...], groups: list[str], publication: Publication, registers: Registers
) -> Account:
    used = tuple(voice for voice in voices if voice.status != LinkStatus.REJECTED)
    panels = tuple(_panels(used, groups if len(groups) <= PANELS else []))
    speaking = {panel.group for panel in panels}
    return Account(
        finding=finding,
        criterion=publication.codebook[finding.criterion],
        standing=publication.assessments[finding.id],
        voices=_by_word(used),
        rejected=tuple(voice for voice in voices if voice.status == LinkStatus.REJECTED),
        panels=panels,
        silent=tuple(group for group in groups if group not in speaking),
        documents=sum(voice.kind == Kind.DOCUMENT for voice in used),
        conclusions=registers.on_finding(finding.id, registers.conclusions),
        recommendations=registers.on_finding(finding.id, registers.recommendations),
    )


def _heard(voices: Iterable[Voice]) -> Heard:
    """The persons of voices by group, and excerpts of documents."""
    listed = list(voices)
    persons = Counter(group for group, _ in {(voice.group, voice.participant) for voice in listed if voice.participant})
    return Heard(tuple(sorted(persons.items())), sum(voice.kind == Kind.DOCUMENT for voice in listed))


def _by_word(voices: Iterable[Voice]) -> dict[str, tuple[Voice, ...]]:
    """The voices of every direction."""
    by_direction: dict[str, list[Voice]] = {str(word): [] for word in Direction}
    for voice in voices:
        by_direction[voice.direction].append(voice)
    return {word: tuple(listed) for word, listed in by_direction.items()}


def _panels(voices: Iterable[Voice], groups: list[str]) -> Iterator[Panel]:
    """A panel for each of the groups and for others that speak, always in the same order; none if no person speaks."""
    by_group: dict[str, dict[str, list[Voice]]] = {}
    for voice in voices:
        if voice.participant:
            by_group.setdefault(voice.group, {}).setdefault(voice.participant, []).append(voice)
    for group in sorted({*groups, *by_group} if by_group else ()):
        persons = [_panel_person(who, of_person) for who, of_person in by_group.get(group, {}).items()]
        yield Panel(group, tuple(sorted(persons, key=_by_direction)))


def _panel_person(who: str, voices: Iterable[Voice]) -> PanelPerson:
    directions: dict[bool, set[str]] = {True: set(), False: set()}
    for voice in voices:
        directions[voice.status == LinkStatus.CONFIRMED].add(voice.direction)
    shown = directions[True] or directions[False]
    return PanelPerson(who, min(shown) if len(shown) == 1 else SEVERAL, confirmed=bool(directions[True]))


def _by_direction(person: PanelPerson) -> tuple[int, str]:
    return ([*map(str, Direction), SEVERAL].index(person.direction), person.participant)


def by_criterion(accounts: Iterable[Account]) -> list[tuple[Criterion, list[Account]]]:
    """The accounts under their criteria."""
    groups: dict[str, tuple[Criterion, list[Account]]] = {}
    for account in accounts:
        groups.setdefault(account.criterion.id, (account.criterion, []))[1].append(account)
    return list(groups.values())


def without_finding(publication: Publication) -> tuple[tuple[Criterion, int], ...]:
    """The codes of the main family on which there is no finding, each with the number of excerpts that carry it."""
    codebook = publication.codebook
    with_finding = {finding.criterion for finding in publication.register.findings}
    coded = Counter(publication.coded["criterion"])
    return tuple((codebook[code], coded[code]) for code in codebook.main_codes if code not in with_finding)


def ladder(accounts: Iterable[Account]) -> list[tuple[str, list[Account]]]:
    """The accounts on the rungs of strength, the strongest first; empty rungs stay."""
    rungs: dict[str, list[Account]] = {str(word): [] for word in Strength}
    for account in accounts:
        rungs[str(account.standing.strength)].append(account)
    return list(rungs.items())


def attention(publication: Publication, accounts: tuple[Account, ...], registers: Registers) -> tuple[Concern, ...]:
    """What a reader should look at before relying on the report; concerns without items are left out."""
    rungs = dict(ladder(accounts))
    concerns = (
        Concern("contested", tuple(rungs[Strength.CONTESTED])),
        Concern("unsupported", tuple(rungs[Strength.UNSUPPORTED])),
        Concern("weak", tuple(_shaky("recommendations", registers.recommendations, accounts))),
        Concern("conclusions", tuple(_shaky("conclusions", registers.conclusions, accounts))),
        Concern("remarks", publication.register.remarks),
        Concern("unread", tuple(_unread(publication))),
        Concern("unanswered", publication.unanswered),
        Concern("problems", tuple(_other_problems(publication))),
        Concern("waiting", ("waiting",) if publication.facts["waiting"] or publication.facts["links"] else ()),
    )
    return tuple(concern for concern in concerns if concern.items)


def _shaky(section: str, entries: Iterable[Entry], accounts: tuple[Account, ...]) -> Iterator[Shaky]:
    assessments = {account.finding.id: account.standing for account in accounts}
    for entry in entries:
        by_strength = dependents.beneath(section, entry.content, assessments)
        if by_strength:
            rungs = tuple((str(word), _named(accounts, names)) for word, names in by_strength.items())
            yield Shaky(entry, rungs)


def _named(accounts: Iterable[Account], finding_ids: Collection[str]) -> tuple[Account, ...]:
    return tuple(account for account in accounts if account.finding.id in finding_ids)


def _unread(publication: Publication) -> Iterator[tuple[str, ...]]:
    """(path, status, note, remedy) of every file that was not read as a whole."""
    remedies = {problem.where: problem.remedy for problem in publication.problems}
    rows = publication.sources[publication.sources["status"] != ReadStatus.READ].drop_duplicates("path")
    silent = set(publication.unanswered)
    for path, status, note in rows.loc[~rows["path"].isin(silent), ["path", "status", "note"]].itertuples(
        index=False, name=None
    ):
        yield path, status, note, remedies.get(f"raw/{path}", "")


def _other_problems(publication: Publication) -> Iterator[Problem]:
    """The problems other than unread files."""
    listed = {f"raw/{path}" for path, *_ in _unread(publication)}
    yield from (problem for problem in dict.fromkeys(publication.problems) if problem.where not in listed)
