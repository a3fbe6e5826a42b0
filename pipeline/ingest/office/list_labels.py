"""Whom the automatic signs of Word's lists name: paragraphs that Word shows as `P1: ` and `R1: ` hold neither."""

import re
from typing import Any, NamedTuple

from pipeline.ingest.office.docx_styles import attribute
from pipeline.ingest.transcript.speaker_labels import looks_like_name

COUNTER = re.compile(r"%\d")


class ListLevel(NamedTuple):
    """A list of a document and the level in it."""

    number: str
    level: str


def list_level_of(sign: Any) -> ListLevel:
    """The list and level that a paragraph's <w:numPr> names."""
    number, level = sign.find("{*}numId"), sign.find("{*}ilvl")
    return ListLevel(
        "" if number is None else attribute(number, "val"), "0" if level is None else attribute(level, "val") or "0"
    )


def speakers_of_lists(numbering: Any) -> dict[ListLevel, str]:
    """The name or letter in the sign of each list level; none if only one level has one."""
    signs: dict[str, dict[str, str]] = {}
    for abstract in numbering.iter("{*}abstractNum"):
        levels = {attribute(level, "ilvl"): _name(level) for level in abstract.iter("{*}lvl")}
        signs[attribute(abstract, "abstractNumId")] = {level: name for level, name in levels.items() if name}
    speakers: dict[ListLevel, str] = {}
    for number in numbering.iter("{*}num"):
        abstract = number.find("{*}abstractNumId")
        for level, name in signs.get("" if abstract is None else attribute(abstract, "val"), {}).items():
            speakers[ListLevel(attribute(number, "numId"), level)] = name
    return speakers if len(set(speakers.values())) > 1 else {}


def _name(level: Any) -> str:
    """The letters of a level's sign, where it ends as labels do: `Entrevistada %1:`."""
    text = level.find("{*}lvlText")
    sign = "" if text is None else attribute(text, "val")
    name = COUNTER.sub("", sign).strip(" .:-–—)")
    is_label = sign.rstrip()[-1:] in (":", "-", "–", "—", ".")
    return name if is_label and any(c.isalpha() for c in name) and looks_like_name(name) else ""
