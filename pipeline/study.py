"""A study folder: its paths, its lock, and files that are replaced all together or not at all."""

from __future__ import annotations

import json
import locale
import os
import re
import secrets
import shutil
import tempfile
import tomllib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from pipeline.errors import ConfigError, IntegrityError, Problem, StudyBusyError
from pipeline.provenance import block_digests, canonical_json, key_of, sha256_bytes, sha256_file, sha256_text
from pipeline.vocabulary import DEFAULT_SEED
from pipeline.wording import LANGUAGES
from pipeline.wording.messages import message

LOCK, HOLDER = (
    ".hallazgo.lock",
    ".hallazgo.holder",
)  # the lock, and beside it who holds it: a locked file cannot be read everywhere
WORK = ".work"
STUDY_ID = "study_id"
PERSON_KEY = "person_key"
OWNER_ONLY = 0o600
MEASURED = ("outputs/quality.json", "outputs/agreement.json")  # by evaluate and agree; the report shows them
NOT_OF_THE_FIELD = ("participants.csv", "participants.xlsx", "sources.csv", "sources.xlsx", "README.md")
HUMAN_FILES = (
    "config.toml",
    "coded/codebook.toml",
    "coded/seeds.jsonl",
    "coded/findings.toml",
    "coded/theory_of_change.toml",
    "coded/decisions.jsonl",
    "coded/quotes.jsonl",
    "coded/refusals.jsonl",
    "coded/person_key",
    "coded/names.csv",
    "coded/corrections.csv",
    "coded/name_numbers.jsonl",
)


@dataclass(frozen=True, slots=True)
class Study:
    """A study at `root`."""

    root: Path

    @property
    def config(self) -> Path:
        """The settings of the study."""
        return self.root / "config.toml"

    @property
    def raw(self) -> Path:
        """What came from the field; never written."""
        return self.root / "raw"

    @property
    def coded(self) -> Path:
        """What people wrote, and in machine/ what the program did."""
        return self.root / "coded"

    @property
    def machine(self) -> Path:
        """Tables and models: rebuilt, deletable."""
        return self.coded / "machine"

    @property
    def outputs(self) -> Path:
        """What people read."""
        return self.root / "outputs"

    @property
    def staging(self) -> Path:
        """Where a run writes before it commits."""
        return self.root / ".staging"

    @property
    def run_record(self) -> Path:
        """What the last complete run read and wrote."""
        return self.outputs / "run.json"

    def table(self, name: str) -> Path:
        """The file of a stored table."""
        return self.machine / f"{name}.parquet"


def locate_study(root: Path) -> Study:
    """The study at `root`; ConfigError if there is none."""
    if not (root / "config.toml").is_file():
        raise ConfigError(
            Problem(
                f"{root}/config.toml",
                message("common/is_missing"),
                message("study/create_a_study_with_make_study", root=root),
            )
        )
    pipes = [name for name in HUMAN_FILES if (path := root / name).exists() and not (path.is_file() or path.is_dir())]
    if pipes:  # opening one would wait forever
        raise ConfigError(
            Problem(name, message("common/is_not_a_file"), message("study/put_the_file_itself_there")) for name in pipes
        )
    return Study(root)


STUDY_LANGUAGE = re.compile(rb"""^\[study\](?:(?!^\[).)*?^language\s*=\s*["'](en|es)["']""", re.MULTILINE | re.DOTALL)


def language_of(root: Path | None) -> str:
    """The language in which people read what a command says of the study at `root`: "en" or "es".

    It is that of config.toml, even if the rest of the file cannot be used; without such a file, that of the terminal.
    """
    try:
        content = (root / "config.toml").read_bytes() if root else None
    except OSError:
        content = None
    if content is None:
        return _language_of_the_terminal()
    try:
        stated = tomllib.loads(content.decode("utf-8-sig"))["study"]["language"]
    except (ValueError, RecursionError, KeyError, TypeError):
        line = STUDY_LANGUAGE.search(content)
        stated = line[1].decode() if line else ""
    return stated if stated in LANGUAGES else LANGUAGES[0]


def _language_of_the_terminal() -> str:
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    stated = next(filter(None, named), "") or locale.getlocale()[0] or ""  # Windows sets none of the variables
    return "es" if stated.casefold().startswith(("es_", "es-", "es.", "spanish")) or stated == "es" else LANGUAGES[0]


def paths_in(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing if there is no such folder. OSError if it cannot be listed."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def paths_below(folder: Path) -> list[Path]:
    """All files and folders below a folder, sorted; nothing if there is no such folder.

    OSError if one cannot be listed: `Path.rglob` would skip it silently. Links to folders are not followed.
    """
    paths: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=_refuse) if folder.is_dir() else ():
        paths += (Path(parent) / name for name in (*folders, *files))
    return sorted(paths)


def _refuse(error: OSError) -> None:
    raise error


def raw_files(study: Study) -> list[Path]:
    """The files of the field in raw/interviews, raw/surveys and raw/documents, hidden and lock files apart, sorted by path."""
    folders = (study.raw / name for name in ("interviews", "surveys", "documents"))
    paths = (p for folder in folders for p in paths_below(folder) if not p.is_dir() or p.suffix)
    shown = (p for p in paths if not p.name.startswith((".", "~$")) and not leads_outside(study, p))
    return sorted(shown, key=lambda p: p.as_posix())


def leads_outside(study: Study, path: Path) -> bool:
    """Whether a path in raw/ is a link out of it: such files are not part of the study and are not read."""
    return not path.resolve().is_relative_to(study.raw.resolve())


def unread_links(study: Study) -> list[Path]:
    """The links in the folders of the field that are not followed: out of raw/, and to folders."""
    folders = [study.raw / name for name in ("interviews", "surveys", "documents")]
    inside = [path for folder in folders if not folder.is_symlink() for path in paths_below(folder)]
    links = (path for path in (*folders, *inside) if path.is_symlink())
    return sorted(path for path in links if leads_outside(study, path) or path.is_dir())


def other_files(study: Study) -> list[Path]:
    """The files of raw/ that are not read: neither of the field nor a register or README; hidden and lock files apart."""
    read = {*raw_files(study), *(study.raw / name for name in NOT_OF_THE_FIELD)}
    paths = (p for p in paths_below(study.raw) if p.is_file() and p not in read)
    return sorted(path for path in paths if not _is_hidden(path.relative_to(study.raw)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def input_hashes(study: Study) -> dict[str, str]:
    """SHA-256 of every input that a run depends on, by path below the study. A file that cannot be opened hashes to its error."""
    registers = [p for p in paths_in(study.raw) if p.is_file() and p.suffix in (".csv", ".xlsx")]
    voters = [path for path in paths_in(study.coded / "voters") if path.suffix == ".jsonl"]  # answers that are kept
    paths = [study.root / name for name in (*HUMAN_FILES, *MEASURED)] + registers + voters + raw_files(study)
    return {p.relative_to(study.root).as_posix(): _hash(p) for p in sorted(paths) if p.exists()}


def with_hash_of(study: Study, hashes: dict[str, str], name: str) -> dict[str, str]:
    """The hashes of inputs with that of one file as it is now; without it where the file is not there."""
    unchanged = {path: digest for path, digest in hashes.items() if path != name}
    path = study.root / name
    return dict(sorted({**unchanged, **({name: _hash(path)} if path.exists() else {})}.items()))


def _hash(path: Path) -> str:
    if not path.is_file():
        return "not a file"
    try:
        return sha256_file(path)
    except OSError as error:
        return f"unreadable: {error.strerror}"


def last_run(study: Study) -> dict[str, Any]:
    """The record of the last complete run; empty if there is none or it is not a record. OSError if it cannot be opened."""
    try:
        record = json.loads(study.run_record.read_text("utf-8"))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def written(study: Study) -> set[str]:
    """The files that the last complete run wrote, its record apart, by path below the study."""
    record = last_run(study)
    return {*record.get("outputs", {}), *record.get("machine", {})}


def is_intact(study: Study, hashes: dict[str, str]) -> bool:
    """Whether every file named is there and has the hash given."""
    return all(_hash(study.root / path) == digest for path, digest in hashes.items())


def study_id(study: Study) -> str:
    """The lasting id of the study: the text of coded/study_id, written once and never changed.

    A study that has none yet gets the key of its title and seed, by which workbooks were known before: so they are still
    taken back, and copies of a study agree on its id. ConfigError if the file holds something else than an id.
    """
    path = study.coded / STUDY_ID
    if not path.exists():
        write_study_id(study, _key_of_title(study))
    identity = path.read_text("utf-8", errors="replace").strip()
    if not re.fullmatch(r"[0-9a-f]{16,64}", identity):
        what = message("study/is_not_the_id")
        raise ConfigError(Problem(f"coded/{STUDY_ID}", what, message("common/restore_the_file_from_your_own")))
    return identity


def write_study_id(study: Study, identity: str = "") -> None:
    """Give a study its lasting id: a new one, that no other study has, unless one is passed."""
    write_atomic(study.coded / STUDY_ID, f"{identity or uuid4().hex}\n".encode())


def person_key(study: Study) -> bytes:
    """The secret key from which the codes of persons are derived: the content of coded/person_key.

    A study that has none yet gets one at random, in a file that only its owner can read. It never leaves the study: anybody who
    has it can compute the codes. ConfigError if the file holds something else than a key.
    """
    path = study.coded / PERSON_KEY
    if not path.exists():
        write_atomic(path, f"{secrets.token_hex(32)}\n".encode(), mode=OWNER_ONLY)
    key = path.read_text("utf-8", errors="replace").strip() if path.is_file() else ""
    if not re.fullmatch(r"[0-9a-f]{64}", key):
        what = message("study/is_not_a_key_64_digits")
        remedy = message("study/restore_the_file_from_your_own")
        raise ConfigError(Problem(f"coded/{PERSON_KEY}", what, remedy))
    return bytes.fromhex(key)


def _key_of_title(study: Study) -> str:
    settings = tomllib.loads(study.config.read_text("utf-8-sig"))["study"]
    return key_of(settings["title"], settings.get("seed", DEFAULT_SEED))


@contextmanager
def lock(study: Study, command: str) -> Iterator[None]:
    """Hold the study; StudyBusyError names the holder. A holder that dies leaves nothing behind: the lock ends with its process.

    What a killed program left is removed, or completed where it had begun to replace files.
    """
    holder = study.root / HOLDER
    try:
        with FileLock(study.root / LOCK, timeout=0):
            holder.write_text(f"{command} (process {os.getpid()})", encoding="utf-8")
            _remove_unfinished(study)
            recover(study)
            yield
    except Timeout:
        name = holder.read_text("utf-8", errors="replace").strip() if holder.exists() else ""
        what = message("study/is_in_use_by", holder=name or message("study/another_run"))
        raise StudyBusyError(Problem(str(study.root), what, message("study/wait_until_it_ends_then_try"))) from None


UNFINISHED = re.compile(r"\..+\.\d+\.new")  # what `write_atomic` writes beside a file before it replaces it


def _remove_unfinished(study: Study) -> None:
    """Remove the unfinished files of killed programs; not those of an audit, which takes no lock."""
    for folder in (study.coded, study.outputs):
        for path in paths_below(folder):
            if UNFINISHED.fullmatch(path.name) and path.parent.name != "audit":
                path.unlink(missing_ok=True)
    with suppress(OSError):
        _remove_unfinished_work(study.root / WORK)


def complete_replacement(study: Study) -> None:
    """Complete what a killed run was putting in place: until then tables are of two runs. StudyBusyError during a run."""
    if (study.staging / JOURNAL).is_file():
        with lock(study, "completing the last run"):
            pass


@contextmanager
def transaction(study: Study, last: Collection[str] = ()) -> Iterator[Path]:
    """A folder to write into, laid out like the study; on success all of it replaces the study's files, else nothing changes.

    Of `last`, the files that the last run wrote, those that are not written again are removed. The files are synced, then
    listed in a journal; from the moment the journal is complete the new state is the one that counts, and an interrupted
    replacement is completed by `recover`.
    """
    recover(study)
    shutil.rmtree(study.staging, ignore_errors=True)
    study.staging.mkdir()
    try:
        yield study.staging
        _write_journal(study, last)
    except BaseException:
        shutil.rmtree(study.staging, ignore_errors=True)
        raise
    recover(study)


@contextmanager
def work_folder(study: Study) -> Iterator[str]:
    """A folder in the study for temporary files, which hold participants' words; it is removed at the end.

    What a killed program left behind there is removed as well. Where the study cannot be written to: the system's folder.
    """
    folder = (study.root / WORK).resolve()
    try:
        _remove_unfinished_work(folder)
        folder.mkdir(exist_ok=True)
    except OSError:
        yield tempfile.gettempdir()
        return
    lock_path = folder / f"{uuid4().hex}.lock"
    try:
        with FileLock(lock_path, timeout=0):
            lock_path.with_suffix("").mkdir()
            yield str(lock_path.with_suffix(""))
    finally:
        _remove_work(lock_path)
        with suppress(OSError):
            folder.rmdir()  # nobody else works


def _remove_unfinished_work(folder: Path) -> None:
    """Remove what killed programs left in the folder of temporary files, and the folder if nobody works there."""
    for lock_path in sorted({path.with_suffix(".lock") for path in paths_in(folder)}):
        with suppress(Timeout), FileLock(lock_path, timeout=0):
            _remove_work(lock_path)
    with suppress(OSError):
        folder.rmdir()


def _remove_work(held: Path) -> None:
    shutil.rmtree(held.with_suffix(""), ignore_errors=True)
    held.unlink(missing_ok=True)


JOURNAL = "journal.json"


def _write_journal(study: Study, last: Collection[str]) -> None:
    files = [path for path in paths_below(study.staging) if path.is_file()]
    for path in files:
        _sync(path)
    written = [p.relative_to(study.staging).as_posix() for p in files]
    removed = sorted(name for name in set(last) - set(written) if _is_machine_made(name))
    write_atomic(study.staging / JOURNAL, json.dumps({"written": written, "removed": removed}).encode())


def _is_machine_made(name: str) -> bool:
    """Whether a name is in a folder of the program: an altered record must never delete files that people wrote."""
    return name.startswith(("outputs/", "coded/machine/")) and ".." not in name.split("/")


def recover(study: Study) -> None:
    """Complete a replacement that was interrupted after its journal was written; drop one that was not."""
    journal = study.staging / JOURNAL
    if journal.is_file():
        listed = json.loads(journal.read_bytes())
        for name in listed["written"]:
            source, target = study.staging / name, study.root / name
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                source.replace(target)
        for name in listed["removed"]:
            if (study.root / name).is_file():
                (study.root / name).unlink()
        journal.unlink()
    shutil.rmtree(study.staging, ignore_errors=True)


def write_atomic(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Replace a file's content so that a reader sees the old or the new, never a part.

    `mode` says who may read and write it, from its first moment on; the system's mask takes its bits away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.touch(mode)
        beside.write_bytes(data)
        _sync(beside)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def lines_of(study: Study, name: str, remedy: str) -> list[bytes]:
    """The lines of a file that only grows, with their ends; none if it is not there.

    IntegrityError with the remedy, a key of a message, if it is a broken link or cannot be opened.
    """
    path = study.root / name
    try:
        return path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        if path.is_symlink():
            raise IntegrityError(Problem(name, message("common/is_a_broken_link"), message(remedy))) from None
        return []
    except OSError as error:
        raise IntegrityError(
            Problem(name, message("common/cannot_be_opened", strerror=error.strerror), message(remedy))
        ) from None


def append_atomic(path: Path, text: str) -> None:
    """Add text to the end of a file: a reader sees the file with all of it, or as it was."""
    before = path.read_bytes() if path.exists() else b""
    write_atomic(path, before + text.encode())


def write_measured(study: Study, name: str, data: bytes) -> None:
    """Write a file of MEASURED, and its hashes into the sealed list outputs/measured.json, so that an audit knows it again."""
    path = study.outputs / "measured.json"
    try:
        files = json.loads(path.read_bytes())["files"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        files = {}
    files[name] = {"sha256": sha256_bytes(data), "blocks": block_digests(data)}
    listed = {"files": files, "seal": sha256_text(canonical_json(files))}
    write_atomic(study.root / name, data)
    write_atomic(path, (json.dumps(listed, indent=1, sort_keys=True) + "\n").encode())


def _sync(path: Path) -> None:
    with path.open("rb+") as file:  # Windows syncs only what is open for writing
        os.fsync(file.fileno())
