"""What a search needs of the study besides its excerpts: attributes of persons, the machine's codings, and what counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.codebook import Codebook

Json = dict[str, Any]
Names = Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of those who speak: its name, its values with their names, and which of these each excerpt has."""

    name: Names
    labels: Mapping[str, Names]
    groups: tuple[frozenset[str], ...]  # several where a person has several values
    places: np.ndarray  # of the groups, one for each excerpt

    def equal(self, value: str) -> np.ndarray:
        """A mask over the excerpts: those of persons with this value, alone or among others."""
        has_value = np.array([value in group for group in self.groups], dtype=bool)
        return np.asarray(has_value[self.places], dtype=bool)


@dataclass(frozen=True, slots=True)
class CountOrder:
    """What is to be counted: excerpts by people's codings and by the machine's, by one side or crossed by two."""

    query: str
    by: tuple[str, ...]
    language: str
    masks: Mapping[
        str, np.ndarray
    ]  # of the page's excerpts, by people's codings ("") and by the machine's ("machine_")
    confirmed: Mapping[str, Mapping[str, str]]  # code -> excerpt -> stance, by people


@dataclass(frozen=True, slots=True)
class SearchTools:
    """Functions of the study that searches call."""

    attributes: Callable[[], Mapping[str, Attribute]]  # by name
    sides: Callable[[Codebook], Mapping[str, Names]]  # what counts may be given by
    machine: Callable[[], Mapping[str, Mapping[str, str]]]  # code -> excerpt -> stance
    count: Callable[[CountOrder, Codebook], Json]
