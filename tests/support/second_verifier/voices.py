"""From codings and votes to cooccurrence.csv and profiles.csv (docs/method.md): who says what, people and machine apart."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from second_verifier.counts import STANCES, Speakers, several
from second_verifier.stored import Difference, Row, StoredStudy

CONFIRMED = ("single", "agreed", "ruled", "carried")
TOGETHER, PROFILES = "outputs/cooccurrence.csv", "outputs/profiles.csv"
ATTRIBUTES = ("group", "gender", "country")
MOST_VALUES, PER_VALUE = 12, 2
Said = dict[str, dict[str, str]]  # by excerpt, its codes with their stances


def by_coders(study: StoredStudy) -> dict[str, Said]:
    """What people confirmed (""), and what the classifier codes ("machine_"), by excerpt."""
    said: dict[str, Said] = {"": defaultdict(dict), "machine_": defaultdict(dict)}
    for row in study.table("codings"):
        if row["coded"] and row["status"] in CONFIRMED:
            said[""][row["excerpt_id"]][row["criterion"]] = row["stance"]
    for row in study.table("votes"):
        is_aye = row["voter"].startswith("classifier:") and row["vote"] == 1
        if is_aye and not {"definition", "suggested"} & json.loads(row["because"] or "{}").keys():
            said["machine_"][row["excerpt_id"]][row["criterion"]] = row["stance"]
    return said


def spoken(study: StoredStudy) -> dict[str, str]:
    """Who speaks in each excerpt of a respondent, "" in documents; copies left out."""
    speakers = Speakers(study)
    return {
        row["excerpt_id"]: speakers.key(row)
        for row in study.table("excerpts")
        if row["role"] == "respondent" and not speakers.sources[row["source_id"]]["copy_of"]
    }


def shown(count: int, study: StoredStudy) -> str:
    """A count of persons as published."""
    smallest = study.settings["smallest_cell"]
    return f"<{smallest}" if 0 < count < smallest else str(count)


def together(study: StoredStudy) -> Iterator[Difference]:
    """Every two codes that occur together, with excerpts, persons and stances on either."""
    who, said = spoken(study), by_coders(study)
    parents = {code["id"]: code.get("parent", "") for code in study.codes}
    expected = {}
    for one, two in combinations(parents, 2):
        counts = {prefix: _pair(one, two, of_coders, who) for prefix, of_coders in said.items()}
        if not _is_below(one, two, parents) and any(each["excerpts"] or each["persons"] for each in counts.values()):
            expected[one, two] = {
                f"{prefix}{name}": shown(count, study) if "persons" in name else str(count)
                for prefix, of_pair in counts.items()
                for name, count in of_pair.items()
            }
    yield from compared(TOGETHER, study.csv("cooccurrence.csv"), expected, lambda row: (row["code"], row["other"]))


def _is_below(one: str, two: str, parents: Mapping[str, str]) -> bool:
    """Whether one of two codes is below the other."""
    return one in _above(two, parents) or two in _above(one, parents)


def _above(code: str, parents: Mapping[str, str]) -> set[str]:
    parent = parents.get(code, "")
    return {parent} | _above(parent, parents) if parent else set()


def _pair(one: str, two: str, said: Said, who: Mapping[str, str]) -> dict[str, int]:
    both = [name for name, codes in said.items() if name in who and one in codes and two in codes]
    speak = [{who[name] for name, codes in said.items() if name in who and code in codes} - {""} for code in (one, two)]
    stances = {
        f"{prefix}{stance}": sum(said[name][code] == stance for name in both)
        for prefix, code in (("", one), ("other_", two))
        for stance in STANCES
    }
    persons = {"excerpt_persons": len({who[name] for name in both} - {""}), "persons": len(speak[0] & speak[1])}
    return {"excerpts": len(both), **persons, **stances}


def profiles(study: StoredStudy) -> Iterator[Difference]:
    """What persons of each group speak of, by every attribute that groups them."""
    who, said = spoken(study), by_coders(study)
    about = _attributes(study)
    expected = {}
    for attribute in _grouping(about):
        parts = {key: several(row.get(attribute, "")) for key, row in about.items()}
        for value in set().union(*parts.values()):
            group = {key for key, own in parts.items() if value in own}
            for code in (row["id"] for row in study.codes):
                counts = {"persons": shown(len(group), study)}
                for prefix, of_coders in said.items():
                    own = {
                        name: codes[code]
                        for name, codes in of_coders.items()
                        if code in codes and who.get(name) in group
                    }
                    counts[f"{prefix}speaking"] = shown(len({who[name] for name in own}), study)
                    counts[f"{prefix}excerpts"] = str(len(own))
                    counts |= {f"{prefix}{word}": str(list(own.values()).count(word)) for word in STANCES}
                expected[attribute, value, code] = counts
    published = study.csv("profiles.csv")
    yield from compared(PROFILES, published, expected, lambda row: (row["attribute"], row["value"], row["criterion"]))


def _attributes(study: StoredStudy) -> dict[str, Row]:
    """All attributes of everybody who answers, by the register, otherwise as surveys state them."""
    speakers, group_by = Speakers(study), study.settings["group_by"]
    names = {"participant_id", "name", "names", "initials", "aliases", "shown"}
    stated: dict[str, Row] = defaultdict(dict)
    for row in study.table("attributes"):
        stated[row["source_id"]][row["attribute"]] = row["value"].strip()
    about: dict[str, Row] = {}
    who = spoken(study)
    for excerpt in study.table("excerpts"):
        key = who.get(excerpt["excerpt_id"], "")
        if key:
            person = speakers.people.get(excerpt["participant_id"], {})
            row = about.setdefault(
                key, {n: (v or "").strip() for n, v in person.items() if n not in names and "consent" not in n}
            )
            row |= {name: value for name, value in stated[excerpt["source_id"]].items() if not row.get(name)}
    for row in about.values():
        row["group"] = row.pop(group_by, "")
    return about


def _grouping(about: Mapping[str, Row]) -> list[str]:
    values: dict[str, list[str]] = defaultdict(list)
    for row in about.values():
        for name, value in row.items():
            values[name] += [part for part in several(value) if part]
    few = {
        n for n, all_ in values.items() if 1 < len(set(all_)) <= MOST_VALUES and PER_VALUE * len(set(all_)) <= len(all_)
    }
    return sorted(few | set(ATTRIBUTES)) if about else []


def compared(
    file: str, published: list[Row], expected: Mapping[tuple[str, ...], Row], place: Callable[[Row], tuple[str, ...]]
) -> Iterator[Difference]:
    """The rows and cells in which a published table differs from what it should be."""
    places = [place(row) for row in published]
    if sorted(places) != sorted(expected):
        yield Difference(file, "its rows are not those that it should have")
    for line, (key, row) in enumerate(zip(places, published, strict=True), 2):
        for name, value in expected.get(key, {}).items():
            if row[name] != value:
                yield Difference(f"{file} line {line}", f"its {name} is not {value}")
