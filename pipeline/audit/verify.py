"""Every artefact and every link of a study, checked; what is wrong is named with its file and its line, row or offset."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pipeline import tables
from pipeline.audit.chain import check_codebook, check_codes, check_decisions, check_ledger, check_refusals
from pipeline.audit.corrected import check_corrections
from pipeline.audit.heads import added_since, check_head, check_heads
from pipeline.audit.masked import check_masks, masked_chars
from pipeline.audit.newer import MEASURED, check_measured, newer
from pipeline.audit.recount.annex.check import check_annex
from pipeline.audit.recount.codings import check_codings, check_votes_of_coders
from pipeline.audit.recount.counts import check_first_figures, check_matrix
from pipeline.audit.recount.coverage.causal_paths import check_paths
from pipeline.audit.recount.coverage.cooccurrence import check_cooccurrence
from pipeline.audit.recount.coverage.profiles import check_profiles
from pipeline.audit.recount.coverage.saturation import check_saturation
from pipeline.audit.recount.coverage.theory_of_change import check_theory
from pipeline.audit.recount.joined import check_bounds
from pipeline.audit.recount.links import check_decided_links, check_evidence_rows, check_suggested_directions
from pipeline.audit.recount.prevalence import check_prevalence
from pipeline.audit.recount.report import check_report
from pipeline.audit.recount.spans.table import check_spans
from pipeline.audit.recount.strengths import check_strengths
from pipeline.audit.recount.words import check_characters_in_record, check_words_of_sources
from pipeline.audit.recount.workbook import check_workbook
from pipeline.audit.signatures import Heads, check_signed, covered
from pipeline.audit.stored import (
    LEDGER,
    RERUN,
    Checker,
    Row,
    Stored,
    as_written,
    canonical,
    csv_rows,
    digest,
    json_file,
    rows,
    solid,
    where_changed,
)
from pipeline.audit.voters import check_votes_of_voters
from pipeline.config import Settings
from pipeline.errors import IntegrityError, Problem
from pipeline.records import Participant
from pipeline.wording.messages import Message, message


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked: how many items, what is wrong with them, and what else is worth knowing."""

    key: str  # names the check in every language
    checked: int
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...] = ()

    @property
    def name(self) -> Message:
        """What the check establishes."""
        return message(f"audit/check_{self.key}")


def verify(
    root: Path,
    *,
    settings: Settings | None,
    people: Mapping[str, Participant],
    is_quick: bool = False,
    head: str = "",
    signed: Heads | None = None,
) -> list[Check]:
    """The result of every check, in order. Nothing is written; a file that cannot be read fails its own checks only.

    `people` is everybody in the register, by participant id, with the consent that applies;
    `settings` is None if they cannot be read. A quick audit compares hashes only, reads no table and says so.
    `head` is what a second party kept of an earlier state, `signed` what somebody signed; empty and None if there is none.
    """
    record = json_file(root / "outputs" / "run.json", "outputs/run.json")
    loaded, broken = ({}, []) if is_quick else _load(root, record)
    stored = Stored(root, record, loaded, settings, people)
    checks = [_only_hashes()] if is_quick else [Check("tables", len(tables.TABLES), tuple(broken))]
    checkers = HASHES if is_quick else CHECKS | RECOUNTS
    checks += [_checked(key, checker, stored) for key, checker in checkers.items()]
    changed = _changed_files(checks)
    if inputs := sorted(changed & set(record.get("inputs", {}))):
        checks = [_after_change(check, inputs, changed) for check in checks]
    if not stored.is_of_this_program:
        checks = _of_another_version(checks, changed)
    if head:
        check = _checked(HEAD_STANDS, partial(check_head, head=head), stored)
        checks.append(replace(check, remarks=tuple(added_since(stored, head))))
    if signed:
        check = _checked(SIGNED_STANDS, partial(check_signed, heads=signed), stored)
        checks.append(replace(check, remarks=tuple(covered(stored, signed))))
    later = _checked(UP_TO_DATE, _newer, stored)
    return [*checks, replace(later, problems=(), remarks=later.problems)]


def _of_another_version(checks: Sequence[Check], changed: Collection[str]) -> list[Check]:
    """The checks of a run of another version: where a file is as the run wrote it (not in `changed`), that may be why it differs.

    Nothing is let through: whoever can alter a file can alter the version in the record, too.
    """
    return [
        replace(
            check,
            problems=tuple(
                replace(problem, remedy=message("audit/the_run_is_of_another_version"))
                if _file_of(problem) not in changed
                else problem
                for problem in check.problems
            ),
        )
        if check.key in RECOUNTS
        else check
        for check in checks
    ]


def _after_change(check: Check, inputs: Sequence[str], changed: Collection[str]) -> Check:
    """The check where people's files (`inputs`) changed after the run: what may follow from that is one problem, and still fails.

    What concerns a changed file itself keeps its place.
    """
    own = tuple(problem for problem in check.problems if _file_of(problem) in changed)
    count = len(check.problems) - len(own)
    if check.key not in COMPARED_WITH_INPUTS or not count:
        return check
    what = message("audit/differs_after_a_change", n=count, files=", ".join(inputs))
    return replace(check, problems=(*own, Problem(check.name, what, message("audit/analyze_then_audit"))))


def _changed_files(checks: Sequence[Check]) -> set[str]:
    """The files that are not as the last run read and wrote them."""
    return {_file_of(problem) for check in checks if check.key == FILES_UNCHANGED for problem in check.problems}


def _file_of(problem: Problem) -> str:
    return problem.where.split(" ")[0]


def _newer(stored: Stored) -> tuple[int, Iterator[Problem]]:
    remarks = tuple(newer(stored))
    return len(remarks), iter(remarks)


def _checked(key: str, checker: Checker, stored: Stored) -> Check:
    """The result of one check; one that cannot be made has failed, and the others go on."""
    try:
        count, problems = checker(stored)
        return Check(key, count, tuple(problems))
    except IntegrityError as error:
        return Check(key, 0, error.problems)
    except OSError as error:
        path = Path(str(error.filename or ""))
        is_inside = path.is_relative_to(stored.root)
        where = path.relative_to(stored.root).as_posix() if is_inside else message(f"audit/check_{key}")
        if not stored.is_of_this_program and where not in stored.record.get("outputs", {where: ""}):
            return Check(key, 0, ())  # an output that the older program did not write
        return Check(
            key, 0, (Problem(where, message("common/cannot_be_opened", strerror=error.strerror), message(RERUN)),)
        )
    except Exception as error:  # noqa: BLE001 - what is altered at random breaks a reader in any way
        what = message("audit/cannot_be_checked_a_stored_file", name=type(error).__name__)
        return Check(key, 0, (Problem(message(f"audit/check_{key}"), what, message(RERUN)),))


def _load(root: Path, record: Row) -> tuple[dict[str, list[Row]], list[Problem]]:
    loaded: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    for table in tables.TABLES:
        if f"coded/machine/{table.name}.parquet" not in record.get("machine", {}):
            continue
        try:
            loaded[table.name] = rows(root / "coded" / "machine", table)
        except IntegrityError as error:
            problems += error.problems
    return loaded, problems


def check_record(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check the seal of run.json over its own content, and that it is written as the program writes it."""
    data = (stored.root / "outputs" / "run.json").read_bytes()
    content = {key: value for key, value in stored.record.items() if key != "seal"}

    def problems() -> Iterator[Problem]:
        if stored.record.get("seal") != digest(canonical(content)):
            yield Problem("outputs/run.json", message("audit/was_changed_after_it_was_written"), message(RERUN))
        elif data != as_written(stored.record):
            yield Problem("outputs/run.json", message("audit/was_written_again_its_lines"), message(RERUN))

    return 1, problems()


def check_files(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Inputs, tables and outputs are the bytes that the run read and wrote; a change is named by line or offset."""
    record = stored.record
    listed = {**record.get("inputs", {}), **record.get("machine", {}), **record.get("outputs", {})}
    blocks = record.get("blocks", {})
    return len(listed), (
        problem
        for name in sorted(listed)
        for problem in _file_problems(
            stored.root,
            name,
            listed[name],
            blocks.get(name),
            remedy=message(OF_PEOPLE if name in record.get("inputs", {}) else RERUN),
        )
    )


# The ledger grows, and figures are measured between two runs: separate checks cover them.
OWN_CHECKS = frozenset({LEDGER, *MEASURED})
OF_PEOPLE = "audit/run_make_analyze_if_the_change_is_right"


def _file_problems(root: Path, name: str, expected: str, blocks: str | None, *, remedy: Message) -> Iterator[Problem]:
    try:
        data = (root / name).read_bytes()
    except OSError as error:
        if not expected.startswith(("unreadable", "not a file")):
            yield Problem(
                name,
                message("common/cannot_be_opened", strerror=error.strerror),
                message("common/restore_it_from_your_own_copy"),
            )
        return
    if digest(data) == expected:
        return
    if name in OWN_CHECKS:
        return
    yield Problem(f"{name} {where_changed(data, blocks)}".strip(), message("audit/has_changed_since_the_study"), remedy)


def check_rows(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that no row of a table occurs twice."""
    once = [table for table in tables.TABLES if not table.repeats and table.name in stored.tables]

    def problems() -> Iterator[Problem]:
        for table in once:
            keys: set[tuple[object, ...]] = set()
            for number, row in enumerate(stored.tables[table.name], 1):
                key = tuple(row[name] for name in table.key)
                if key in keys:
                    yield Problem(
                        f"coded/machine/{table.name}.parquet row {number}",
                        message("audit/occurs_twice"),
                        message(RERUN),
                    )
                keys.add(key)

    return sum(len(stored.tables[table.name]) for table in once), problems()


def check_study_id(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that the study has the id that the last run recorded."""
    path, expected = stored.root / STUDY_ID, stored.record.get("study", "")
    identity = path.read_bytes().decode("utf-8", "replace").strip() if path.is_file() else ""

    def problems() -> Iterator[Problem]:
        if expected and identity != expected:
            yield Problem(STUDY_ID, message("audit/is_not_the_id"), message("common/restore_the_file_from_your_own"))

    return 1, problems()


def check_texts(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Canonical texts match their stored hashes."""
    texts = stored.tables["texts"]

    def problems() -> Iterator[Problem]:
        for row in texts:
            if digest(row["text"].encode("utf-8", "surrogatepass")) != row["text_sha256"]:
                yield Problem(
                    f"coded/machine/texts.parquet source {row['source_id']}",
                    message("audit/the_text_does_not_match"),
                    message(RERUN),
                )

    return len(texts), problems()


def check_excerpts(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every excerpt is the words at its offsets, in its turn and of its speaker, with its proper id and hash."""
    texts = {row["source_id"]: row["text"] for row in stored.tables["texts"]}
    turns = {(row["source_id"], row["turn"]): row for row in stored.tables["turns"]}

    def problems() -> Iterator[Problem]:
        for number, row in enumerate(stored.tables["excerpts"], 1):
            if what := _excerpt_problem(row, texts, turns):
                yield Problem(
                    f"coded/machine/excerpts.parquet row {number} ({row['excerpt_id']})", what, message(RERUN)
                )
        yield from _uncovered(stored.tables["excerpts"], texts, turns)

    return len(stored.tables["excerpts"]), problems()


def _uncovered(
    excerpts: Iterable[Row], texts: Mapping[str, str], turns: Mapping[tuple[str, int], Row]
) -> Iterator[Problem]:
    """The turns of which a character other than white space is in no excerpt, or in two."""
    spans: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for row in excerpts:
        spans[row["source_id"], row["turn"]].append((row["start"], row["end"]))
    for (source, number), turn in turns.items():
        text, at, is_whole = texts.get(source, ""), turn["start"], True
        for start, end in [*sorted(spans[source, number]), (turn["end"], turn["end"])]:
            is_whole &= at <= start and not text[at:start].strip()
            at = end
        if not is_whole:
            where = f"coded/machine/excerpts.parquet ({source}, turn {number})"
            yield Problem(where, message("audit/a_character_of_the_turn"), message(RERUN))


def _excerpt_problem(row: Row, texts: dict[str, str], turns: dict[tuple[str, int], Row]) -> Message | None:
    start, end = row["start"], row["end"]
    turn = turns.get((row["source_id"], row["turn"]))
    if row["source_id"] not in texts:
        return message("audit/its_source_has_no_text")
    if texts[row["source_id"]][start:end] != row["text"]:
        return message("audit/its_words_are_not_at_its_offsets")
    if turn is None or not turn["start"] <= start < end <= turn["end"]:
        return message("audit/it_lies_outside_its_turn")
    if any(row[name] != turn[name] for name in ("participant_id", "role", "question")):
        return message("audit/its_speaker_or_question")
    if row["excerpt_id"] != f"{row['source_id']}:{start}-{end}":
        return message("audit/its_id_does_not_fit")
    if digest(row["text"].encode("utf-8", "surrogatepass")) != row["text_sha256"]:
        return message("audit/its_words_do_not_fit_their_hash")
    return None


def check_conservation(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Per file: characters read = characters in turns, masked names included + closed answers + listed exclusions."""
    texts = {row["source_id"]: row["text"] for row in stored.tables["texts"]}
    inside: Counter[str] = Counter(masked_chars(stored))
    for row in stored.tables["turns"]:
        inside[row["source_id"]] += solid(texts[row["source_id"]][row["start"] : row["end"]])
    for row in stored.tables["answers"]:
        inside[row["source_id"]] += solid(row["value"])
    for row in stored.tables["rejected"]:
        if row["stage"] == "ingest":
            inside[row["source_id"]] += row["chars"]

    def problems() -> Iterator[Problem]:
        for row in stored.tables["sources"]:
            if row["chars"] != inside[row["source_id"]]:
                what = message(
                    "audit/characters_read_accounted_for", chars=row["chars"], accounted=inside[row["source_id"]]
                )
                yield Problem(
                    f"raw/{row['path']} source {row['source_id']}",
                    what,
                    message("common/please_report_this_with_the_files"),
                )

    return len(stored.tables["sources"]), problems()


def check_links(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every link leads from a finding of the register to an excerpt of a respondent that is there."""
    path = stored.root / "coded" / "findings.toml"
    findings = (
        {f.get("id") for f in tomllib.loads(path.read_text("utf-8")).get("findings", ())} if path.exists() else set()
    )
    voices = {row["excerpt_id"]: row["role"] for row in stored.tables["excerpts"]}

    def problems() -> Iterator[Problem]:
        for number, row in enumerate(stored.tables["links"], 1):
            where = f"coded/machine/links.parquet row {number} ({row['finding_id']}, {row['excerpt_id']})"
            if row["finding_id"] not in findings:
                yield Problem(where, message("audit/its_finding_is_not_in_coded"), message("audit/run_make_analyze"))
            if voices.get(row["excerpt_id"]) != "respondent":
                yield Problem(where, message("audit/its_excerpt_does_not_exist"), message("audit/run_make_analyze"))

    return len(stored.tables["links"]), problems()


def check_quotes(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that every quote of evidence.csv is the text at its excerpt's place in the source, unless withheld."""
    texts = {row["source_id"]: row["text"] for row in stored.tables["texts"]}
    published = csv_rows(stored.root / "outputs" / "evidence.csv")

    def problems() -> Iterator[Problem]:
        for number, row in enumerate(published, 2):
            source, _, stretch = row["excerpt_id"].rpartition(":")
            start, end = (int(n) for n in stretch.split("-"))
            quote = row["quote"][1:] if "quote" in (row.get("guarded") or "").split(";") else row["quote"]
            is_withheld = row["shown"] == "withheld"
            if (texts.get(source, "")[start:end] == quote) is is_withheld:
                what = message(
                    "audit/its_quote_should_be_withheld" if is_withheld else "audit/its_quote_is_not_at_its_place"
                )
                yield Problem(
                    f"outputs/evidence.csv line {number} ({row['finding_id']}, {row['excerpt_id']})",
                    what,
                    message(RERUN),
                )

    return len(published), problems()


STUDY_ID = "coded/study_id"
FILES_UNCHANGED = "files"
HEADS_AGREE = "heads_agree"
HEAD_STANDS = "head_stands"
SIGNED_STANDS = "signed_stands"
UP_TO_DATE = "up_to_date"  # holds, or carries remarks; never a fault
CHECKS: dict[str, Checker] = {
    "run_record": check_record,
    FILES_UNCHANGED: check_files,
    "study_id": check_study_id,
    "rows": check_rows,
    "texts": check_texts,
    "excerpts": check_excerpts,
    "characters": check_conservation,
    "masks": check_masks,
    "corrections": check_corrections,
    "links": check_links,
    "quotes": check_quotes,
    "chain": check_ledger,
    HEADS_AGREE: check_heads,
    "decisions": check_decisions,
    "codes": check_codes,
    "codebook": check_codebook,
    "refusals": check_refusals,
    "measured": check_measured,
}
HASHES: dict[str, Checker] = {
    key: CHECKS[key]
    for key in (
        "run_record",
        FILES_UNCHANGED,
        "study_id",
        "chain",
        HEADS_AGREE,
        "measured",
    )
}


def _only_hashes() -> Check:
    what = message("audit/reads_no_table_and_counts_nothing")
    return Check(
        "only_hashes", 0, (), (Problem("audit --quick", what, message("audit/for_the_whole_audit_leave_out")),)
    )


RECOUNTS: dict[str, Checker] = {
    "words_of_sources": check_words_of_sources,
    "characters_in_record": check_characters_in_record,
    "bounds": check_bounds,
    "votes": check_votes_of_coders,
    "voters": check_votes_of_voters,
    "codings": check_codings,
    "spans": check_spans,
    "decided_links": check_decided_links,
    "suggested_directions": check_suggested_directions,
    "evidence_rows": check_evidence_rows,
    "strengths": check_strengths,
    "matrix": check_matrix,
    "prevalence": check_prevalence,
    "saturation": check_saturation,
    "cooccurrence": check_cooccurrence,
    "profiles": check_profiles,
    "theory": check_theory,
    "paths": check_paths,
    "first_figures": check_first_figures,
    "evidence_book": check_workbook,
    "report": check_report,
    "annex": check_annex,
}
COMPARED_WITH_INPUTS = frozenset({*RECOUNTS, "links", "codebook"})
