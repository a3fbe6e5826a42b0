"""The parts of the annex on the study: its persons by category, its sources and documents, its codes."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.codebook import Codebook, Criterion
from pipeline.publish import Publication, labels
from pipeline.publish.html.tables import File, files
from pipeline.publish.persons import counted_persons
from pipeline.publish.references import in_number_order
from pipeline.publish.word.blocks import Block, Paragraph, Part
from pipeline.publish.word.texts import Texts
from pipeline.vocabulary import PERSON_ATTRIBUTES, Kind, ReadStatus


def persons(publication: Publication, texts: Texts) -> Part:
    """How many persons there are of each group, sex and country: no names, and small counts not exactly."""
    columns = (
        texts.column("attribute", 30),
        texts.column("value", 50),
        texts.column("participants", 20, is_number=True),
        texts.column("speaking", 20, is_number=True),
    )
    rows = [row for attribute in PERSON_ATTRIBUTES for row in _person_rows(attribute, publication, texts)]
    smallest = publication.settings.disclosure.smallest_cell
    blocks: list[Block] = [Paragraph(texts.say("annex.small_counts", k=smallest))]
    if rows:
        blocks.append(texts.table("persons", texts.say("annex_table.persons"), columns, rows))
    else:
        blocks.append(Paragraph(texts.say("method.limit_nobody")))
    return Part(texts.say("annex_part.persons"), tuple(blocks))


def _person_rows(attribute: str, publication: Publication, texts: Texts) -> list[list[str]]:
    rows = []
    for each in counted_persons(publication, (attribute,)):
        (value,) = each.attributes
        name = texts.closed("sex", value) if attribute == "gender" else labels.group_name(value)
        heading = texts.say(f"attribute.{attribute}")
        shown = name or texts.closed("sex", "unknown")
        rows.append([heading, shown, texts.number(each.registered), texts.number(each.speaking)])
    return rows


def sources(publication: Publication, texts: Texts) -> Part:
    """How many sources there are of each kind, and the documents by name."""
    listed = files(publication)
    rows = [row for kind in Kind if (row := _kind_row(kind, listed, texts))]
    columns = (
        texts.column("kind", 40),
        *(texts.column(key, 20, is_number=True) for key in ("read", "excerpts")),
    )
    blocks: list[Block] = []
    if rows:
        total = [texts.say("annex.total"), *(texts.number(number) for number in _used_of(listed))]
        caption = texts.say("annex_table.sources")
        blocks.append(texts.table("sources", caption, columns, [*rows, total], has_total=True))
    used = publication.sources[publication.sources["status"] != ReadStatus.REJECTED]
    documents = used[used["kind"] == Kind.DOCUMENT]
    fields = ["source_id", "path", "date", "language"]
    named = [
        [texts.references.of(source, ""), path.removeprefix("documents/"), date, texts.closed("language", language)]
        for source, path, date, language in documents[fields].itertuples(index=False, name=None)
    ]
    if named:
        shares = {"reference": 12, "document": 50, "date": 14, "language": 14}
        shown = [texts.column(key, share) for key, share in shares.items()]
        ordered = sorted(named, key=lambda row: in_number_order(row[0]))
        blocks.append(texts.table("documents", texts.say("annex_table.documents"), shown, ordered))
    return Part(texts.say("annex_part.sources"), tuple(blocks or [Paragraph(texts.say("annex.nothing"))]), goes_on=True)


def _kind_row(kind: Kind, listed: tuple[File, ...], texts: Texts) -> list[str]:
    of_kind = [file for file in listed if file.kind == kind]
    return [texts.say(f"kinds.{kind}"), *(texts.number(number) for number in _used_of(of_kind))] if of_kind else []


def _used_of(listed: Sequence[File]) -> tuple[int, int]:
    """How many sources of some files are used, and their excerpts of respondents."""
    return sum(file.used for file in listed), sum(file.excerpts for file in listed)


def codebook(codes: Codebook, texts: Texts) -> Part:
    """The codes by family, each with its definition, what it includes and what it excludes."""
    columns = (
        texts.column("family", 16),
        texts.column("code", 24),
        texts.column("definition", 60),
        texts.column("include", 45),
        texts.column("exclude", 45),
    )
    rows = [_code_row(code, texts) for code in codes.criteria]
    table = texts.table("codebook", texts.say("annex_table.codebook"), columns, rows)
    return Part(texts.say("annex_part.codebook"), (table,) if rows else (), is_landscape=True)


def _code_row(code: Criterion, texts: Texts) -> list[str]:
    written = [code.text(name, texts.language) for name in ("definition", "include", "exclude")]
    return [texts.closed("family", code.family), texts.codes[code.id], *written]
