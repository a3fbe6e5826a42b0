"""The answers of coders as the ledger states them, on the excerpts where their words are now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.audit.changed import REVIEWED, Entry, Replayed, codes_of_change, replayed
from pipeline.audit.corrected import hidden_by_source
from pipeline.audit.masked import placed_under_masks
from pipeline.audit.recount.joined import counts_of_parts, holding, joined_places
from pipeline.audit.stored import (
    Row,
    Stored,
    is_by,
    json_object,
    last_speakers,
    ledger_lines,
    with_one_name,
    without_taken_back,
)

YES_KINDS = ("code", "link")
NO_KINDS = ("uncode", "unlink")
RULING, YES = "adjudicate", "yes"


@dataclass(frozen=True, slots=True)
class Answer:
    """A coder's answer, or a ruling, on one excerpt and code or finding."""

    line: int  # of the ledger; the latest of several
    coder: str
    yes: bool
    value: str  # stance, or direction
    others: tuple[int, ...] = ()  # further lines, of codes that were merged


@dataclass(frozen=True, slots=True)
class LedgerAnswers:
    """The lines of a ledger that hold, and where the words of each are now.

    `lines` is by number; `places` by (excerpt, hash of its words) as they were decided on; `changed` are the codes that a
    recorded change of the codebook touches: for those the codes of a line are not always those of today. `joined` has the
    excerpts that are part of a larger one now.
    """

    lines: dict[int, Row]
    places: dict[tuple[str, str], str]
    changed: frozenset[str]
    speakers: dict[
        tuple[str, str], Row
    ]  # the selector of the last line on each passage, which says whose the words are
    joined: dict[tuple[str, str], str]

    def place(self, line: Row) -> str:
        """The excerpt that a line is on today; "" where its words are gone, changed, or were another speaker's."""
        passage = (line["excerpt_id"], line["text_sha256"])
        return self.places.get(passage, "") if is_by(self.speakers.get(passage), line.get("selector")) else ""

    def place_of_parts(self, line: Row) -> str:
        """The excerpt that a line is on today, or of which it is a part."""
        return self.place(line) or self.joined.get((line["excerpt_id"], line["text_sha256"]), "")

    def latest(self, target: str) -> dict[tuple[str, str], dict[str, Answer]]:
        """Each coder's last answer by excerpt and code or finding; `target` is criterion or finding_id.

        What the order of the lines alone does not settle is left out: lines merged from another ledger, some on changed codes.
        """
        answers: dict[tuple[str, str], dict[str, Answer]] = {}
        merged = set()
        for number, line in sorted(self.lines.items()):
            if not self._is_answer(line, target) or not (excerpt := self.place(line)):
                continue
            yes, key = line["kind"] in YES_KINDS, (excerpt, line[target])
            merged |= {key} if line["origin"] else set()
            answer = Answer(number, line["coder"], yes, line["value"] if yes else "")
            answers.setdefault(key, {})[line["coder"]] = answer
        for key, line in self._on_parts(target):
            answer = Answer(line["seq"], line["coder"], line["kind"] in YES_KINDS, line["value"])
            answers.setdefault(key, {}).setdefault(line["coder"], answer)
            merged |= {key} if line["origin"] else set()
        for key, answer in self._answers_on_changed(target):
            answers.setdefault(key, {})[answer.coder] = answer
        return {key: each for key, each in answers.items() if key not in merged}

    def _is_answer(self, line: Row, target: str) -> bool:
        """Whether a line answers a code, or finding, that is what it was."""
        return line["kind"] in (*YES_KINDS, *NO_KINDS) and bool(line[target]) and line[target] not in self.changed

    def _answers_on_changed(self, target: str) -> Iterator[tuple[tuple[str, str], Answer]]:
        """The answers of coders on changed codes, as the changes leave them, by excerpt and code; none on findings."""
        kinds = (*YES_KINDS, *NO_KINDS, REVIEWED) if target == "criterion" else ()
        lines = [line for line in self.lines.values() if line["kind"] in kinds and not line["finding_id"]]
        for (excerpt, coder), code, each in self._replayed(lines).cells(self.changed):
            latest, *earlier = sorted(each.lines, reverse=True)
            yield (excerpt, code), Answer(latest, coder, each.yes, each.value, tuple(earlier))

    def _rulings_on_changed(self) -> Replayed:
        """What was ruled, on changed codes as the changes leave it."""
        lines = [line for line in self.lines.values() if line["kind"] == RULING and line["criterion"]]
        return self._replayed(lines)

    def _replayed(self, lines: list[Row]) -> Replayed:
        if not self.changed:
            return Replayed()
        places = [(line, self.place_of_parts(line)) for line in lines]
        entries = [_entry(line, excerpt, self) for line, excerpt in places if excerpt]
        return replayed(self.lines.values(), entries)

    @property
    def unsettled_rulings(self) -> set[str]:
        """The excerpts for which the order of the lines alone does not settle what was ruled on changed codes."""
        return {excerpt for excerpt, _ in self._rulings_on_changed().open}

    def _on_parts(self, target: str) -> Iterator[tuple[tuple[str, str], Row]]:
        """What coders last answered on the parts of joined excerpts, where that holds of the whole."""
        last: dict[tuple[str, str, str], dict[tuple[str, str], Row]] = {}
        for _, line in sorted(self.lines.items()):
            passage = (line["excerpt_id"], line["text_sha256"])
            if self._is_answer(line, target) and passage in self.joined:
                last.setdefault((self.joined[passage], line[target], line["coder"]), {})[passage] = line
        parts, gone_through = counts_of_parts(self.joined), self._gone_through()
        for (excerpt, name, coder), lines in sorted(last.items()):
            if {(excerpt, name, coder), (excerpt, "", coder)} & gone_through:
                continue  # a code left blank on the whole is an answer, too
            if holding_line := holding(lines.values(), YES_KINDS, parts[excerpt]):
                yield (excerpt, name), holding_line

    def _gone_through(self) -> set[tuple[str, str, str]]:
        """(excerpt, code, coder) of every form that was gone through; the code is "" where an older line names none."""
        reviewed = [line for line in self.lines.values() if line["kind"] == "reviewed"]
        return {(self.place(line), code, line["coder"]) for line in reviewed for code in line["codes"] or ("",)}

    def rulings(self, target: str) -> dict[tuple[str, str], Answer]:
        """By excerpt and code, or finding, what was ruled last."""
        rulings = {}
        for number, line in sorted(self.lines.items()):
            is_ruling = line["kind"] == RULING and line[target] and line[target] not in self.changed
            if is_ruling and (excerpt := self.place(line)):
                word, _, value = line["value"].partition(":")
                rulings[excerpt, line[target]] = Answer(number, line["coder"], word == "yes", value)
        for key, line in self._ruled_on_parts(target):
            rulings.setdefault(key, Answer(line["seq"], line["coder"], line["kind"] == YES, line["value"]))
        if target == "criterion":
            for (excerpt, _), code, each in self._rulings_on_changed().cells(self.changed):
                latest = max(each.lines)
                rulings[excerpt, code] = Answer(latest, self.lines[latest]["coder"], each.yes, each.value)
        return rulings

    def _ruled_on_parts(self, target: str) -> Iterator[tuple[tuple[str, str], Row]]:
        """What was last ruled on the parts of joined excerpts, where that holds of the whole."""
        last: dict[tuple[str, str], dict[tuple[str, str], Row]] = {}
        for _, line in sorted(self.lines.items()):
            passage = (line["excerpt_id"], line["text_sha256"])
            is_ruling = line["kind"] == RULING and line[target] and line[target] not in self.changed
            if is_ruling and passage in self.joined:
                word, _, value = line["value"].partition(":")
                last.setdefault((self.joined[passage], line[target]), {})[passage] = {
                    **line,
                    "kind": word,
                    "value": value,
                }
        parts = counts_of_parts(self.joined)
        for key, lines in sorted(last.items()):
            if holding_line := holding(lines.values(), (YES,), parts[key[0]]):
                yield key, holding_line


def answers_of(stored: Stored) -> LedgerAnswers:
    """The ledger as the last run saw it, read by its format alone: what its own coder took back is left out."""
    count = stored.record.get("ledger", {}).get("lines", 0)
    rows = with_one_name(map(json_object, ledger_lines(stored.root)[:count]))
    return LedgerAnswers(
        lines={row["seq"]: {"codes": (), **row} for row in without_taken_back(rows)},
        places=dict(_places(stored)),
        changed=frozenset(code for row in rows for code in codes_of_change(row)),
        speakers=last_speakers(rows),
        joined=joined_places(stored),
    )


def _places(stored: Stored) -> Iterator[tuple[tuple[str, str], str]]:
    """Where words are; not those that are in place and became another speaker's, which are stale and reported as such."""
    hashes = {row["excerpt_id"]: row["text_sha256"] for row in stored.tables["excerpts"]}
    placements = stored.tables["placements"]
    stale = {(row["decided_on"], row["text_sha256"]) for row in placements if row["status"] == "stale"}
    for passage in hashes.items() - stale:
        yield passage, passage[0]
    for row in placements:
        if row["status"] in ("carried", "masked") and hashes.get(row["now_at"]) == row["text_sha256"]:
            yield (row["decided_on"], row["text_sha256"]), row["now_at"]
    yield from placed_under_masks(stored, hidden_by_source(stored)).items()


def _entry(line: Row, excerpt: str, ledger: LedgerAnswers) -> Entry:
    """A line as the replay of changes takes it; rulings of all people are one row of answers."""
    is_ruling, is_blank = line["kind"] == RULING, line["kind"] == REVIEWED
    word, _, value = line["value"].partition(":") if is_ruling else (line["kind"], "", line["value"])
    yes = word in (YES, *YES_KINDS)
    codes = tuple(line["codes"]) if is_blank else (line["criterion"],)
    return Entry(
        line=line["seq"],
        key=(excerpt, "" if is_ruling else line["coder"]),
        codes=codes,
        yes=yes,
        value=value if yes else "",
        is_blank=is_blank,
        is_settled=bool(codes) and not line["origin"] and bool(ledger.place(line)),
    )
