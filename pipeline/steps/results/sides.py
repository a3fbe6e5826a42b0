"""The sides of a table of counts and their values, as people read them."""

from __future__ import annotations

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.publish.crossings import attribute_name, value_name


def side_heading(name: str, language: str, codebook: Codebook) -> str:
    """The heading of a side: a family, an attribute of persons, or a column of the excerpts."""
    if name in codebook.families:
        return wording.closed_word("family", name, language)
    key = f"query.{name}" if name != "source" else "query.source_id"
    return wording.text(key, language) if key in wording.texts() else attribute_name(name, language)


def value_heading(name: str, value: str, language: str, codebook: Codebook) -> str:
    """A value of a side."""
    if name in codebook.families and value:
        return codebook[value].text("name", language) or value
    if name in ("kind", "language"):
        return wording.closed_word(name, value, language)
    return value if name in ("source", "person") else value_name(name, value, language)
