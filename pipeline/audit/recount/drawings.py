"""The counts that the report draws: the rungs of strength, the persons of each group, the directions, and the matrix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from lxml import html

from pipeline import wording
from pipeline.audit.recount.links import EVIDENCE
from pipeline.audit.recount.strengths import STRENGTHS, Recount
from pipeline.audit.stored import RERUN, Row
from pipeline.errors import Problem
from pipeline.wording.messages import message

REPORT = "outputs/report.html"
MATRIX = "outputs/matrix.csv"
Element = Any
Person = tuple[str, str, bool]  # code, what they do, whether it is confirmed
DOES = ("supports", "contradicts", "qualifies", "not_told", "several")
WORDS = {
    **{f"#mark-{strength}": f"strength.{strength}" for strength in STRENGTHS},
    **{f"#does-{word}": f"direction.{word}" for word in DOES[:-1]},
    "#does-several": "finding.several",
    "#does-supports #is-confirmed": "finding.underlined",
}  # what is written beside each symbol, or beside two of which one lies over the other
LEGEND = [*(f"#does-{word}" for word in DOES), "#does-supports #is-confirmed"]


def problems_of_symbols(page: Element) -> Iterator[Problem]:
    """Compare the shape of every symbol with that of the program, and the words beside symbols with these."""
    template = html.fromstring(files("pipeline").joinpath("publish/html/templates/report.html").read_text("utf-8"))
    if _shapes(page) != _shapes(template):
        yield Problem(f"{REPORT} symbols", message("audit/their_shapes_are_not_those"), message(RERUN))
    for legend in page.xpath("//ul[@class='legend']"):
        shown = [" ".join(item.xpath(".//use/@href")) for item in legend if item.xpath(".//use")]
        if shown != LEGEND:
            yield Problem(f"{REPORT} legend", message("audit/has_other_symbols_than_the_drawings"), message(RERUN))
    for drawing in page.xpath("//ul[@class='legend']//svg | //svg[@class='mark']"):
        signs = " ".join(drawing.xpath("./use/@href"))
        beside = drawing.xpath("./following-sibling::*/descendant-or-self::span[@class='say']")
        words = [word.text for word in beside[: len(wording.LANGUAGES)]]
        if signs not in WORDS or words != [wording.text(WORDS[signs], language) for language in wording.LANGUAGES]:
            yield Problem(f"{REPORT} symbol {signs}", message("audit/the_words_beside"), message(RERUN))


def _shapes(page: Element) -> list[str]:
    return [html.tostring(symbol, encoding="unicode").strip() for symbol in page.xpath("//symbol")]


def problems_of_rungs(page: Element, recounts: Mapping[str, Recount]) -> Iterator[Problem]:
    """Compare the findings on each rung of the first page, and their number, with the strengths."""
    rungs = page.xpath("//ul[@class='ladder']/li")
    for strength, rung in zip(STRENGTHS, rungs, strict=False):
        if rung.xpath("./span[@class='step']//use/@href") != [f"#mark-{strength}"]:
            yield Problem(
                f"{REPORT} rung {strength}", message("audit/its_symbol_is_not_that_of_the_strength"), message(RERUN)
            )
        expected = sorted(name for name, recount in recounts.items() if recount.strength == strength)
        chips = rung.xpath(".//a[starts-with(@href, '#finding-')]/@href")
        if sorted(href.removeprefix("#finding-") for href in chips) != expected or _count(rung) != len(expected):
            yield Problem(f"{REPORT} rung {strength}", message("audit/does_not_show_the_findings"), message(RERUN))


def problems_of_persons(name: str, article: Element, rows: Sequence[Row]) -> Iterator[Problem]:
    """Compare the persons that are drawn for each group, and the voices counted for each direction, with evidence.csv."""
    used = [row for row in rows if row["status"] != "rejected"]
    panels = article.xpath(".//figure[contains(@class, 'panel')]")
    drawn = [_drawn(panel) for panel in panels]
    if sorted(persons for persons, _ in drawn if persons) != sorted(_persons_by_group(used)):
        yield Problem(
            f"{REPORT} finding {name}", message("audit/the_persons_that_are_drawn", evidence=EVIDENCE), message(RERUN)
        )
    if any(count != len(persons) for persons, count in drawn):
        yield Problem(f"{REPORT} finding {name}", message("audit/a_count_of_drawn_persons"), message(RERUN))
    if any(_described(panel) != _description(persons) for panel, (persons, _) in zip(panels, drawn, strict=True)):
        yield Problem(f"{REPORT} finding {name}", message("audit/what_a_screen_reader_says"), message(RERUN))
    yield from _problems_of_directions(name, article, used)


def _problems_of_directions(name: str, article: Element, used: Sequence[Row]) -> Iterator[Problem]:
    for section in article.xpath(".//section[contains(@class, 'direction')]"):
        (word,) = {*section.get("class").split()} - {"direction"}
        if _count(section.find("h2")) != sum(row["direction"] == word for row in used):
            yield Problem(
                f"{REPORT} finding {name}",
                message("audit/its_count_of_voices", word=word, evidence=EVIDENCE),
                message(RERUN),
            )


def _count(element: Element) -> int:
    return int("".join(element.xpath(".//span[@class='count']")[0].itertext()))


def _drawn(panel: Element) -> tuple[list[Person], int]:
    """The persons of a panel as they are drawn, and their number as it is written."""
    persons = []
    for link in panel.xpath(".//a[starts-with(@href, '#person-')]"):
        signs = [use.get("href") for use in link.iter("use")]
        does = next(sign.removeprefix("#does-") for sign in signs if sign.startswith("#does-"))
        persons.append((link.get("href").removeprefix("#person-"), does, "#is-confirmed" in signs))
    return sorted(persons), int(panel.xpath("./figcaption/b")[0].text)


def _described(panel: Element) -> dict[str, str]:
    """The description of a panel for screen readers, by language."""
    return {
        language: " ".join("".join(panel.xpath(f"./span[@class='unseen']/span[@lang='{language}']/text()")).split())
        for language in wording.LANGUAGES
    }


def _description(persons: Sequence[Person]) -> dict[str, str]:
    counts = Counter(does for _, does, _ in persons)
    confirmed = sum(is_confirmed for *_, is_confirmed in persons)
    return {language: "".join(_sentences(counts, confirmed, language)) for language in wording.LANGUAGES}


def _sentences(counts: Mapping[str, int], confirmed: int, language: str) -> Iterator[str]:
    for word in DOES:
        if counts[word]:
            yield wording.text("finding.panel", language, n=counts[word], what="")
            yield wording.text(WORDS[f"#does-{word}"], language)
    if confirmed:
        yield wording.text("finding.panel_confirmed", language, n=confirmed)


def _persons_by_group(rows: Sequence[Row]) -> Iterator[list[Person]]:
    """The persons of each group who speak to a finding."""
    spoken = [row for row in rows if row["participant"]]
    for group in {row["group"] for row in spoken}:
        of_group = [row for row in spoken if row["group"] == group]
        yield sorted(_person(who, of_group) for who in {row["participant"] for row in of_group})


def _person(who: str, of_group: Sequence[Row]) -> Person:
    """A person with the confirmed directions; with those that nobody decided, where nothing is confirmed."""
    of_person = [row for row in of_group if row["participant"] == who]
    confirmed = {row["direction"] for row in of_person if row["status"] == "confirmed"}
    directions = confirmed or {row["direction"] for row in of_person}
    return who, min(directions) if len(directions) == 1 else "several", bool(confirmed)


def problems_of_grid(page: Element, matrix: Sequence[Row]) -> Iterator[Problem]:
    """Compare the cells of the matrix in the report with matrix.csv."""
    shown = Counter(map(_cell, page.xpath("//table[@class='matrix']//td/a")))
    expected = Counter(
        (
            (row["criterion"], row["kind"], row["group"].replace("_", " ")),
            int(row["excerpts"]),
            "" if row["kind"] == "document" else row["persons"],
        )
        for row in matrix
        if int(row["excerpts"])
    )
    for place in sorted({cell[0] for cell in (shown - expected) + (expected - shown)}):
        yield Problem(
            f"{REPORT} matrix ({', '.join(filter(None, place))})",
            message("audit/is_not_as_in", matrix=MATRIX),
            message(RERUN),
        )


def _cell(link: Element) -> tuple[tuple[str, str, str], int, str]:
    """Code, kind and group of a cell that is not empty, with its excerpts and its persons."""
    code, kind, group = link.get("href").removeprefix("#cell-").split("/", 2)  # a group may have a slash in its name
    words = link.xpath("./span/text()") or [link.text]
    persons = link.getparent().xpath("./small")
    shown = (persons[0].text or "").strip() if persons else ""
    return (unquote(code), kind, unquote(group)), int(re.sub(r"\D", "", words[0])), shown
