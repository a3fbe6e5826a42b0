"""From the words that a coder has marked on the page to lines of the ledger: what is new, and what is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pipeline.errors import ConfigError, Problem
from pipeline.records import Decision, Draft, MarkedSpan
from pipeline.review.spans.of_coders import CoderSpan
from pipeline.review.undo import undo_draft
from pipeline.spans import whole_characters
from pipeline.vocabulary import DecisionKind
from pipeline.wording.messages import message


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of an excerpt as they come from the page: `[start, end)`, and the code that they carry."""

    code: str
    start: int
    end: int


def drafts_of_marks(
    marks: Iterable[Mark],
    present: Sequence[CoderSpan],
    *,
    excerpt_id: str,
    text: str,
    text_sha256: str,
    codes: Collection[str],
) -> list[Draft]:
    """A line for each stretch that is not marked yet, in whole characters.

    Raises ConfigError if a stretch is empty or not in the text, or its code is not in the codebook.
    """
    already = {Mark(span.criterion, span.start, span.end) for span in present}
    new = dict.fromkeys(_checked(mark, text, codes) for mark in marks)
    return [
        Draft(
            DecisionKind.SPAN,
            excerpt_id=excerpt_id,
            text_sha256=text_sha256,
            criterion=mark.code,
            span=MarkedSpan(mark.start, mark.end),
        )
        for mark in new
        if mark not in already
    ]


def undo_of_unmarked(marks: Collection[Mark], present: Iterable[CoderSpan], lines: Iterable[Decision]) -> list[Draft]:
    """The line that takes back what the ledger marks and the page does not; `lines` are those of the coder that hold."""
    gone = {seq for span in unmarked(marks, present) for seq in (span.seq, *span.again)}
    taken_back = [line for line in lines if line.seq in gone]
    return [undo_draft(taken_back)] if taken_back else []


def unmarked(marks: Collection[Mark], present: Iterable[CoderSpan]) -> list[CoderSpan]:
    """What is marked in the ledger and not on the page."""
    return [span for span in present if Mark(span.criterion, span.start, span.end) not in marks]


def _checked(mark: Mark, text: str, codes: Collection[str]) -> Mark:
    if mark.code not in codes:
        what = message("review/marks_words_for_no_code", code=mark.code)
        raise ConfigError(Problem("spans", what, message("review/load_the_page_again")))
    stretch = whole_characters(text, mark.start, mark.end)
    if stretch is None:
        what = message("review/marks_no_words_of_the_excerpt")
        raise ConfigError(Problem("spans", what, message("review/mark_at_least_one_character")))
    return Mark(mark.code, stretch.start, stretch.end)
