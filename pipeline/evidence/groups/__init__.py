"""The groups that a person belongs to: one for each value of an attribute, several where the register writes `Quechua; Aymara`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

SIGN = ";"  # between values, as between names and ids in the registers; a space is part of names such as San José


Person = TypeVar("Person", bound=Hashable)  # whatever a person is known by


def groups_of(value: str) -> tuple[str, ...]:
    """The values written in a cell, each once; ("",) if there is none."""
    return tuple(dict.fromkeys(part for each in value.split(SIGN) if (part := each.strip()))) or ("",)


def members(value_of: Mapping[Person, str]) -> dict[str, list[Person]]:
    """The persons of each group, in order; a person of several groups is in each of them."""
    groups: dict[str, list[Person]] = {}
    for who, value in value_of.items():
        for group in groups_of(value):
            groups.setdefault(group, []).append(who)
    return dict(sorted(groups.items()))


def memberships(values: Iterable[str]) -> list[str]:
    """The groups of all persons, one after the other; unknown ones are left out."""
    return [group for value in values for group in groups_of(value) if group]
