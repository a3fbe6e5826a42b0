"""The theory of change in report and evidence book, beside codings, votes and excerpts: tables, drawings and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from pipeline import wording
from pipeline.audit.recount.book import SheetRows, Translation, cell_text, differs, other_length
from pipeline.audit.recount.coverage.theory_of_change import (
    IN_FILE,
    MACHINE,
    PEOPLE,
    elements_of,
    expected_rows,
    name_of,
    voices_of,
)
from pipeline.audit.recount.links import PersonsOf
from pipeline.audit.recount.registers import spaced, words_in
from pipeline.audit.stored import RERUN, Row, Stored
from pipeline.errors import Problem

PAGE = "outputs/report.html theory of change"
SHOWN_COUNTS = (*PEOPLE, "machine_persons")
MACHINE_WORDS = 6  # that the report shows of an element
SIGNS = {
    "supported": "supports",
    "contradicted": "contradicts",
    "contested": "several",
    "documents": "not_told",
    "mentioned": "not_told",
}


def element_cells(stored: Stored, language: str, *, counts: Sequence[str] = PEOPLE) -> list[list[str]]:
    """Name, kind, what it leads to, status and counts of every element, as a table shows them."""
    names = {element["id"]: name_of(element, language) for element in elements_of(stored)}
    return [
        [
            names[row["element"]],
            wording.closed_word("element_kind", row["kind"], language),
            "; ".join(names[target] for target in row["leads_to"].split(";") if target in names),
            wording.closed_word("element_status", row["status"], language),
            *(wording.number(int(row[name]), language) for name in counts),
        ]
        for row in expected_rows(stored)
    ]


def element_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of elements, beside codings and votes."""
    language = stored.settings.study.language
    expected = list(expected_rows(stored))
    if len(sheet.rows) != len(expected):
        yield other_length(sheet, IN_FILE, len(expected))
        return
    for index, (row, counts, cells) in enumerate(
        zip(sheet.rows, expected, element_cells(stored, language), strict=True)
    ):
        words = dict(zip(("element", "element_kind", "leads_to", "element_status"), cells, strict=False))
        for name, text in {**words, **{name: counts[name] for name in (*PEOPLE, *MACHINE)}}.items():
            if cell_text(row[name]) != cell_text(text):
                yield differs(sheet, index, name, "codings and votes")


def element_voice_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of the words behind the elements, beside codings, votes and excerpts."""
    language = stored.settings.study.language
    names = {element["id"]: name_of(element, language) for element in elements_of(stored)}
    of_elements = voices_of(stored)
    expected = list(
        chain.from_iterable([{"element": names[name], **each} for each in of_elements[name]] for name in names)
    )
    if len(sheet.rows) != len(expected):
        yield other_length(sheet, "the codings", len(expected))
        return
    excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
    persons, translation = PersonsOf(stored), Translation()
    note = wording.text("consent.withheld", language)
    for index, (row, voice) in enumerate(zip(sheet.rows, expected, strict=True)):
        excerpt = excerpts[voice["excerpt_id"]]
        texts = {"element": voice["element"], "excerpt_id": voice["excerpt_id"], "source_id": excerpt["source_id"]}
        texts["question"] = excerpt["question"]
        yield from (
            differs(sheet, index, name, "the tables")
            for name, text in texts.items()
            if cell_text(row[name]) != cell_text(text)
        )
        for name in ("direction", "status"):
            if not translation.fits(name, voice[name], row[name]):
                yield differs(sheet, index, name, "codings and votes")
        shown = {True: (excerpt["text"],), False: (note,), None: (excerpt["text"], note)}[persons.is_shown(excerpt)]
        if cell_text(row["quote"]) not in map(cell_text, shown):
            yield differs(sheet, index, "quote", "the excerpts")


def problems_of_page(page: Any, stored: Stored) -> Iterator[Problem]:
    """The page of the theory of change: its table, its drawings, and the words behind each element."""
    expected = list(expected_rows(stored))
    sections = page.xpath("//section[@data-page='theory']")
    if len(sections) != bool(expected):
        yield Problem(PAGE, "is missing, or has nothing behind it", RERUN)
        return
    if expected:
        yield from _problems_of_table(sections[0], stored, expected)
        for drawing in sections[0].xpath(".//figure//svg"):
            yield from _problems_of_drawing(drawing, expected)
        yield from _problems_of_words(sections[0], stored)


def _problems_of_table(section: Any, stored: Stored, expected: Sequence[Row]) -> Iterator[Problem]:
    rows = section.xpath(".//table[contains(@class, 'elements')]/tbody/tr")
    if len(rows) != len(expected):
        yield Problem(PAGE, f"its table has {len(rows)} rows instead of {len(expected)}", RERUN)
    heads = ("name", "kind", "leads_to", "status", *SHOWN_COUNTS)
    for language in wording.LANGUAGES:
        only = f" ({wording.text('theory.machine_only', language)})"
        cells = element_cells(stored, language, counts=SHOWN_COUNTS)
        for row, texts, counts in zip(rows, cells, expected, strict=False):
            if counts["status"] == "silent" and counts["machine_excerpts"] != "0":
                texts[3] += only
            for name, cell, text in zip(heads, row.xpath("./th | ./td"), texts, strict=True):
                if words_in(cell, language).strip() != text:
                    yield Problem(f"{PAGE} table ({counts['element']})", f"its {name} is not {text}", RERUN)


def _problems_of_drawing(drawing: Any, expected: Sequence[Row]) -> Iterator[Problem]:
    ids = {row["element"] for row in expected}
    arrows = {(row["element"], end) for row in expected for end in row["leads_to"].split(";") if end in ids}
    shown = {(line.get("data-start"), line.get("data-end")) for line in drawing.xpath(".//path[@data-start]")}
    if shown != {(start, end) for start, end in arrows if start != end}:
        yield Problem(f"{PAGE} drawing", f"its arrows are not those of {IN_FILE}", RERUN)
    boxes = {link.get("data-element"): link for link in drawing.xpath(".//a[@data-element]")}
    if boxes.keys() != ids:
        yield Problem(f"{PAGE} drawing", f"its boxes are not the elements of {IN_FILE}", RERUN)
    for row in expected:
        box = boxes.get(row["element"])
        if box is not None and _drawn(box) != _should_be_drawn(row):
            yield Problem(f"{PAGE} drawing ({row['element']})", "does not show its evidence", RERUN)


def _drawn(box: Any) -> dict[Any, Any]:
    """What a box shows: its status as border, sign and word, and its counts in both languages."""
    border = set(box.find("rect").get("class").split())
    texts = {text.get("class"): text for text in box.iter("text") if text.get("class") != "name"}
    words = {
        (name, language): "".join(text.xpath(f"./tspan[@lang='{language}']//text()"))
        for name, text in texts.items()
        for language in wording.LANGUAGES
    }
    return {"border": border, "signs": [use.get("href") for use in box.iter("use")], **words}


def _should_be_drawn(row: Row) -> dict[Any, Any]:
    sign = SIGNS.get(row["status"])
    words: dict[Any, Any] = {}
    for language in wording.LANGUAGES:
        sides = {name: int(row[name]) for name in ("supporting", "contradicting")}
        words["kind", language] = wording.closed_word("element_kind", row["kind"], language)
        words["status", language] = wording.closed_word("element_status", row["status"], language)
        words["sides", language] = wording.text("theory.sides", language, **sides)
        if row["machine_excerpts"] != "0":
            persons = int(row["machine_persons"])
            words["machine", language] = wording.text("theory.machine_count", language, persons=persons)
    return {"border": {"element", row["status"], row["kind"]}, "signs": [f"#does-{sign}"] if sign else [], **words}


def _problems_of_words(section: Any, stored: Stored) -> Iterator[Problem]:
    excerpts, persons = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}, PersonsOf(stored)
    note = wording.text("consent.withheld", stored.settings.study.language)
    for element, voices in voices_of(stored).items():
        where = f"{PAGE} words of {element}"
        (block,) = section.xpath(f".//section[@id='element-{element}']") or [None]
        shown = (
            {each.get("data-excerpt"): each for each in block.xpath(".//li[@data-excerpt]")}
            if block is not None
            else {}
        )
        status = {voice["excerpt_id"]: voice["status"] for voice in voices}
        confirmed = {name for name, word in status.items() if word == "confirmed"}
        of_machine = len(status) - len(confirmed)
        if not confirmed <= shown.keys() <= status.keys() or len(shown) - len(confirmed) != min(
            of_machine, MACHINE_WORDS
        ):
            yield Problem(where, "are not those of the codings", RERUN)
            continue
        for name, item in shown.items():
            excerpt = excerpts[name]
            texts = {True: (excerpt["text"],), False: (note,), None: (excerpt["text"], note)}[persons.is_shown(excerpt)]
            is_marked = f"by-{status[name]}" in item.get("class").split()
            if spaced(item.find("blockquote")) not in {" ".join(text.split()) for text in texts} or not is_marked:
                yield Problem(f"{where} ({name})", "are not the words of the excerpt, or not marked as they are", RERUN)
