"""What the page asks to be corrected in a transcript, and what makes and lists the corrections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CorrectionOrder:
    """Words `[start, end)` of an excerpt or turn and what they should be, or who speaks: the speaker of the turn `speaker_of`.

    `speaker_of` is 0 for the interviewer, and None where words are corrected.
    """

    passage_id: str
    text_sha256: str
    reason: str = ""
    start: int = 0
    end: int = 0
    corrected: str = ""
    speaker_of: int | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A correction to be withdrawn ("" for none), and those to be put back because it took their place, by their keys."""

    key: str = ""
    restored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """A correction as it is shown under an excerpt or turn; of words that a mask touches the recorded ones are not."""

    key: str
    words: str
    corrected: str
    is_speaker: bool
    is_applied: bool  # by the last run
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Corrector:
    """Corrections of a study, as functions of it."""

    correct: Callable[[CorrectionOrder, str], None]  # an order and its coder
    withdraw: Callable[[Withdrawal, str], None]  # what is withdrawn, and the coder
    shown: Callable[[str, int, str], list[ShownCorrection]]  # of an excerpt or turn: its id, its turn and its words
