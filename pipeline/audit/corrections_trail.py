"""The corrections behind the words of an excerpt, for a trace: what was recorded, what it became, by whom and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.audit.stored import CORRECTIONS, Row, overlap
from pipeline.wording.messages import Message, message, separated


@dataclass(frozen=True, slots=True)
class CorrectionsTrail:
    """Places that are corrected, by source, each with what a trace says of it."""

    places: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def texts(self, excerpt: Row) -> list[Message]:
        """What was corrected in the words of an excerpt, or in who speaks its turn."""
        return [
            place["text"]
            for place in self.places.get(excerpt["source_id"], ())
            if (place["turn"] == excerpt["turn"] if place["is_speaker"] else overlap(place, excerpt))
        ]


def corrections_trail(
    corrections: Iterable[Row], lines: Iterable[Row], masks: Sequence[Row], hidden: Collection[tuple[str, int]]
) -> CorrectionsTrail:
    """The trail in the table `corrections`, the lines of coded/corrections.csv and the table `masks`.

    Words that a mask touches, and those of `hidden` turns, are not repeated.
    """
    standing = {line["key"]: line for line in lines if not line.get("withdrawn")}
    places: dict[str, list[Row]] = {}
    for row in corrections:
        line = standing.get(row["correction"])
        if line and row["status"] == "applied":
            is_masked = any(mask["source_id"] == row["source_id"] and overlap(mask, row) for mask in masks)
            is_shown = not is_masked and (row["source_id"], row["turn"]) not in hidden
            places.setdefault(row["source_id"], []).append({**row, "text": _text(row, line, is_shown=is_shown)})
    return CorrectionsTrail(places)


def _text(row: Row, line: Row, *, is_shown: bool) -> Message:
    if row["is_speaker"]:
        what = message("audit/speaker_corrected")
    elif is_shown:
        what = message("audit/words_corrected", words=line["words"], corrected=line["corrected"])
    else:
        what = message("audit/hidden_words_corrected")
    more = [", ".join(filter(None, [line.get("by", ""), line.get("at", "")])), line.get("reason", "")]
    return separated("; ", [what, *(each for each in more if each), f"{CORRECTIONS} line {line['line']}"])
