"""The elements of the theory of change: which excerpts bear on each, and what they do to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pipeline import tables
from pipeline.vocabulary import CONFIRMED, CodingStatus, Direction, ElementStatus, LinkStatus, Stance

if TYPE_CHECKING:
    from pipeline.codebook.theory_of_change import Element

VOICES = ["element", "excerpt_id", "direction", "status"]
COLUMNS = tables.THEORY_OF_CHANGE.names
DIRECTIONS = {
    str(Stance.POSITIVE): Direction.SUPPORTS,
    str(Stance.NEGATIVE): Direction.CONTRADICTS,
    str(Stance.MIXED): Direction.QUALIFIES,
    "": Direction.NOT_TOLD,
}
FOR = frozenset({Direction.SUPPORTS, Direction.QUALIFIES})  # a mixed excerpt counts on both sides
AGAINST = frozenset({Direction.CONTRADICTS, Direction.QUALIFIES})


def element_voices(elements: Sequence[Element], codings: pd.DataFrame, spoken: Collection[str]) -> pd.DataFrame:
    """A row per element and excerpt that bears on it (VOICES), in the order of the elements; `spoken` are the excerpts that count.

    An excerpt bears on an element if it carries all its codes: confirmed if people confirmed all of them, suggested if the
    machine alone coded one or more. Divided coders, and decisions on words that have changed, count for nothing. The stance of
    the first code gives the direction.
    """
    rows: list[list[str]] = []
    if elements:
        codes = {code for element in elements for code in element.codes}
        carried = codings[codings["coded"] & codings["criterion"].isin(codes)]
        carried = carried[tables.is_among(carried["excerpt_id"], spoken)]
        for element in elements:
            rows += _voices_of(element, carried)
    return pd.DataFrame(rows, columns=VOICES, dtype="str")


def _voices_of(element: Element, carried: pd.DataFrame) -> list[list[str]]:
    by_code = {code: carried[carried["criterion"] == code] for code in element.codes}
    statuses = {code: dict(tables.rows_of(rows, ["excerpt_id", "status"])) for code, rows in by_code.items()}
    stances = dict(tables.rows_of(by_code[element.code], ["excerpt_id", "stance"]))
    voices = []
    for excerpt_id in sorted(set.intersection(*(set(each) for each in statuses.values()))):
        status = _status([each[excerpt_id] for each in statuses.values()])
        if status:
            voices.append([element.id, excerpt_id, str(DIRECTIONS[stances[excerpt_id]]), str(status)])
    return sorted(voices, key=lambda voice: voice[-1])  # confirmed ones first


def _status(of_codes: Sequence[str]) -> LinkStatus | None:
    if all(status in CONFIRMED for status in of_codes):
        return LinkStatus.CONFIRMED
    is_clear = all(status in CONFIRMED or status == CodingStatus.MACHINE for status in of_codes)
    return LinkStatus.SUGGESTED if is_clear else None


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who speaks in each excerpt ("" for documents), and its source."""

    person_of: Mapping[str, str]
    source_of: Mapping[str, str]


def element_rows(
    elements: Sequence[Element], voices: pd.DataFrame, speakers: Speakers, *, contested: float, language: str
) -> pd.DataFrame:
    """A row per element (COLUMNS): what people confirmed, and beside it what the machine alone coded.

    `persons` speak of it, `supporting` and `contradicting` say so; a person who does both counts on both sides.
    `documents` are sources that mention it.
    """
    rows = [
        (
            element.id,
            str(element.kind),
            element.name_in(language),
            ";".join(element.codes),
            ";".join(element.leads_to),
            *_figures(voices[voices["element"] == element.id], speakers, contested),
        )
        for element in elements
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


@dataclass(frozen=True, slots=True)
class _Side:
    """Who speaks of an element, in what people confirmed or in what the machine alone coded."""

    persons: frozenset[str]
    supporting: frozenset[str]
    contradicting: frozenset[str]
    excerpts: int
    documents: frozenset[str]

    @property
    def counts(self) -> tuple[int, ...]:
        """The counts, in the order of the table's columns."""
        people = (len(self.persons), len(self.supporting), len(self.contradicting))
        return (*people, self.excerpts, len(self.documents))


def _side(rows: pd.DataFrame, speakers: Speakers) -> _Side:
    directions = dict(tables.rows_of(rows, ["excerpt_id", "direction"]))
    names = rows["excerpt_id"].tolist()
    speaking = {name: speakers.person_of[name] for name in names if speakers.person_of[name]}
    return _Side(
        persons=frozenset(speaking.values()),
        supporting=frozenset(person for name, person in speaking.items() if directions[name] in FOR),
        contradicting=frozenset(person for name, person in speaking.items() if directions[name] in AGAINST),
        excerpts=len(names),
        documents=frozenset(speakers.source_of[name] for name in names if name not in speaking),
    )


def _figures(of_element: pd.DataFrame, speakers: Speakers, contested: float) -> tuple[str | int, ...]:
    people, machine = (
        _side(of_element[of_element["status"] == status], speakers)
        for status in (LinkStatus.CONFIRMED, LinkStatus.SUGGESTED)
    )
    status = element_status(
        supporting=len(people.supporting),
        contradicting=len(people.contradicting),
        taking_sides=len(people.supporting | people.contradicting),
        persons=len(people.persons),
        documents=len(people.documents),
        contested=contested,
    )
    return str(status), *people.counts, *machine.counts[:4]


def element_status(
    *, supporting: int, contradicting: int, taking_sides: int, persons: int, documents: int, contested: float
) -> ElementStatus:
    """What confirmed evidence does to an element, by independent persons.

    Of the persons who take a side, if those of the smaller side are at least the share `contested`, or the sides are equal, it
    is contested; otherwise the larger side decides.
    """
    if not taking_sides:
        if persons:
            return ElementStatus.MENTIONED
        return ElementStatus.DOCUMENTS if documents else ElementStatus.SILENT
    smaller = min(supporting, contradicting)
    if supporting == contradicting or (smaller and smaller / taking_sides >= contested):
        return ElementStatus.CONTESTED
    return ElementStatus.SUPPORTED if supporting > contradicting else ElementStatus.CONTRADICTED
