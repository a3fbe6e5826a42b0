"""`audit` and `trace`: what is stored, checked and walked."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from pipeline import study as folders
from pipeline.audit import pack, signatures, verify
from pipeline.audit import trace as walks
from pipeline.audit.heads import proof_since
from pipeline.audit.stored import json_file, rows
from pipeline.config import Settings, load_settings
from pipeline.errors import ConfigError, IntegrityError, Problem, UserError
from pipeline.privacy import consent
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Participant
from pipeline.registers.participants import load_participants
from pipeline.registers.study_registers import load_registers
from pipeline.study import Study
from pipeline.tables import SOURCES, TURNS
from pipeline.wording.messages import Message, counted, in_language, message, place_in_language


@dataclass(frozen=True, slots=True)
class Keys:
    """The files of a signature: the private key to sign with, or the signature to check and its public key."""

    sign: Path | None = None
    signature: Path | None = None
    public: Path | None = None


def audit(
    root: Path, to: Path | None = None, *, is_quick: bool = False, head: str = "", keys: Keys | None = None
) -> list[verify.Check]:
    """Run every check of the study, without a lock and without changing it. A quick audit does not recount.

    `head` is the head of an earlier state, as a second party kept it: what it covers must be unchanged.

    With `keys`, a signature is checked, or the heads are signed if nothing is wrong (signature.json; else ConfigError).
    The checks are also written to audit.json and audit.txt: in the folder `to` (ConfigError if that cannot be), otherwise in
    outputs/audit, where the study can be written to.
    """
    study = _analysed(root)
    people, keys = _people(study), keys or Keys()
    checks = verify.verify(
        study.root,
        settings=_settings(study),
        people={person.participant_id: person for person in people},
        is_quick=is_quick,
        head=head.strip().lower(),
        signed=_signed(keys),
    )
    folder = to or study.outputs / "audit"
    try:
        _write(folder, checks, folders.language_of(study.root))
        if proof := proof_since(study.root, head.strip().lower()):
            folders.write_atomic(folder / "proof.json", f"{json.dumps(proof, indent=1)}\n".encode())
        if keys.sign:
            folders.write_atomic(folder / "signature.json", _signature(study, checks, keys.sign))
    except OSError as error:
        if to:
            what = message("steps/cannot_be_written", strerror=error.strerror)
            raise ConfigError(
                Problem(str(folder), what, message("steps/choose_another_folder_with_to_folder"))
            ) from None
        checks.append(_unwritten(error))
    return checks


def write_pack(root: Path, folder: Path) -> list[verify.Check]:
    """Audit the study and write the audit pack into a new folder.

    ConfigError if the folder holds something already, or if the head that the outputs show is not that of the ledger.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(Problem(str(folder), message("steps/is_not_empty"), message("steps/choose_a_new_folder")))
    folder.mkdir(parents=True, exist_ok=True)
    checks = audit(root, folder)
    if any(check.problems for check in checks if check.key == verify.HEADS_AGREE):
        what = message("steps/needs_a_head")
        raise ConfigError(Problem("--pack", what, message("steps/see", file=folder / "audit.txt")))
    study = _analysed(root)
    record, settings = json_file(study.run_record, "outputs/run.json"), load_settings(study.config).study
    register = tomllib.loads((study.coded / "findings.toml").read_text("utf-8-sig"))
    statements = {finding["id"]: finding["statement"] for finding in register.get("findings", ())}
    pack.write_sign_off(
        folder, study.root, record, title=settings.title, language=settings.language, statements=statements
    )
    files = {name: (folder / name).read_bytes() for name in pack.FILES}
    folders.write_atomic(folder / pack.CRATE, pack.crate(files, record, settings.title))
    return checks


def _signed(keys: Keys) -> signatures.Heads | None:
    """The heads that a signature covers; ConfigError if it does not hold, or if its public key is missing."""
    if keys.signature is None:
        return None
    if keys.public is None:
        what = message("steps/needs_the_signers_public_key")
        raise ConfigError(Problem("--signature", what, message("steps/name_the_key_with_key_file")))
    return signatures.signed_heads(keys.signature, keys.public)


def _signature(study: Study, checks: Sequence[verify.Check], key: Path) -> bytes:
    if any(check.problems for check in checks):
        raise ConfigError(
            Problem(
                "--sign",
                message("steps/signs_nothing_while_the_audit_finds"),
                message("steps/fix_what_the_checks_list"),
            )
        )
    return signatures.sign(signatures.Heads.of(json_file(study.run_record, "outputs/run.json")), key)


def _settings(study: Study) -> Settings | None:
    try:
        return load_settings(study.config)
    except UserError:
        return None  # the checks that need them say so


def _people(study: Study) -> tuple[Participant, ...]:
    """Everybody in the register with the consent that holds; a broken file of refusals has a check of its own."""
    try:
        return load_registers(study).people
    except IntegrityError:
        return load_participants(study.raw)[0]


def _write(folder: Path, checks: list[verify.Check], language: str) -> None:
    listed = json.dumps(as_rows(checks, language), ensure_ascii=False, indent=1)
    folders.write_atomic(folder / "audit.json", f"{listed}\n".encode())
    folders.write_atomic(folder / "audit.txt", "".join(f"{line}\n" for line in as_text(checks, language)).encode())


def _unwritten(error: OSError) -> verify.Check:
    remark = Problem(
        "outputs/audit",
        message("steps/cannot_be_written", strerror=error.strerror),
        message("steps/to_keep_the_result_use"),
    )
    return verify.Check("result_is_kept", 0, (), (remark,))


def as_text(checks: list[verify.Check], language: str = "en") -> list[str]:
    """The audit as lines: what holds, what is wrong and where, what is newer than the last run; the verdict."""
    lines: list[Message] = []
    for check in checks:
        checked = message("steps/nothing_to_check") if _is_idle(check) else check.checked
        lines.append(message("steps/check_made", mark=_mark(check), name=check.name, checked=checked))
        lines += [message("steps/check_problem", **_in_place(each, language)) for each in check.problems[:50]]
        lines += [message("steps/check_remark", **_in_place(each, language)) for each in check.remarks[:50]]
        if (left := max(len(check.problems), len(check.remarks)) - 50) > 0:
            lines.append(message("steps/more_in_audit_json", left=left))
    return [in_language(line, language) for line in (*lines, _verdict(checks))]


def _in_place(problem: Problem, language: str) -> dict[str, str]:
    return {**problem.in_words(language), "where": place_in_language(problem.where, language)}


def _verdict(checks: Sequence[verify.Check]) -> Message:
    """One sentence: what is wrong, or what was checked."""
    faulty = [check for check in checks if check.problems]
    if faulty:
        problems = counted(sum(len(check.problems) for check in faulty), "problem")
        return message("steps/problems_in_checks", problems=problems, faulty=len(faulty), checks=len(checks))
    made = [check.checked for check in checks if not _is_idle(check)]
    return message("steps/nothing_is_wrong", checks=len(made), things=sum(made))


def _is_idle(check: verify.Check) -> bool:
    """Whether there was nothing to check; that nothing is newer than the last run is a result."""
    return not (check.checked or check.problems or check.remarks or check.key == verify.UP_TO_DATE)


def _mark(check: verify.Check) -> str:
    if check.problems:
        return message("steps/wrong", count=len(check.problems))
    if check.remarks:
        return counted(len(check.remarks), "remark")
    return "-" if _is_idle(check) else message("steps/holds")


def trace(root: Path, identity: str) -> walks.Step:
    """The walk from an id of the study."""
    study = _analysed(root)
    people = load_registers(study).people
    chosen = load_settings(study.config).study
    codes = pseudonyms((person.participant_id for person in people), key=folders.person_key(study))
    hidden = walks.Hidden(_unshown(study, people), consent.note(chosen.language))
    return walks.trace(walks.load(study.root, codes, hidden), identity)


def _unshown(study: Study, people: Sequence[Participant]) -> frozenset[consent.TurnId]:
    """The turns of people who want no quotes."""
    turn, source = itemgetter(*consent.Speaking._fields), itemgetter(*consent.Naming._fields)
    return consent.unshown_turns(
        people,
        (consent.Speaking(*turn(row)) for row in rows(study.machine, TURNS)),
        (consent.Naming(*source(row)) for row in rows(study.machine, SOURCES)),
    )


def _analysed(root: Path) -> Study:
    study = folders.locate_study(root)
    if not study.run_record.exists():
        if any(study.machine.glob("*.parquet")):
            what = message("steps/is_missing_although_there_are_tables")
            raise IntegrityError(Problem("outputs/run.json", what, message("steps/restore_it_from_your_own_copy")))
        raise ConfigError(
            Problem(
                str(root),
                message("common/has_not_been_analysed_yet"),
                message("steps/run_make_analyze_study", root=root),
            )
        )
    return study


def as_rows(checks: list[verify.Check], language: str) -> list[dict[str, Any]]:
    """The checks as they are written to JSON: `key` is the same in every language, and the texts are in this one."""
    return [
        {
            "key": check.key,
            "check": in_language(check.name, language),
            "checked": check.checked,
            "problems": [problem.in_words(language) for problem in check.problems],
            "remarks": [remark.in_words(language) for remark in check.remarks],
        }
        for check in checks
    ]


def as_walk(step: walks.Step) -> list[str]:
    """The walk as indented lines."""
    return list(walks.as_lines(step))


def as_json(step: walks.Step, language: str = "en") -> dict[str, Any]:
    """The walk as plain values."""
    return walks.as_json(step, language)
