"""The evidence book, the report and its annex beside evidence.csv, matrix.csv and the tables."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import openpyxl
from lxml import etree, html

from second_verifier.counts import counting_codings, divided_links, rows_by_finding, strength_of
from second_verifier.stored import Difference, Row, StoredStudy

WORKBOOK, REPORT = "outputs/evidence.xlsx", "outputs/report.html"
WORDS = {
    "en": {word: word for word in ("strong", "moderate", "weak", "contested", "unsupported")},
    "es": {
        "strong": "sólido",
        "moderate": "moderado",
        "weak": "débil",
        "contested": "controvertido",
        "unsupported": "sin respaldo",
    },
}
AS_WRITTEN = ("finding_id", "excerpt_id", "quote", "span", "question", "participant", "country", "source_id", "because")
NUMBERS = ("probability", "score", "bearing")
MATRIX = (
    "persons",
    "supports",
    "qualifies",
    "contradicts",
)  # counts of a finding in the evaluation matrix, before undecided
COUNTS = ("persons", "sources", "excerpts", "positive", "negative", "mixed")


def workbook(study: StoredStudy) -> Iterator[Difference]:
    """Findings, evidence, matrix and the sheets of criteria, cell by cell."""
    by_finding = rows_by_finding(study)
    criteria = iter(code["id"] for code in study.codes if code.get("family", "criterion") == "criterion")
    for title, keys, rows in sheets(study):
        where = f"{WORKBOOK} sheet {title}"
        if keys[:1] == ["finding_id"] and "quote" in keys:
            yield from _rows(where, rows, study.csv("evidence.csv"), (AS_WRITTEN, NUMBERS))
        elif keys[:1] == ["finding_id"]:
            yield from _findings(where, rows, by_finding, study)
        elif keys[:2] == ["criterion", "question"]:
            shown = {row["finding_id"]: [row[key] for key in (*MATRIX, "undecided")] for row in rows}
            yield from _question_matrix(where, shown, study)
        elif keys[:1] == ["criterion"] and "excerpts" in keys:
            yield from _rows(where, rows, study.csv("matrix.csv"), (COUNTS, ()))
        elif keys[:1] == ["excerpt_id"]:
            yield from _codings(where, rows, next(criteria), study)


def sheets(study: StoredStudy) -> list[tuple[str, list[str], list[Row]]]:
    """Title, keys and rows of every sheet of the evidence book."""
    read = []
    for sheet in openpyxl.load_workbook(study.root / WORKBOOK, data_only=True):
        cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        keys = [key for key in cells[0] if key]
        read.append((sheet.title, keys, [dict(zip(keys, row, strict=False)) for row in cells[2:]]))
    return read


def _rows(
    where: str, rows: list[Row], expected: list[Row], columns: tuple[tuple[str, ...], tuple[str, ...]]
) -> Iterator[Difference]:
    if len(rows) != len(expected):
        yield Difference(where, f"has {len(rows)} rows, not {len(expected)}")
        return
    as_written, numbers = columns
    for number, (row, other) in enumerate(zip(rows, expected, strict=True), 3):
        wrong = [name for name in as_written if legal(row[name]) != legal(other[name])]
        wrong += [name for name in numbers if abs(float(row[name] or 0) - float(other[name] or 0)) > 1e-4]
        if wrong:
            yield Difference(f"{where} row {number}", f"its {wrong[0]} is another in the CSV file")


def legal(text: str) -> str:
    """What a cell of a workbook can hold of a text."""
    return "".join(char for char in text.replace("\r\n", "\n") if char in "\n\t" or char >= " ")


def _findings(
    where: str, rows: list[Row], by_finding: dict[str, list[Row]], study: StoredStudy
) -> Iterator[Difference]:
    if sorted(row["finding_id"] for row in rows) != sorted(by_finding):
        yield Difference(where, "does not list the findings of the register")
        return
    words = WORDS[study.settings["language"]]
    for number, row in enumerate(rows, 3):
        strength, counts = strength_of(by_finding[row["finding_id"]], study.settings)
        wrong = [name for name, value in counts.items() if abs(float(row[name] or 0) - value) > 1e-4]
        wrong += [] if row["strength"] == words[strength] else ["strength"]
        wrong += [] if row["statement"] == study.findings[row["finding_id"]]["statement"] else ["statement"]
        if wrong:
            yield Difference(f"{where} row {number}", f"its {wrong[0]} does not follow from the links")


def _question_matrix(where: str, shown: dict[str, list[str]], study: StoredStudy) -> Iterator[Difference]:
    """In the evaluation matrix, what speaks for each finding, qualifies it, speaks against it, and is undecided."""
    for name, rows in rows_by_finding(study).items():
        counts = strength_of(rows, study.settings)[1]
        digits = ["".join(filter(str.isdigit, text)) for text in shown.get(name, [])]
        if digits != [str(counts[key]) for key in (*MATRIX, "suggested")]:
            yield Difference(
                f"{where} finding {name}", "its counts in the evaluation matrix do not follow from the links"
            )


def _codings(where: str, rows: list[Row], code: str, study: StoredStudy) -> Iterator[Difference]:
    codings = {row["excerpt_id"]: row for row in counting_codings(study) if row["criterion"] == code}
    excerpts = {row["excerpt_id"]: row for row in study.table("excerpts")}
    if sorted(row["excerpt_id"] for row in rows) != sorted(codings):
        yield Difference(where, f"does not list the excerpts that carry {code}")
        return
    for number, row in enumerate(rows, 3):
        excerpt, person = excerpts[row["excerpt_id"]], study.people.get(excerpts[row["excerpt_id"]]["participant_id"])
        is_near = abs(float(row["probability"]) - codings[row["excerpt_id"]]["probability"]) < 1e-4
        is_shown = person is None or person["shown"]
        if not is_near or (is_shown and person and legal(row["text"]) != legal(excerpt["text"])):
            yield Difference(f"{where} row {number}", "is not the coding, or not the words, of its excerpt")


def report(study: StoredStudy) -> Iterator[Difference]:
    """Every finding of the report has the strength, the voices and the quotes of evidence.csv."""
    page = html.fromstring((study.root / REPORT).read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    data = json.loads(page.xpath("//script[@id='data']/text()")[0])
    in_data = {finding["id"]: finding["strength"] for finding in data["findings"]}
    linked = {
        (finding, excerpt): (direction, status)
        for excerpt, of_excerpt in data["links"].items()
        for finding, direction, status in of_excerpt
    }
    yield from _rungs(page, study)
    yield from _without_finding(page, study)
    yield from _matrix(page, study)
    lines = page.xpath("//table[contains(@class, 'questions')]/tbody/tr")
    counts = {
        line[2].xpath("./a")[0].text: [_first_text(cell) for cell in line.xpath("./td[@class='n']")] for line in lines
    }
    yield from _question_matrix(REPORT, counts, study)
    divided = divided_links(study)
    for name, rows in rows_by_finding(study).items():
        where, (strength, _) = f"{REPORT} finding {name}", strength_of(rows, study.settings)
        (article,) = page.xpath(f"//article[@id='finding-{name}']")
        words = [word.text for word in article.xpath(".//p[@class='strength']/b/span")]
        if words != [WORDS[language][strength] for language in ("en", "es")] or in_data[name] != strength:
            yield Difference(where, f"its strength is not {strength}")
        marks = {each.get("href") for each in article.xpath("./div[@class='verdict']//use")}
        if marks != {f"#mark-{strength}"}:
            yield Difference(where, f"its sign is not that of {strength}")
        yield from _drawn(where, article, [row for row in rows if row["status"] != "rejected"])
        yield from _covered(where, article, rows)
        yield from _undecided(where, article, rows, divided)
        yield from _heard(where, article, rows, divided)
        voices = {voice.get("data-excerpt"): voice for voice in article.xpath(".//li[@data-excerpt]")}
        if sorted(voices) != sorted(row["excerpt_id"] for row in rows):
            yield Difference(where, "its voices are not the rows of evidence.csv")
            continue
        for row in rows:
            if _spaced(_quote(voices[row["excerpt_id"]])) != _spaced(row["quote"]):
                yield Difference(f"{where} ({row['excerpt_id']})", "its quote is another in evidence.csv")
            marked = [each.text or "" for each in voices[row["excerpt_id"]].xpath(".//b[@class='marked']")]
            if _spaced(" […] ".join(marked)) != _spaced(row["span"]):
                yield Difference(f"{where} ({row['excerpt_id']})", "its marked words are others in evidence.csv")
            status = "divided" if (name, row["excerpt_id"]) in divided else row["status"]
            if linked.get((name, row["excerpt_id"])) != (row["direction"], status):
                yield Difference(f"{where} ({row['excerpt_id']})", "its link is another in evidence.csv")


def _covered(where: str, article: Any, rows: list[Row]) -> Iterator[Difference]:
    """The head counts the supporting excerpts by their stance."""
    counts = Counter(row["stance"] for row in rows if row["status"] == "confirmed" and row["direction"] == "supports")
    expected = [str(counts[stance]) for stance in ("positive", "negative", "mixed", "") if counts[stance]]
    for paragraph in article.xpath("./div[@class='verdict']/p[@class='robust covered']/span"):
        if re.findall(r"\d+", "".join(paragraph.itertext())) != expected:
            yield Difference(where, "the stances of what supports it are not counted right")


def _quote(voice: Any) -> str:
    return "".join(voice.find("blockquote").itertext())


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _rungs(page: Any, study: StoredStudy) -> Iterator[Difference]:
    """The first page has every finding on the rung of its strength, and counts them."""
    by_strength: dict[str, list[str]] = {word: [] for word in WORDS["en"]}
    for name, rows in rows_by_finding(study).items():
        by_strength[strength_of(rows, study.settings)[0]].append(name)
    for rung in page.xpath("//li[@class='rung']"):
        (mark,) = {each.get("href").removeprefix("#mark-") for each in rung.xpath("./span[@class='step']//use")}
        names = [link.removeprefix("#finding-") for link in rung.xpath(".//a/@href")]
        count = rung.xpath("./span[@class='count']")[0].text
        if sorted(names) != sorted(by_strength[mark]) or count != str(len(names)):
            yield Difference(f"{REPORT} rung {mark}", "does not show the findings of this strength")


def _without_finding(page: Any, study: StoredStudy) -> Iterator[Difference]:
    """The first page names the criteria without a finding, and how many excerpts carry each."""
    families = {code["id"]: code.get("family", "criterion") for code in study.codes}
    main = "criterion" if "criterion" in families.values() else next(iter(families.values()), "")
    with_finding = {finding["criterion"] for finding in study.findings.values()}
    carried = [row["criterion"] for row in counting_codings(study)]
    codes = [code for code, family in families.items() if family == main and code not in with_finding]
    shown = [(item.get("data-code"), item.find("a").text) for item in page.xpath("//li[@data-code]")]
    if shown != [(code, str(carried.count(code))) for code in codes]:
        yield Difference(f"{REPORT} overview", "does not name the criteria without a finding")


def _matrix(page: Any, study: StoredStudy) -> Iterator[Difference]:
    """The cells of the matrix in the report count the excerpts of matrix.csv."""
    cells = page.xpath("//table[@class='matrix']//td/a")
    rows = [row for row in study.csv("matrix.csv") if row["excerpts"] != "0"]
    shown = [(unquote(cell.get("href")), "".join(filter(str.isdigit, _first_text(cell)))) for cell in cells]
    counted = [(f"#cell-{row['criterion']}/{row['kind']}/{row['group']}", row["excerpts"]) for row in rows]
    if _with_spaces(shown) != _with_spaces(counted):
        yield Difference(f"{REPORT} matrix", "is not as in matrix.csv")


def _with_spaces(cells: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((place.replace("_", " "), count) for place, count in cells)


def _first_text(element: Any) -> str:
    return next(text for text in element.itertext() if text.strip())


def _drawn(where: str, article: Any, rows: list[Row]) -> Iterator[Difference]:
    """The persons that are drawn, each once for a group, and the voices that are counted for a direction."""
    of_person: dict[tuple[str, str], set[str]] = {}
    for status in ("confirmed", "suggested"):  # what is undecided is drawn only of persons with nothing confirmed
        drawn_before = set(of_person)
        for row in rows:
            key = (row["group"], row["participant"])
            if row["participant"] and row["status"] == status and key not in drawn_before:
                of_person.setdefault(key, set()).add(row["direction"])
    expected = sorted((who, *does) if len(does) == 1 else (who, "several") for (_, who), does in of_person.items())
    signs = article.xpath(".//figure//a/use[starts-with(@href, '#does-')]")
    drawn = sorted(
        (sign.getparent().get("href").removeprefix("#person-"), sign.get("href").removeprefix("#does-"))
        for sign in signs
    )
    counts = [int(count.text) for count in article.xpath(".//figure/figcaption/b")]
    if drawn != expected or (counts and sum(counts) != len(expected)):
        yield Difference(where, "the persons that are drawn are not those of evidence.csv")
    for section in article.xpath(".//section[starts-with(@class, 'direction ')]"):
        word = section.get("class").removeprefix("direction ").strip()
        if int(section.xpath("./h2/span[@class='count']")[0].text) != sum(row["direction"] == word for row in rows):
            yield Difference(where, f"its count of voices ({word}) is wrong")
        undecided = sum(row["status"] == "suggested" for row in rows)
        for paragraph in section.xpath("./p[contains(@class, 'undecided')]/span"):
            if paragraph.text.split()[0].replace(",", "").replace(".", "") != str(undecided):
                yield Difference(where, f"its count of undecided excerpts ({word}) is wrong")


def _undecided(where: str, article: Any, rows: list[Row], divided: set[tuple[str, str]]) -> Iterator[Difference]:
    """The numbers of undecided excerpts and of whose they are, those on which coders differ first, and what to review first."""
    counted = {row["participant"] for row in rows if row["status"] == "confirmed"}
    numbers: list[int] = []
    for is_divided in (True, False):
        of_kind = [
            row
            for row in rows
            if row["status"] == "suggested" and ((row["finding_id"], row["excerpt_id"]) in divided) is is_divided
        ]
        persons = {row["participant"] for row in of_kind} - {""}
        documents = {row["source_id"] for row in of_kind if not row["participant"]}
        new = len(persons - counted)
        partly = [new] if 0 < new < len(persons) else []
        numbers += [number for number in (len(of_kind), len(persons), *partly, len(documents)) if number]
    said = article.xpath("string(.//p[@class='robust undecided']/span[@lang='en'])")
    before = said.partition("The machine estimates")[0]
    if [int(number) for number in re.findall(r"\d+", before)] != numbers:
        yield Difference(where, "its numbers of undecided excerpts are not those of evidence.csv")
    first = [link.rpartition("excerpt-")[2] for link in article.xpath(".//p[@class='robust first']/a/@href")]
    decided = {row["excerpt_id"] for row in rows if row["status"] != "suggested"}
    persons_first = article.xpath(".//p[@class='robust first']/a/bdi[1]/text()")
    if decided & set(first) or set(persons_first) & counted or len(set(persons_first)) != len(first):
        yield Difference(where, "it asks to review first what is decided, or words of persons already counted")


def _heard(where: str, article: Any, rows: list[Row], divided: set[tuple[str, str]]) -> Iterator[Difference]:
    """Beside every direction the persons by group and the excerpts of documents: confirmed, suggested, and divided."""
    for line in article.xpath(".//p[@class='robust heard']"):
        (word,) = [key for key, label in VOICES.items() if line.xpath("string(./b/span[@lang='en'])") == label]
        of_word = [row for row in rows if row["direction"] == word]
        confirmed = {row["participant"] for row in of_word if row["status"] == "confirmed"} - {""}
        numbers: list[int] = []
        for status, is_divided in (("confirmed", False), ("suggested", False), ("suggested", True)):
            of_status = [
                row
                for row in of_word
                if row["status"] == status
                and ((row["finding_id"], row["excerpt_id"]) in divided) is is_divided
                and (status == "confirmed" or row["participant"] not in confirmed)
            ]
            by_group = Counter(
                group for group, _ in {(r["group"], r["participant"]) for r in of_status if r["participant"]}
            )
            numbers += [by_group[group] for group in sorted(by_group)]
            numbers += [count for count in [sum(row["kind"] == "document" for row in of_status)] if count]
        shown = line.xpath("./text() | ./span[@class='say'][@lang='en']/text()")
        if [int(number) for number in re.findall(r"\d+", " ".join(shown))] != numbers:
            yield Difference(where, f"whose words ({word}) are counted is not as in evidence.csv")


VOICES = {
    "supports": "Voices that support it",
    "contradicts": "Voices that contradict it",
    "qualifies": "Voices that qualify it",
    "not_told": "Voices with an unclear direction",
}
ANNEX = "outputs/report.docx"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def annex(study: StoredStudy) -> Iterator[Difference]:
    """Every finding of the annex has its statement, the word of its strength, and the quotes of evidence.csv, apart by status."""
    with zipfile.ZipFile(study.root / ANNEX) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))[0]
    tables = {_name(before): table for before, table in pairwise(body) if table.tag == f"{WORD}tbl"}
    in_matrix = _cells(tables["matrix"])[1:] if "matrix" in tables else []
    yield from _registers_in_annex(tables, study)
    yield from _question_matrix(ANNEX, {row[-9]: row[-6:-1] for row in in_matrix}, study)
    head, *lines = _cells(tables["strengths"]) if "strengths" in tables else [[]]
    in_strengths = [list(zip(head[2:], line[2:], strict=True)) for line in lines]
    order = [code["id"] for code in study.codes]
    by_finding = rows_by_finding(study)
    findings = sorted(study.findings.values(), key=lambda finding: order.index(finding["criterion"]))
    divided = divided_links(study)
    for number, finding in enumerate(findings, 1):
        where, rows = f"{ANNEX} finding {finding['id']}", by_finding[finding["id"]]
        strength, _ = strength_of(rows, study.settings)
        cells = next((row for row in in_matrix if finding["id"] in row), [""])
        if legal(finding["statement"]) not in cells or not cells[-1].startswith(
            WORDS[study.settings["language"]][strength]
        ):
            yield Difference(where, f"is not in the matrix with its statement and {strength}")
        named_under = {head for line in in_strengths for head, cell in line if finding["id"] in cell.split(", ")}
        if named_under != {WORDS[study.settings["language"]][strength]}:
            yield Difference(where, f"is not under {strength} among the findings of its criterion")
        undecided = sum(row["status"] == "suggested" for row in rows)
        if cells[1:] and cells[-2] != (f"{undecided:,}" if study.settings["language"] == "en" else str(undecided)):
            yield Difference(where, "its count of undecided excerpts is wrong")
        yield from _quoted_in_annex(where, number, tables, rows, divided)
        yield from _answered_in_annex(where, tables.get(f"answers_{number}"), rows, divided)


def _answered_in_annex(where: str, table: Any, rows: list[Row], divided: set[tuple[str, str]]) -> Iterator[Difference]:
    """The first table of a finding counts by direction and group the persons of each status, and numbers the documents."""
    replies = {} if table is None else dict(_cells(table)[1:])
    confirmed = [row for row in rows if row["status"] == "confirmed"]
    undecided = [row for row in rows if row["status"] == "suggested"]
    chosen = {
        "Who says so? ¿Quiénes lo dicen?": [row for row in confirmed if row["direction"] == "supports"],
        "Who disagrees? ¿Quiénes no están de acuerdo?": [row for row in confirmed if row["direction"] != "supports"],
        "What does the machine alone believe? ¿Qué cree solo la máquina?": [
            row for row in undecided if (row["finding_id"], row["excerpt_id"]) not in divided
        ],
    }
    for names, of_row in chosen.items():
        reply = next((text for name, text in replies.items() if name in names), "")
        directions = list(dict.fromkeys(row["direction"] for row in of_row))
        is_contradicted = "Who disagrees" not in names or not of_row or "contradicts" in directions
        start = 0 if is_contradicted else 1  # a line that nobody contradicts it
        lines = reply.split("\n")[start : start + len(directions)]  # below them is what the machine may miss or expects
        persons = {(row["direction"], row["group"], row["participant"]) for row in of_row if row["participant"]}
        counted = Counter((direction, group) for direction, group, _ in persons)
        expected = sorted(f"{group.replace('_', ' ')} {count}" for (_, group), count in counted.items() if group)
        shown = [group for line in lines for group in re.findall(r"(?<=[(,])[^(),]+ \d+(?=[,)])", line)]
        named = [each for each in map(str.strip, shown) if not each.startswith(("no group", "sin grupo"))]
        documents = {(row["direction"], row["source_id"]) for row in of_row if row["kind"] == "document"}
        if sorted(named) != expected or sum(line.count("DOC-") for line in lines) != len(documents):
            yield Difference(where, f"its answer to {names} does not follow from the links")


def _registers_in_annex(tables: dict[str, Any], study: StoredStudy) -> Iterator[Difference]:
    """Conclusions, recommendations, lessons and practices stand in the annex with their statements, in their order."""
    registers = study.toml("coded/findings.toml")
    for name in ("conclusions", "recommendations", "lessons", "practices"):
        shown = [tuple(row[:2]) for row in _cells(tables[name])[1:]] if name in tables else []
        if shown != [(entry["id"], legal(entry["statement"])) for entry in registers.get(name, ())]:
            yield Difference(f"{ANNEX} {name}", "are not those of findings.toml")


def _quoted_in_annex(
    where: str, number: int, tables: dict[str, Any], rows: list[Row], divided: set[tuple[str, str]]
) -> Iterator[Difference]:
    undecided = [row for row in rows if row["status"] == "suggested"]
    kinds = {
        "supports": [r for r in rows if r["status"] == "confirmed" and r["direction"] == "supports"],
        "contrary": [r for r in rows if r["status"] == "confirmed" and r["direction"] != "supports"],
        "divided": [r for r in undecided if (r["finding_id"], r["excerpt_id"]) in divided],
        "suggested": [r for r in undecided if (r["finding_id"], r["excerpt_id"]) not in divided],
    }
    for kind, expected in kinds.items():
        table = tables.get(f"{kind}_{number}")
        quotes = [] if table is None else sorted(row[1] for row in _cells(table)[1:])
        if quotes != sorted(legal(row["quote"]) for row in expected):
            yield Difference(where, f"its quotes ({kind}) are not those of evidence.csv")


def _name(caption: Any) -> str:
    marks = [mark.get(f"{WORD}name") for mark in caption.iter(f"{WORD}bookmarkStart")]
    return marks[0].removeprefix("table_") if marks else ""


def _cells(table: Any) -> list[list[str]]:
    return [[_words(cell) for cell in row.iter(f"{WORD}tc")] for row in table.iter(f"{WORD}tr")]


def _words(cell: Any) -> str:
    signs = {f"{WORD}br": "\n", f"{WORD}noBreakHyphen": "-"}
    return "".join(signs.get(part.tag, part.text or "") for part in cell.iter(f"{WORD}t", *signs))
