"""The texts of the annex in the study's language, and tables with captions and descriptions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.findings import Finding
from pipeline.publish.references import References
from pipeline.publish.word.blocks import Cell, Column, Table


class Texts:
    """Words of the interface, names of codes, and references of sources, in one language."""

    def __init__(self, language: str, codebook: Codebook, references: References) -> None:
        self.language = language
        self.references = references
        self.codes = {code.id: code.text("name", language) or code.id for code in codebook.criteria}
        self.columns: dict[str, str] = wording.book("evidence_book", self.language)["columns"]

    def say(self, key: str, **values: object) -> str:
        """A text of wording."""
        return wording.text(key, self.language, **values)

    def closed(self, section: str, word: str) -> str:
        """A closed word as people read it."""
        return wording.closed_word(section, word, self.language)

    def asked(self, finding: Finding) -> str:
        """The criterion of a finding and, on a line of its own, the evaluation question that it answers."""
        return "\n".join(filter(None, (self.codes[finding.criterion], finding.question)))

    def number(self, value: object) -> str:
        """A count with the separator of the language; other texts, such as <5, stay as they are."""
        return wording.number(value, self.language) if isinstance(value, int) else str(value)

    def column(self, key: str, share: float, *, is_number: bool = False) -> Column:
        """A column headed by a text of the annex, or as in the evidence book."""
        annex_key = f"annex_column.{key}"
        return Column(self.say(annex_key) if annex_key in wording.texts() else self.columns[key], share, is_number)

    def headed(self, heading: str, share: float) -> Column:
        """A column of numbers with a heading of its own."""
        return Column(heading, share, is_number=True)

    def condition(self, key: str, share: float) -> Column:
        """A column headed by a condition of the rule of strength."""
        return Column(self.say(f"method.{key}"), share, is_number=True)

    def measure(self, name: str, share: float) -> Column:
        """A column headed by the name of a figure, such as macro F1 of one language."""
        measure, _, language = name.partition(" ")
        heading = self.say(f"measured.{measure}")
        named = f"{heading} ({self.closed('language', language)})" if language else heading
        return Column(named, share, is_number=True)

    def place(self, where: str) -> str:
        """A place in a file."""
        return wording.place(where, self.language)

    def table(
        self,
        name: str,
        caption: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str | Cell]],
        *,
        has_total: bool = False,
    ) -> Table:
        """A table with what a screen reader says of it; columns in which all cells are blank are left out."""
        is_shown = [any(map(_words, cells)) for cells in zip(*rows, strict=True)]
        shown = tuple(compress(columns, is_shown))
        size = {"columns": len(shown), "n": len(rows), "headings": ", ".join(column.heading for column in shown)}
        return Table(
            name=name,
            caption=caption,
            description=self.say("annex_table.alt", **size),
            columns=shown,
            rows=[list(compress(row, is_shown)) for row in rows],
            has_total=has_total,
        )


def _words(cell: str | Cell) -> str:
    return cell.text if isinstance(cell, Cell) else cell
