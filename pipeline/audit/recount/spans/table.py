"""From the ledger to the table `spans`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain

from pipeline.audit.recount.ledger import LedgerAnswers, answers_of
from pipeline.audit.stored import RERUN, Row, Stored, json_object
from pipeline.errors import Problem
from pipeline.spans import Stretch, whole_characters
from pipeline.wording.messages import Message, message

SPANS = "coded/machine/spans.parquet"
Key = tuple[str, str, str, int, int]  # excerpt, code, coder, first character in the source, one past the last


def check_spans(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that every span has its line, on words that are in its excerpt, and that none is missing of a code that is given."""
    ledger = answers_of(stored)
    votes_for = {(v["excerpt_id"], v["criterion"], v["voter"]) for v in stored.tables["votes"] if v["vote"]}
    marked: dict[int, list[Key]] = defaultdict(list)
    for line, key in chain(_marked(stored, ledger), _marked_in_parts(stored, ledger)):
        marked[line].append(key)
    rows = list(enumerate(stored.tables.get("spans", ()), 1))  # an older program has none

    def problems() -> Iterator[Problem]:
        for number, row in rows:
            if what := _row_problem(row, ledger, marked, is_given=(*_cell(row), f"coder:{row['coder']}") in votes_for):
                yield Problem(f"{SPANS} row {number} ({', '.join(_cell(row))})", what, message(RERUN))
        present = {_key(row) for _, row in rows}
        codes = {row["criterion"] for row in stored.tables["codings"]}
        for line, key in sorted((line, key) for line, keys in marked.items() for key in keys):
            excerpt, code, coder = key[:3]
            is_due = code in codes and code not in ledger.changed and (excerpt, code, f"coder:{coder}") in votes_for
            if is_due and key not in present:
                what = message("audit/marked_words_are_missing", line=line, coder=coder)
                yield Problem(f"{SPANS} ({excerpt}, {code})", what, message(RERUN))

    return len(rows), problems()


def _cell(row: Row) -> tuple[str, str]:
    return row["excerpt_id"], row["criterion"]


def _key(row: Row) -> Key:
    return (*_cell(row), row["coder"], row["start"], row["end"])


def _row_problem(row: Row, ledger: LedgerAnswers, marked: Mapping[int, list[Key]], *, is_given: bool) -> Message | None:
    keys = marked.get(row["line"], [])
    if not keys:
        return message("audit/line_marks_no_words_there", line=row["line"])
    if not any(_is_row(key, row, ledger) for key in keys):
        return message("audit/line_marks_other_words", line=row["line"])
    return None if is_given else message("audit/coder_does_not_give_the_code", coder=row["coder"])


def _is_row(key: Key, row: Row, ledger: LedgerAnswers) -> bool:
    excerpt, code, *further = key
    is_code = code == row["criterion"] or bool({code, row["criterion"]} & ledger.changed)
    return is_code and [excerpt, *further] == [row[name] for name in ("excerpt_id", "coder", "start", "end")]


def _marked_in_parts(stored: Stored, ledger: LedgerAnswers) -> Iterator[tuple[int, Key]]:
    """The same of lines on excerpts that were cut or joined since: what they mark in each excerpt with their words now."""
    excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
    parts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in stored.tables["placements"]:
        if row["status"] in ("cut", "joined") and row["now_at"] in excerpts:
            parts[row["decided_on"], row["text_sha256"]].append(excerpts[row["now_at"]])
    for number, line in ledger.lines.items():
        of_line = parts.get((line["excerpt_id"], line["text_sha256"]), []) if line["kind"] == "span" else []
        first = int(line["excerpt_id"].rpartition(":")[2].partition("-")[0]) if of_line else 0
        moved = min(part["start"] for part in of_line) - first if len(of_line) > 1 else 0
        for part in of_line:
            shift = first + moved - part["start"]
            start, end = max(0, line["span"]["start"] + shift), min(len(part["text"]), line["span"]["end"] + shift)
            if stretch := whole_characters(part["text"], start, end):
                bounds = (part["start"] + stretch.start, part["start"] + stretch.end)
                yield number, (part["excerpt_id"], line["criterion"], line["coder"], *bounds)


def _marked(stored: Stored, ledger: LedgerAnswers) -> Iterator[tuple[int, Key]]:
    """The lines that mark words which are there, each with what it marks, as the line names it."""
    excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
    changes = {
        (row["decided_on"], row["text_sha256"]): json_object(b'{"masks":' + row["mask_changes"].encode() + b"}")[
            "masks"
        ]
        for row in stored.tables["placements"]
        if row["mask_changes"]
    }
    for number, line in ledger.lines.items():
        excerpt = ledger.place(line) if line["kind"] == "span" else ""
        if not excerpt:
            continue
        start, end = _moved(line["span"], changes.get((line["excerpt_id"], line["text_sha256"]), []))
        if stretch := whole_characters(excerpts[excerpt]["text"], start, end):
            first = excerpts[excerpt]["start"]
            yield number, (excerpt, line["criterion"], line["coder"], first + stretch.start, first + stretch.end)


def _moved(span: Row, changes: list[list[int]]) -> Stretch:
    """The stretch in words in which names are masked, or shown, since: a change is start and end then, start and end now."""
    start, end = span["start"], span["end"]
    before_start = [change for change in changes if change[0] < start]
    before_end = [change for change in changes if change[0] < end]
    if before_start:
        _, was_end, now_start, now_end = before_start[-1]
        start = now_start if start < was_end else start + now_end - was_end
    if before_end:
        _, was_end, _, now_end = before_end[-1]
        end = now_end if end < was_end else end + now_end - was_end
    return Stretch(start, end)
