"""The theory of change in report and evidence book, beside codings, votes and excerpts: tables, drawings and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline import wording
from pipeline.audit.recount.book import SheetRows, Translation, cell_text, differs, other_length
from pipeline.audit.recount.coverage.shown_words import ShownWords
from pipeline.audit.recount.coverage.theory_of_change import (
    IN_FILE,
    MACHINE,
    PEOPLE,
    elements_of,
    expected_rows,
    name_of,
    voices_of,
)
from pipeline.audit.recount.registers import spaced, words_in
from pipeline.audit.stored import RERUN, Row, Stored
from pipeline.errors import Problem
from pipeline.wording.messages import message

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
    return [_cells(row, names, language, counts) for row in expected_rows(stored)]


def _cells(row: Row, names: Mapping[str, str], language: str, counts: Sequence[str]) -> list[str]:
    return [
        names[row["element"]],
        wording.closed_word("element_kind", row["kind"], language),
        "; ".join(names[target] for target in row["leads_to"].split(";") if target in names),
        wording.closed_word("element_status", row["status"], language),
        *(wording.number(int(row[name]), language) for name in counts),
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
    expected = [{"element": names[name], **each} for name, voices in voices_of(stored).items() for each in voices]
    if len(sheet.rows) != len(expected):
        yield other_length(sheet, "the codings", len(expected))
        return
    shown_as, translation = ShownWords(stored), Translation()
    for index, (row, voice) in enumerate(zip(sheet.rows, expected, strict=True)):
        excerpt = shown_as.excerpts[voice["excerpt_id"]]
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
        if not shown_as.may_be(row["quote"], voice["excerpt_id"]):
            yield differs(sheet, index, "quote", "the excerpts")


def problems_of_page(page: Any, stored: Stored) -> Iterator[Problem]:
    """The page of the theory of change: its table, its drawings, and the words behind each element."""
    expected = list(expected_rows(stored))
    sections = page.xpath("//section[@data-page='theory']")
    if len(sections) != bool(expected):
        yield Problem(PAGE, message("audit/is_missing_or_has_nothing_behind"), message(RERUN))
        return
    if expected:
        yield from _problems_of_table(sections[0], stored, expected)
        for drawing in sections[0].xpath(".//figure//svg"):
            yield from _problems_of_drawing(drawing, stored, expected)
        yield from _problems_of_words(sections[0], stored)


def _problems_of_table(section: Any, stored: Stored, expected: Sequence[Row]) -> Iterator[Problem]:
    rows = section.xpath(".//table[contains(@class, 'elements')]/tbody/tr")
    if len(rows) != len(expected):
        yield Problem(
            PAGE, message("audit/its_table_has_rows_instead_of", rows=len(rows), expected=len(expected)), message(RERUN)
        )
    heads = ("name", "kind", "leads_to", "status", *SHOWN_COUNTS)
    for language in wording.LANGUAGES:
        only = f" ({wording.text('theory.machine_only', language)})"
        cells = element_cells(stored, language, counts=SHOWN_COUNTS)
        for row, texts, counts in zip(rows, cells, expected, strict=False):
            if counts["status"] == "silent" and counts["machine_excerpts"] != "0":
                texts[3] += only
            for name, cell, text in zip(heads, row.xpath("./th | ./td"), texts, strict=True):
                if words_in(cell, language).strip() != text:
                    yield Problem(
                        f"{PAGE} table ({counts['element']})",
                        message("audit/its_is_not", name=name, text=text),
                        message(RERUN),
                    )


def _problems_of_drawing(drawing: Any, stored: Stored, expected: Sequence[Row]) -> Iterator[Problem]:
    ids = {row["element"] for row in expected}
    boxes = {link.get("data-element"): link for link in drawing.xpath(".//a[@data-element]")}
    if boxes.keys() != ids:
        yield Problem(
            f"{PAGE} drawing", message("audit/its_boxes_are_not_the_elements", in_file=IN_FILE), message(RERUN)
        )
    for row, element in zip(expected, elements_of(stored), strict=True):
        box = boxes.get(row["element"])
        if box is not None and _drawn(box) != _should_be_drawn(row, element):
            yield Problem(f"{PAGE} drawing ({row['element']})", message("audit/does_not_show_its_name"), message(RERUN))


def _drawn(box: Any) -> dict[Any, Any]:
    """What a box shows: its status as border, sign and word, and its counts in both languages."""
    border = set(box.find("rect").get("class").split())
    texts = {text.get("class"): text for text in box.iter("text") if text.get("class") != "name"}
    words = {
        (name, language): "".join(text.xpath(f"./tspan[@lang='{language}']//text()"))
        for name, text in texts.items()
        for language in wording.LANGUAGES
    }
    for language in wording.LANGUAGES:
        lines = box.xpath(f"./g[@lang='{language}']/text") or box.xpath("./g/text")
        words["name", language] = "".join("".join(line.itertext()) for line in lines)
    plain = {key: "".join(text.split()) for key, text in words.items()}
    return {"border": border, "signs": [use.get("href") for use in box.iter("use")], **plain}


def _should_be_drawn(row: Row, element: Row) -> dict[Any, Any]:
    sign = SIGNS.get(row["status"])
    words: dict[Any, Any] = {}
    for language in wording.LANGUAGES:
        sides = {name: int(row[name]) for name in ("supporting", "contradicting")}
        words["kind", language] = wording.closed_word("element_kind", row["kind"], language)
        words["status", language] = wording.closed_word("element_status", row["status"], language)
        words["name", language] = name_of(element, language)
        words["sides", language] = wording.text("theory.sides", language, **sides)
        if row["machine_excerpts"] != "0":
            persons = int(row["machine_persons"])
            words["machine", language] = wording.text("theory.machine_count", language, persons=persons)
    plain = {key: "".join(text.split()) for key, text in words.items()}
    return {"border": {"element", row["status"], row["kind"]}, "signs": [f"#does-{sign}"] if sign else [], **plain}


def _problems_of_words(section: Any, stored: Stored) -> Iterator[Problem]:
    shown_as = ShownWords(stored)
    for element, voices in voices_of(stored).items():
        where = f"{PAGE} words of {element}"
        items = section.xpath(f".//section[@id='element-{element}']//li[@data-excerpt]")
        shown = {item.get("data-excerpt"): item for item in items}
        status = {voice["excerpt_id"]: voice["status"] for voice in voices}
        confirmed = {name for name, word in status.items() if word == "confirmed"}
        most = len(confirmed) + min(len(status) - len(confirmed), MACHINE_WORDS)
        if not confirmed <= shown.keys() <= status.keys() or len(shown) != most:
            yield Problem(where, message("audit/are_not_those_of_the_codings"), message(RERUN))
            continue
        for name, item in shown.items():
            is_marked = f"by-{status[name]}" in item.get("class").split()
            if not is_marked or not shown_as.may_be(spaced(item.find("blockquote")), name):
                yield Problem(f"{where} ({name})", message("audit/are_not_the_words"), message(RERUN))
