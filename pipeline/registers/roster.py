"""A roster: names of people beside the register, in a file outside the study, encrypted with a passphrase.

The file is one line that says what it is, the salt, and a Fernet token of a CSV with the columns `id` and `names` (joined by ;).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from pipeline.errors import ConfigError, Problem, UserError
from pipeline.people import fold_name
from pipeline.registers.participants import by_heading, parts, read_csv

HEAD = b"hallazgo roster 1"
PASSPHRASE = "HALLAZGO_ROSTER"  # noqa: S105 - the variable of the environment, not what is in it
SALT = 16
COST = {"n": 1 << 15, "r": 8, "p": 1}  # about a tenth of a second and 32 MB for each guess: the advice of RFC 7914
CSV_REMEDY = "give it the columns id and names, names joined by ;"


def load_roster(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The people of a roster with their names; ConfigError where it cannot be opened with the passphrase."""
    try:
        head, salt, token = path.read_bytes().split(b"\n")[:3]
    except OSError as error:
        what = f"the roster cannot be opened ({error.strerror})"
        raise ConfigError(Problem("config.toml [privacy] roster", what, "correct the path")) from None
    except ValueError:
        head = b""
    if head != HEAD:
        raise _is_no_roster()
    try:
        data = Fernet(_key(_passphrase(), base64.b64decode(salt))).decrypt(token)
    except (InvalidToken, ValueError):
        what = "the passphrase does not open the roster, or the file was changed"
        raise ConfigError(
            Problem("config.toml [privacy] roster", what, f"set {PASSPHRASE} to its passphrase")
        ) from None
    return tuple(_people(data))


def _is_no_roster() -> ConfigError:
    what = "the file is not a roster"
    return ConfigError(Problem("config.toml [privacy] roster", what, "make one with: python -m pipeline roster"))


def _passphrase() -> str:
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase:
        what = "is encrypted, and there is no passphrase"
        raise ConfigError(Problem("config.toml [privacy] roster", what, f"set {PASSPHRASE} to its passphrase"))
    return passphrase


def _key(passphrase: str, salt: bytes) -> bytes:
    scrypt = Scrypt(salt=salt, length=32, **COST)
    return base64.urlsafe_b64encode(scrypt.derive(passphrase.encode()))


def _people(data: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The people of a roster's table; ConfigError where it lacks a column."""
    try:
        table = read_csv(data)
    except UserError as error:
        raise ConfigError(error.problems) from None
    heads = [fold_name(head) for head in table[0]] if table else []
    if not {"id", "names"} <= set(heads):
        raise ConfigError(Problem("the roster", "does not have the columns id and names", CSV_REMEDY))
    for cells in table[1:]:
        row = by_heading(heads, cells)
        if names := parts(row["names"]):
            yield f"roster {row['id'] or fold_name(names[0])}", names


def write_roster(table: Path, roster: Path) -> int:
    """Encrypt a CSV of names as a roster; how many people it has. The CSV is left as it is."""
    try:
        data = table.read_bytes()
    except OSError as error:
        raise ConfigError(Problem(str(table), f"cannot be opened ({error.strerror})", "correct the path")) from None
    people = tuple(_people(data))
    salt = os.urandom(SALT)
    token = Fernet(_key(_passphrase(), salt)).encrypt(data)
    roster.write_bytes(b"\n".join((HEAD, base64.b64encode(salt), token, b"")))
    return len(people)
