"""Crossed families and profiles as the report and its annex show them, beside what is counted from codings and votes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pipeline import wording
from pipeline.audit.recount.coverage.cooccurrence import STANCES, expected_rows
from pipeline.audit.recount.coverage.group_names import (
    attribute_name,
    code_name,
    codes_by_family,
    crossed_families,
    value_name,
)
from pipeline.audit.recount.coverage.profiles import Place, expected_profiles
from pipeline.audit.recount.registers import words_in
from pipeline.audit.stored import RERUN, Row, Stored
from pipeline.errors import Problem
from pipeline.wording.messages import message

REPORT = "outputs/report.html"
SIGNS = dict(zip(STANCES, "+−±", strict=True))
LEVELS, MOST_ACROSS = 4, 8
NOTHING: Row = dict.fromkeys(("excerpts", "persons", *STANCES, "machine"), "0")
Element = Any
Named = Callable[[str], str]  # a name in a language


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it should be shown: headings across, codes down, and the counts of each cell."""

    name: str
    heads: Sequence[Named]
    codes: Sequence[Row]
    cells: Sequence[Sequence[Row]]
    caption: Named


def crossed(stored: Stored) -> list[Grid]:
    """Every two families: the main one across all others, then in the order of the codebook."""
    pairs = {(row["code"], row["other"]): row for row in expected_rows(stored)}
    grids = []
    for across, down in combinations(crossed_families(stored), 2):
        cells = []
        for other in down:
            cells.append([_of_pair(code["id"], other["id"], pairs) for code in across])
        grids.append(Grid("crossing", [_named(code) for code in across], down, cells, _crossing_caption(across, down)))
    return grids


def _crossing_caption(across: Sequence[Row], down: Sequence[Row]) -> Named:
    families = {"across": across[0].get("family", "criterion"), "down": down[0].get("family", "criterion")}

    def caption(language: str) -> str:
        names = {side: wording.closed_word("family", family, language) for side, family in families.items()}
        return wording.text("annex_table.crossing", language, **names)

    return caption


def _named(code: Row) -> Named:
    return lambda language: code_name(code, language)


def _of_pair(one: str, two: str, pairs: Mapping[tuple[str, str], Row]) -> Row:
    """The counts of two codes, with the stances on the first."""
    row, prefix = (pairs[one, two], "") if (one, two) in pairs else (pairs.get((two, one)), "other_")
    if row is None:
        return NOTHING
    stances = {stance: row[f"{prefix}{stance}"] for stance in STANCES}
    return {
        "excerpts": row["excerpts"],
        "persons": row["excerpt_persons"],
        "machine": row["machine_excerpts"],
        **stances,
    }


def profiled(stored: Stored) -> list[Grid]:
    """Every attribute of persons, its groups across, all codes down."""
    counts = expected_profiles(stored)
    codes = [code for of_family in codes_by_family(stored).values() for code in of_family]
    grids = []
    for attribute in dict.fromkeys(place[0] for place in counts):
        values = list(dict.fromkeys(place[1] for place in counts if place[0] == attribute))
        cells = []
        for code in codes:
            cells.append([_of_group(counts[attribute, value, code["id"]]) for value in values])
        heads = [_head(attribute, value, counts, codes[0]["id"]) for value in values]
        grids.append(Grid("profile", heads, codes, cells, _profile_caption(attribute)))
    return grids


def _head(attribute: str, value: str, counts: Mapping[Place, Row], code: str) -> Named:
    persons = counts[attribute, value, code]["persons"]
    return lambda language: f"{value_name(attribute, value, language)} ({persons})"


def _profile_caption(attribute: str) -> Named:
    def caption(language: str) -> str:
        name = attribute_name(attribute, language)
        return wording.text("annex_table.profile", language, attribute=name[:1].lower() + name[1:])

    return caption


def _of_group(row: Row) -> Row:
    stances = {stance: row[stance] for stance in STANCES}
    return {"excerpts": row["excerpts"], "persons": row["speaking"], "machine": row["machine_excerpts"], **stances}


def signs(cell: Row) -> str:
    """The stances of a cell with their signs."""
    return " ".join(f"{sign}{cell[stance]}" for stance, sign in SIGNS.items() if cell[stance] != "0")


def problems_of_crossings(page: Element, stored: Stored) -> Iterator[Problem]:
    """The tables of crossed families and of profiles in the report, in both languages."""
    for name, grids in (("crossing", crossed(stored)), ("profile", profiled(stored))):
        where = f"{REPORT} {name}"
        tables = page.xpath(f"//table[@class='matrix {name}']")
        if len(tables) != len(grids):
            what = message("audit/has_rows_instead_of", rows=len(tables), expected=len(grids))
            yield Problem(where, what, message(RERUN))
            continue
        for table, grid in zip(tables, grids, strict=True):
            for language in wording.LANGUAGES:
                yield from _problems_of_grid(f"{where} ({grid.caption(language)})", table, grid, language)


def _problems_of_grid(where: str, table: Element, grid: Grid, language: str) -> Iterator[Problem]:
    heads = [_head_text(head, language) for head in table.xpath("./thead/tr/th[position() > 1]")]
    names = [words_in(head, language).strip() for head in table.xpath("./tbody/tr[td]/th")]
    expected = [head(language) for head in grid.heads], [code_name(code, language) for code in grid.codes]
    if (heads, names) != expected:
        yield Problem(where, message("audit/has_other_headings"), message(RERUN))
    rows = [row.xpath("./td") for row in table.xpath("./tbody/tr[td]")]
    most = max((int(cell["excerpts"]) for cells in grid.cells for cell in cells), default=0)
    for code, shown, cells in zip(grid.codes, rows, grid.cells, strict=False):
        for head, element, cell in zip(grid.heads, shown, cells, strict=False):
            if _shown(element, language) != _as_shown(cell, most, language):
                place = f"{where} {code_name(code, language)}, {head(language)}"
                yield Problem(place, message("audit/is_not_what_the_tables"), message(RERUN))


def _head_text(head: Element, language: str) -> str:
    """A heading, with the number of persons in brackets if it has one."""
    persons = head.xpath("./small")
    if not persons:
        return words_in(head, language).strip()
    shown = wording.text("profile.persons", language, n="").strip()
    count = words_in(persons[0], language).removesuffix(shown).strip()
    return f"{words_in(head.xpath('./bdi')[0], language).strip()} ({count})"


def _shown(element: Element, language: str) -> tuple[str, ...]:
    """Shade, excerpts, persons, signs, what a screen reader says of the stances, and excerpts of the machine."""
    persons = element.xpath("string(./small[@class='who']/text()[1])").strip()
    excerpts = _words_at("./b", element, language)
    stances = _words_at("./small[@class='signs']", element, language)
    machine = _words_at("./small[@class='alone']/span[@class='count']", element, language)
    spoken = element.xpath("./span[@class='unseen stances']")
    described = " ".join("".join(_in_language(part, language) for part in spoken).split())
    return element.get("class").rpartition("level-")[2], excerpts, persons, stances, described, machine


def _words_at(path: str, element: Element, language: str) -> str:
    return " ".join("".join(words_in(part, language) for part in element.xpath(path)).split())


def _in_language(element: Element, language: str) -> str:
    """The text of an element without what it has in other languages."""
    other = "".join(f"[not(ancestor::span[@lang='{each}'])]" for each in wording.LANGUAGES if each != language)
    return "".join(element.xpath(f".//text(){other}"))


def _as_shown(cell: Row, most: int, language: str) -> tuple[str, ...]:
    excerpts, machine = (int(cell[name]) for name in ("excerpts", "machine"))
    level = -(-LEVELS * excerpts // most) if excerpts else 0
    stances = [
        f"{cell[stance]} {wording.closed_word('stance', stance, language)}" for stance in STANCES if cell[stance] != "0"
    ]
    return (
        str(level),
        wording.number(excerpts, language) if excerpts else "",
        cell["persons"] if excerpts else "",
        signs(cell),
        " ".join(stances),
        wording.number(machine, language) if machine else "",
    )


@dataclass(frozen=True, slots=True)
class AnnexTable:
    """A table of the annex: what people confirmed, for so many columns as a page can hold."""

    name: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def annex_tables(stored: Stored, language: str) -> Iterator[AnnexTable]:
    """The first family crossed with the others, and the profiles, as the annex shows them."""
    other_families = len(codes_by_family(stored)) - 1
    for grids in (crossed(stored)[:other_families], profiled(stored)):
        for number, grid in enumerate(grids, 1):
            for start in range(0, len(grid.heads), MOST_ACROSS):
                name = f"{grid.name}_{number}_{start // MOST_ACROSS + 1}"
                yield _annex_table(name, grid, slice(start, start + MOST_ACROSS), language)


def _annex_table(name: str, grid: Grid, part: slice, language: str) -> AnnexTable:
    rows = []
    for code, cells in zip(grid.codes, grid.cells, strict=True):
        if any(cell["excerpts"] != "0" for cell in cells[part]):
            rows.append([code_name(code, language), *(_in_annex(cell, language) for cell in cells[part])])
    return AnnexTable(name, grid.caption(language), [head(language) for head in grid.heads[part]], rows)


def _in_annex(cell: Row, language: str) -> str:
    if cell["excerpts"] == "0":
        return "–"
    counts = f"{wording.number(int(cell['excerpts']), language)} ({cell['persons']})"
    return "\n".join(filter(None, (counts, signs(cell))))
