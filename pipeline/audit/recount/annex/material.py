"""What the annex is compared with: evidence, matrix, registers, codebook, and the reference of everybody who is quoted."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import wording
from pipeline.audit.recount.counts import MATRIX, person_key
from pipeline.audit.recount.links import EVIDENCE, PersonsOf, findings_of, registers_of
from pipeline.audit.recount.strengths import Recount, recounts_of
from pipeline.audit.stored import Row, Stored, csv_rows, unguarded

ALPHABET = [chr(number) for number in range(ord("A"), ord("Z") + 1)]


@dataclass(frozen=True, slots=True)
class Material:
    """A study as the annex should show it, in the study's language."""

    stored: Stored
    language: str
    evidence: Mapping[str, Sequence[Row]]  # by finding
    recounts: Mapping[str, Recount]
    findings: Sequence[Row]  # in the order of the codebook's criteria
    registers: Mapping[str, Sequence[Row]]  # conclusions, recommendations, lessons and practices
    codes: Sequence[Row]
    matrix: Sequence[Row]
    references: Mapping[str, str]  # by source
    numbers: Mapping[str, Mapping[str, int]]  # of a group interview: its persons by key
    speakers: Mapping[str, str]  # the key of who speaks in an excerpt
    sites: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """A text of wording."""
        return wording.text(key, self.language, **values)

    def closed(self, section: str, word: str) -> str:
        """A closed word."""
        return wording.closed_word(section, word, self.language)

    def code_text(self, code: Row, name: str) -> str:
        """A text of a code in the language, otherwise in the first one that it has."""
        text = code.get(name, "")
        if isinstance(text, dict):
            return text.get(self.language) or next(iter(text.values()), "")
        return str(text)

    def code_name(self, code: str) -> str:
        """The name of a code."""
        row: Row = next((each for each in self.codes if each["id"] == code), {"id": code})
        return self.code_text(row, "name") or code

    def reference(self, row: Row) -> str:
        """The reference of a row of evidence: its source, and the number of the person in a group interview."""
        source = row["source_id"]
        number = self.numbers.get(source, {}).get(self.speakers.get(row["excerpt_id"], ""), 0)
        reference = self.references.get(source, source)
        return f"{reference}.{number}" if number else reference

    def with_person(self, row: Row) -> str:
        """The reference of a row, and who speaks."""
        letter = self.sites.get(row["source_id"], "")
        about = [
            f"{self.reference(row)} ({row['participant']})" if row["participant"] else self.reference(row),
            self.closed("sex", row["gender"]) if row["gender"] else "",
            row["group"].replace("_", " "),
            row["country"],
            self.say("annex.site", letter=letter) if letter else "",
        ]
        return ", ".join(filter(None, about))

    def in_references(self, sentence: str, rows: Sequence[Row]) -> str:
        """A sentence in which references take the place of the ids of sources."""
        for name in sorted({row["source_id"] for row in rows}, key=len, reverse=True):
            sentence = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", f"\0{name}\0", sentence)
        parts = sentence.split("\0")
        return "".join(self.references.get(part, part) if at % 2 else part for at, part in enumerate(parts))


def material_of(stored: Stored) -> Material:
    """What the annex of a study is compared with."""
    rows = [unguarded(row) for row in csv_rows(stored.root / EVIDENCE)]
    by_finding: dict[str, list[Row]] = {name: [] for name in findings_of(stored)}
    for row in rows:
        by_finding.setdefault(row["finding_id"], []).append(row)
    codes = tomllib.loads((stored.root / "coded" / "codebook.toml").read_text("utf-8-sig")).get("criteria", [])
    order = {code["id"]: number for number, code in enumerate(codes)}
    read = [row for row in stored.tables["sources"] if row["status"] != "rejected"]
    speakers = _speakers(stored)
    numbers = _numbers_of_persons(stored, speakers)
    several = {row["source_id"] for row in read if row["kind"] == "interview" and len(numbers[row["source_id"]]) > 1}
    language = stored.settings.study.language
    in_file = list(findings_of(stored).values())[::-1]
    findings = sorted(in_file, key=lambda finding: order[finding["criterion"]])
    return Material(
        stored=stored,
        language=language,
        evidence=by_finding,
        recounts=recounts_of(stored, rows),
        findings=findings,
        registers=registers_of(stored),
        codes=codes,
        matrix=[unguarded(row) for row in csv_rows(stored.root / MATRIX)],
        references=_references(read, several, language),
        numbers={name: numbers[name] for name in several},
        speakers=speakers,
        sites=_sites(read),
    )


def _speakers(stored: Stored) -> dict[str, str]:
    sources = {row["source_id"]: row for row in stored.tables["sources"]}
    excerpts = stored.tables["excerpts"]
    return {row["excerpt_id"]: person_key(row, sources[row["source_id"]], sources) for row in excerpts}


def _numbers_of_persons(stored: Stored, speakers: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Who answers in each source, numbered as they first speak."""
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    for excerpt in sorted(stored.tables["excerpts"], key=lambda row: (row["source_id"], row["start"])):
        key = speakers[excerpt["excerpt_id"]]
        if excerpt["role"] == "respondent" and key:
            numbers[excerpt["source_id"]].setdefault(key, len(numbers[excerpt["source_id"]]) + 1)
    return numbers


def _references(read: Sequence[Row], several: set[str], language: str) -> dict[str, str]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for row in read:
        by_kind["group" if row["source_id"] in several else row["kind"]].append(row["source_id"])
    references = {}
    for kind, names in by_kind.items():
        width = max(2, len(str(len(names))))
        for number, name in enumerate(sorted(names, key=by_numbers), 1):
            references[name] = f"{wording.text(f'annex_reference.{kind}', language)}-{str(number).zfill(width)}"
    return references


def by_numbers(name: str) -> list[tuple[int, str]]:
    """Row 9 before row 10; text before numbers."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def _sites(read: Sequence[Row]) -> dict[str, str]:
    names = sorted({row["site"] for row in read} - {""}, key=str.casefold)
    letters = [*ALPHABET, *(first + second for first in ALPHABET for second in ALPHABET)]
    return {row["source_id"]: letters[names.index(row["site"])] for row in read if row["site"]}


def counted_persons(stored: Stored, attribute: str) -> dict[str, list[int]]:
    """Persons in the register and persons who speak, by the value of an attribute."""
    persons, sources = PersonsOf(stored), {row["source_id"]: row for row in stored.tables["sources"]}
    of_register: dict[str, dict[str, Any]] = {name: dict(each.attributes) for name, each in stored.people.items()}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    speaking: dict[str, str] = {}
    for excerpt in stored.tables["excerpts"]:
        key = person_key(excerpt, sources[excerpt["source_id"]], sources)
        if excerpt["role"] == "respondent" and key:
            registered = of_register.get(excerpt["participant_id"])
            value = (
                persons.attributes(excerpt)[attribute]
                if registered is None
                else registered.get(persons.names[attribute], "")
            )
            speaking.setdefault(key, value)
    for value in speaking.values():
        counts[value][1] += 1
    for each in of_register.values():
        counts[each.get(persons.names[attribute], "")][0] += 1
    return dict(sorted(counts.items()))
