"""The names of coders: trimmed, with one spelling for each person; reserved names are refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.errors import ConfigError, Problem
from pipeline.wording.messages import listed, message

MACHINE = "machine"
RESERVED = (MACHINE, "máquina", "rule", "regla", "classifier", "clasificador")
SEPARATORS = ";&"  # used between names in tables and figures


def coder_name(typed: str, spellings: Iterable[str] = ()) -> str:
    """The name of a coder as the ledger writes it: the spelling in use where the name is there already.

    Raises ConfigError for a blank or reserved name, and for one that could mean two coders.
    """
    name = _trimmed(typed)
    if not name or not name.isprintable():
        raise ConfigError(
            Problem("--coder", message("review/is_blank"), message("review/give_the_coders_name_coder_ana"))
        )
    if name.casefold() in RESERVED:
        raise ConfigError(
            Problem(
                f"--coder {name}", message("review/is_reserved_for_the_machine"), message("review/choose_another_name")
            )
        )
    if any(sign in name for sign in SEPARATORS):
        remedy = message("review/write_one_name_without_and_such")
        raise ConfigError(Problem(f"--coder {name}", message("review/could_mean_two_coders"), remedy))
    in_use = {spelling.casefold(): spelling for spelling in spellings}
    return in_use.get(name.casefold(), name)


def _trimmed(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


@dataclass(slots=True)
class CoderNames:
    """The coders of a ledger, each under one name however its lines spell it: `Ana`, `ana` and `ana ` are one person.

    The name is the first spelling. Earlier versions of the program wrote down any name: a reserved one is read as that of a
    person, a blank one as *no name*, and the separators of names as a plus.
    """

    spellings: dict[str, str] = field(default_factory=dict)  # as the lines spell it -> as it is read
    _by_letters: dict[str, str] = field(default_factory=dict)

    def read(self, spelling: str) -> str:
        """The name of the coder that a line spells this way."""
        if spelling not in self.spellings:
            name = _trimmed(spelling)
            for sign in SEPARATORS:
                name = name.replace(sign, "+")
            if not name or name.casefold() in RESERVED:
                name = f"{name} (person)" if name else "no name"
            self.spellings[spelling] = self._by_letters.setdefault(name.casefold(), name)
        return self.spellings[spelling]

    def respelt(self) -> tuple[Problem, ...]:
        """Coders whose names have several spellings in the ledger, with all of them."""
        by_name: dict[str, list[str]] = {}
        for spelling, name in self.spellings.items():
            by_name.setdefault(name, []).append(f'"{spelling}"')
        return tuple(
            Problem(
                "coded/decisions.jsonl",
                message("review/count_as_one_coder", spellings=listed(sorted(spellings)), name=name),
                message("review/nothing_to_do_the_lines_stay"),
            )
            for name, spellings in sorted(by_name.items())
            if spellings != [f'"{name}"']
        )
