"""What coders' answers became under changes of the codebook: from each code of today back to the lines that it stands on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from second_verifier.stored import Row

MEANING = {"rename", "merge", "split", "retire"}


@dataclass(frozen=True)
class Line:
    """An answer or ruling as it stands in the ledger; `blank` is a code of a form that was gone through."""

    seq: int
    codes: tuple[str, ...]
    yes: bool
    value: str
    blank: bool = False
    doubtful: bool = False  # its place among the changes is not that of its line


Outcome = tuple[bool, str, list[int]]  # yes, stance, lines


class Changes:
    """The changes of the codebook that stand, and the stretches of the ledger in which one was taken back for a while."""

    def __init__(self, rows: list[Row]) -> None:
        recorded = {row["seq"]: row["change"] for row in rows if row["kind"] == "codebook" and row.get("change")}
        stands = dict.fromkeys(recorded, True)
        first = {}
        self.restless: dict[int, int] = {}  # a change -> the last line that took it back or made it again
        for seq, change in recorded.items():
            if change["action"] == "undo" and change["undoes"] in recorded:
                first[seq] = first.get(change["undoes"], change["undoes"])
                self.restless[first[seq]] = seq
                stands[first[seq]] = not stands[first[seq]]
        self.codes = {seq: {*change["codes"], *change["into"]} for seq, change in recorded.items()}
        self.standing = [(seq, each) for seq, each in recorded.items() if each["action"] in MEANING and stands[seq]]

    def is_clear(self, line: Line) -> bool:
        """Whether it is plain what a line's codes were called when it was written."""
        named = set(line.codes)
        if line.doubtful or any(
            seq < line.seq < last and named & self.codes[seq] for seq, last in self.restless.items()
        ):
            return False
        for code in named:
            ends = [code in each["into"] for seq, each in self.standing if seq < line.seq and code in self.codes[seq]]
            if ends and not ends[-1]:
                return False
        return True

    def outcome(self, code: str, lines: list[Line], before: float = float("inf")) -> Outcome | None:
        """What one person's lines on one excerpt say of a code just before a line of the ledger."""
        made = [(seq, each) for seq, each in self.standing if seq < before and code in self.codes[seq]]
        since, change = made[-1] if made else (0, None)
        own = [line for line in lines if since < line.seq < before and code in line.codes]
        if express := [line for line in own if not line.blank]:
            return express[-1].yes, express[-1].value, [express[-1].seq]
        earlier = None
        if change and code in change["into"] and change["action"] in ("rename", "merge"):
            earlier = _put_together([self.outcome(each, lines, since) for each in change["codes"]])
        elif change and code in change["into"] and change["action"] == "split":
            whole = self.outcome(change["codes"][0], lines, since)
            earlier = whole if whole and not whole[0] else None
        return earlier or ((False, "", [own[0].seq]) if own else None)


def _put_together(outcomes: list[Outcome | None]) -> Outcome | None:
    """Yes where any says yes, with their stances; no where all say no."""
    ayes = [each for each in outcomes if each and each[0]]
    noes = [each for each in outcomes if each and not each[0]]
    if not ayes and len(noes) < len(outcomes):
        return None
    stances = sorted({each[1] for each in ayes if each[1]})
    lines = sorted({line for each in ayes or noes for line in each[2]})
    return bool(ayes), stances[0] if len(stances) == 1 else "mixed" if stances else "", lines


class Ballots:
    """The lines of each person on each excerpt, and what the changes make of them."""

    def __init__(self) -> None:
        self.lines: dict[tuple[str, str], list[Line]] = defaultdict(list)

    def outcomes(self, changes: Changes, codes: set[str]) -> Iterator[tuple[tuple[str, str, str], Outcome | None]]:
        """By (excerpt, code, person); None where the lines alone do not say it."""
        for (excerpt, person), lines in self.lines.items():
            is_clear = all(map(changes.is_clear, lines))
            for code in codes:
                outcome = changes.outcome(code, lines) if is_clear else None
                if outcome or not is_clear:
                    yield (excerpt, code, person), outcome
