"""From codings, votes and dates to the codes that each further interview adds."""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from statistics import fmean
from typing import Any

from pipeline import wording
from pipeline.audit.recount.book import SheetRows, Translation, differs, is_number, other_length
from pipeline.audit.recount.counts import is_same
from pipeline.audit.recount.coverage.coded_by import machine_cells, people_cells
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows
from pipeline.errors import Problem
from pipeline.vocabulary import UNDECIDED
from pipeline.wording.messages import message

SATURATION = "outputs/saturation.csv"
FIRST, RUN, LIMIT = 4, 2, 0.05
SHUFFLES, ENDS = 1000, (25, 974)
LEAST_READ, LEAST_CODES = 0.5, 5
FIGURES = ("new_codes", "codes", "share", "low", "high", "saturated")


def check_saturation(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every row of saturation.csv follows from the codings, the votes of the classifier and the dates of interviews."""
    published, expected = csv_rows(stored.root / SATURATION), list(expected_rows(stored))

    def problems() -> Iterator[Problem]:
        if len(published) != len(expected):
            yield Problem(
                SATURATION,
                message("audit/has_rows_instead_of", rows=len(published), expected=len(expected)),
                message(RERUN),
            )
        for number, (row, other) in enumerate(zip(published, expected, strict=False), 2):
            for name, value in other.items():
                if not is_same(row[name], value):
                    yield Problem(
                        f"{SATURATION} line {number}",
                        message("audit/its_does_not_match", name=name, value=value),
                        message(RERUN),
                    )

    return len(published), problems()


def expected_rows(stored: Stored) -> Iterator[Row]:
    """The expected rows; a missing figure is NaN."""
    interviews = _interviews(stored)
    decided = {row["excerpt_id"] for row in stored.tables["codings"] if row["status"] not in UNDECIDED}
    read = {name for name, excerpts in interviews.items() if len(excerpts & decided) >= LEAST_READ * len(excerpts)}
    machine = _codes(interviews, machine_cells(stored))
    people = _codes({name: interviews[name] for name in read}, people_cells(stored))
    dates = {row["source_id"]: row["date"] for row in stored.tables["sources"]}
    for coders, codes in (("people", people), ("machine", machine)):
        for row in _counted(codes, dates, stored.settings.study.seed):
            yield {"codings": coders, "of": str(len(interviews)), **row}


def _interviews(stored: Stored) -> dict[str, set[str]]:
    """The excerpts of respondents of each interview that is no copy."""
    originals = {
        row["source_id"] for row in stored.tables["sources"] if row["kind"] == "interview" and not row["copy_of"]
    }
    interviews: dict[str, set[str]] = defaultdict(set)
    for row in stored.tables["excerpts"]:
        if row["role"] == "respondent" and row["source_id"] in originals:
            interviews[row["source_id"]].add(row["excerpt_id"])
    return dict(sorted(interviews.items()))


def _codes(interviews: dict[str, set[str]], cells: Iterator[Row]) -> dict[str, set[str]]:
    places = {excerpt: name for name, excerpts in interviews.items() for excerpt in excerpts}
    codes: dict[str, set[str]] = {name: set() for name in sorted(interviews)}
    for row in cells:
        if row["excerpt_id"] in places:
            codes[places[row["excerpt_id"]]].add(row["criterion"])
    return codes


def _counted(codes: dict[str, set[str]], dates: dict[str, str], seed: int) -> Iterator[Row]:
    if (status := _status(codes)) != "counted":
        yield {"order": "", "interview": str(len(codes)), **dict.fromkeys(FIGURES, math.nan), "status": status}
        return
    is_dated = all(re.match(r"\d{4}-\d\d-\d\d", dates[name]) for name in codes)
    orders = [sorted(codes, key=lambda name: (dates[name], name))] if is_dated else list(_shuffled(list(codes), seed))
    walks = [_walk(list(map(codes.__getitem__, order))) for order in orders]
    for at in range(len(codes)):
        steps = list(map(itemgetter(at), walks))
        means = {name: fmean(map(itemgetter(name), steps)) for name in steps[0]}
        order = "held" if is_dated else "random"
        yield {"order": order, "interview": str(at + 1), **means, **_interval(steps), "status": status}


def _status(codes: dict[str, set[str]]) -> str:
    if len(codes) < FIRST + RUN:
        return "too few interviews"
    return "too few codes" if len(set().union(*codes.values())) < LEAST_CODES else "counted"


def _interval(steps: Sequence[Row]) -> Row:
    """The ends of the interval of the new information; none for a single order."""
    if len(steps) == 1:
        return {"low": math.nan, "high": math.nan}
    shares = sorted(map(itemgetter("share"), steps))
    return dict(zip(("low", "high"), map(shares.__getitem__, ENDS), strict=True))


def _shuffled(names: list[str], seed: int) -> Iterator[list[str]]:
    dice = random.Random(seed)  # noqa: S311 - the orders that the seed gives
    for _ in range(SHUFFLES):
        dice.shuffle(names)
        yield list(names)


def _walk(interviews: Sequence[set[str]]) -> list[Row]:
    """What each interview adds to those before it."""
    seen: set[str] = set()
    new: list[int] = []
    steps: list[Row] = []
    is_reached = False
    for at, codes in enumerate(interviews):
        new.append(len(codes - seen))
        seen |= codes
        first = sum(new[:FIRST])
        share = sum(new[-RUN:]) / max(first, 1) if at + 1 >= FIRST + RUN else math.nan
        is_reached = is_reached or (first > 0 and share <= LIMIT)
        steps.append({"new_codes": new[-1], "codes": len(seen), "share": share, "saturated": float(is_reached)})
    return steps


def saturation_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet on saturation, beside saturation.csv."""
    published = csv_rows(stored.root / SATURATION)
    if len(sheet.rows) != len(published):
        yield other_length(sheet, SATURATION, len(published))
        return
    translation = Translation()
    for index, (row, other) in enumerate(zip(sheet.rows, published, strict=True)):
        for name in ("interview", "of", *FIGURES):
            if not (is_number(row[name], other[name]) if other[name] else row[name] == ""):
                yield differs(sheet, index, name, SATURATION)
        for name in ("codings", "order", "status"):
            if not translation.fits(name, other[name], row[name]):
                yield differs(sheet, index, name, SATURATION)


HEADINGS = ("codings", "order", "interviews", "base", "codes", "new", "result")


def headings(language: str) -> list[str]:
    """The headings of the table of report and annex."""
    return [wording.text(f"saturation.{key}", language) for key in HEADINGS]


def table_cells(stored: Stored, language: str) -> list[list[str]]:
    """The cells of the table of report and annex: people, and the machine."""
    rows = list(expected_rows(stored))
    by_coders = groupby(rows, key=itemgetter("codings"))
    return [_cells_of(list(of_coders), language) for _, of_coders in by_coders]


def _cells_of(rows: Sequence[Row], language: str) -> list[str]:
    last = rows[-1]

    def say(key: str, **values: object) -> str:
        return wording.text(key, language, **values)

    coders = say(f"coders.{last['codings']}")
    interviews = say("saturation.of_all", n=int(last["interview"]), all=int(last["of"]))
    if last["status"] != "counted":
        return [coders, "–", interviews, "–", "–", "–", say(f"saturation_status.{last['status']}")]
    share, low, high = (f"{round(last[name], 4):.1%}" for name in ("share", "low", "high"))
    is_held = last["order"] == "held"
    added = (
        wording.percentage(share, language) if is_held else say("saturation.between", share=share, low=low, high=high)
    )
    base, codes = (_count(round(row["codes"], 4)) for row in (rows[FIRST - 1], last))
    return [coders, say(f"order.{last['order']}"), interviews, base, codes, added, _result(rows, say)]


def _count(mean: float) -> str:
    return str(int(mean)) if mean.is_integer() else f"{mean:.1f}"


def _result(rows: Sequence[Row], say: Any) -> str:
    by = {share: _first(rows, share) for share in (0.5, 0.95, 1.0)}
    reached = round(rows[-1]["saturated"], 4)
    if not reached:
        return str(say("saturation.not_reached"))
    if rows[-1]["order"] == "held":
        return str(say("saturation.reached", at=by[1.0] - RUN))
    if not by[0.5]:
        return str(say("saturation.share", share=f"{reached:.1%}"))
    if not by[0.95]:
        return str(say("saturation.half", half=by[0.5]))
    return str(say("saturation.most", half=by[0.5], most=by[0.95]))


def _first(rows: Sequence[Row], share: float) -> int:
    return next((int(row["interview"]) for row in rows if row["saturated"] >= share), 0)


def problems_of_table(page: Any, stored: Stored) -> Iterator[Problem]:
    """The table on saturation in the report, in both languages."""
    where = "outputs/report.html saturation"
    tables = page.xpath("//table[contains(@class, 'saturation')]")
    if len(tables) != 1:
        yield Problem(where, message("audit/is_missing_or_is_there_twice"), message(RERUN))
        return
    for language in wording.LANGUAGES:
        expected = [headings(language), *table_cells(stored, language)]
        shown = [_cells_in(row, language) for row in tables[0].xpath(".//tr")]
        if len(shown) != len(expected):
            yield Problem(where, message("audit/has_other_rows_than_the_codings"), message(RERUN))
        for row, other in zip(shown, expected, strict=False):
            for name, cell, text in zip(HEADINGS, row, other, strict=False):
                if cell != text:
                    yield Problem(
                        f"{where} ({row[0]})",
                        message("audit/its_does_not_match_2", name=name, text=text),
                        message(RERUN),
                    )


def _cells_in(row: Any, language: str) -> list[str]:
    """The texts of a row's cells in one language."""
    parts = [cell.xpath(f".//span[@lang='{language}']/text()") or cell.xpath("./text()") for cell in row]
    return ["".join(part).strip() for part in parts]
