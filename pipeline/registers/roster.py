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
from pipeline.wording.messages import message

HEAD = b"hallazgo roster 1"
PASSPHRASE = "HALLAZGO_ROSTER"  # noqa: S105 - the variable of the environment, not what is in it
SALT = 16
COST = {"n": 1 << 15, "r": 8, "p": 1}  # about a tenth of a second and 32 MB for each guess: the advice of RFC 7914
CSV_REMEDY = "registers/give_it_the_columns_id"


def load_roster(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The people of a roster with their names; ConfigError where it cannot be opened with the passphrase."""
    try:
        head, salt, token = path.read_bytes().split(b"\n")[:3]
    except OSError as error:
        what = message("registers/the_roster_cannot_be_opened", strerror=error.strerror)
        raise ConfigError(
            Problem("config.toml [privacy] roster", what, message("registers/correct_the_path"))
        ) from None
    except ValueError:
        head = b""
    if head != HEAD:
        raise _is_no_roster()
    try:
        data = Fernet(_key(_passphrase(), base64.b64decode(salt))).decrypt(token)
    except (InvalidToken, ValueError):
        what = message("registers/the_passphrase_does_not_open")
        raise ConfigError(
            Problem(
                "config.toml [privacy] roster", what, message("registers/set_to_its_passphrase", passphrase=PASSPHRASE)
            )
        ) from None
    return tuple(_people(data))


def _is_no_roster() -> ConfigError:
    what = message("registers/the_file_is_not_a_roster")
    return ConfigError(
        Problem("config.toml [privacy] roster", what, message("registers/make_one_with_python_m_pipeline"))
    )


def _passphrase() -> str:
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase:
        what = message("registers/is_encrypted")
        raise ConfigError(
            Problem(
                "config.toml [privacy] roster", what, message("registers/set_to_its_passphrase", passphrase=PASSPHRASE)
            )
        )
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
        raise ConfigError(
            Problem(
                message("registers/the_roster"), message("registers/does_not_have_the_columns_id"), message(CSV_REMEDY)
            )
        )
    for cells in table[1:]:
        row = by_heading(heads, cells)
        if names := parts(row["names"]):
            yield f"roster {row['id'] or fold_name(names[0])}", names


def write_roster(table: Path, roster: Path) -> int:
    """Encrypt a CSV of names as a roster; how many people it has. The CSV is left as it is."""
    try:
        data = table.read_bytes()
    except OSError as error:
        raise ConfigError(
            Problem(
                str(table),
                message("common/cannot_be_opened", strerror=error.strerror),
                message("registers/correct_the_path"),
            )
        ) from None
    people = tuple(_people(data))
    salt = os.urandom(SALT)
    token = Fernet(_key(_passphrase(), salt)).encrypt(data)
    roster.write_bytes(b"\n".join((HEAD, base64.b64encode(salt), token, b"")))
    return len(people)
