"""New cuts and joins: where an excerpt may be cut, and the drafts of the lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.provenance import excerpt_id, sha256_text
from pipeline.records import Draft, ExcerptPart
from pipeline.vocabulary import BoundaryAction, DecisionKind

SPACE = re.compile(r"\s+")
IN_BRACKETS = re.compile(
    r"\[[^\[\]\n]{1,80}\]"
)  # masked names and notes: a longer stretch is words somebody put in brackets
JOINERS = "\u200d\u200c"  # zero-width: what follows belongs to the sign before
SKIN_TONES = range(0x1F3FB, 0x1F400)


@dataclass(frozen=True, slots=True)
class Stretch:
    """An excerpt in its source: the source's id, where the excerpt begins, and its words."""

    source_id: str
    start: int
    text: str

    @property
    def end(self) -> int:
        """One past its last character."""
        return self.start + len(self.text)

    def part(self, start: int, end: int) -> ExcerptPart:
        """The words from `start` to `end` of the excerpt, as part of a line."""
        name = excerpt_id(self.source_id, self.start + start, self.start + end)
        return ExcerptPart(name, sha256_text(self.text[start:end]))

    @property
    def whole(self) -> ExcerptPart:
        """All its words, as part of a line."""
        return self.part(0, len(self.text))


@dataclass(frozen=True, slots=True)
class Gap:
    """White space between two words of an excerpt, where it may be cut."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        """Whether a place is in the gap or at one of its ends."""
        return self.start <= at <= self.end

    def distance(self, at: int) -> int:
        """How many characters lie between a place and the gap."""
        return 0 if self.holds(at) else min(abs(at - self.start), abs(at - self.end))


def gaps(text: str) -> Iterator[Gap]:
    """The gaps between the words of an excerpt.

    None before a sign that belongs to the character before it (an accent, the rest of an emoji), and none within brackets.
    """
    brackets = [match.span() for match in IN_BRACKETS.finditer(text)]
    for match in SPACE.finditer(text):
        start, end = match.span()
        is_inside = any(first < start and end < last for first, last in brackets)
        if start > 0 and end < len(text) and not is_inside and not _belongs_to_what_is_before(text[end]):
            yield Gap(start, end)


def _belongs_to_what_is_before(character: str) -> bool:
    is_mark = unicodedata.category(character).startswith("M")
    return is_mark or character in JOINERS or ord(character) in SKIN_TONES


def nearest_gap(text: str, at: int) -> Gap | None:
    """The gap nearest to a place in the words; the earlier of two; None where there is only one word."""
    return min(gaps(text), key=lambda gap: gap.distance(at), default=None)


def cut_draft(excerpt: Stretch, gap: Gap, **more: object) -> Draft:
    """The draft that cuts an excerpt at a gap."""
    parts = (excerpt.part(0, gap.start), excerpt.part(gap.end, len(excerpt.text)))
    return _draft(BoundaryAction.CUT, excerpt.whole, parts, **more)


def join_draft(first: Stretch, second: Stretch, between: str, **more: object) -> Draft:
    """The draft that joins an excerpt with the next one of its turn; `between` is the white space between them."""
    whole = Stretch(first.source_id, first.start, first.text + between + second.text)
    return _draft(BoundaryAction.JOIN, whole.whole, (first.whole, second.whole), **more)


def _draft(action: BoundaryAction, whole: ExcerptPart, parts: tuple[ExcerptPart, ...], **more: object) -> Draft:
    fields = {"value": str(action), "parts": parts, **more}
    return Draft(DecisionKind.EXCERPT, whole.excerpt_id, whole.text_sha256, **fields)  # type: ignore[arg-type]
