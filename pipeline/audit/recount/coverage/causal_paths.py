"""The causal paths that memos of the ledger state, compared with causal_paths.csv, the evidence book and the report."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline import wording
from pipeline.audit.recount.book import WORKBOOK, SheetRows, Translation, cell_text, differs, other_length
from pipeline.audit.recount.coverage.shown_words import ShownWords
from pipeline.audit.recount.coverage.theory_of_change import elements_of, name_of, spoken_excerpts, voices_of
from pipeline.audit.recount.coverage.theory_shown import PAGE
from pipeline.audit.recount.ledger import answers_of
from pipeline.audit.recount.registers import spaced, words_in
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows, unguarded
from pipeline.errors import Problem
from pipeline.wording.messages import message

PATHS = "outputs/causal_paths.csv"
COUNTS = ("persons", "excerpts", "documents")
SIGNS = {"->": True, "→": True, "-/->": False, "↛": False}
MARK = re.compile(r"([\w-]+?)\s*(-/->|↛|->|→)\s*([\w-]+)")
HEADS = ("influence", "consequence", "status", *COUNTS)


class Path(NamedTuple):
    """What is said to lead to what, by the ids of the elements."""

    influence: str
    consequence: str


def marked_paths(stored: Stored) -> dict[tuple[Path, str], str]:
    """What coders say of a path on an excerpt: confirmed, divided or rejected."""
    answers, spoken = answers_of(stored), spoken_excerpts(stored)
    ids = {element["id"] for element in elements_of(stored)}
    latest: dict[tuple[str, str], str] = {}
    for _, line in sorted(answers.lines.items()):
        if line["kind"] == "memo" and line["excerpt_id"] and answers.place_of_parts(line) in spoken:
            latest[answers.place_of_parts(line), line["coder"]] = line["note"]
    told: dict[tuple[Path, str], set[bool]] = defaultdict(set)
    for (excerpt, _), note in latest.items():
        for match in filter(None, (MARK.fullmatch(part.strip()) for part in re.split(r"[;\n]", note))):
            path = Path(match[1], match[3])
            if ids.issuperset(path):
                told[path, excerpt].add(SIGNS[match[2]])
    words = {frozenset({True}): "confirmed", frozenset({False}): "rejected"}
    return {key: words.get(frozenset(signs), "divided") for key, signs in told.items()}


def expected_rows(stored: Stored) -> list[Row]:
    """The expected rows of causal_paths.csv; suggestions are counted apart."""
    shown_as = ShownWords(stored)
    ids = [element["id"] for element in elements_of(stored)]
    drawn = [
        Path(element["id"], end)
        for element in elements_of(stored)
        for end in dict.fromkeys(element.get("leads_to", ()))
        if end in ids
    ]
    stated: dict[Path, list[str]] = defaultdict(list)
    for (path, excerpt), status in marked_paths(stored).items():
        if status == "confirmed":
            stated[path].append(excerpt)
    return [
        _row(path, stated.get(path, []), shown_as, path in drawn)
        for path in (*drawn, *sorted(stated.keys() - set(drawn)))
    ]


def _row(path: Path, excerpts: Sequence[str], shown_as: ShownWords, is_drawn: bool) -> Row:  # noqa: FBT001 - of the path
    speakers = {name: shown_as.speaker(name) for name in excerpts}
    persons = set(speakers.values()) - {""}
    status = "told" if persons else "documents" if excerpts else "untold"
    return {
        "influence": path.influence,
        "consequence": path.consequence,
        "status": status if is_drawn else "undrawn",
        "persons": str(len(persons)),
        "excerpts": str(len(excerpts)),
        "documents": str(len({name.rpartition(":")[0] for name, person in speakers.items() if not person})),
    }


def check_paths(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every row of causal_paths.csv counts the memos of the ledger that mark it."""
    expected = expected_rows(stored)
    path = stored.root / PATHS
    published = [unguarded(row) for row in csv_rows(path)] if elements_of(stored) or path.exists() else []

    def problems() -> Iterator[Problem]:
        if [_path(row) for row in published] != [_path(row) for row in expected]:
            yield Problem(PATHS, message("audit/its_rows_are_not_the_arrows"), message(RERUN))
        for number, (row, other) in enumerate(zip(published, expected, strict=False), 2):
            for name, value in other.items():
                if row[name] != value:
                    yield Problem(
                        f"{PATHS} line {number}",
                        message("audit/its_does_not_match", name=name, value=value),
                        message(RERUN),
                    )

    return len(published), problems()


def _path(row: Row) -> Path:
    return Path(row["influence"], row["consequence"])


def _names(stored: Stored, language: str) -> dict[str, str]:
    return {element["id"]: name_of(element, language) for element in elements_of(stored)}


def _cells(row: Row, names: Mapping[str, str], language: str) -> list[str]:
    counts = (wording.number(int(row[name]), language) for name in COUNTS)
    status = wording.closed_word("arrow_status", row["status"], language)
    return [names[row["influence"]], names[row["consequence"]], status, *counts]


def path_heads(language: str) -> list[str]:
    """The headings of the table of paths."""
    return [wording.text(f"paths.{key}", language) for key in HEADS]


def path_cells(rows: Iterable[Row], stored: Stored, language: str) -> list[list[str]]:
    """The cells of the table of paths, for its rows."""
    names = _names(stored, language)
    return [_cells(row, names, language) for row in rows]


def problems_of_sheet(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of causal paths or that of the words behind them, beside the ledger."""
    yield from (_problems_of_voices if "quote" in sheet.keys else _problems_of_counts)(sheet, stored)


def _problems_of_counts(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    language, expected = stored.settings.study.language, expected_rows(stored)
    if len(sheet.rows) != len(expected):
        yield other_length(sheet, "the arrows", len(expected))
        return
    names = _names(stored, language)
    keys = ("influence", "consequence", "arrow_status", *COUNTS)
    for index, (row, other) in enumerate(zip(sheet.rows, expected, strict=True)):
        texts = [*_cells(other, names, language)[:3], *(other[name] for name in COUNTS)]
        for name, text in zip(keys, texts, strict=True):
            if cell_text(row[name]) != cell_text(text):
                yield differs(sheet, index, name, "the ledger")


def _problems_of_voices(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """All that coders marked must be there, and of suggestions only those whose cue is in words that bear on both elements."""
    ids = {name: element for element, name in _names(stored, stored.settings.study.language).items()}
    marked, shown_as, translation, borne = (
        marked_paths(stored),
        ShownWords(stored),
        Translation(),
        _elements_borne(stored),
    )
    present = set()
    for index, row in enumerate(sheet.rows):
        path, excerpt = Path(ids.get(row["influence"], ""), ids.get(row["consequence"], "")), row["excerpt_id"]
        status = marked.get((path, excerpt), "suggested")
        present.add((path, excerpt))
        if not translation.fits("status", status, row["status"]):
            yield differs(sheet, index, "status", "the ledger")
        if status == "suggested" and not (borne[excerpt].issuperset(path) and _is_in(row["cue"], row["quote"])):
            yield Problem(sheet.where(index), message("audit/suggests_a_path_that_codes"), message(RERUN))
        if excerpt not in shown_as.excerpts or not shown_as.may_be(row["quote"], excerpt):
            yield differs(sheet, index, "quote", "the excerpts")
    for path, excerpt in sorted(marked.keys() - present):
        yield Problem(
            f"{WORKBOOK} sheet {sheet.title}",
            message("audit/lacks_on", path=" -> ".join(path), excerpt=excerpt),
            message(RERUN),
        )


def _is_in(cue: str, quote: str) -> bool:
    return bool(cue) and cue in quote


def _elements_borne(stored: Stored) -> dict[str, set[str]]:
    """The elements that each excerpt bears on."""
    borne: dict[str, set[str]] = defaultdict(set)
    for element, voices in voices_of(stored).items():
        for voice in voices:
            borne[voice["excerpt_id"]].add(element)
    return borne


def problems_of_paths(page: Any, stored: Stored) -> Iterator[Problem]:
    """The causal paths of the report: table, arrows and numbers of the drawings, and the words behind each."""
    expected = expected_rows(stored)
    rows = page.xpath("//table[contains(@class, 'paths')]/tbody/tr")
    if len(rows) != len(expected):
        yield Problem(
            f"{PAGE} paths",
            message("audit/has_rows_instead_of", rows=len(rows), expected=len(expected)),
            message(RERUN),
        )
    for language in wording.LANGUAGES:
        names = _names(stored, language)
        for row, other in zip(rows, expected, strict=False):
            cells = [words_in(cell, language).strip() for cell in row][: len(HEADS)]
            for name, cell, text in zip(HEADS, cells, _cells(other, names, language), strict=False):
                if cell != text:
                    yield Problem(
                        f"{PAGE} paths ({' -> '.join(_path(other))})",
                        message("audit/its_is_not", name=name, text=text),
                        message(RERUN),
                    )
    for drawing in page.xpath("//figure[contains(@class, 'theory')]//svg"):
        yield from _problems_of_drawing(drawing, expected)
    yield from _problems_of_words(page, stored, expected)


def _problems_of_drawing(drawing: Any, expected: Sequence[Row]) -> Iterator[Problem]:
    rows = [row for row in expected if row["influence"] != row["consequence"]]
    statuses = {_path(row): row["status"] for row in rows}
    links = {Path(link.get("data-start"), link.get("data-end")): link for link in drawing.xpath(".//a[@data-start]")}
    is_right = links.keys() == statuses.keys() and all(
        statuses[path] in link.find("path").get("class").split() for path, link in links.items()
    )
    if not is_right:
        yield Problem(f"{PAGE} drawing", message("audit/its_arrows_are_not_those"), message(RERUN))
    numbers = sorted(text.text for text in drawing.xpath(".//text[@class='told']"))
    if numbers != sorted(row["persons"] for row in rows if row["excerpts"] != "0"):
        yield Problem(f"{PAGE} drawing", message("audit/the_numbers_beside_its_arrows"), message(RERUN))


def _problems_of_words(page: Any, stored: Stored, expected: Sequence[Row]) -> Iterator[Problem]:
    marked, shown_as = marked_paths(stored), ShownWords(stored)
    for number, row in enumerate(expected, 1):
        where = f"{PAGE} words of {' -> '.join(_path(row))}"
        items = page.xpath(f"//section[@id='path-{number}']/ol/li[@data-excerpt]")
        shown = {item.get("data-excerpt"): item for item in items}
        stating = {
            excerpt for (path, excerpt), status in marked.items() if path == _path(row) and status == "confirmed"
        }
        if shown.keys() != stating:
            yield Problem(where, message("audit/are_not_those_that_coders_marked"), message(RERUN))
        elif not all(shown_as.may_be(spaced(item.find("blockquote")), name) for name, item in shown.items()):
            yield Problem(where, message("audit/are_not_the_words_of_the_excerpts"), message(RERUN))
