"""Names that are masked and words that are corrected: how such a text is compared with the words of its source."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from second_verifier.hashes import sha256
from second_verifier.stored import Row, StoredStudy

ANY = "\x01"  # in the place of every character under a mask


def masks(study: StoredStudy) -> dict[str, list[Row]]:
    """The placeholders of every source, in order."""
    by_source = defaultdict(list)
    for row in study.table("masks"):
        if row["status"] == "masked":
            by_source[row["source_id"]].append(row)
    return {source: sorted(rows, key=lambda row: row["start"]) for source, rows in by_source.items()}


def hidden(study: StoredStudy) -> dict[str, list[Row]]:
    """Masks and corrected words of every source, in order; a mask that is part of corrected words is not listed."""
    by_source = defaultdict(list, masks(study))
    for row in study.table("corrections"):
        if row["status"] == "applied" and not row["is_speaker"]:
            others = [r for r in by_source[row["source_id"]] if r["end"] <= row["start"] or row["end"] <= r["start"]]
            by_source[row["source_id"]] = sorted([*others, row], key=lambda row: row["start"])
    return by_source


def opened(row: Row, of_source: Iterable[Row]) -> str:
    """The text of an excerpt with unknown characters for masked names, as many as the source has there."""
    text, at = [], 0
    for mask in of_source:
        if row["start"] <= mask["start"] < row["end"]:
            text += [row["text"][at : mask["start"] - row["start"]], ANY * (mask["source_end"] - mask["source_start"])]
            at = mask["end"] - row["start"]
    return "".join([*text, row["text"][at:]])


def longer(study: StoredStudy) -> dict[str, int]:
    """How many more visible characters the names in turns have than their placeholders."""
    text_of = {row["source_id"]: row["text"] for row in study.table("texts")}
    more: dict[str, int] = defaultdict(int)
    for source, rows in masks(study).items():
        for row in rows:
            shown = text_of[source][row["start"] : row["end"]]
            more[source] += (row["chars"] - sum(not c.isspace() for c in shown)) if row["name_id"] else 0
    return more


def moved_by_masks(study: StoredStudy) -> dict[tuple[str, str], str]:
    """Where decided words are now that differ in masks alone, by the words in coded/quotes.jsonl."""
    excerpts, by_source = {row["excerpt_id"]: row for row in study.table("excerpts")}, hidden(study)
    placed = [row for row in study.table("placements") if row["status"] in ("carried", "masked", "corrected")]
    now = {(row["decided_on"], row["text_sha256"]): row["now_at"] for row in placed}
    path, proven = study.root / "coded" / "quotes.jsonl", {}
    for quote in map(json.loads, path.read_text("utf-8").splitlines() if path.exists() else ()):
        key = (quote["excerpt_id"], quote["text_sha256"])
        row = excerpts.get(now.get(key, ""))
        if row is None or sha256(quote["text"].encode("utf-8", "surrogatepass")) != key[1]:
            continue
        before = quote["text"]
        for start, end, chars in reversed(quote.get("gaps", ())):
            before = before[:start] + ANY * chars + before[end:]
        after = opened(row, by_source.get(row["source_id"], ()))
        if len(before) == len(after) and all(a == b or ANY in a + b for a, b in zip(before, after, strict=True)):
            proven[key] = row["excerpt_id"]
    return proven


def same_place(study: StoredStudy) -> set[tuple[str, str]]:
    """The decided passages that are where they were but for masks and corrections."""
    rows = study.table("placements")
    return {(row["decided_on"], row["text_sha256"]) for row in rows if row["status"] in ("masked", "corrected")}
