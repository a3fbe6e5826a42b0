"""The entries of a report as a register of findings, and what could not be read of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from pipeline.codebook import Codebook
from pipeline.errors import Problem
from pipeline.findings import Conclusion, Finding, Learning, Recommendation, Register
from pipeline.registers.report.blocks import Block
from pipeline.registers.report.entries import Entry, Gathered, gather
from pipeline.registers.report.marks import PREFIX
from pipeline.registers.report.numbers import mentions, numbers_in
from pipeline.tag.folding import fold
from pipeline.vocabulary import RegisterSection, ReportColumn
from pipeline.wording.messages import first_few, listed, message

ALIKE = 0.6  # of the words of two entries with one number: a summary shortens and rephrases what the chapter says
UNKNOWN = "?"  # the criterion of a finding under a heading that names no code: `check` asks for one
SAME = {
    "relevancia": "pertinencia",
    "efectividad": "eficacia",
    "agregado": "anadido",
}  # other names of the usual criteria


@dataclass(frozen=True, slots=True)
class ReportReading:
    """The register of a report, and what a person must look at; `unread` are things that could not be read."""

    register: Register
    unread: tuple[Problem, ...]


def register_of(blocks: Sequence[Block], codebook: Codebook, file: str) -> ReportReading:
    """The register of a report. `file` is the name that messages give it."""
    criteria = _Criteria(codebook)
    gathered = gather(blocks, lambda title: bool(criteria.named_in(title)))
    problems = [*_unnumbered(gathered, file), *_incomplete(gathered, file)]
    entries = _without_repetitions([entry for entry in gathered.entries if entry.paragraphs])
    ids = _ids(entries)
    problems += _renumbered(entries, ids, file)
    builder = _Builder(entries, ids, criteria, file)
    records: dict[str, Any] = {str(section): tuple(builder.entries_of(section)) for section in RegisterSection}
    return ReportReading(Register(**records), (*problems, *builder.unread(), *_gaps(entries, file)))


class _Criteria:
    """The codes of the main family by the words of their names, in every language."""

    def __init__(self, codebook: Codebook) -> None:
        self.names = [
            (code.id, _words(name))
            for code in codebook.of_family(codebook.main_family)
            for name in (*dict(code.name).values(), code.id.replace("_", " "))
        ]

    def named_in(self, title: str) -> list[str]:
        """The codes whose name is in a title, in its order."""
        words = _words(title)
        places = [(_place(name, words), code) for code, name in self.names]
        return list(dict.fromkeys(code for place, code in sorted(places) if place >= 0))


def _words(title: str) -> list[str]:
    return [SAME.get(word, word) for word in re.findall(r"\w+", fold(title))]


def _place(name: Sequence[str], words: Sequence[str]) -> int:
    """Where the first of a name's words is, if all of them are there, in any order; otherwise -1."""
    return min(map(words.index, name)) if name and set(name) <= set(words) else -1


def _unnumbered(gathered: Gathered, file: str) -> Iterator[Problem]:
    """The sections that the report announces without a numbered entry."""
    present = {entry.section for entry in gathered.entries}
    first: dict[RegisterSection, str] = {}
    for section, place in gathered.headed:
        first.setdefault(section, place)
    for section, place in first.items():
        if section not in present:
            what = message("registers/no_numbered_under_this_heading", section=message(f"registers/{section}"))
            example = f"{section.removesuffix('s').capitalize()} 1."
            remedy = message("registers/type_their_numbers_in_a_copy", example=example)
            yield Problem(f"{file} {place}", what, remedy)


def _incomplete(gathered: Gathered, file: str) -> Iterator[Problem]:
    for entry in gathered.entries:
        where = f"{file} {entry.place}"
        if not entry.paragraphs:
            yield Problem(
                where,
                message("registers/has_no_words_below_its_number", name=entry.name),
                message("registers/write_it"),
            )
        elif not entry.is_whole:
            what = message("registers/ends_without_a_full_stop_words", name=entry.name)
            yield Problem(where, what, message("registers/compare_it_with_the_report"))
    for entry in gathered.moved:
        what = message("registers/the_words_of_are_not_below", name=entry.name)
        yield Problem(f"{file} {entry.place}", what, message("registers/compare_it_with_the_report"))


def _without_repetitions(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, those that a report gives twice (in its summary and in a chapter) once, the longer one, with both places.

    Two that rely on different entries are both used: the check reports the number and the links.
    """
    entries_once: list[Entry] = []
    for entry in entries:
        first = next((e for e in entries_once if _is_repetition(e, entry)), None)
        if first is None:
            entries_once.append(entry)
            continue
        longer, shorter = (entry, first) if len(entry.statement) > len(first.statement) else (first, entry)
        merged = replace(
            longer,
            place=first.place,
            other_places=[*first.other_places, entry.place],
            titles=longer.titles or shorter.titles,
        )
        merged.paragraphs = [*longer.paragraphs, *(p for p in shorter.paragraphs[1:] if p not in longer.paragraphs)]
        for column, value in shorter.attributes.values.items():
            merged.attributes.values.setdefault(column, value)
        entries_once[entries_once.index(first)] = merged
    return entries_once


def _is_repetition(first: Entry, second: Entry) -> bool:
    if (first.section, first.number) != (second.section, second.number) or _links(first) != _links(second):
        return False
    short, long = sorted((_words(first.statement), _words(second.statement)), key=len)
    return SequenceMatcher(None, short, long[: len(short)], autojunk=False).ratio() >= ALIKE


def _links(entry: Entry) -> tuple[str, ...]:
    return tuple(
        entry.attributes.values.get(column, "") for column in (ReportColumn.FINDINGS, ReportColumn.CONCLUSIONS)
    )


def _ids(entries: Sequence[Entry]) -> list[str]:
    """The id of each entry. Where the numbering of a section begins again, the part of the report comes first: F2-1."""
    parts = _parts(entries)
    several = {entry.section for entry, part in zip(entries, parts, strict=True) if part > 1}
    return [
        f"{PREFIX[entry.section]}{part}-{entry.number}" if entry.section in several else entry.id
        for entry, part in zip(entries, parts, strict=True)
    ]


def _parts(entries: Sequence[Entry]) -> list[int]:
    """For each entry how often the numbering of its section has begun."""
    parts: list[int] = []
    part: dict[RegisterSection, int] = {}
    numbers: dict[RegisterSection, set[str]] = {}
    for place, entry in enumerate(entries):
        before = numbers.setdefault(entry.section, set())
        if entry.number in before and _is_first(entry, entries[place + 1 :], before):
            part[entry.section] = part.get(entry.section, 1) + 1
            before.clear()
        before.add(entry.number)
        parts.append(part.get(entry.section, 1))
    return parts


def _is_first(entry: Entry, following: Sequence[Entry], numbers: set[str]) -> bool:
    """Whether the numbering begins again with an entry: it is number 1, and a known number or the second one follows."""
    if entry.number not in ("1", "1.1"):
        return False
    after = next((e.number for e in following if e.section is entry.section), "")
    return after in numbers or after == "2"


def _renumbered(entries: Sequence[Entry], ids: Sequence[str], file: str) -> Iterator[Problem]:
    for section in RegisterSection:
        new = [(e, i) for e, i in zip(entries, ids, strict=True) if e.section is section and i != e.id]
        begins = [e.place for e, i in new if e.number in ("1", "1.1")]
        if new:
            what = message(
                "registers/the_numbers_of_the_restart",
                section=message(f"registers/{section}"),
                places=", ".join(begins[1:]),
                first=new[0][1],
                last=new[-1][1],
            )
            yield Problem(
                file, what, message("registers/give_the_the_ids_that_you", section=message(f"registers/{section}"))
            )


def _gaps(entries: Sequence[Entry], file: str) -> Iterator[Problem]:
    """The whole numbers missing between the first and the last of a section."""
    for section in RegisterSection:
        there = {int(m[0]) for e in entries if e.section is section and (m := re.match(r"\d+", e.number))}
        missing = [str(n) for n in range(1, max(there, default=0)) if n not in there]
        if missing:
            what = message(
                "registers/the_numbers_skip", entry=message(f"registers/one_of_{section}"), missing=", ".join(missing)
            )
            yield Problem(file, what, message("registers/look_for_it_in_the_report"))


class _Builder:
    """Turns entries into the records of the register, and lists what it could not resolve."""

    def __init__(self, entries: Sequence[Entry], ids: Sequence[str], criteria: _Criteria, file: str) -> None:
        self.entries = list(zip(entries, ids, strict=True))
        self.criteria, self.file = criteria, file
        self.problems: list[Problem] = []
        self.uncoded: list[str] = []

    def unread(self) -> Iterator[Problem]:
        """What could not be resolved of the records built so far."""
        yield from self.problems
        if self.uncoded:
            what = message("registers/no_heading_above_names_a_criterion", places=first_few(self.uncoded))
            yield Problem(
                self.file,
                what,
                message("registers/write_their_criterion_where_it_is", unknown=UNKNOWN),
            )

    def entries_of(self, section: RegisterSection) -> Iterator[Finding | Conclusion | Recommendation | Learning]:
        """The records of a section, in the order of their numbers."""
        for entry, name in sorted(self.entries, key=lambda each: _in_order(each[1])):
            if entry.section is not section:
                continue
            place = "; ".join(dict.fromkeys((entry.place, *entry.other_places)))
            if section is RegisterSection.FINDINGS:
                yield Finding(name, self._criterion(entry), entry.statement, place=place)
            elif section is RegisterSection.CONCLUSIONS:
                findings = self._linked(entry, RegisterSection.FINDINGS, ReportColumn.FINDINGS)
                yield Conclusion(name, entry.statement, findings, place)
            elif section is RegisterSection.RECOMMENDATIONS:
                yield self._recommendation(entry, name, place)
            else:
                findings = self._linked(entry, RegisterSection.FINDINGS, ReportColumn.FINDINGS)
                yield Learning(name, entry.statement, findings, place)

    def _criterion(self, entry: Entry) -> str:
        title = re.split(r"[.:]\s", entry.statement, maxsplit=1)[0]
        for words in (*reversed(entry.titles), title if len(title.split()) < len(entry.statement.split()) else ""):
            if codes := self.criteria.named_in(words):
                return codes[0]
        self.uncoded.append(entry.id)
        return UNKNOWN

    def _recommendation(self, entry: Entry, name: str, place: str) -> Recommendation:
        values = entry.attributes.values
        if values.get(ReportColumn.PRIORITY) and not entry.attributes.priority:
            what = message("registers/the_priority_of_is_not_high", name=entry.name)
            self.problems.append(Problem(f"{self.file} {entry.place}", what, message("registers/write_it")))
        return Recommendation(
            id=name,
            statement=entry.statement,
            priority=entry.attributes.priority,
            timeframe=values.get(ReportColumn.TIMEFRAME, ""),
            addressees=entry.attributes.addressees,
            findings=self._linked(entry, RegisterSection.FINDINGS, ReportColumn.FINDINGS),
            conclusions=self._linked(entry, RegisterSection.CONCLUSIONS, ReportColumn.CONCLUSIONS),
            place=place,
        )

    def _linked(self, entry: Entry, section: RegisterSection, column: ReportColumn) -> tuple[str, ...]:
        """The ids of the entries of a section that an entry names: in its attribute, otherwise in its words."""
        by_number: dict[str, list[str]] = {}
        for other, name in self.entries:
            if other.section is section and name not in by_number.setdefault(other.number, []):
                by_number[other.number].append(name)
        stated = entry.attributes.values.get(column, "")
        parts = [stated] if stated else list(mentions(" ".join(entry.paragraphs), section))
        ids = []
        for number in dict.fromkeys(n for part in parts for n in numbers_in(part, by_number)):
            targets = by_number.get(number, [])
            if len(targets) == 1:
                ids += targets
            else:
                self._unresolved(entry, section, number, targets)
        return tuple(ids)

    def _unresolved(self, entry: Entry, section: RegisterSection, number: str, targets: Sequence[str]) -> None:
        relied_on = message(f"registers/one_of_{section}")
        what = (
            message(
                "registers/relies_on_one_of_several",
                name=entry.name,
                entry=relied_on,
                number=number,
                targets=listed(targets, "count/either"),
            )
            if targets
            else message("registers/relies_on_what_is_missing", name=entry.name, entry=relied_on, number=number)
        )
        self.problems.append(Problem(f"{self.file} {entry.place}", what, message("registers/write_the_ids")))


def _in_order(name: str) -> list[tuple[int, str]]:
    """The order of ids: F2 before F10, R10a before R10b."""
    return [(int(digits or 0), suffix) for digits, suffix in re.findall(r"(\d*)(\D*)", name)]


def counts(register: Register) -> dict[str, int]:
    """The number of entries of each section."""
    return {str(section): len(getattr(register, section)) for section in RegisterSection}
