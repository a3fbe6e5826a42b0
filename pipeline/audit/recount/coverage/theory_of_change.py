"""From codings and votes to the elements of the theory of change, and to theory_of_change.csv."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.audit.recount.counts import person_key
from pipeline.audit.recount.coverage.coded_by import BY_PEOPLE
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows, unguarded
from pipeline.errors import Problem
from pipeline.wording.messages import message

THEORY, IN_FILE = "outputs/theory_of_change.csv", "coded/theory_of_change.toml"
PEOPLE = ("persons", "supporting", "contradicting", "excerpts", "documents")
MACHINE = ("machine_persons", "machine_supporting", "machine_contradicting", "machine_excerpts")
DIRECTION = {"positive": "supports", "negative": "contradicts", "mixed": "qualifies", "": "not_told"}
FOR, AGAINST = ("supports", "qualifies"), ("contradicts", "qualifies")
Voice = dict[str, str]


def elements_of(stored: Stored) -> list[Row]:
    """The elements that can be used, in the order of the file: the last run listed the others."""
    path = stored.root / IN_FILE
    content = tomllib.loads(path.read_text("utf-8-sig")) if path.exists() else {}
    rows = content.get("elements", [])
    left_out = {problem["where"] for problem in stored.record.get("problems", ())}
    usable: dict[str, Row] = {}
    for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
        where = f"theory_of_change.toml element {row.get('id', f'number {number}')}"
        is_listed = any(place == where or place.startswith(f"{where} ") for place in left_out)
        if row.get("id") not in usable and not (is_listed and not _is_doubled(row, rows)):
            usable[row["id"]] = row
    return list(usable.values())


def _is_doubled(row: Row, rows: Sequence[Row]) -> bool:
    """Whether another element has its id: the first one is used, and the problem is with the others."""
    return [other.get("id") for other in rows].count(row.get("id")) > 1


def spoken_excerpts(stored: Stored) -> set[str]:
    """The excerpts of respondents, copies apart."""
    copies = {row["source_id"] for row in stored.tables["sources"] if row["copy_of"]}
    excerpts = (row for row in stored.tables["excerpts"] if row["role"] == "respondent")
    return {row["excerpt_id"] for row in excerpts if row["source_id"] not in copies}


def voices_of(stored: Stored) -> dict[str, list[Voice]]:
    """What bears on each element: excerpt_id, direction, and whether people confirmed it."""
    spoken = spoken_excerpts(stored)
    carried: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in stored.tables["codings"]:
        if row["coded"] and row["excerpt_id"] in spoken:
            carried[row["criterion"]][row["excerpt_id"]] = row
    return {
        element["id"]: sorted(_voices(element, carried), key=lambda voice: voice["status"])
        for element in elements_of(stored)
    }


def _voices(element: Row, carried: Mapping[str, Mapping[str, Row]]) -> Iterator[Voice]:
    code = element["code"]
    further = element.get("together_with", ())
    for excerpt_id in sorted(carried.get(code, {})):
        rows = [carried.get(each, {}).get(excerpt_id) for each in (code, *further)]
        statuses = {row["status"] for row in rows if row}
        if None in rows or not statuses <= {*BY_PEOPLE, "machine"}:
            continue
        direction = DIRECTION[carried[code][excerpt_id]["stance"]]
        status = "suggested" if "machine" in statuses else "confirmed"
        yield {"excerpt_id": excerpt_id, "direction": direction, "status": status}


def expected_rows(stored: Stored) -> Iterator[Row]:
    """The rows of theory_of_change.csv as they should be."""
    language, contested = stored.settings.study.language, stored.settings.evidence.contested
    speakers = _speakers(stored)
    for element, voices in zip(elements_of(stored), voices_of(stored).values(), strict=True):
        people, machine = (_side(voices, status, speakers) for status in ("confirmed", "suggested"))
        yield {
            "element": element["id"],
            "kind": element["kind"],
            "name": name_of(element, language),
            "codes": ";".join((element["code"], *element.get("together_with", ()))),
            "leads_to": ";".join(dict.fromkeys(element.get("leads_to", ()))),
            "status": _status(people, contested),
            **{name: str(len(people[name])) for name in PEOPLE},
            **{name: str(len(machine[name.removeprefix("machine_")])) for name in MACHINE},
        }


def _speakers(stored: Stored) -> dict[str, str]:
    """Who speaks in each excerpt; "" in documents."""
    sources = {row["source_id"]: row for row in stored.tables["sources"]}
    return {row["excerpt_id"]: person_key(row, sources[row["source_id"]], sources) for row in stored.tables["excerpts"]}


def _side(voices: Sequence[Voice], status: str, speakers: Mapping[str, str]) -> dict[str, set[str]]:
    """Persons, those on each side, excerpts and documents."""
    side: dict[str, set[str]] = {name: set() for name in PEOPLE}
    for voice in (voice for voice in voices if voice["status"] == status):
        excerpt_id, person = voice["excerpt_id"], speakers[voice["excerpt_id"]]
        side["excerpts"].add(excerpt_id)
        if not person:
            side["documents"].add(excerpt_id.rpartition(":")[0])
            continue
        side["persons"].add(person)
        if voice["direction"] in FOR:
            side["supporting"].add(person)
        if voice["direction"] in AGAINST:
            side["contradicting"].add(person)
    return side


def _status(people: Mapping[str, set[Any]], contested: float) -> str:
    supporting, contradicting = len(people["supporting"]), len(people["contradicting"])
    all_sides = len(people["supporting"] | people["contradicting"])
    if not all_sides:
        return "mentioned" if people["persons"] else "documents" if people["documents"] else "silent"
    smaller = min(supporting, contradicting)
    if supporting == contradicting or (smaller > 0 and smaller / all_sides >= contested):
        return "contested"
    return "supported" if supporting > contradicting else "contradicted"


def name_of(element: Row, language: str) -> str:
    """The name of an element in the language, otherwise in the first one that it has."""
    name = element["name"]
    return str(name) if isinstance(name, str) else name.get(language) or next(iter(name.values()), element["id"])


def check_theory(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every row of theory_of_change.csv counts the codings of people, and beside them those of the machine alone."""
    expected = list(expected_rows(stored))
    path = stored.root / THEORY
    published = [unguarded(row) for row in csv_rows(path)] if expected or path.exists() else []

    def problems() -> Iterator[Problem]:
        if [row["element"] for row in published] != [row["element"] for row in expected]:
            yield Problem(THEORY, message("audit/its_rows_are_not_the_elements", in_file=IN_FILE), message(RERUN))
        for number, (row, other) in enumerate(zip(published, expected, strict=False), 2):
            for name, value in other.items():
                if row[name] != value:
                    yield Problem(
                        f"{THEORY} line {number}",
                        message("audit/its_does_not_match", name=name, value=value),
                        message(RERUN),
                    )

    return len(published), problems()
