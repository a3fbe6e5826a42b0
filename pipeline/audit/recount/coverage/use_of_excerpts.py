"""From links and codings to what became of every excerpt, beside the report and the sheet of unused excerpts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import wording
from pipeline.audit.recount.book import SheetRows, Translation, cell_text, differs, other_length
from pipeline.audit.recount.coverage.shown_words import ShownWords
from pipeline.audit.recount.registers import words_in
from pipeline.audit.stored import RERUN, Row, Stored
from pipeline.errors import Problem
from pipeline.wording.messages import message

PAGE = "outputs/report.html what became of the excerpts"
ORDER = ("used", "suggested", "rejected", "no_finding", "doubtful", "not_coded", "copy")
BY_LINK = {"confirmed": "used", "suggested": "suggested", "rejected": "rejected"}


def expected_uses(stored: Stored) -> dict[str, str]:
    """What became of each excerpt of a respondent."""
    links: dict[str, set[str]] = defaultdict(set)
    codings: dict[str, set[str]] = defaultdict(set)
    for row in stored.tables["links"]:
        links[row["excerpt_id"]].add(row["status"])
    for row in stored.tables["codings"]:
        codings[row["excerpt_id"]] |= {name for name in ("coded", "doubtful") if row[name]}
    copies = {row["source_id"] for row in stored.tables["sources"] if row["copy_of"]}
    return {
        row["excerpt_id"]: _use(links[row["excerpt_id"]], codings[row["excerpt_id"]], row["source_id"] in copies)
        for row in stored.tables["excerpts"]
        if row["role"] == "respondent"
    }


def _use(links: set[str], codings: set[str], is_copy: bool) -> str:  # noqa: FBT001 - one of three signs
    if "confirmed" in links:
        return "used"
    if is_copy:
        return "copy"
    linked = [use for status, use in BY_LINK.items() if status in links]
    if linked:
        return linked[0]
    if "coded" in codings:
        return "no_finding"
    return "doubtful" if "doubtful" in codings else "not_coded"


def unused_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of unused excerpts: all of them, each with its reason and its words, or the note in their place."""
    uses, shown_as = expected_uses(stored), ShownWords(stored)
    excerpts = sorted(shown_as.excerpts.values(), key=lambda row: (row["source_id"], row["start"]))
    expected = [row for row in excerpts if uses.get(row["excerpt_id"], "used") != "used"]
    if len(sheet.rows) != len(expected):
        yield other_length(sheet, "links and codings", len(expected))
        return
    translation = Translation()
    for index, (row, excerpt) in enumerate(zip(sheet.rows, expected, strict=True)):
        yield from (differs(sheet, index, *unlike) for unlike in _unlike(row, excerpt, shown_as))
        if not translation.fits("use", uses[excerpt["excerpt_id"]], row["use"]):
            yield differs(sheet, index, "use", "links and codings")


def _unlike(row: Row, excerpt: Row, shown_as: ShownWords) -> Iterator[tuple[str, str]]:
    for name in ("excerpt_id", "source_id", "question"):
        if cell_text(row[name]) != cell_text(excerpt[name]):
            yield name, "the excerpts"
    if not shown_as.may_be(row["text"], excerpt["excerpt_id"]):
        yield "text", "the excerpts"


@dataclass(frozen=True, slots=True)
class _Count:
    """A row of the table: the key of its name, its excerpts, and of these how many are withheld, or may be."""

    key: str
    excerpts: int
    withheld: int
    unsure: int


def _counts(stored: Stored) -> list[_Count]:
    uses, shown_as = expected_uses(stored), ShownWords(stored)
    names: dict[str, list[str]] = {use: [] for use in ORDER}
    for name, use in uses.items():
        names[use].append(name)
    rows = [(f"excerpt_use.{use}", of_use) for use, of_use in names.items() if of_use]
    if uses:
        rows.append(("unused.all", list(uses)))
    return [_count(key, of_row, shown_as) for key, of_row in rows]


def _count(key: str, names: Sequence[str], shown_as: ShownWords) -> _Count:
    shown = [shown_as.is_shown(name) for name in names]
    return _Count(key, len(names), withheld=shown.count(False), unsure=shown.count(None))


def problems_of_uses(page: Any, stored: Stored) -> Iterator[Problem]:
    """The table of the report that says what became of the excerpts, in both languages."""
    counts = _counts(stored)
    rows = page.xpath("//table[contains(@class, 'uses')]/tbody/tr | //table[contains(@class, 'uses')]/tfoot/tr")
    if len(rows) != len(counts):
        yield Problem(PAGE, message("audit/has_rows_instead_of", rows=len(rows), expected=len(counts)), message(RERUN))
    for language in wording.LANGUAGES:
        for row, count in zip(rows, counts, strict=False):
            name = wording.text(count.key, language)
            *cells, withheld = (words_in(cell, language).strip() for cell in row)
            if cells != [name, wording.number(count.excerpts, language)]:
                yield Problem(
                    f"{PAGE} ({name})", message("audit/does_not_match", excerpts=count.excerpts), message(RERUN)
                )
            possible = range(count.withheld, count.withheld + count.unsure + 1)
            if withheld not in {wording.number(number, language) for number in possible}:
                yield Problem(
                    f"{PAGE} ({name})",
                    message("audit/withholds_the_words_of_others_than", withheld=count.withheld),
                    message(RERUN),
                )
