"""Words of headings and cells: what survey tools write themselves, and what people write to say nothing."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.ingest.survey.records import Hint

TOOLS = (
    "KoboToolbox", "ODK", "SurveyMonkey", "Alchemer", "LimeSurvey", "Typeform", "Survey123", "REDCap", "Microsoft Forms",
    "Google Forms",
)  # fmt: skip
# Parts of a place, in KoboToolbox and ODK.
PLACE_ON_MAP = re.compile(r"[-_.](latitude|longitude|altitude|precision|accuracy)$", re.IGNORECASE)
# Cells of a choice that somebody ticked or did not.
TICKED = frozenset("y n yes no si oui non sim nao ja nein n/a na 0 1 0.0 1.0 true false x".split())
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
WORD = re.compile(r"[^\W\d_]+|\d+")


@cache
def words() -> dict[str, Any]:
    """The headings of each tool, and those of any."""
    return tomllib.loads((files(__package__) / "vocabulary.toml").read_text("utf-8"))


@cache
def answer_words() -> dict[str, Any]:
    """Words of cells: non-answers, steps of scales, facts, months."""
    return tomllib.loads((files(__package__) / "answers.toml").read_text("utf-8"))


@cache
def answer_word_set(section: str, key: str) -> frozenset[str]:
    """The single words of one of these lists."""
    return frozenset(answer_words()[section][key].split())


def fold_heading(heading: str) -> str:
    """A heading for comparison: without differences of case, accents and white space."""
    plain = " ".join(heading.split()).casefold()
    if plain.isascii():
        return plain
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def words_of(heading: str) -> list[str]:
    """The words of a heading, folded; `RecipientEmail`, `telefono_1` and `e-mail address` are split as a reader would."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", heading) if not unicodedata.combining(c))
    split = WORD.findall(CAPITAL.sub(" ", plain).casefold())
    return " ".join(split).replace("e mail", "email").replace("whats app", "whatsapp").split()


@cache
def _listed(tool: str, key: str) -> frozenset[str]:
    return frozenset(fold_heading(word) for word in words()[tool].get(key, ()))


def is_listed(heading: str, tool: str, key: str) -> bool:
    """Whether a heading is one of a tool's own."""
    return fold_heading(heading).strip(" :?¿*.") in _listed(tool, key)


def tool_of(heads: Sequence[str]) -> str:
    """The tool whose headings these are, or nothing."""
    folded = {fold_heading(head) for head in heads}
    return next((tool for tool in TOOLS if is_tool(tool, folded)), "")


def is_tool(tool: str, folded: Collection[str]) -> bool:
    """Whether headings have one of each group that a tool always writes."""
    heads = set(folded)
    return all(heads.intersection(group) for group in words()[tool]["all_of"])


def hint_of(heading: str, tool: str) -> Hint:
    """What a tool's own words, or anybody's, say of a column."""
    for name in (tool, "any"):
        if name in words():
            if is_listed(heading, name, "names_people") or PLACE_ON_MAP.search(heading):
                return Hint.PEOPLE
            if name == tool and is_listed(heading, name, "row_id"):
                return Hint.ROW_ID
            if is_listed(heading, name, "of_the_tool"):
                return Hint.TOOL
    return Hint.NONE


def rank_of_id(heading: str, tool: str) -> int | None:
    """How well a heading names a row: its place in the tool's list, or in anybody's, best first; None if it does not."""
    listed = [*words().get(tool, {}).get("row_id", ()), *words()["any"]["row_id"]]
    folded = [fold_heading(word) for word in listed]
    return folded.index(fold_heading(heading)) if fold_heading(heading) in folded else None


def may_name_row(heading: str) -> bool:
    """Whether a heading is a row's id in other words than a tool's (`response_id`, `token`), and no person's (`Tax ID`)."""
    return _spaced(heading) in {*map(_spaced, words()["any"]["row_id"]), *words()["any"]["may_be_row_id"]}


def has_id_word(heading: str) -> bool:
    """Whether a heading begins or ends with a word for an id: `interview_id`, `token`, `ID de la encuesta`."""
    words_of_ids = _listed("any", "id_words")
    parts = words_of(heading)
    return bool(parts) and not words_of_ids.isdisjoint((parts[0], parts[-1]))


def _spaced(heading: str) -> str:
    """A heading of several words with single spaces between them; one of a single word as it is written."""
    parts = words_of(heading)
    return " ".join(parts) if len(parts) > 1 else fold_heading(heading)
