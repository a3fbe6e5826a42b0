"""From codings, votes and registers to what persons of each group speak of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from pipeline.audit.recount.book import SheetRows, cell_text, differs, other_length
from pipeline.audit.recount.counts import codes_of, person_key, shown_count
from pipeline.audit.recount.coverage.coded_by import machine_cells, people_cells
from pipeline.audit.recount.coverage.cooccurrence import STANCES, Voices, voices_of
from pipeline.audit.recount.coverage.group_names import attribute_name, groups_in, names_of_codes, value_name
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows, unguarded
from pipeline.errors import Problem
from pipeline.wording.messages import message

PROFILES = "outputs/profiles.csv"
ALWAYS = ("group", "gender", "country")
MOST_VALUES = 12  # docs/method.md: an attribute groups persons if it has so many values at most,
LEAST_SHARED = 2  # and so many persons for each of them
FIGURES = ("speaking", "excerpts", *STANCES)
CELLS = ("persons", *FIGURES, *(f"machine_{name}" for name in FIGURES))
Place = tuple[str, str, str]  # attribute, value, code


def check_profiles(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every row of profiles.csv counts the persons of a group, what people confirmed of them, and what the machine codes."""
    published = [unguarded(row) for row in csv_rows(stored.root / PROFILES)]
    expected = expected_profiles(stored)

    def problems() -> Iterator[Problem]:
        if [(row["attribute"], row["value"], row["criterion"]) for row in published] != list(expected):
            yield Problem(PROFILES, message("audit/its_rows_are_not_the_groups"), message(RERUN))
        for number, row in enumerate(published, 2):
            place = (row["attribute"], row["value"], row["criterion"])
            for name, value in expected.get(place, {}).items():
                if row[name] != value:
                    where, what = (
                        f"{PROFILES} line {number}",
                        message("audit/its_does_not_match", name=name, value=value),
                    )
                    yield Problem(where, what, message(RERUN))

    return len(published), problems()


def expected_profiles(stored: Stored) -> dict[Place, Row]:
    """The counts of every attribute, value and code, in their order."""
    persons = attributes_of_persons(stored)
    voices = {"": voices_of(stored, people_cells(stored)), "machine_": voices_of(stored, machine_cells(stored))}
    smallest = stored.settings.disclosure.smallest_cell
    rows: dict[Place, Row] = {}
    for attribute in _attributes(persons):
        groups: dict[str, list[str]] = defaultdict(list)
        for key, about in persons.items():
            for value in groups_in(about.get(attribute, "")):
                groups[value].append(key)
        for value in sorted(groups):
            for code in codes_of(stored):
                figures: Row = {"persons": shown_count(len(groups[value]), smallest)}
                for prefix, of_codes in voices.items():
                    figures |= _figures(prefix, groups[value], of_codes, code, smallest)
                rows[attribute, value, code] = figures
    return rows


def _figures(prefix: str, group: list[str], voices: Voices, code: str, smallest: int) -> Row:
    excerpts = [voices[code][person] for person in group if person in voices.get(code, {})]
    stances = Counter(stance for of_person in excerpts for stance in of_person.values())
    counts = (str(sum(map(len, excerpts))), *(str(stances[stance]) for stance in STANCES))
    figures = (shown_count(len(excerpts), smallest), *counts)
    return {f"{prefix}{name}": figure for name, figure in zip(FIGURES, figures, strict=True)}


def attributes_of_persons(stored: Stored) -> dict[str, dict[str, str]]:
    """All attributes of everybody who answers: the register's, and what surveys state where it is blank."""
    sources = {row["source_id"]: row for row in stored.tables["sources"]}
    stated: dict[str, dict[str, str]] = defaultdict(dict)
    for row in stored.tables["attributes"]:
        stated[row["source_id"]][row["attribute"]] = row["value"].strip()
    persons: dict[str, dict[str, str]] = {}
    for excerpt in stored.tables["excerpts"]:
        source = sources[excerpt["source_id"]]
        key = person_key(excerpt, source, sources)
        if not key or excerpt["role"] != "respondent" or source["copy_of"]:
            continue
        person = stored.people.get(excerpt["participant_id"])
        registered = {name: value.strip() for name, value in person.attributes} if person else {}
        about = persons.setdefault(key, registered)
        about |= {name: value for name, value in stated[source["source_id"]].items() if not about.get(name)}
    group_by = stored.settings.study.group_by
    return {key: _grouped(about, group_by) for key, about in persons.items()}


def _grouped(about: Mapping[str, str], group_by: str) -> dict[str, str]:
    named = {name: value for name, value in about.items() if name != "group"}
    return {**named, "group": about.get(group_by, ""), group_by: ""} if group_by != "group" else dict(about)


def _attributes(persons: Mapping[str, Mapping[str, str]]) -> list[str]:
    values: dict[str, list[str]] = defaultdict(list)
    for about in persons.values():
        for name, value in about.items():
            values[name] += filter(None, groups_in(value))
    further = [
        name
        for name, given in values.items()
        if 2 <= len(set(given)) <= MOST_VALUES and len(given) >= LEAST_SHARED * len(set(given))
    ]
    return [*ALWAYS, *sorted(set(further) - set(ALWAYS))] if persons else []


def profile_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of profiles, beside profiles.csv."""
    published = [unguarded(row) for row in csv_rows(stored.root / PROFILES)]
    if len(sheet.rows) != len(published):
        yield other_length(sheet, PROFILES, len(published))
        return
    language = stored.settings.study.language
    names = names_of_codes(stored, language)
    for index, (row, other) in enumerate(zip(sheet.rows, published, strict=True)):
        expected = {
            "attribute": attribute_name(other["attribute"], language),
            "value": value_name(other["attribute"], other["value"], language),
            "criterion": names[other["criterion"]],
            **{name: other[name] for name in CELLS},
        }
        for name, text in expected.items():
            if cell_text(row[name]) != cell_text(text):
                yield differs(sheet, index, name, PROFILES)
