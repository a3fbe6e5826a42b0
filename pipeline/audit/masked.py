"""Decisions on words whose names were masked later: proven by coded/quotes.jsonl, which has the words as they were decided on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.audit.stored import RERUN, Row, Stored, digest, json_object, solid
from pipeline.errors import Problem
from pipeline.wording.messages import message

QUOTES = "coded/quotes.jsonl"
UNKNOWN = "\0"  # a character that a mask hides; no text has it
Key = tuple[str, str]  # the excerpt as it was decided on, and the hash of its words


def placed_under_masks(stored: Stored, hidden: Mapping[str, Sequence[Row]]) -> dict[Key, str]:
    """Where decided words are now if they differ only by masks and corrections, according to coded/quotes.jsonl.

    `hidden` has the places of both by source.
    """
    placed = [row for row in stored.tables["placements"] if row["status"] != "stale"]
    now_at = {(row["decided_on"], row["text_sha256"]): row["now_at"] for row in placed}
    texts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
    path = stored.root / QUOTES
    quotes = map(json_object, path.read_bytes().splitlines()) if path.exists() else iter(())
    proven = {}
    for quote in quotes:
        key = (quote["excerpt_id"], quote["text_sha256"])
        excerpt = texts.get(now_at.get(key, ""))
        if excerpt is None or digest(quote["text"].encode("utf-8", "surrogatepass")) != key[1]:
            continue
        if _agree(_hidden(quote["text"], quote.get("gaps", ())), opened(excerpt, hidden)):
            proven[key] = str(excerpt["excerpt_id"])
    return proven


def opened(excerpt: Row, masks: Mapping[str, Sequence[Row]]) -> str:
    """The words of an excerpt with unknown characters where names are masked or words corrected, as many as the file has there."""
    start, end = excerpt["start"], excerpt["end"]
    gaps = [
        (mask["start"] - start, mask["end"] - start, mask["source_end"] - mask["source_start"])
        for mask in masks.get(excerpt["source_id"], ())
        if start <= mask["start"] and mask["end"] <= end
    ]
    return _hidden(excerpt["text"], gaps)


def masks_by_source(stored: Stored) -> dict[str, list[Row]]:
    """The placeholders of every source, in order."""
    masks: dict[str, list[Row]] = {}
    for row in stored.tables.get("masks", ()):
        if row["status"] == "masked":
            masks.setdefault(row["source_id"], []).append(row)
    return {source: sorted(rows, key=_start) for source, rows in masks.items()}


def place_since_masked(offset: int, masks: Sequence[Row]) -> int:
    """The place in the stored text, in which names are masked, of a character of the source as it was read."""
    before = [mask for mask in masks if mask["source_end"] <= offset]
    return offset + (before[-1]["end"] - before[-1]["source_end"] if before else 0)


def _start(row: Row) -> int:
    start: int = row["start"]
    return start


def _hidden(text: str, gaps: Sequence[Sequence[int]]) -> str:
    for start, end, chars in reversed(gaps):
        text = text[:start] + UNKNOWN * chars + text[end:]
    return text


def _agree(first: str, second: str) -> bool:
    pairs = list(zip(first, second, strict=False))
    return len(first) == len(second) and all(a == b or UNKNOWN in (a, b) for a, b in pairs)


def check_masks(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that every mask is a placeholder at its place, and that places after it lead back to the source."""
    texts = {row["source_id"]: row["text"] for row in stored.tables["texts"]}
    masks = masks_by_source(stored)

    def problems() -> Iterator[Problem]:
        for source, rows in sorted(masks.items()):
            shift = 0
            for row in rows:
                words = texts[source][row["start"] : row["end"]]
                is_placeholder = words.startswith("[") and words.endswith("]")
                if not is_placeholder or row["source_start"] != row["start"] + shift:
                    where = f"coded/machine/masks.parquet source {source}, character {row['start']}"
                    yield Problem(where, message("audit/is_not_a_mask_or_does"), message(RERUN))
                shift = row["source_end"] - row["end"]

    return sum(map(len, masks.values())), problems()


def masked_chars(stored: Stored) -> dict[str, int]:
    """How many more characters, white space apart, the masked names of turns have than their placeholders."""
    texts = {row["source_id"]: row["text"] for row in stored.tables["texts"]}
    more: dict[str, int] = {}
    for source, rows in masks_by_source(stored).items():
        spoken = [row for row in rows if row["name_id"]]
        more[source] = sum(row["chars"] - solid(texts[source][row["start"] : row["end"]]) for row in spoken)
    return more
