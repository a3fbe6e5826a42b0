"""coded/decisions.jsonl: every human decision, append-only, each line chained to the one before by hash.

The rule of the hash: take the JSON object of the line as it was read, every key whether known or not, without its `hash`;
write it as JSON with sorted keys, no spaces and no escapes for letters; `hash` is the SHA-256 of its UTF-8. A line in which
a key occurs twice, or a number is not finite, is refused. Keys that this version does not know are kept and handed on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from pipeline.errors import ConfigError, IntegrityError, Problem, StudyBusyError
from pipeline.provenance import canonical_json, sha256_text
from pipeline.records import CodebookChange, Decision, Draft, ExcerptPart, MarkedSpan, Selector
from pipeline.review.coders import CoderNames
from pipeline.study import paths_in
from pipeline.vocabulary import BoundaryAction, CodebookAction, CoderView, DecisionKind
from pipeline.wording.messages import message, separated

START = "0" * 64  # what the first line is chained to
PATIENCE = 10.0  # seconds that a writer waits for another: a line takes milliseconds, and a thousand writers are rare
POLL = 0.002  # seconds between two looks at the lock: shorter than a line takes to write
REMEDY = "common/restore_the_file_from_your_own_copy"
UPDATE = "review/use_the_version_of_the_program"

FIRST_KEYS = (
    "seq",
    "at",
    "coder",
    "kind",
    "excerpt_id",
    "text_sha256",
    "criterion",
    "finding_id",
    "value",
    "note",
    "base",
)
OPTIONAL_KEYS = (
    "study",
    "codes",
    "codebook",
    "handout",
    "shown",
    "lane",
    "round",
    "selector",
    "change",
    "span",
    "parts",
)  # absent where empty
LAST_KEYS = ("origin", "prev", "hash")
WHOLE_KEYS = frozenset({"seq", "base"})
REQUIRED_KEYS = frozenset({"seq", "at", "coder", "kind", "prev", "hash"})
KNOWN_KEYS = frozenset((*FIRST_KEYS, *OPTIONAL_KEYS, *LAST_KEYS))
NAMES_OF_RECORDS = {
    "selector": tuple(field.name for field in fields(Selector)),
    "change": tuple(field.name for field in fields(CodebookChange)),
    "span": tuple(field.name for field in fields(MarkedSpan)),
}
NAMES_OF_PART = tuple(field.name for field in fields(ExcerptPart))
PARTS = 2  # of an excerpt that is cut, or joined


@dataclass(slots=True)
class Ledger:
    """The ledger at `path`. The first read verifies every line; later reads verify only the lines added since.

    `study` is the id of the study that the ledger must belong to; empty if it is not known.
    """

    path: Path
    study: str = ""
    decisions: list[Decision] = field(default_factory=list)
    lines_verified: int = 0  # over all looks
    coders: CoderNames = field(default_factory=CoderNames)
    _size: int = 0  # bytes verified
    _last_line: bytes = b""  # the last of them: if it is unchanged at its place, so is all before it

    def refresh(self) -> tuple[Decision, ...]:
        """All decisions, in order, with one name for each coder.

        An incomplete line at the end, cut off by a crash, is set aside in a file beside the ledger.
        Raises IntegrityError naming the first line at odds with the chain, ConfigError if the ledger is another study's.
        """
        if not self.path.exists():
            return ()
        with self.path.open("rb") as file:
            is_cut = self._read(file)
        if is_cut:
            try:
                with self._locked() as file:
                    self._mend(file)
            except StudyBusyError:
                pass  # no crash: another program is writing this very line
        return tuple(self.decisions)

    def append(self, drafts: Sequence[Draft], *, coder: str, now: datetime) -> tuple[Decision, ...]:
        """Write drafts to the end of the ledger, synced to disk, and return them as decisions; all of them or none.

        Raises StudyBusyError if another program keeps the ledger busy, IntegrityError if the ledger is broken.
        """
        at = now.isoformat(timespec="seconds")
        new = [Decision(**_fields_of(draft), at=at, coder=coder) for draft in drafts]
        with self._locked() as file:
            self._mend(file)
            return self._write(file, new)

    def merge(self, other: bytes, name: str) -> tuple[Decision, ...]:
        """Append the decisions of another ledger of the study that are not yet in this one; returns those that were new.

        Each keeps its coder, its time and the hash of its line in the other ledger (`origin`): merging twice is merging once.
        """
        merged = read_chain(other, name)
        _check_study(merged, self.study, name)
        with self._locked() as file:
            self._mend(file)
            present = {d.hash for d in self.decisions} | {d.origin for d in self.decisions}
            missing = [d for d in merged if (d.origin or d.hash) not in present]
            numbers = self._numbers_here(merged, missing)
            return self._write(file, [_as_merged(decision, numbers) for decision in missing])

    def _numbers_here(self, merged: Sequence[Decision], missing: Sequence[Decision]) -> dict[int, int]:
        """The line here of each line of the other ledger."""
        by_hash = {key: d.seq for d in self.decisions for key in (d.hash, d.origin) if key}
        by_hash |= {d.origin or d.hash: len(self.decisions) + n for n, d in enumerate(missing, 1)}
        return {d.seq: by_hash[d.origin or d.hash] for d in merged}

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_of(self.path), timeout=PATIENCE, poll_interval=POLL)
        try:
            lock.acquire()
        except Timeout:
            busy = Problem(
                self.path.name,
                message("review/is_being_written_by_another_program"),
                message("review/wait_a_moment_then_try_again"),
            )
            raise StudyBusyError(busy) from None
        try:
            self.path.touch()
            with self.path.open("r+b", buffering=0) as file:
                yield file
        finally:
            lock.release()

    def _read(self, file: IO[bytes]) -> bool:
        """Verify the lines added since the last look; true if the last line is incomplete."""
        file.seek(self._size - len(self._last_line))
        data = file.read()
        if not data.startswith(self._last_line):
            self.decisions, self._size, self._last_line, self.coders = [], 0, b"", CoderNames()
            file.seek(0)
            data = file.read()
        added = data[len(self._last_line) :]
        whole = added[: added.rfind(b"\n") + 1]
        for line in whole.splitlines(keepends=True):
            self._take(line)
        return len(whole) < len(added)

    def _take(self, line: bytes) -> None:
        decision = _checked(line, self.decisions[-1] if self.decisions else None, self.path.name)
        if decision.kind is not DecisionKind.CODEBOOK:  # nobody need be named for a change of the codebook
            decision = replace(decision, coder=self.coders.read(decision.coder))
        self.decisions.append(decision)
        self.lines_verified += 1
        self._size += len(line)
        self._last_line = line
        if self.decisions[-1].study:
            _check_study(self.decisions[-1:], self.study, self.path.name)

    def _mend(self, file: IO[bytes]) -> None:
        """Bring `decisions` up to date and leave the file with whole lines only."""
        if not self._read(file):
            return
        file.seek(self._size)
        fragment = file.read()
        try:
            _checked(fragment + b"\n", self.decisions[-1] if self.decisions else None, self.path.name)
        except IntegrityError:
            _free_name(self.path).write_bytes(fragment)
            file.truncate(self._size)
        else:
            file.write(b"\n")  # only the line's end was missing: the decision is whole
        os.fsync(file.fileno())
        self._read(file)

    def _write(self, file: IO[bytes], new: Sequence[Decision]) -> tuple[Decision, ...]:
        last = self.decisions[-1] if self.decisions else None
        names_study = self.study and not any(d.study for d in self.decisions)
        lines: list[bytes] = []
        for decision in new:
            study = self.study if names_study and not lines else ""
            seq, prev = (last.seq + 1, last.hash) if last else (1, START)
            last = _sealed(replace(decision, study=study, seq=seq, prev=prev, hash=""))
            lines.append(line_of(last))
        if not lines:
            return ()
        try:
            file.seek(self._size)
            _write_all(file, b"".join(lines))
            os.fsync(file.fileno())
        except OSError as error:
            file.truncate(self._size)
            what = message("review/could_not_be_written_nothing", strerror=error.strerror)
            raise IntegrityError(Problem(self.path.name, what, message("review/make_room_on_the_disk"))) from error
        before = len(self.decisions)
        self._read(file)
        return tuple(self.decisions[before:])


def lock_of(path: Path) -> Path:
    """The hidden file beside a ledger that is locked while it is written."""
    return path.with_name(f".{path.name}.lock")


def load(path: Path, study: str = "") -> tuple[Decision, ...]:
    """All decisions of a ledger in order, as `Ledger.refresh` gives them. No file, no decisions."""
    return Ledger(path, study).refresh()


def append(path: Path, drafts: Sequence[Draft], *, coder: str, now: datetime, study: str = "") -> tuple[Decision, ...]:
    """Append to a ledger once; see `Ledger.append`."""
    return Ledger(path, study).append(drafts, coder=coder, now=now)


def read_chain(data: bytes, name: str) -> tuple[Decision, ...]:
    """The decisions in the bytes of a ledger, every hash recomputed; IntegrityError names the first line that is wrong."""
    decisions: list[Decision] = []
    for line in data.splitlines(keepends=True):
        decisions.append(_checked(line, decisions[-1] if decisions else None, name))
    return tuple(decisions)


def cut_lines(path: Path) -> tuple[Problem, ...]:
    """A problem for each part of a line that was set aside, until a person removes its file."""
    return tuple(
        Problem(
            f"{path.parent.name}/{cut.name}",
            message("review/contains_part_of_a_line", name=path.name),
            message("review/decide_on_that_excerpt_again"),
        )
        for cut in paths_in(path.parent)
        if cut.name.startswith(f"{path.stem}.cut-")
    )


def hash_of(row: dict[str, Any]) -> str:
    """The hash of a line's row as it was read, `hash` apart."""
    return sha256_text(canonical_json({key: value for key, value in row.items() if key != "hash"}))


def line_of(decision: Decision) -> bytes:
    """A decision as a line of the ledger."""
    return (json.dumps(row_of(decision), ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")


def row_of(decision: Decision) -> dict[str, Any]:
    """A decision as the object of its line; newer keys only if they have a value."""
    plain = {name: getattr(decision, name) for name in (*FIRST_KEYS, *LAST_KEYS)}
    optional = {name: value for name in OPTIONAL_KEYS if (value := getattr(decision, name))}
    if decision.codes:
        optional["codes"] = list(decision.codes)
    if decision.selector:
        optional["selector"] = asdict(decision.selector)
    if decision.span:
        optional["span"] = asdict(decision.span)
    if decision.change:
        optional["change"] = change_as_row(decision.change)
    if decision.parts:
        optional["parts"] = [asdict(part) for part in decision.parts]
    first = {name: plain[name] for name in FIRST_KEYS}
    return {**first, **optional, **decision.extra, **{name: plain[name] for name in LAST_KEYS}}


def change_as_row(change: CodebookChange) -> dict[str, Any]:
    """A change of the codebook as the object in its line."""
    return {**asdict(change), "families": dict(change.families)}


def head(decisions: Sequence[Decision]) -> str:
    """The hash of the whole ledger: that of its last line."""
    return decisions[-1].hash if decisions else START


def _as_merged(decision: Decision, numbers: dict[int, int]) -> Decision:
    """A line of another ledger as it is written here: what it undoes is named by its number here."""
    change = decision.change
    if change and change.undoes:
        change = replace(change, undoes=numbers.get(change.undoes, 0))
    return replace(decision, origin=decision.origin or decision.hash, study="", change=change)


def _fields_of(draft: Draft) -> dict[str, Any]:
    return {field.name: getattr(draft, field.name) for field in fields(Draft)}


def _sealed(decision: Decision) -> Decision:
    return replace(decision, hash=hash_of(row_of(decision)))


def _checked(line: bytes, before: Decision | None, name: str) -> Decision:
    """The decision of a line that follows on the decision before it; IntegrityError if it does not."""
    number, prev = (before.seq + 1, before.hash) if before else (1, START)
    where = f"{name} line {number}"
    if not line.endswith(b"\n"):
        raise IntegrityError(Problem(where, message("review/is_incomplete"), message(REMEDY)))
    row = _row(line, where)
    decision = _decision(row, where)
    if decision.seq != number:
        what = message("review/has_number_a_line_is_missing", seq=decision.seq)
        raise IntegrityError(Problem(where, what, message(REMEDY)))
    if decision.prev != prev:
        raise IntegrityError(Problem(where, message("review/does_not_continue_the_line_before"), message(REMEDY)))
    if decision.hash != hash_of(row):
        raise IntegrityError(Problem(where, message("review/was_changed_after_it_was_written"), message(REMEDY)))
    return decision


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise IntegrityError(Problem(where, message("review/is_not_a_decision"), message(REMEDY))) from None
    if not isinstance(row, dict) or not row.keys() >= REQUIRED_KEYS:
        raise IntegrityError(Problem(where, message("review/is_not_a_decision"), message(REMEDY)))
    return row


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a key occurs twice")
    return row


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _decision(row: dict[str, Any], where: str) -> Decision:
    """The decision of a row; IntegrityError if it is not one, or uses a word of a later version of the program."""
    values = {key: value for key, value in row.items() if key in KNOWN_KEYS}
    extra = {key: value for key, value in row.items() if key not in KNOWN_KEYS}
    nested = {key: values.pop(key, None) for key in ("codes", "shown", "selector", "change", "span", "parts")}
    for key, names in NAMES_OF_RECORDS.items():
        if _holds_more(nested[key], names):
            extra[key] = nested[key]  # handed on whole
            nested[key] = dict(zip(names, itemgetter(*names)(nested[key]), strict=True))
    extra |= _unknown_in_parts(nested["parts"])
    if not _has_types(values, nested["codes"]):
        raise IntegrityError(Problem(where, message("review/is_not_a_decision"), message(REMEDY)))
    if strange := _words_of_later_versions(values, nested):
        what = message("review/has_a_that_this_version", words=separated(message("review/and_a"), strange))
        raise IntegrityError(Problem(where, what, message(UPDATE)))
    try:
        return _of_values(values, nested, extra)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise IntegrityError(Problem(where, message("review/is_not_a_decision"), message(REMEDY))) from None


def _unknown_in_parts(parts: Any) -> dict[str, Any]:
    """The parts whole, to be handed on, where one of them has keys that this version does not know."""
    holds_more = isinstance(parts, list) and any(_holds_more(part, NAMES_OF_PART) for part in parts)
    return {"parts": parts} if holds_more else {}


def _holds_more(value: Any, names: Collection[str]) -> bool:
    return isinstance(value, dict) and value.keys() > set(names)


def _words_of_later_versions(values: Mapping[str, Any], nested: Mapping[str, Any]) -> list[str]:
    """The keys of a row whose value this version does not know."""
    change = nested["change"]
    boundary = values.get("value") if values["kind"] == DecisionKind.EXCERPT else None
    closed = (
        ("kind", values["kind"], DecisionKind),
        ("value", boundary, BoundaryAction),
        ("shown", nested["shown"], CoderView),
        ("action", change.get("action") if isinstance(change, dict) else None, CodebookAction),
    )
    return [name for name, word, words in closed if word and word not in tuple(words)]


def _of_values(values: Mapping[str, Any], nested: Mapping[str, Any], extra: Mapping[str, Any]) -> Decision:
    return Decision(
        **{**values, "kind": DecisionKind(values["kind"])},
        codes=tuple(nested["codes"] or ()),
        shown=CoderView(nested["shown"]) if nested["shown"] else None,
        selector=Selector(**nested["selector"]) if nested["selector"] else None,
        change=change_of_row(nested["change"]) if nested["change"] else None,
        span=_span(nested["span"]) if nested["span"] else None,
        parts=_parts(values["kind"], nested["parts"]),
        extra=extra,
    )


def _parts(kind: str, rows: Sequence[Mapping[str, Any]] | None) -> tuple[ExcerptPart, ...]:
    """The two parts of a cut or a join; ValueError if there are not two."""
    if len(rows or ()) != (PARTS if kind == DecisionKind.EXCERPT else 0):
        raise ValueError("a cut or a join has two parts")
    return tuple(
        ExcerptPart(row["excerpt_id"], row["text_sha256"], Selector(**row["selector"]) if row["selector"] else None)
        for row in rows or ()
    )


def change_of_row(row: Mapping[str, Any]) -> CodebookChange:
    """The change of the codebook in the object of a line."""
    return CodebookChange(
        action=CodebookAction(row["action"]),
        codes=tuple(row["codes"]),
        into=tuple(row["into"]),
        families=tuple(sorted(row["families"].items())),
        undoes=row["undoes"],
        before=dict(row["before"]),
    )


def _span(row: dict[str, Any]) -> MarkedSpan:
    if any(type(row[name]) is not int for name in ("start", "end")):
        raise TypeError("offsets are whole numbers")
    return MarkedSpan(**row)


def _has_types(values: dict[str, Any], codes: Any) -> bool:
    """Whether the values of a row are whole numbers, texts and lists where they should be."""
    if not all(type(value) is (int if key in WHOLE_KEYS else str) for key, value in values.items()):
        return False
    return codes is None or (isinstance(codes, list) and all(isinstance(code, str) for code in codes))


def _check_study(decisions: Sequence[Decision], study: str, name: str) -> None:
    """Raise ConfigError if decisions name another study than `study`; neither is checked where it is not known."""
    named = next((d.study for d in decisions if d.study), "")
    if named and study and named != study:
        what = message("review/belongs_to_another_study_this_one", named=named, study=study)
        raise ConfigError(Problem(name, what, message("review/use_it_with_its_own_study")))


def _free_name(path: Path) -> Path:
    number = 1
    while (free := path.with_name(f"{path.stem}.cut-{number}")).exists():
        number += 1
    return free


def _write_all(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]
