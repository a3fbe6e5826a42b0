"""The ledger of decisions, checked: its chain, and whether its decisions still match the words they were made on."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline import wording
from pipeline.audit.corrected import hidden_by_source
from pipeline.audit.heads import foot_of_report, read_me
from pipeline.audit.masked import place_since_masked, placed_under_masks
from pipeline.audit.stored import (
    LEDGER,
    RERUN,
    Row,
    Stored,
    canonical,
    digest,
    is_by,
    json_object,
    last_speakers,
    ledger_lines,
    with_one_name,
    without_taken_back,
)
from pipeline.errors import Problem
from pipeline.vocabulary import Consent
from pipeline.wording.messages import Message, counted, message

RESTORE = "common/restore_the_file_from_your_own"
CODEBOOK = "coded/codebook.toml"
REFUSALS: dict[str, str] = {
    Consent.NO: "says_no",
    Consent.WITHDRAWN: "has_withdrawn",
}  # the person's words are not used


def check_ledger(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """The chain of decisions holds from its first line to its last, and reaches at least the head that the last run saw."""
    lines = ledger_lines(stored.root)
    return len(lines), _chain_problems(lines, stored.record.get("ledger", {}))


def _chain_problems(lines: list[bytes], seen: Row) -> Iterator[Problem]:
    prev, hashes = "0" * 64, []
    for number, line in enumerate(lines, 1):
        what, prev = _line_problem(line, number, prev)
        if what:
            is_cut = number == len(lines) and not line.endswith(b"\n")
            remedy = message("audit/run_make_check_study_it_sets") if is_cut else message(RESTORE)
            yield Problem(f"{LEDGER} line {number}", what, remedy)
            return
        hashes.append(prev)
    count = seen.get("lines", 0)
    if count and (len(hashes) < count or hashes[count - 1] != seen["head"]):
        what = message("audit/the_last_run_recorded_the_file", lines=counted(count, "line"), present=len(hashes))
        yield Problem(f"{LEDGER} line {min(count, len(hashes) + 1)}", what, message(RESTORE))


def _line_problem(line: bytes, number: int, prev: str) -> tuple[Message | None, str]:
    try:
        row = json_object(line)
        claimed = row.pop("hash")
        content = digest(canonical(row))
    except (ValueError, KeyError) as error:
        return message("audit/is_cut_off_or_not_a_decision", error=error), prev
    if not line.endswith(b"\n"):
        return message("audit/is_incomplete"), prev
    if row.get("seq") != number:
        return message("audit/has_number", seq=row.get("seq")), prev
    if row.get("prev") != prev:
        return message("audit/does_not_continue_the_line_before_it"), prev
    return (None if content == claimed else message("audit/line_was_changed_after_it_was_written")), claimed


def check_refusals(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """The file of refusals begins as the last run recorded it, and no words of anybody who refuses are in the tables."""
    name = "coded/refusals.jsonl"
    path = stored.root / name
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    before = stored.record.get("refusals", {})
    count = before.get("lines", 0)

    def problems() -> Iterator[Problem]:
        if count and digest(b"".join(lines[:count])) != before["sha256"]:
            yield Problem(
                name,
                message("common/does_not_begin", lines=counted(count, "line")),
                message("common/restore_it_from_your_own_copy"),
            )
        latest = {row["participant_id"]: row["consent"] for row in map(json_object, lines[:count])}
        consents = {who: person.consent for who, person in stored.people.items()}
        turns = Counter(row["participant_id"] for row in stored.tables["turns"])
        for who in sorted(turns):
            refusal = REFUSALS.get(consents.get(who, ""), REFUSALS.get(latest.get(who, ""), ""))
            if refusal:
                what = message(f"audit/{refusal}_but_turns_are_used", who=who, n=turns[who])
                yield Problem("raw/participants.csv", what, message("audit/run_make_analyze"))

    return len(lines), problems()


def check_codebook(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """The codebook is the one in the run record, and the report and *Read me* name it, and the edition, as the record does."""
    content = tomllib.loads((stored.root / CODEBOOK).read_text("utf-8-sig"))
    version = f"{content.get('version', '0')}+{digest(canonical([content]))[:16]}"
    record = stored.record
    named = [str(record.get(name, "")) for name in ("codebook", "edition")]

    def problems() -> Iterator[Problem]:
        if named[0] != version:
            yield Problem(
                "outputs/run.json codebook",
                message("audit/is_not_the_version_and_hash", codebook=CODEBOOK, version=version),
                message(RERUN),
            )
        foot, first_sheet = foot_of_report(stored), read_me(stored)
        if not all(sentence in foot for sentence in _foot(record)):
            what = message("audit/names_another_codebook_edition_or_number")
            yield Problem("outputs/report.html foot", what, message(RERUN))
        if not all(name in first_sheet for name in named):
            yield Problem(
                "outputs/evidence.xlsx Read me", message("audit/names_another_codebook_or_edition_than"), message(RERUN)
            )

    return 3, problems()


def _foot(record: Row) -> Iterator[str]:
    """The sentences at the foot of the report, in each language."""
    names = {name: record.get(name, "") for name in ("version", "codebook", "edition")}
    for language in wording.LANGUAGES:
        yield wording.text("interface.edition", language, **names)
        yield wording.text("interface.ledger", language, lines=record.get("ledger", {}).get("lines", 0))


def check_decisions(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that every decision matches its words, at their old or new place, or that its coder has decided again.

    Decisions on words that are not used, and those that wait to be confirmed on excerpts cut or joined since, are no fault.
    """
    hashes = {row["excerpt_id"]: row["text_sha256"] for row in stored.tables["excerpts"]}
    successors = {(row["decided_on"], row["text_sha256"]): row["now_at"] for row in stored.tables["placements"]}
    stale = {(r["decided_on"], r["text_sha256"]) for r in stored.tables["placements"] if r["status"] == "stale"}
    carried = {key: name for key, name in successors.items() if key not in stale}
    proven = placed_under_masks(stored, hidden_by_source(stored))
    lines = _lines(stored)
    speakers = last_speakers(lines)
    recut = _recut(stored, hashes) | _new_bounds(lines)
    decisions = _in_force(lines)
    changes = _changes(lines)
    is_withheld = _withheld_test(stored)

    def problems() -> Iterator[Problem]:
        placed = [
            {**row, "now_at": now}
            for row in decisions
            if (now := _now_at(row, hashes, carried, proven))
            and (row["excerpt_id"], row["text_sha256"]) not in stale
            and is_by(speakers.get((row["excerpt_id"], row["text_sha256"])), row.get("selector"))
        ]
        numbers = {row["seq"] for row in placed}
        for row in decisions:
            is_recut = (row["excerpt_id"], row["text_sha256"]) in recut
            if row["seq"] in numbers or is_recut or is_withheld(row):
                continue
            successor = successors.get((row["excerpt_id"], row["text_sha256"]), "")
            if not _is_made_anew(row, placed, successor, changes):
                what = message("common/is_stale_the_text", excerpt_id=row["excerpt_id"])
                remedy = message(
                    "audit/let_decide_on_again", coder=row["coder"], matter=_matter(row) or message("audit/the_excerpt")
                )
                yield Problem(f"{LEDGER} line {row['seq']}", what, remedy)

    return len(decisions), problems()


def _recut(stored: Stored, hashes: Mapping[str, str]) -> set[tuple[str, str]]:
    """The excerpts that were cut or joined since somebody decided on them."""
    rows = (row for row in stored.tables["placements"] if row["status"] in ("cut", "joined"))
    return {(row["decided_on"], row["text_sha256"]) for row in rows if row["now_at"] in hashes}


def _new_bounds(lines: Iterable[Row]) -> set[tuple[str, str]]:
    """The excerpts that cuts and joins make, also those that no run has followed yet; `bounds` checks the others."""
    named = (each for row in lines if row["kind"] == "excerpt" for each in (row, *row["parts"]))
    return {(each["excerpt_id"], each["text_sha256"]) for each in named}


def _in_force(lines: list[Row]) -> list[Row]:
    """The lines on excerpts that decide something and that their coder did not take back."""
    return [row for row in without_taken_back(lines) if row["excerpt_id"] and row["kind"] not in ("later", "excerpt")]


@dataclass(frozen=True, slots=True)
class _Change:
    """A line that changed codes, or that took such a change back."""

    line: int
    codes: frozenset[str]
    into: frozenset[str]


def _changes(lines: list[Row]) -> tuple[_Change, ...]:
    """The recorded changes that give codes another name, in order; one that was taken back is followed by its inverse."""
    recorded = {int(row["seq"]): row["change"] for row in lines if row.get("change")}
    changes = []
    for line, change in recorded.items():
        done, is_inverse = change, False
        while done and done["undoes"]:  # what is taken back may itself have taken something back
            done, is_inverse = recorded.get(int(done["undoes"]), {}), not is_inverse
        codes, into = frozenset(done.get("codes", ())), frozenset(done.get("into", ()))
        if codes and into:
            changes.append(_Change(line, into, codes) if is_inverse else _Change(line, codes, into))
    return tuple(changes)


def _today(code: str, line: int, changes: Iterable[_Change]) -> frozenset[str]:
    """The present names of a code that a line names; several after a split."""
    names = frozenset({code})
    for change in changes:
        if change.line > line and names & change.codes:
            names = (names - change.codes) | change.into
    return names


def check_codes(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that every decided code is in the codebook, or that a recorded change says what became of it."""
    path = stored.root / "coded" / "codebook.toml"
    content = tomllib.loads(path.read_text("utf-8-sig")) if path.exists() else {}
    lines = _lines(stored)
    changes, codes = _changes(lines), {code.get("id") for code in content.get("criteria", ())}
    explained = codes | _retired(lines)

    def is_explained(code: str, line: int) -> bool:
        """Whether a code is explained: a later line may use an older name, and a retired code does not count."""
        return bool((_today(code, line, changes) | _today(code, 0, changes)) & explained)

    counts = Counter(
        code
        for row in lines
        for code in {row["criterion"], *row.get("codes", ())}
        if code and not is_explained(code, int(row["seq"]))
    )
    problems = (
        Problem(
            f"{LEDGER} code {code}",
            message(
                "common/on_a_code_that_coded_codebook",
                n=count,
            ),
            message("audit/record_what_became_of_it_make", code=code),
        )
        for code, count in sorted(counts.items())
    )
    return len(lines), problems


def _retired(lines: list[Row]) -> set[str]:
    """Codes that a line ended: retired, or new and then taken back."""
    changes = {int(row["seq"]): row["change"] for row in lines if row.get("change")}
    undone = {change["undoes"] for change in changes.values()}
    retired = (change["codes"] for change in changes.values() if change["action"] == "retire")
    new = (change["into"] for line, change in changes.items() if change["action"] == "new" and line in undone)
    return set().union(*retired, *new)


def _lines(stored: Stored) -> list[Row]:
    return with_one_name(map(json_object, ledger_lines(stored.root)))


def _now_at(
    row: Row, hashes: dict[str, str], carried: dict[tuple[str, str], str], proven: dict[tuple[str, str], str]
) -> str:
    """The excerpt of the source with exactly the words of a decision, apart from masked names; "" if there is none."""
    if now := proven.get((row["excerpt_id"], row["text_sha256"])):
        return now
    excerpt: str = carried.get((row["excerpt_id"], row["text_sha256"])) or str(row["excerpt_id"])
    is_same = hashes.get(excerpt) == row["text_sha256"] and _place(excerpt)[0] == _place(row["excerpt_id"])[0]
    return excerpt if is_same else ""


def _matter(row: Row) -> str:
    """What was decided: the code or the finding; nothing for a memo and for an excerpt that was gone through."""
    return str(row["criterion"] or row["finding_id"])


def _is_made_anew(old: Row, placed: list[Row], successor: str, changes: Iterable[_Change]) -> bool:
    """Whether the same coder later decided the same thing again, on the same words or on those now in their place."""
    return any(
        row["coder"] == old["coder"]
        and row["seq"] > old["seq"]
        and _took_the_place(row, old, successor)
        and _is_same_matter(row, old, changes)
        for row in placed
    )


def _took_the_place(row: Row, old: Row, successor: str) -> bool:
    source, first, last = _place(old["excerpt_id"])
    where, start, end = _place(row["now_at"])
    is_there = row["text_sha256"] == old["text_sha256"] or row["now_at"] == successor
    return where == source and (is_there or max(start, first) < min(end, last))


def _is_same_matter(row: Row, old: Row, changes: Iterable[_Change]) -> bool:
    """Whether two lines are on one finding, or on codes that are one today; a row that was gone through is on all codes."""
    if _matter(old) == "" or (row["kind"] == "reviewed" and old["criterion"]):
        return True
    if not (old["criterion"] and row["criterion"]):
        return _matter(old) == _matter(row)
    return bool(_today(old["criterion"], old["seq"], changes) & _today(row["criterion"], row["seq"], changes))


def _place(excerpt: str) -> tuple[str, int, int]:
    source, _, stretch = excerpt.rpartition(":")
    start, end = stretch.split("-")
    return source, int(start), int(end)


def _withheld_test(stored: Stored) -> Callable[[Row], bool]:
    """Says of a decision whether its words are withheld: its speaker does not consent, or blanks are in their place.

    Offsets may be from before names were masked.
    """
    refusing = {person.participant_id for person in stored.people.values() if person.consent in REFUSALS}
    texts = {row["source_id"]: row["text"] for row in stored.tables["texts"]}
    masks = hidden_by_source(stored)

    def is_withheld(row: Row) -> bool:
        if (row.get("selector") or {}).get("participant") in refusing:
            return True
        source, start, end = _place(row["excerpt_id"])
        since = [place_since_masked(offset, masks.get(source, ())) for offset in (start, end)]
        text: str = texts.get(source, "")
        return text[start:end].isspace() or text[since[0] : since[1]].isspace()

    return is_withheld
