"""The cuts and joins behind an excerpt, and what became of one that was cut or joined, for a trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.audit.stored import Row, without_taken_back
from pipeline.wording.messages import Message, message, separated

RECUT = ("cut", "joined")  # status of a placement whose words are in other excerpts now


@dataclass(frozen=True, slots=True)
class BoundsTrail:
    """The lines that cut or joined excerpts, by each excerpt that they name, and where recut excerpts are now."""

    lines: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    holding: frozenset[int] = frozenset()  # numbers of lines that were not taken back
    now: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def texts(self, excerpt: str) -> list[Message]:
        """What was cut or joined to make an excerpt, or to make others of it; what was taken back is said to be."""
        return [self._text(line) for line in self.lines.get(excerpt, ())]

    def _text(self, line: Row) -> Message:
        first, second = (part["excerpt_id"] for part in line["parts"])
        values = {"whole": line["excerpt_id"], "first": first, "second": second, "coder": line["coder"]}
        text = message(f"audit/bounds_{line['value']}", **values, at=line["at"], line=line["seq"])
        is_held = line["seq"] in self.holding
        return text if is_held else separated("; ", [text, message("audit/bounds_taken_back")])


def bounds_trail(lines: Iterable[Row], placements: Iterable[Row]) -> BoundsTrail:
    """The trail in the lines of a ledger and the rows of the table `placements`."""
    rows = list(lines)
    by_excerpt: dict[str, list[Row]] = {}
    for row in rows:
        for name in _named(row):
            by_excerpt.setdefault(name, []).append(row)
    now: dict[str, list[str]] = {}
    for row in placements:
        if row["status"] in RECUT:
            now.setdefault(row["decided_on"], []).append(row["now_at"])
    return BoundsTrail(by_excerpt, frozenset(row["seq"] for row in without_taken_back(rows)), now)


def _named(row: Row) -> Iterator[str]:
    if row["kind"] == "excerpt":
        yield from dict.fromkeys([row["excerpt_id"], *(part["excerpt_id"] for part in row["parts"])])
