"""The part of the annex on codes crossed with codes and with groups of persons: what people confirmed alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.codebook import Criterion
from pipeline.publish import Publication
from pipeline.publish.crossings import Cell, Profile, attribute_name, crossings, profiles, value_name
from pipeline.publish.word.blocks import Block, Column, Paragraph, Part, Table
from pipeline.publish.word.texts import Texts

MOST_ACROSS = 8  # columns beside the name of the code: what an A4 page across can hold
NOTHING = "–"
Rows = Sequence[tuple[Criterion, Sequence[Cell]]]


def crossings_and_profiles(publication: Publication, texts: Texts) -> Part:
    """The first family crossed with every other, and the codes by each attribute of persons."""
    tables = (*_crossings(publication, texts), *_profiles(publication, texts))
    smallest = publication.settings.disclosure.smallest_cell
    note = Paragraph(texts.say("annex_crossing.note", k=smallest), "note")
    blocks: tuple[Block, ...] = (note, *tables) if tables else (Paragraph(texts.say("annex_crossing.none")),)
    return Part(texts.say("annex_part.crossings"), blocks, is_landscape=True)


def _crossings(publication: Publication, texts: Texts) -> Iterator[Table]:
    first = publication.codebook.main_family
    of_first = [each for each in crossings(publication) if each.across[0].family == first]
    for number, crossing in enumerate(of_first, 1):
        names = {
            side: texts.closed("family", codes[0].family)
            for side, codes in (("across", crossing.across), ("down", crossing.down))
        }
        heads = [texts.codes[code.id] for code in crossing.across]
        rows = list(zip(crossing.down, crossing.rows, strict=True))
        yield from _tables(f"crossing_{number}", texts.say("annex_table.crossing", **names), heads, rows, texts)


def _profiles(publication: Publication, texts: Texts) -> Iterator[Table]:
    for number, profile in enumerate(profiles(publication), 1):
        name = attribute_name(profile.attribute, texts.language)
        caption = texts.say("annex_table.profile", attribute=f"{name[:1].lower()}{name[1:]}")
        rows = [row for _, of_family in profile.families for row in of_family]
        yield from _tables(f"profile_{number}", caption, _heads(profile, texts), rows, texts)


def _heads(profile: Profile, texts: Texts) -> list[str]:
    """The groups with the number of their persons."""
    return [f"{value_name(profile.attribute, value, texts.language)} ({persons})" for value, persons in profile.groups]


def _tables(name: str, caption: str, heads: Sequence[str], rows: Rows, texts: Texts) -> Iterator[Table]:
    """A table for so many columns as a page can hold, with the codes that have a confirmed excerpt in it."""
    for part, start in enumerate(range(0, len(heads), MOST_ACROSS), 1):
        across = slice(start, start + MOST_ACROSS)
        shown = [_row(code, cells[across], texts) for code, cells in rows if any(map(_is_confirmed, cells[across]))]
        if shown:
            columns = [texts.column("code", 30), *(Column(head, 20, is_number=True) for head in heads[across])]
            yield texts.table(f"{name}_{part}", caption, columns, shown)


def _is_confirmed(cell: Cell) -> bool:
    return cell.excerpts > 0


def _row(code: Criterion, cells: Sequence[Cell], texts: Texts) -> list[str]:
    return [texts.codes[code.id], *(_counts(cell, texts) for cell in cells)]


def _counts(cell: Cell, texts: Texts) -> str:
    if not cell.excerpts:
        return NOTHING
    return f"{texts.number(cell.excerpts)} ({cell.persons})" + (f"\n{cell.signs}" if cell.signs else "")
