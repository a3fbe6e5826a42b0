"""The headings that survey tools write by themselves, from vocabulary.toml."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.ingest.survey.records import Hint

TOOLS = (
    "KoboToolbox", "ODK", "SurveyMonkey", "LimeSurvey", "Typeform", "Survey123", "REDCap", "Microsoft Forms", "Google Forms",
)  # fmt: skip
# Parts of a place, in KoboToolbox and ODK.
PLACE_ON_MAP = re.compile(r"[-_.](latitude|longitude|altitude|precision|accuracy)$", re.IGNORECASE)


@cache
def words() -> dict[str, Any]:
    """The words of each tool, and those of any."""
    return tomllib.loads((files(__package__) / "vocabulary.toml").read_text("utf-8"))


def fold(heading: str) -> str:
    """A heading for comparison: without differences of case, accents and white space."""
    plain = " ".join(heading.split()).casefold()
    if plain.isascii():
        return plain
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


@cache
def _listed(tool: str, key: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words()[tool].get(key, ()))


def says(heading: str, tool: str, key: str) -> bool:
    """Whether a heading is one of a tool's own."""
    return fold(heading).strip(" :?¿*.") in _listed(tool, key)


def tool_of(heads: Sequence[str]) -> str:
    """The tool whose headings these are, or nothing."""
    folded = {fold(head) for head in heads}
    return next((tool for tool in TOOLS if is_tool(tool, folded)), "")


def is_tool(tool: str, folded: Collection[str]) -> bool:
    """Whether headings have one of each group that a tool always writes."""
    return all(any(word in folded for word in group) for group in words()[tool]["all_of"])


def hint_of(heading: str, tool: str) -> Hint:
    """What a tool's own words, or anybody's, say of a column."""
    for name in (tool, "any"):
        if name in words():
            if says(heading, name, "names_people") or PLACE_ON_MAP.search(heading):
                return Hint.PEOPLE
            if name == tool and says(heading, name, "row_id"):
                return Hint.ROW_ID
            if says(heading, name, "of_the_tool"):
                return Hint.TOOL
    return Hint.NONE


def rank_of_id(heading: str, tool: str) -> int | None:
    """How well a heading names a row: its place in the tool's list, or in anybody's, best first; None where it does not."""
    listed = [*words().get(tool, {}).get("row_id", ()), *words()["any"]["row_id"]]
    folded = [fold(word) for word in listed]
    return folded.index(fold(heading)) if fold(heading) in folded else None
