"""The drawing of a theory of change, wide for a desk and paper, narrow for a telephone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline import wording
from pipeline.codebook.theory_of_change import Arrow
from pipeline.publish.theory.elements import ElementAccount
from pipeline.publish.theory.layout import Box, Layout, Size, layout
from pipeline.publish.theory.paths import PathAccount

SIZES = {"wide": Size(box=212, per_row=4), "narrow": Size(box=256, per_row=1)}
LETTER, CAPITAL = 10.1, 11.9  # pixels of a letter of a name: of DejaVu Sans Bold, which is wider than others
LETTERS = dict.fromkeys("ijl.,:;'|!I ", 5.3) | dict.fromkeys("frt()-", 7.0) | dict.fromkeys("mwMW", 15.5)
MARGIN, HEAD, LINE = 12, 24, 18  # pixels: beside the text, of the kind above the name, of a line
LARGEST = 40  # elements; more cannot be read in one drawing


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box with its texts: the lines of its name in each language."""

    box: Box
    account: ElementAccount
    lines: dict[str, tuple[str, ...]]

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The lines of its name by language; under "" if it is the same in all languages."""
        one, *further = self.lines.values()
        return {"": one} if all(lines == one for lines in further) else self.lines

    @property
    def below(self) -> float:
        """Where the lines below the name begin."""
        return self.box.y + HEAD + LINE * max(map(len, self.lines.values()))


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: its name, its layout, and its boxes with their texts."""

    name: str
    layout: Layout
    boxes: tuple[DrawnBox, ...]
    paths: Mapping[Arrow, PathAccount]


def drawings(accounts: Sequence[ElementAccount], paths: Sequence[PathAccount]) -> tuple[Drawing, ...]:
    """The drawings of a theory of change and of the stated paths; none if it has more elements than can be read."""
    if not 0 < len(accounts) <= LARGEST:
        return ()
    return tuple(_drawing(name, size, accounts, paths) for name, size in SIZES.items())


def _drawing(name: str, size: Size, accounts: Sequence[ElementAccount], paths: Sequence[PathAccount]) -> Drawing:
    lines = {account.element.id: _lines(account, size) for account in accounts}
    heights = {
        account.element.id: _height(account, max(map(len, lines[account.element.id].values()))) for account in accounts
    }
    by_arrow = {path.arrow: path for path in paths}
    placed = layout([account.element for account in accounts], list(by_arrow), heights, size)
    by_id = {account.element.id: account for account in accounts}
    boxes = tuple(DrawnBox(box, by_id[box.element], lines[box.element]) for box in placed.boxes)
    return Drawing(name, placed, boxes, by_arrow)


def _lines(account: ElementAccount, size: Size) -> dict[str, tuple[str, ...]]:
    room = size.box - 2 * MARGIN
    return {
        language: name_lines(account.element.name_in(language) or account.element.id, room)
        for language in wording.LANGUAGES
    }


def name_lines(name: str, room: float) -> tuple[str, ...]:
    """A name in lines of at most so many pixels; longer words are divided."""
    lines = [""]
    for word in name.split():
        joined = f"{lines[-1]} {word}".strip()
        if _width(joined) <= room:
            lines[-1] = joined
            continue
        lines += [""] if lines[-1] else []
        for letter in word:
            if _width(lines[-1] + letter) > room:
                lines.append("")
            lines[-1] += letter
    return tuple(lines)


def _width(text: str) -> float:
    """The pixels of a line of a name, in the widest of the fonts that the page may have."""
    return sum(LETTERS.get(letter, CAPITAL if letter.isupper() else LETTER) for letter in text)


def _height(account: ElementAccount, lines: int) -> float:
    below = 2 + bool(account.counts["machine_excerpts"])
    return HEAD + LINE * (lines + below) + MARGIN / 2
