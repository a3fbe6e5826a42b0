"""Two families of codes crossed, and what persons of each group speak of, as report and annex show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

from pipeline import wording
from pipeline.codebook import Codebook, Criterion
from pipeline.publish import Publication, labels
from pipeline.vocabulary import Stance

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Any, Any]  # of cooccurrence.csv or profiles.csv
Counts = Mapping[tuple[str, str], Row]  # by two codes
LEVELS = 4  # shades of a cell
SIGNS = {Stance.POSITIVE: "+", Stance.NEGATIVE: "−", Stance.MIXED: "±"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What people confirmed for a cell, with what is said of the code, and the excerpts of the machine."""

    excerpts: int
    persons: str
    stances: tuple[tuple[Stance, int], ...]  # those that occur
    machine: int
    level: int  # of shade, 0 where nothing is confirmed

    @property
    def is_empty(self) -> bool:
        """Whether neither people nor the machine coded anything."""
        return not self.excerpts and not self.machine

    @property
    def signs(self) -> str:
        """The stances with their signs, such as `+3 −1`."""
        return " ".join(f"{SIGNS[stance]}{count}" for stance, count in self.stances)


NOTHING = Cell(0, "0", (), 0, 0)


@dataclass(frozen=True, slots=True)
class Crossing:
    """One family across, another down; the stances are those on the code across."""

    across: tuple[Criterion, ...]
    down: tuple[Criterion, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def pairs(self) -> int:
        """How many of its cells have a confirmed excerpt."""
        return sum(bool(cell.excerpts) for row in self.rows for cell in row)


@dataclass(frozen=True, slots=True)
class Profile:
    """The codes down, the groups of one attribute across: how many persons each has, and what they speak of."""

    attribute: str
    groups: tuple[tuple[str, str], ...]  # value, persons
    families: tuple[tuple[str, tuple[tuple[Criterion, tuple[Cell, ...]], ...]], ...]  # family, rows of (code, cells)


def crossings(publication: Publication) -> tuple[Crossing, ...]:
    """Every two families of codes: the main one across all others, then in the order of the codebook."""
    rows = publication.cooccurrence
    counts = dict(zip(zip(rows["code"], rows["other"], strict=True), rows.to_dict("records"), strict=True))
    codebook = publication.codebook
    families = combinations(dict.fromkeys((codebook.main_family, *labels.families(codebook))), 2)
    return tuple(_crossing(codebook.of_family(across), codebook.of_family(down), counts) for across, down in families)


def _crossing(across: Sequence[Criterion], down: Sequence[Criterion], counts: Counts) -> Crossing:
    pairs = [[_of_pair(other.id, code.id, counts) for other in across] for code in down]
    most = _most(chain.from_iterable(pairs))
    return Crossing(tuple(across), tuple(down), tuple(_cells(rows, "excerpt_persons", most) for rows in pairs))


def _of_pair(code: str, other: str, counts: Counts) -> Row:
    """The counts of two codes, with the stances on the first; families may lie between each other in the codebook."""
    if (code, other) in counts:
        return counts[code, other]
    row = counts.get((other, code), {})
    return {**row, **{str(stance): row[f"other_{stance}"] for stance in Stance}} if row else {}


def profiles(publication: Publication) -> tuple[Profile, ...]:
    """What persons of each group speak of, by attribute; none if nobody speaks."""
    return tuple(
        _profile(str(attribute), rows, publication.codebook)
        for attribute, rows in publication.profiles.groupby("attribute", sort=False)
    )


def _profile(attribute: str, rows: pd.DataFrame, codebook: Codebook) -> Profile:
    groups = rows[["value", "persons"]].drop_duplicates("value").itertuples(index=False, name=None)
    by_code: dict[str, list[Row]] = {}
    for row in rows.to_dict("records"):
        by_code.setdefault(row["criterion"], []).append(row)
    most = _most(chain.from_iterable(by_code.values()))
    families = []
    for family in labels.families(codebook):
        cells = tuple((code, _cells(by_code[code.id], "speaking", most)) for code in codebook.of_family(family))
        families.append((family, cells))
    return Profile(attribute, tuple((str(value), str(persons)) for value, persons in groups), tuple(families))


def attribute_name(attribute: str, language: str) -> str:
    """The heading of an attribute: usual ones in the language; others as the register has them, `water_point` as "Water point"."""
    key = f"attribute.{attribute}"
    name = labels.group_name(attribute)
    return wording.text(key, language) if labels.knows(key) else f"{name[:1].upper()}{name[1:]}"


def value_name(attribute: str, value: str, language: str) -> str:
    """A value of an attribute as people read it; "not known" has a name, too."""
    if not value:
        return wording.text("matrix.no_group" if attribute == "group" else "sex.unknown", language)
    return wording.closed_word("sex", value, language) if attribute == "gender" else labels.group_name(value)


def _most(rows: Iterable[Row]) -> int:
    return max((int(row["excerpts"]) for row in rows if row), default=0)


def _cells(rows: Iterable[Row], persons: str, most: int) -> tuple[Cell, ...]:
    return tuple(_cell(row, persons, most) for row in rows)


def _cell(row: Row, persons: str, most: int) -> Cell:
    if not row:
        return NOTHING
    stances = tuple((stance, count) for stance in Stance if (count := int(row[str(stance)])))
    excerpts = int(row["excerpts"])
    level = -(-excerpts * LEVELS // most) if excerpts else 0
    return Cell(excerpts, str(row[persons]), stances, int(row["machine_excerpts"]), level)
