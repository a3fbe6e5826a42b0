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
from pipeline.errors import ConfigError, IntegrityError, Problem, UserError, counted
from pipeline.privacy import consent
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Participant
from pipeline.registers.participants import load_participants
from pipeline.registers.study_registers import load_registers
from pipeline.study import Study
from pipeline.tables import SOURCES, TURNS


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
        _write(folder, checks)
        if proof := proof_since(study.root, head.strip().lower()):
            folders.write_atomic(folder / "proof.json", f"{json.dumps(proof, indent=1)}\n".encode())
        if keys.sign:
            folders.write_atomic(folder / "signature.json", _signature(study, checks, keys.sign))
    except OSError as error:
        if to:
            what = f"cannot be written ({error.strerror})"
            raise ConfigError(Problem(str(folder), what, "choose another folder with --to FOLDER")) from None
        checks.append(_unwritten(error))
    return checks


def write_pack(root: Path, folder: Path) -> list[verify.Check]:
    """Audit the study and write the audit pack into a new folder.

    ConfigError if the folder holds something already, or if the head that the outputs show is not that of the ledger.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(Problem(str(folder), "is not empty", "choose a new folder for the pack"))
    folder.mkdir(parents=True, exist_ok=True)
    checks = audit(root, folder)
    if any(check.problems for check in checks if check.name == verify.HEADS_AGREE):
        what = "needs a head that is the same in the ledger and in the outputs"
        raise ConfigError(Problem("--pack", what, f"see {folder / 'audit.txt'}"))
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
        what = "needs the signer's public key"
        raise ConfigError(Problem("--signature", what, "name the key with --key FILE"))
    return signatures.signed_heads(keys.signature, keys.public)


def _signature(study: Study, checks: Sequence[verify.Check], key: Path) -> bytes:
    if any(check.problems for check in checks):
        raise ConfigError(
            Problem("--sign", "signs nothing while the audit finds something wrong", "fix what the checks list")
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


def _write(folder: Path, checks: list[verify.Check]) -> None:
    listed = json.dumps(as_rows(checks), ensure_ascii=False, indent=1)
    folders.write_atomic(folder / "audit.json", f"{listed}\n".encode())
    folders.write_atomic(folder / "audit.txt", "".join(f"{line}\n" for line in as_text(checks)).encode())


def _unwritten(error: OSError) -> verify.Check:
    remark = Problem("outputs/audit", f"cannot be written ({error.strerror})", "to keep the result, use --to FOLDER")
    return verify.Check("the result is kept", 0, (), (remark,))


def as_text(checks: list[verify.Check]) -> list[str]:
    """The audit as lines: what holds, what is wrong with each thing that does not, what is newer than the last run; the verdict."""
    lines = []
    for check in checks:
        lines.append(f"{_mark(check):>9}  {check.name} ({'nothing to check' if _is_idle(check) else check.checked})")
        lines += [f"           ! {problem}" for problem in check.problems[:50]]
        lines += [f"           - {remark}" for remark in check.remarks[:50]]
        if (left := max(len(check.problems), len(check.remarks)) - 50) > 0:
            lines.append(f"           (and {left} more in audit.json)")
    return [*lines, _verdict(checks)]


def _verdict(checks: Sequence[verify.Check]) -> str:
    """One sentence: what is wrong, or what was checked."""
    faulty = [check for check in checks if check.problems]
    if faulty:
        problems = counted(sum(len(check.problems) for check in faulty), "problem")
        return f"{problems} in {len(faulty)} of {len(checks)} checks: see the lines with !"
    made = [check.checked for check in checks if not _is_idle(check)]
    return f"Nothing is wrong: {len(made)} checks of {sum(made):,} files, rows, quotes and figures."


def _is_idle(check: verify.Check) -> bool:
    """Whether there was nothing to check; that nothing is newer than the last run is a result."""
    return not (check.checked or check.problems or check.remarks or check.name == verify.UP_TO_DATE)


def _mark(check: verify.Check) -> str:
    if check.problems:
        return f"{len(check.problems)} WRONG"
    if check.remarks:
        return counted(len(check.remarks), "remark")
    return "-" if _is_idle(check) else "holds"


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
            what = "is missing, although there are tables of a run"
            raise IntegrityError(
                Problem("outputs/run.json", what, "restore it from your own copy, or run make analyze")
            )
        raise ConfigError(Problem(str(root), "has not been analysed yet", f"run: make analyze STUDY={root}"))
    return study


def as_rows(checks: list[verify.Check]) -> list[dict[str, Any]]:
    """The checks as they are written to JSON."""
    return [
        {
            "check": check.name,
            "checked": check.checked,
            "problems": list(map(_as_row, check.problems)),
            "remarks": list(map(_as_row, check.remarks)),
        }
        for check in checks
    ]


def _as_row(problem: Problem) -> dict[str, str]:
    return {"where": problem.where, "what": problem.what, "remedy": problem.remedy}


def as_walk(step: walks.Step) -> list[str]:
    """The walk as indented lines."""
    return list(walks.as_lines(step))


def as_json(step: walks.Step) -> dict[str, Any]:
    """The walk as plain values."""
    return walks.as_json(step)
