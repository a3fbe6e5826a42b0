"""How outputs name attributes of persons, their values, and codes."""

from __future__ import annotations

import tomllib

from pipeline import wording
from pipeline.audit.stored import FAMILY, Row, Stored, main_codes


def attribute_name(attribute: str, language: str) -> str:
    """The heading of an attribute; one that the program does not know is as the register has it, without underscores."""
    key = f"attribute.{attribute}"
    spaced = attribute.replace("_", " ")
    return wording.text(key, language) if key in wording.texts() else spaced[:1].upper() + spaced[1:]


def value_name(attribute: str, value: str, language: str) -> str:
    """A value of an attribute, or that it is not known."""
    if not value:
        return wording.text({"group": "matrix.no_group"}.get(attribute, "sex.unknown"), language)
    return wording.closed_word("sex", value, language) if attribute == "gender" else value.replace("_", " ")


def groups_in(value: str) -> list[str]:
    """The groups that a cell of a register names, separated by semicolons; one without a name if it is blank."""
    named = {part.strip() for part in value.split(";")} - {""}
    return sorted(named) or [""]


def codes_in_order(stored: Stored) -> list[Row]:
    """The codes as the codebook has them."""
    return list(tomllib.loads((stored.root / "coded" / "codebook.toml").read_text("utf-8-sig")).get("criteria", ()))


def codes_by_family(stored: Stored) -> dict[str, list[Row]]:
    """The codes of each family, in the order of the codebook."""
    families: dict[str, list[Row]] = {}
    for code in codes_in_order(stored):
        families.setdefault(code.get("family", FAMILY), []).append(code)
    return families


def crossed_families(stored: Stored) -> list[list[Row]]:
    """The codes of each family, those of the main family first."""
    main = set(main_codes(codes_in_order(stored)))
    families = list(codes_by_family(stored).values())
    return sorted(families, key=lambda codes: codes[0]["id"] not in main)


def code_name(code: Row, language: str) -> str:
    """The name of a code in a language, otherwise in the first that it has; its id if it has none."""
    name = code.get("name", "")
    text = name if isinstance(name, str) else name.get(language) or next(iter(name.values()), "")
    return str(text) or str(code["id"])


def names_of_codes(stored: Stored, language: str) -> dict[str, str]:
    """The names of all codes by id."""
    return {code["id"]: code_name(code, language) for code in codes_in_order(stored)}
