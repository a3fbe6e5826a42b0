"""The same answer in several files or rows: it is named, and counts once."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from pipeline.errors import Problem
from pipeline.vocabulary import Kind, Role

WORDS = 8  # of an answer; shorter ones are often the same without being copies


def copies(sources: pd.DataFrame, excerpts: pd.DataFrame) -> dict[str, str]:
    """Survey rows of people in no register whose words another such row has: source_id -> the first source with these words.

    Case, accents, punctuation and spaces do not matter. `sources` and `excerpts` are the tables of those names.
    """
    nameless = sources[(sources["kind"] == Kind.SURVEY) & (sources["participant_ids"] == "")]
    spoken = excerpts[(excerpts["role"] == Role.RESPONDENT) & excerpts["source_id"].isin(nameless["source_id"])]
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for source_id, texts in spoken.sort_values(["source_id", "start"]).groupby("source_id", sort=True)["text"]:
        words = _folded(texts)
        if len(words.split()) >= WORDS:
            original = first.setdefault(words, str(source_id))
            if original != source_id:
                found[str(source_id)] = original
    return found


def _folded(texts: Iterable[str]) -> str:
    plain = unicodedata.normalize("NFKD", " ".join(texts).casefold())
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def remarks(found: Mapping[str, str], sources: pd.DataFrame) -> Iterator[Problem]:
    """A remark on every file with copies, for each file that has the originals."""
    path = dict(zip(sources["source_id"], sources["path"], strict=True))
    counts = Counter((path[copy], path[original]) for copy, original in found.items())
    for (of_copy, of_original), count in sorted(counts.items()):
        where = "rows of its own" if of_copy == of_original else f"rows of raw/{of_original}"
        what = f"{count} rows have the same words as {where}; the same words count once"
        yield Problem(f"raw/{of_copy}", what, "take the copy out of raw/, or leave it")
