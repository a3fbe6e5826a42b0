"""The drawing of a theory of change, wide for a desk and paper, narrow for a telephone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from pipeline import wording
from pipeline.codebook.theory_of_change import TheoryOfChange
from pipeline.publish.theory.elements import ElementAccount
from pipeline.publish.theory.layout import Box, Layout, Size, layout

SIZES = {"wide": Size(box=212, per_row=4), "narrow": Size(box=256, per_row=1)}
LETTER = 8.3  # pixels of a letter of a name, on average
MARGIN, HEAD, LINE = 12, 24, 18  # pixels: beside the text, of the kind above the name, of a line
LARGEST = 40  # elements; more cannot be read in one drawing


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box with its texts: the lines of its name in each language."""

    box: Box
    account: ElementAccount
    lines: dict[str, tuple[str, ...]]

    @property
    def is_in_one_language(self) -> bool:
        """Whether its name is the same in all languages."""
        return len(set(self.lines.values())) == 1

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


def drawings(theory: TheoryOfChange, accounts: Sequence[ElementAccount]) -> tuple[Drawing, ...]:
    """The drawings of a theory of change; none of one with more elements than can be read."""
    if not 0 < len(accounts) <= LARGEST:
        return ()
    return tuple(_drawing(name, size, theory, accounts) for name, size in SIZES.items())


def _drawing(name: str, size: Size, theory: TheoryOfChange, accounts: Sequence[ElementAccount]) -> Drawing:
    lines = {account.element.id: _lines(account, size) for account in accounts}
    heights = {
        account.element.id: _height(account, max(map(len, lines[account.element.id].values()))) for account in accounts
    }
    placed = layout(theory.elements, theory.arrows, heights, size)
    by_id = {account.element.id: account for account in accounts}
    boxes = tuple(DrawnBox(box, by_id[box.element], lines[box.element]) for box in placed.boxes)
    return Drawing(name, placed, boxes)


def _lines(account: ElementAccount, size: Size) -> dict[str, tuple[str, ...]]:
    letters = int((size.box - 2 * MARGIN) / LETTER)
    return {
        language: tuple(wrap(account.element.name_in(language), letters)) or (account.element.id,)
        for language in wording.LANGUAGES
    }


def _height(account: ElementAccount, lines: int) -> float:
    below = 2 + bool(account.counts["machine_excerpts"])
    return HEAD + LINE * (lines + below) + MARGIN / 2
