"""The names of coders: trimmed, one spelling for each person, and no name that means something else."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from pipeline.errors import ConfigError, Problem

MACHINE = "machine"
RESERVED = (MACHINE, "máquina", "rule", "regla", "classifier", "clasificador")
SEPARATORS = ";&"  # stand between names in tables and figures


def coder_name(typed: str, spellings: Iterable[str] = ()) -> str:
    """The name of a coder as the ledger writes it: the spelling in use where the name is there already.

    Raises ConfigError for a blank or reserved name, and for one that could not be told from two names.
    """
    name = unicodedata.normalize("NFC", " ".join(typed.split()))
    if not name or not name.isprintable():
        raise ConfigError(Problem("--coder", "is blank", "give the coder's name: CODER=ana"))
    if name.casefold() in RESERVED:
        raise ConfigError(Problem(f"--coder {name}", "is the name of the machine's own decisions", "take another name"))
    if any(sign in name for sign in SEPARATORS):
        remedy = "write one name without & and ;, such as CODER=meeting for several who decide together"
        raise ConfigError(Problem(f"--coder {name}", "could mean two coders", remedy))
    in_use = {spelling.casefold(): spelling for spelling in spellings}
    return in_use.get(name.casefold(), name)
