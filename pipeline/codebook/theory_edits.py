"""Changes in theory_of_change.toml: elements that are added or taken away, and the codes of elements.

Only the lines concerned change; comments and order stay.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.codebook.edits import as_toml, trailing_comment

ELEMENT = "[[elements]]"
TABLE = re.compile(r"(?m)^(?=\[\[)")


def element_text(element: Mapping[str, Any]) -> str:
    """An element as the file writes it."""
    lines = [f"{key} = {as_toml(value)}" for key, value in element.items() if value]
    return "\n".join([ELEMENT, *lines]) + "\n"


def with_element(text: str, written: str) -> str:
    """The file with one element more, at its end; other content stays as it is."""
    gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{gap}{written}"


def without_element(text: str, name: str) -> tuple[str, str]:
    """The file without the element of this id, and the element as it was written. KeyError: there is none."""
    pieces = {str(element.get("id", "")): piece for piece, element in _pieces(text)}
    piece = pieces[name]
    heading = trailing_comment(piece)  # of what follows
    left = text.replace(piece, heading.lstrip("\n"), 1).rstrip("\n")
    return f"{left}\n" if left else "", f"{piece.removesuffix(heading).rstrip()}\n"


def _pieces(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The file in pieces, each with the element that it describes; {} for other content."""
    for piece in TABLE.split(text):
        entries = tomllib.loads(piece).get("elements", []) if piece.startswith(ELEMENT) else []
        yield piece, dict(entries[0]) if entries else {}


def codes_of_elements(text: str) -> dict[str, list[str]]:
    """The codes of each element of theory_of_change.toml, the first one as `code`; none of what cannot be read."""
    try:
        elements = tomllib.loads(text).get("elements", [])
        return {each["id"]: [each["code"], *each.get("together_with", [])] for each in elements}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        return {}


def names_of_elements(text: str) -> dict[str, dict[str, str]]:
    """The name of each element by language; "" where the file has one for all."""
    names = {each["id"]: each["name"] for each in tomllib.loads(text).get("elements", [])}
    return {each: dict(name) if isinstance(name, dict) else {"": name} for each, name in names.items()}


def edited_theory(text: str, codes: Mapping[str, Sequence[str]]) -> str:
    """theory_of_change.toml with new codes for some elements: id of the element -> its codes."""
    parts = []
    for piece, element in _pieces(text):
        changed = codes.get(str(element.get("id")))
        parts.append(_with_codes(piece, changed[0], changed[1:]) if changed else piece)
    return "".join(parts)


def _with_codes(element: str, code: str, further: Sequence[str]) -> str:
    has_further = re.search(r"(?m)^together_with\s*=", element)
    also = "" if has_further or not further else f"\ntogether_with = {as_toml(list(further))}"
    element = re.sub(r"(?m)^code\s*=.*$", lambda _: f"code = {as_toml(code)}{also}", element, count=1)
    return re.sub(r"(?m)^together_with\s*=\s*\[[^\]]*\]", f"together_with = {as_toml(list(further))}", element, count=1)
