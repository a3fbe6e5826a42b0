"""The statements of the registers, and the links between them, wherever the report shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline import wording
from pipeline.audit.recount.drawings import REPORT
from pipeline.audit.recount.links import REGISTERS, entries_of, findings_of
from pipeline.audit.recount.sheets import FINDINGS
from pipeline.audit.stored import RERUN, Row, Stored
from pipeline.errors import Problem
from pipeline.wording.messages import message

Element = Any
FINDING = "#finding-"
ANCHORS = {"conclusions": "#conclusion-", "recommendations": "#recommendation-"}  # with the number of the entry


def problems_of_registers(page: Element, stored: Stored) -> Iterator[Problem]:
    """Compare every statement, and what each entry relies on, with coded/findings.toml."""
    entries = entries_of(stored)
    entries["findings"] = list(findings_of(stored).values())
    statements = {f"{FINDING}{row['id']}": row for row in entries["findings"]}
    for section, anchor in ANCHORS.items():
        statements |= {f"{anchor}{number}": row for number, row in enumerate(entries[section], 1)}
    sections = page.xpath("//section[@id='registers']/section[h2/span[@class='count']]")
    if len(sections) != len(REGISTERS):
        yield Problem(
            f"{REPORT} registers",
            message("audit/has_registers_instead_of", shown=len(sections), registers=len(REGISTERS)),
            message(RERUN),
        )
    for name, section in zip(REGISTERS, sections, strict=False):
        yield from _problems_of_section(name, section, entries)
    yield from _problems_of_mentions(page, statements)
    for finding in entries["findings"]:
        yield from _problems_of_relying(page, finding["id"], entries)


def _problems_of_section(name: str, section: Element, entries: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    shown = section.xpath("./ul[@class='register']/li")
    count = spaced(section.find("h2").find("span[@class='count']"))
    if not count == str(len(shown)) == str(len(entries[name])):
        what = message(
            "audit/has_entries_and_says_but_has",
            shown=len(shown),
            count=count,
            findings=FINDINGS,
            entries=len(entries[name]),
        )
        yield Problem(f"{REPORT} {name}", what, message(RERUN))
    for item, entry in zip(shown, entries[name], strict=False):
        expected = _expected(name, entry, entries)
        for field, value in _shown(item, name).items():
            if value != expected[field]:
                yield Problem(
                    f"{REPORT} {name} {entry['id']}",
                    message("audit/its_differs_from_2", field=field, findings=FINDINGS),
                    message(RERUN),
                )


def _shown(item: Element, name: str) -> dict[str, object]:
    """An entry of a register as the report shows it."""
    cells: dict[str, object] = {"id": spaced(item.find("h3")), "statement": spaced(item.find("./div/p[1]"))}
    if name not in ANCHORS:
        return {**cells, "basis": [link for each in item.xpath(".//p[@class='rests']") for link in _links(each)]}
    first, *later = item.xpath(".//p[@class='rests']")
    return {
        **cells,
        "basis": _links(first),
        "place in other entries": [link for each in later for link in _links(each)],
        "terms": [
            spaced(each) for each in item.xpath(".//p[@class='terms']//bdi | .//p[@class='terms']/b/span[@lang]")
        ],
    }


def _links(paragraph: Element) -> list[list[str]]:
    """What a paragraph links to, as id and address; a link that leads nowhere has no address."""
    links = [[_id_of(link), link.get("href")] for link in paragraph.iter("a")]
    return sorted([*links, *([spaced(each), ""] for each in paragraph.xpath("./span[@class='broken']/bdi"))])


def _id_of(link: Element) -> str:
    return (link.text or "").strip() or spaced(link.find("bdi"))


def _expected(name: str, entry: Row, entries: Mapping[str, Sequence[Row]]) -> dict[str, object]:
    """An entry of a register as the report should show it."""
    findings = {row["id"] for row in entries["findings"]}
    basis = [[each, f"{FINDING}{each}" if each in findings else ""] for each in entry.get("findings", ())]
    basis += [[each, _anchor("conclusions", each, entries)] for each in entry.get("conclusions", ())]
    relying = [
        [row["id"], f"{ANCHORS['recommendations']}{number}"]
        for number, row in enumerate(entries["recommendations"], 1)
        if name == "conclusions" and entry["id"] in row.get("conclusions", ())
    ]
    priority, timeframe = entry.get("priority", ""), entry.get("timeframe", "")
    words = [wording.closed_word("priority", priority, language) for language in wording.LANGUAGES if priority]
    return {
        "id": _plain(entry["id"]),
        "statement": _plain(entry["statement"]),
        "basis": sorted(basis),
        "place in other entries": sorted(relying),
        "terms": [*words, *map(_plain, filter(None, (timeframe, *entry.get("addressees", ()))))],
    }


def _anchor(section: str, name: str, entries: Mapping[str, Sequence[Row]]) -> str:
    numbers = [number for number, row in enumerate(entries[section], 1) if row["id"] == name]
    return f"{ANCHORS[section]}{numbers[0]}" if numbers else ""


def _problems_of_mentions(page: Element, statements: Mapping[str, Row]) -> Iterator[Problem]:
    """Compare every link to an entry, and every statement beside one, with the register."""
    for link in page.xpath("//a[contains(@class, 'chip') or contains(@class, 'entry-link')]"):
        row = statements.get(link.get("href"), {"id": "", "statement": ""})
        if _id_of(link) != row["id"] or _plain(link.get("title")) != _plain(row["statement"]):
            yield Problem(
                f"{REPORT} link to {_id_of(link)}",
                message("audit/its_statement_differs_from", findings=FINDINGS),
                message(RERUN),
            )
    for link in page.xpath("//details[@class='concern']/ul/li/a[contains(@class, 'chip')]"):
        if _plain(link.tail) != _plain(statements.get(link.get("href"), {}).get("statement", "")):
            yield Problem(
                f"{REPORT} list with {_id_of(link)}",
                message("audit/its_statement_differs_from", findings=FINDINGS),
                message(RERUN),
            )
    texts = {
        **{link: link.get("href") for link in page.xpath("//a[@class='plain']")},
        **{span: span.getparent().get("href") for span in page.xpath("//span[@class='says']")},
        **{head: f"#{head.getparent().get('id')}" for head in page.xpath("//article/h1")},
        **{
            span: span.getparent().find("a").get("href")
            for span in page.xpath("//section[@class='hangs']//li/span[preceding-sibling::a]")
        },
    }
    for element, address in texts.items():
        if spaced(element) != _plain(statements.get(address, {}).get("statement", "")):
            yield Problem(
                f"{REPORT} {address}", message("audit/its_statement_differs_from", findings=FINDINGS), message(RERUN)
            )


def _problems_of_relying(page: Element, finding: str, entries: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    """Compare what relies on a finding, below its voices, with the register."""
    expected = sorted(
        f"{anchor}{number}"
        for section, anchor in ANCHORS.items()
        for number, row in enumerate(entries[section], 1)
        if finding in row.get("findings", ())
    )
    for article in page.xpath("//article[@id]"):
        for part in article.xpath("./section[@class='hangs' or @class='walked']"):
            shown = sorted(part.xpath(".//a[@class='entry-link']/@href"))
            if article.get("id") == f"finding-{finding}" and shown != expected:
                yield Problem(
                    f"{REPORT} finding {finding}",
                    message("audit/what_relies_on_it_differs_from", findings=FINDINGS),
                    message(RERUN),
                )


def spaced(element: Element) -> str:
    """The text of an element with one space for any run of white space, as a page shows it."""
    return _plain("".join(element.itertext()))


def words_in(element: Element, language: str) -> str:
    """The text of an element in one language, where it has it in several."""
    return "".join(element.xpath(f".//span[@lang='{language}']//text()") or element.itertext())


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())
