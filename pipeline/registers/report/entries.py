"""The entries of a report: blocks gathered below the mark of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.registers.report.attributes import Attributes, columns_of, in_columns, labelled
from pipeline.registers.report.blocks import Block
from pipeline.registers.report.marks import PREFIX, Mark, list_mark, mark_of, plain_number, section_of, sections_in
from pipeline.vocabulary import RegisterSection, ReportColumn

ENDED = re.compile(r"[.!?…](?:[\"”’»)\]]*)(?:\s?\d{1,3})?$")  # a number behind the full stop is that of a footnote
GOES_ON = re.compile(
    r"(?:[,;–—-]|\b(?:and|or|the|a|an|of|to|in|on|for|with|by|from|that|this|its|their|y|o|e|el|la|los|las|de|del|en|que|con|por|para|su|sus))$"
)
LONGEST_TITLE = 60  # characters of a line that may name a group of findings where the format knows no headings
TITLES_BELOW = 99  # level of such a line: any heading ends it
LONGEST_FORM = 4  # words of an entry's text under which it is its title, and the words follow


@dataclass(slots=True)
class Entry:
    """An entry as it comes in the report: its number, the headings above, and the paragraphs below its mark."""

    section: RegisterSection
    number: str
    place: str
    titles: tuple[str, ...] = ()
    paragraphs: list[str] = field(default_factory=list)
    attributes: Attributes = field(default_factory=lambda: Attributes({}))
    is_titled: bool = False  # its words are a heading and need no full stop
    other_places: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its section and number, as messages have them: `recommendation 3`."""
        return f"{self.section.removesuffix('s')} {self.number}"

    @property
    def id(self) -> str:
        """Its id in findings.toml, where its number is unique."""
        return f"{PREFIX[self.section]}{self.number}"

    @property
    def statement(self) -> str:
        """Its first sentence or sentences: the paragraphs that continue the first, put together."""
        words = ""
        for paragraph in self.paragraphs:
            if words and not self._continues(words, paragraph):
                break
            words = f"{words.removesuffix('-')}{paragraph}" if words.endswith("-") else f"{words} {paragraph}".strip()
        return words

    def _continues(self, words: str, paragraph: str) -> bool:
        if self.is_titled and len(words.split()) >= LONGEST_FORM:
            return False
        if ENDED.search(words):
            return False
        is_title = len(words.split()) < LONGEST_FORM and not words.endswith(":")
        return is_title or bool(GOES_ON.search(words)) or paragraph[:1].islower() or words.endswith(":")

    @property
    def is_whole(self) -> bool:
        """Whether its words end where a sentence does."""
        return self.is_titled or bool(ENDED.search(self.statement))


@dataclass(slots=True)
class Gathered:
    """What was gathered from a report: entries, and the headings of sections without numbered entries."""

    entries: list[Entry] = field(default_factory=list)
    headed: list[tuple[RegisterSection, str]] = field(default_factory=list)  # section, place of its heading
    moved: list[Entry] = field(default_factory=list)  # whose words were away from their mark


def gather(blocks: Sequence[Block], is_group: Callable[[str], bool]) -> Gathered:
    """The entries of a report. `is_group` says whether a line that is no heading names a group of findings."""
    marked = {mark.section for block in blocks for mark in _marks_of(block)}
    walk = _Walk(marked, is_group)
    for block in blocks:
        walk.take(block)
    return walk.gathered


def _marks_of(block: Block) -> Iterator[Mark]:
    for cell in block.cells:
        if mark := mark_of(cell):
            yield mark


class _Walk:
    """The state of a walk through the blocks: the entry, the headings and the table that hold at the moment."""

    def __init__(self, marked: Collection[RegisterSection], is_group: Callable[[str], bool]) -> None:
        self.marked, self.is_group = marked, is_group
        self.gathered = Gathered()
        self.entry: Entry | None = None
        self.titles: dict[int, str] = {}
        self.section: RegisterSection | None = None  # of the heading that announces it
        self.last_number = 0  # in that section
        self.columns: tuple[ReportColumn, ...] = ()
        self.table = ""

    def take(self, block: Block) -> None:
        """Put a block where it belongs."""
        if block.table and len(block.cells) > 1:
            self._row(block)
        elif mark := mark_of(block.words):
            self._begin(mark, block)
        elif values := labelled(block.words):
            self._attributes(values)
        elif block.level:
            self._heading(block)
        elif self._announces(block.words):
            self._heading(replace(block, level=TITLES_BELOW))
        else:
            self._paragraph(block)

    def _begin(self, mark: Mark, block: Block) -> None:
        self.entry = Entry(mark.section, mark.number, block.place, tuple(self.titles.values()))
        self.entry.is_titled = block.level > 0 and len(mark.rest.split()) >= LONGEST_FORM
        if mark.rest:
            self.entry.paragraphs.append(mark.rest)
        self.gathered.entries.append(self.entry)

    def _heading(self, block: Block) -> None:
        words, sections = block.words, sections_in(block.words)
        if self.entry and not self.entry.paragraphs and not sections and not self.is_group(words):
            self.entry.paragraphs.append(words)
            self.entry.is_titled = len(words.split()) >= LONGEST_FORM and block.level > 1
            return
        self.entry = None
        if sections:
            self.section, self.last_number = sections[0], 0
            self.gathered.headed.append((sections[0], block.place))
        elif self.section and block.level <= min(self.titles, default=0):
            self.section = None
        self.titles = {level: title for level, title in self.titles.items() if level < block.level} | {
            block.level: words
        }

    def _announces(self, words: str) -> bool:
        """Whether a line that is no heading is only the word of another section, as where headings have no style."""
        section = section_of(words)
        return section is not None and section is not self.section

    def _paragraph(self, block: Block) -> None:
        words = block.words
        if self._is_numbered(block):
            return
        if self._is_title(words):
            self.entry = None
            self.titles[TITLES_BELOW] = words
        elif self.entry:
            self.entry.paragraphs.append(words)

    def _is_title(self, words: str) -> bool:
        """Whether a line that is no heading names a group of findings, and continues no sentence."""
        if len(words) > LONGEST_TITLE or not words[0].isupper() or ENDED.search(words) or not self.is_group(words):
            return False
        return self.entry is None or not GOES_ON.search(self.entry.statement)

    def _is_numbered(self, block: Block) -> bool:
        """Begin an entry that is numbered as in a list under the heading of its section, in the order of the numbers."""
        if self.section is None or self.section in self.marked:
            return False
        mark = list_mark(block.words, self.section)
        if mark is None or mark.number != str(self.last_number + 1):
            return False
        self.last_number += 1
        self._begin(mark, block)
        return True

    def _row(self, block: Block) -> None:
        if columns := columns_of(block.cells):
            self.columns, self.table = columns, block.table
        elif self.columns and block.table == self.table:
            self._values(block)
        elif marks := list(_marks_of(block)):
            self._marked_row(block, marks[0])
        elif len(block.cells) == 2 and (values := labelled(": ".join(block.cells))):
            self._attributes(values)

    def _marked_row(self, block: Block, first: Mark) -> None:
        """A row that holds an entry: its mark, and the words in the same or the next cell."""
        at = next(i for i, cell in enumerate(block.cells) if mark_of(cell) == first)
        self._begin(first, block)
        if self.entry and not self.entry.paragraphs:
            self.entry.paragraphs += block.cells[at + 1 :][:1]

    def _values(self, block: Block) -> None:
        """A row of a table with attributes: of the entry above it, or of an entry that is in the row itself."""
        values = in_columns(block.cells, self.columns)
        words = values.pop(ReportColumn.RECOMMENDATIONS, "")
        number = values.pop(ReportColumn.NUMBER, "")
        mark = mark_of(words) or list_mark(words, RegisterSection.RECOMMENDATIONS)
        if words and (mark or number):
            self._begin(mark or Mark(RegisterSection.RECOMMENDATIONS, plain_number(number.strip(" .")), words), block)
        self._attributes(values)

    def _attributes(self, values: dict[ReportColumn, str]) -> None:
        """Give values to the entry above; those of a recommendation whose words were put elsewhere, with the words."""
        entry = self.entry
        if entry is None:
            return
        waiting = [
            e for e in self.gathered.entries if e.section is RegisterSection.RECOMMENDATIONS and not e.paragraphs
        ]
        is_misplaced = entry.section is not RegisterSection.RECOMMENDATIONS and ReportColumn.PRIORITY in values
        if is_misplaced and waiting and len(entry.paragraphs) > 1:
            owner = waiting[-1]
            owner.paragraphs.append(entry.paragraphs.pop())
            self.gathered.moved.append(owner)
            self.entry = entry = owner
        entry.attributes.add(values)
