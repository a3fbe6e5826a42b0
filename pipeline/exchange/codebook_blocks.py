"""Codes of other programs as blocks of codebook.toml."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pipeline import wording
from pipeline.exchange.codes import FAMILY, ID, stated
from pipeline.exchange.project import Code

FIRST_FAMILY = "criterion"  # of codes that no group holds


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code of a file as it is written into a codebook, and its name there."""

    id: str
    name: str
    block: str


def new_codes(codes: Sequence[Code], taken: Collection[str], present: Collection[str]) -> list[NewCode]:
    """A block for every code that can be used for coding, each after the code that it is part of.

    `taken` are ids that may not be used again; `present` are GUIDs of codes that the codebook has. A code that only groups others
    gives its name to their family.
    """
    ids = {name.casefold() for name in taken}
    return list(_blocks(codes, family=FIRST_FAMILY, parent="", ids=ids, present=present))


def _blocks(
    codes: Sequence[Code], *, family: str, parent: str, ids: set[str], present: Collection[str]
) -> Iterator[NewCode]:
    for code in codes:
        if not code.is_codable and not parent:
            within = _stated(code.description, FAMILY) or slug(code.name)
            yield from _blocks(code.codes, family=within, parent="", ids=ids, present=present)
            continue
        if code.guid in present:
            yield from _blocks(code.codes, family=family, parent="", ids=ids, present=present)
            continue
        name = _free(_stated(code.description, ID) or slug(code.name), ids)
        yield NewCode(name, code.name, _block(code, name, family=family, parent=parent))
        yield from _blocks(code.codes, family=family, parent=name, ids=ids, present=present)


def slug(name: str) -> str:
    """A name as an id: small letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "code"


def _free(name: str, ids: set[str]) -> str:
    number, free = 1, name
    while free.casefold() in ids:
        number += 1
        free = f"{name}_{number}"
    ids.add(free.casefold())
    return free


def _stated(description: str, mark: str) -> str:
    """What a description states after a mark, where it can be an id."""
    name = stated(description, mark)
    return name if re.fullmatch(r"[A-Za-z0-9._-]+", name) else ""


def _block(code: Code, name: str, *, family: str, parent: str) -> str:
    texts = _texts(code.description)
    keys = {"id": name, "family": family, "parent": parent, "name": code.name, **texts}
    lines = [f"{key} = {json.dumps(_one_space(value), ensure_ascii=False)}\n" for key, value in keys.items() if value]
    return "[[criteria]]\n" + "".join(lines)


def _one_space(text: str) -> str:
    """The text without characters that TOML does not allow."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)


def _texts(description: str) -> dict[str, str]:
    """Definition, what to include and what to exclude, as an export of a study writes them; otherwise all is definition."""
    parts: dict[str, list[str]] = {"definition": [], "include": [], "exclude": []}
    for paragraph in description.split("\n\n"):
        if paragraph.startswith((ID, FAMILY)) and "\n" not in paragraph:
            continue
        field, text = _field_of(paragraph)
        parts[field].append(text)
    return {field: "\n\n".join(part).strip() for field, part in parts.items()}


def _field_of(paragraph: str) -> Sequence[str]:
    for field in ("include", "exclude"):
        for language in wording.LANGUAGES:
            mark = wording.text(f"exchange.{field}", language, text="")
            if paragraph.startswith(mark):
                return field, paragraph.removeprefix(mark)
    return "definition", paragraph
