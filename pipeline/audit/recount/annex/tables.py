"""The tables of the annex as they should be, by name: captions, headings, and cells as rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from pipeline import wording
from pipeline.audit.recount.annex.answers import answer_rows
from pipeline.audit.recount.annex.material import Material, by_numbers, counted_persons
from pipeline.audit.recount.annex.sentences import coreq_answers, expected_persons, share
from pipeline.audit.recount.counts import sources_used
from pipeline.audit.recount.coverage import saturation
from pipeline.audit.recount.coverage.causal_paths import expected_rows as path_rows
from pipeline.audit.recount.coverage.causal_paths import path_cells, path_heads
from pipeline.audit.recount.coverage.crossings_shown import annex_tables
from pipeline.audit.recount.coverage.theory_of_change import PEOPLE
from pipeline.audit.recount.coverage.theory_shown import element_cells
from pipeline.audit.recount.links import divided_links
from pipeline.audit.stored import Row, digest
from pipeline.vocabulary import Strength

MOST_NAMED = 12
COUNTED = ("persons", "supports", "qualifies", "contradicts", "suggested")  # in the evaluation matrix
SIDES = {"supports": ("supports",), "contrary": ("contradicts", "qualifies", "not_told")}
SCORES = ("precision", "recall", "f1", "average_precision", "calibration_error")
TOTALS = ("macro_f1", "micro_f1", "samples_f1", "n", "groups")
AGREEMENT = ("n", "percent", "kappa", "alpha", "ac1", "prevalence")
QUALITY, AGREED = "outputs/quality.json", "outputs/agreement.json"


@dataclass(frozen=True, slots=True)
class Expected:
    """A table as it should be; the rows of quotes may be in any order."""

    name: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_ordered: bool = True


def expected_tables(material: Material) -> Iterator[Expected]:
    """The tables in order; none of figures that are newer than the last run."""
    made = (
        _strengths(material),
        *_matrix(material),
        *_registers(material),
        _theory(material),
        _paths(material),
        *_of_the_study(material),
        *_of_findings(material),
        *_crossings(material),
        _codebook(material),
        _rule(material),
        _saturation(material),
        *_measured(material, is_machine=False),
        *_measured(material, is_machine=True),
        _coreq(material),
    )
    yield from (_without_blanks(table) for table in made if table.rows)


def _without_blanks(table: Expected) -> Expected:
    """The table without columns in which all cells are blank."""
    is_shown = list(map(any, zip(*table.rows, strict=True)))
    rows = [list(compress(row, is_shown)) for row in table.rows]
    return Expected(table.name, table.caption, list(compress(table.head, is_shown)), rows, table.is_ordered)


def _heads(material: Material, *keys: str) -> list[str]:
    book: Mapping[str, str] = wording.book("evidence_book", material.language)["columns"]
    annex_texts = wording.texts()
    return [material.say(f"annex_column.{key}") if f"annex_column.{key}" in annex_texts else book[key] for key in keys]


def _number(material: Material, value: object) -> str:
    return wording.number(value, material.language) if isinstance(value, int) else str(value)


def _strengths(material: Material) -> Expected:
    """The findings of each criterion by strength, counted in the last row."""
    reached = {finding["id"]: str(material.recounts[finding["id"]].strength) for finding in material.findings}
    criteria = dict.fromkeys(finding["criterion"] for finding in material.findings)
    rows = [_under_strengths(material, criterion, reached) for criterion in criteria]
    counts = [len(reached), *(list(reached.values()).count(word) for word in Strength)]
    total = [material.say("annex.total"), *(_number(material, count) for count in counts)]
    head = [*_heads(material, "criterion", "findings"), *(material.closed("strength", word) for word in Strength)]
    caption = material.say("annex_table.strengths")
    return Expected("strengths", caption, head, [*rows, total] if rows else [])


def _under_strengths(material: Material, criterion: str, reached: Mapping[str, str]) -> list[str]:
    """A criterion, how many findings it has, and which of them have each strength."""
    named: dict[str, list[str]] = {word: [] for word in Strength}
    for finding in material.findings:
        if finding["criterion"] == criterion:
            named[reached[finding["id"]]].append(finding["id"])
    count = _number(material, sum(map(len, named.values())))
    return [material.code_name(criterion), count, *(", ".join(names) or "–" for names in named.values())]


def _matrix(material: Material) -> Iterator[Expected]:
    columns = "asked finding_id statement sources persons supports qualifies contradicts undecided strength"
    rows = [
        ["\n".join(filter(None, (criterion, question))), *cells]
        for criterion, question, *cells in matrix_rows(material)
    ]
    yield Expected("matrix", material.say("annex_table.matrix"), _heads(material, *columns.split()), rows)


def matrix_rows(material: Material) -> list[list[str]]:
    """Criterion, question, finding, sources and strength of every finding, in the language of the material."""
    return [_matrix_row(material, finding) for finding in material.findings]


def _matrix_row(material: Material, finding: Row) -> list[str]:
    recount = material.recounts[finding["id"]]
    rows = material.evidence[finding["id"]]
    sources = {material.references.get(row["source_id"], "") for row in rows if row["status"] == "confirmed"}
    names = sorted(sources, key=by_numbers)
    shown = ", ".join(names[:MOST_NAMED]) or material.say("annex.nothing")
    if len(names) > MOST_NAMED:
        shown = material.say("annex.sources", shown=shown, n=len(names) - MOST_NAMED)
    only = recount.counts["suggested"] and not recount.counts["confirmed"]
    note = f"\n({material.say('finding.suggested_only')})" if only else ""
    return [
        material.code_name(finding["criterion"]),
        finding.get("question", ""),
        finding["id"],
        finding["statement"],
        shown,
        *(_number(material, recount.counts[name]) for name in COUNTED),
        material.closed("strength", recount.strength) + note,
    ]


def _registers(material: Material) -> Iterator[Expected]:
    """What rests on the findings, each with its strength."""
    columns = ("number", "statement", "priority", "timeframe", "addressees", "findings", "conclusions")
    for name, entries in material.registers.items():
        rows = [_register_row(material, entry) for entry in entries]
        yield Expected(name, material.say(f"annex_table.{name}"), _heads(material, *columns), rows)


def _register_row(material: Material, entry: Row) -> list[str]:
    rated = {name: f"{name} ({material.closed('strength', each.strength)})" for name, each in material.recounts.items()}
    return [
        entry["id"],
        entry["statement"],
        material.closed("rank", entry["priority"]) if entry.get("priority") else "",
        entry.get("timeframe", ""),
        ", ".join(entry.get("addressees", ())),
        ", ".join(rated.get(name, name) for name in entry.get("findings", ())),
        ", ".join(entry.get("conclusions", ())),
    ]


def _theory(material: Material) -> Expected:
    keys = ("element", "kind", "leads_to", "status", *PEOPLE)
    head = [material.say(f"theory.{key}") for key in keys]
    rows = element_cells(material.stored, material.language)
    return Expected("theory", material.say("annex_table.theory"), head, rows)


def _paths(material: Material) -> Expected:
    """The arrows; no table where nobody states one."""
    language = material.language
    rows = path_rows(material.stored)
    is_stated = any(row["excerpts"] != "0" for row in rows)
    cells = path_cells(rows, material.stored, language) if is_stated else []
    return Expected("paths", material.say("paths.title"), path_heads(language), cells)


def _of_the_study(material: Material) -> Iterator[Expected]:
    yield Expected(
        "persons",
        material.say("annex_table.persons"),
        _heads(material, "attribute", "value", "participants", "speaking"),
        list(_person_rows(material)),
    )
    head = _heads(material, "kind", "read", "excerpts")
    yield Expected("sources", material.say("annex_table.sources"), head, list(_source_rows(material)))
    documents = [
        [
            material.references[row["source_id"]],
            row["path"].removeprefix("documents/"),
            row["date"],
            material.closed("language", row["language"]),
        ]
        for row in material.stored.tables["sources"]
        if row["kind"] == "document" and row["status"] != "rejected"
    ]
    head = _heads(material, "reference", "document", "date", "language")
    ordered = sorted(documents, key=lambda row: by_numbers(row[0]))
    yield Expected("documents", material.say("annex_table.documents"), head, ordered)


def _person_rows(material: Material) -> Iterator[list[str]]:
    smallest = material.stored.settings.disclosure.smallest_cell
    for attribute in ("group", "gender", "country"):
        for value, counts in counted_persons(material.stored, attribute).items():
            name = material.closed("sex", value) if attribute == "gender" else value
            shown = name.replace("_", " ") if attribute == "group" else name
            cells = [f"<{smallest}" if 0 < n < smallest else _number(material, n) for n in counts]
            yield [material.say(f"attribute.{attribute}"), shown or material.closed("sex", "unknown"), *cells]


def _source_rows(material: Material) -> Iterator[list[str]]:
    """Per kind: sources used, and excerpts of respondents; the first row of a file stands for the whole file."""
    paths = {row["source_id"]: row["path"] for row in material.stored.tables["sources"]}
    firsts = {row["path"]: row for row in reversed(material.stored.tables["sources"])}
    read = Counter(firsts[paths[source]]["kind"] for source in sources_used(material.stored))
    spoken = [row["source_id"] for row in material.stored.tables["excerpts"] if row["role"] == "respondent"]
    excerpts = Counter(firsts[paths[source]]["kind"] for source in spoken)
    present = {row["kind"] for row in firsts.values()}
    for kind in filter(present.__contains__, ("interview", "survey", "document")):
        yield [material.say(f"kinds.{kind}"), _number(material, read[kind]), _number(material, excerpts[kind])]
    if present:
        yield [material.say("annex.total"), _number(material, read.total()), _number(material, excerpts.total())]


def _of_findings(material: Material) -> Iterator[Expected]:
    divided, expected = divided_links(material.stored), expected_persons(material)
    head = _heads(material, "ask", "reply")
    for number, finding in enumerate(material.findings, 1):
        rows = material.evidence[finding["id"]]
        caption = material.say("annex_table.answers", id=finding["id"])
        yield Expected(
            f"answers_{number}", caption, head, answer_rows(material, finding, divided, expected[finding["id"]])
        )
        for name, directions in SIDES.items():
            chosen = [row for row in rows if row["status"] == "confirmed" and row["direction"] in directions]
            yield _quotes(material, finding, number, name, chosen)
        undecided: dict[bool, list[Row]] = {True: [], False: []}
        for row in rows:
            if row["status"] == "suggested":
                undecided[(finding["id"], row["excerpt_id"]) in divided].append(row)
        for name, is_divided in (("divided", True), ("suggested", False)):
            yield _quotes(material, finding, number, name, undecided[is_divided])


def _quotes(material: Material, finding: Row, number: int, name: str, rows: Sequence[Row]) -> Expected:
    keys = ["reference", "quote", *([] if name == "supports" else ["direction"]), "place"]
    cells = [
        {
            "reference": material.with_person(row),
            "quote": row["quote"],
            "direction": material.closed("direction", row["direction"]),
            "place": wording.place(row["place"], material.language),
        }
        for row in rows
    ]
    return Expected(
        f"{name}_{number}",
        material.say(f"annex_table.{name}", id=finding["id"]),
        _heads(material, *keys),
        [list(map(row.__getitem__, keys)) for row in cells],
        is_ordered=False,
    )


def _crossings(material: Material) -> Iterator[Expected]:
    for table in annex_tables(material.stored, material.language):
        yield Expected(table.name, table.caption, [*_heads(material, "code"), *table.head], table.rows)


def _codebook(material: Material) -> Expected:
    rows = [
        [
            material.closed("family", code.get("family", "criterion")),
            material.code_name(code["id"]),
            *(material.code_text(code, name) for name in ("definition", "include", "exclude")),
        ]
        for code in material.codes
    ]
    head = _heads(material, "family", "code", "definition", "include", "exclude")
    return Expected("codebook", material.say("annex_table.codebook"), head, rows)


def _rule(material: Material) -> Expected:
    rules = material.stored.settings.evidence
    head = [*_heads(material, "strength"), *(material.say(f"method.{each.key}") for each in rules.strong.conditions())]
    rows = []
    for name, rule in (("strong", rules.strong), ("moderate", rules.moderate)):
        limits = [each.limit for each in rule.conditions()]
        cells = [
            wording.percentage(share(limit), material.language) if isinstance(limit, float) else str(limit)
            for limit in limits
        ]
        rows.append([material.closed("strength", name), *cells])
    return Expected("rule", material.say("annex_table.rule"), head, rows)


def _saturation(material: Material) -> Expected:
    rows = saturation.table_cells(material.stored, material.language)
    heads = saturation.headings(material.language)
    return Expected("saturation", material.say("saturation.title"), heads, rows)


def measured(material: Material, name: str) -> Row:
    """What was measured, as the last run read it; nothing if it is newer, or was not measured."""
    path = material.stored.root / name
    data = path.read_bytes() if path.exists() else b""
    if digest(data) != material.stored.record.get("inputs", {}).get(name):
        return {}
    content: Row = json.loads(data)
    return content


def is_newer(material: Material, name: str) -> bool:
    """Whether something was measured since the last run: the annex shows what was measured before."""
    path = material.stored.root / name
    return path.exists() and not measured(material, name)


def _measured(material: Material, *, is_machine: bool) -> Iterator[Expected]:
    listed = list(_quality(material) if is_machine else _agreement(material))
    for number, (key, coder, columns, criteria, totals) in enumerate(listed, 1):
        caption = material.say(f"annex_table.{key}", of=coder)
        codes = _in_order(material, criteria)
        rows = [[material.code_name(code), *map(_figure, map(criteria[code].get, columns))] for code in codes]
        head = [*_heads(material, "code"), *(_measure(material, name) for name in columns)]
        yield Expected(f"{key}_{number}", caption, head, rows)
        if totals:
            cells = [[_figure(value) for value in totals.values()]]
            head = [_measure(material, name) for name in totals]
            yield Expected(f"totals_{number}", f"{material.say('annex_table.totals')}. {caption}", head, cells)


def _in_order(material: Material, criteria: Row) -> list[str]:
    """The codes of measured figures in the order of the codebook; those that it does not have come last."""
    codes = [code["id"] for code in material.codes if code["id"] in criteria]
    return [*codes, *(code for code in criteria if code not in codes)]


def _quality(material: Material) -> Iterator[tuple[str, str, Sequence[str], Row, Row]]:
    content = measured(material, QUALITY)
    for key in ("cold", "trained"):
        figures = content.get(key) or {}
        if figures.get("criteria"):
            totals = {name: figures[name] for name in TOTALS if figures.get(name) is not None}
            of = {f"macro_f1 {name}": each.get("macro_f1") for name, each in figures.get("languages", {}).items()}
            yield key, "", SCORES, figures["criteria"], {**totals, **of}


def _agreement(material: Material) -> Iterator[tuple[str, str, Sequence[str], Row, Row]]:
    content = measured(material, AGREED)
    if content.get("criteria"):
        yield "agreement", "", AGREEMENT, content["criteria"], {}
    for number, criteria in enumerate(content.get("machine", {}).values(), 1):
        yield "machine", str(number), AGREEMENT, criteria, {}


def _measure(material: Material, name: str) -> str:
    measure, _, language = name.partition(" ")
    heading = material.say(f"measured.{measure}")
    return f"{heading} ({material.closed('language', language)})" if language else heading


def _figure(value: Any) -> str:
    """0.81 (0.74–0.88), a count, or a dash."""
    if isinstance(value, dict):
        estimate = next((value[name] for name in ("value", "estimate", "mean") if name in value), None)
        low, high = value.get("low"), value.get("high")
        return _figure(estimate) + ("" if low is None or high is None else f" ({low:.2f}–{high:.2f})")
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _coreq(material: Material) -> Expected:
    answers = coreq_answers(material)
    rows = [[str(item), material.say(f"coreq_item.{item}"), answer] for item, answer in answers.items()]
    head = _heads(material, "number", "item", "answer")
    return Expected("coreq", material.say("annex_table.coreq"), head, rows)
