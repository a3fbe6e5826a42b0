"""What the automatic signs of Word's lists say: paragraphs that Word shows as `P1: `, `R1: ` or `1. ` hold neither."""

import re
from typing import Any

from pipeline.ingest.office.docx_styles import ListLevel, attribute
from pipeline.ingest.transcript.speaker_labels import looks_like_name

COUNTER = re.compile(r"%\d")


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


def numbered_levels(numbering: Any) -> frozenset[ListLevel]:
    """The list levels whose paragraphs Word numbers."""
    levels: dict[str, list[str]] = {}
    for abstract in numbering.iter("{*}abstractNum"):
        counted = filter(_counts, abstract.iter("{*}lvl"))
        levels[attribute(abstract, "abstractNumId")] = [attribute(level, "ilvl") for level in counted]
    numbered: set[ListLevel] = set()
    for number in numbering.iter("{*}num"):
        abstract = number.find("{*}abstractNumId")
        of_list = levels.get("" if abstract is None else attribute(abstract, "val"), ())
        numbered |= {ListLevel(attribute(number, "numId"), level) for level in of_list}
    return frozenset(numbered)


def _counts(level: Any) -> bool:
    """Whether the sign of a level is a number or a letter that counts."""
    kind, text = level.find("{*}numFmt"), level.find("{*}lvlText")
    is_bullet = kind is not None and attribute(kind, "val") in ("bullet", "none")
    return not is_bullet and text is not None and COUNTER.search(attribute(text, "val")) is not None


def _name(level: Any) -> str:
    """The letters of a level's sign, where it ends as labels do: `Entrevistada %1:`."""
    text = level.find("{*}lvlText")
    sign = "" if text is None else attribute(text, "val")
    name = COUNTER.sub("", sign).strip(" .:-–—)")
    is_label = sign.rstrip()[-1:] in (":", "-", "–", "—", ".")
    return name if is_label and any(c.isalpha() for c in name) and looks_like_name(name) else ""
