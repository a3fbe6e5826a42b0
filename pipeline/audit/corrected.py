"""The corrections of transcripts, read again: every line that holds is applied, and every corrected place has its line."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.audit.masked import masks_by_source
from pipeline.audit.stored import CORRECTIONS, RERUN, Row, Stored, canonical, digest, overlap
from pipeline.errors import Problem
from pipeline.wording.messages import message

TABLE = "coded/machine/corrections.parquet"
ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")
FORMULA = "=+-@\t\r＝＋－＠"
SAID = ("words", "nth", "corrected", "speaker", "new_speaker")


def correction_lines(root: Path) -> list[Row]:
    """The lines of the file of corrections with their numbers and keys; none without the file."""
    path = root / CORRECTIONS
    if not path.exists():
        return []
    heads, *lines = _cells(path.read_bytes()) or [[]]
    rows = [dict(zip(heads, [*cells, *[""] * len(heads)], strict=False)) for cells in lines]
    return [{**row, "line": number, "key": _key(row)} for number, row in enumerate(rows, 2) if any(row.values())]


def _cells(data: bytes) -> list[list[str]]:
    for encoding in ENCODINGS:
        with suppress(UnicodeError):
            text = data.decode(encoding)
            break
    first = text.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(text, newline=None), delimiter=max(",;\t", key=first.count))
    return [list(map(_cell, line)) for line in lines if line]


def _cell(cell: str) -> str:
    """A cell without white space around it, and without the apostrophe that keeps it from being a formula."""
    bare = cell.strip()
    return bare[1:] if len(bare) > 1 and bare[0] == "'" and bare[1] in FORMULA else bare


def _key(row: Row) -> str:
    """What a line is known by in the table `corrections`."""
    words, nth, *further = (_plain(row.get(name, "")) for name in SAID)
    content = ["correction", row.get("source", ""), words, int(nth) if nth.isdecimal() else 0, *further]
    return digest(canonical(content))[:16]


def check_corrections(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every line that holds is applied where the table says, and the table has no place without a line."""
    lines = [line for line in correction_lines(stored.root) if not line.get("withdrawn")]
    by_key = {line["key"]: line for line in reversed(lines)}
    listed = {row["correction"]: row for row in stored.tables.get("corrections", ())}

    def problems() -> Iterator[Problem]:
        for line in sorted(by_key.values(), key=_line_number):
            row = listed.get(line["key"])
            if row is None or row["status"] != "applied":
                where = f"{CORRECTIONS} line {line['line']}"
                yield Problem(
                    where, message("audit/is_a_correction_not_applied"), message("audit/run_make_check_study")
                )
        yield from _unlike_lines(by_key, listed, stored)
        yield from _unlike_places(stored)

    return len(lines), problems()


def _line_number(line: Row) -> int:
    return int(line["line"])


def _unlike_lines(by_key: Mapping[str, Row], listed: Mapping[str, Row], stored: Stored) -> Iterator[Problem]:
    """The corrected places that have no line, or not what it says; words that are withheld or masked may hide that."""
    texts = {text["source_id"]: text["text"] for text in stored.tables["texts"]}
    masks = masks_by_source(stored)
    for key, row in listed.items():
        where = f"{TABLE} source {row['source_id']}, character {row['start']}"
        if key not in by_key:
            yield Problem(where, message("audit/is_corrected_without_a_line"), message(RERUN))
        elif row["status"] == "applied":
            words = texts[row["source_id"]][row["start"] : row["end"]]
            is_hidden = not words.strip() or _is_masked(row, masks.get(row["source_id"], ()))
            if not is_hidden and not _is_as_its_line(row, by_key[key], words, stored):
                yield Problem(where, message("audit/is_not_as_its_line_says"), message(RERUN))


def _is_masked(row: Row, masks: Sequence[Row]) -> bool:
    return not row["is_speaker"] and any(overlap(mask, row) for mask in masks)


def _is_as_its_line(row: Row, line: Row, words: str, stored: Stored) -> bool:
    return _is_speaker(row, line, stored) if row["is_speaker"] else words == _plain(line["corrected"])


def _is_speaker(row: Row, line: Row, stored: Stored) -> bool:
    words = _words(line["new_speaker"])
    turns = (t for t in stored.tables["turns"] if (t["source_id"], t["turn"]) == (row["source_id"], row["turn"]))
    for turn in turns:
        person = stored.people.get(turn["participant_id"])
        names = (turn["speaker"], turn["participant_id"], turn["role"], *(person.names if person else ()))
        return turn["speaker"].startswith("[") or any(words & _words(name) for name in names)
    return False


def _words(name: str) -> set[str]:
    return set(re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold()))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _unlike_places(stored: Stored) -> Iterator[Problem]:
    """The places that do not lead back to the file: offsets after a mask or a correction move by what it is longer."""
    for source, rows in places_by_source(stored).items():
        for row in rows:
            if row["source_start"] != row["file_start"]:
                where = f"{TABLE} source {source}, character {row['start']}"
                yield Problem(where, message("audit/does_not_lead_back_to_the_file"), message(RERUN))


def places_by_source(stored: Stored) -> dict[str, list[Row]]:
    """The corrected words of every source in order, each also with where it begins in the file by all masks and corrections."""
    corrected: dict[str, dict[int, Row]] = {}
    for row in stored.tables.get("corrections", ()):
        if row["status"] == "applied" and not row["is_speaker"]:
            corrected.setdefault(row["source_id"], {})[row["start"]] = row
    masks = masks_by_source(stored)
    places = {}
    for source, rows in sorted(corrected.items()):
        hidden = hidden_places(masks.get(source, ()), list(rows.values()))
        places[source] = [
            {**rows[place["start"]], "file_start": place["source_start"]} for place in hidden if place["start"] in rows
        ]
    return places


def hidden_places(masks: Sequence[Row], corrected: Sequence[Row]) -> list[Row]:
    """Masks and corrected words in order, with their places in the file: by the table `masks` they lead to the corrected text."""
    touching = [mask["start"] for mask in masks for place in corrected if overlap(mask, place)]
    apart = [mask for mask in masks if mask["start"] not in touching]
    places, more = [], 0
    for place in sorted([*apart, *corrected], key=_start):
        chars = place["source_end"] - place["source_start"]
        start = place["start"] + more
        places.append(
            {"start": place["start"], "end": place["end"], "source_start": start, "source_end": start + chars}
        )
        more += chars - (place["end"] - place["start"])
    return places


def _start(row: Row) -> int:
    start: int = row["start"]
    return start


def hidden_by_source(stored: Stored) -> Mapping[str, list[Row]]:
    """The places of every source where its words differ from those of the file: masks and corrections."""
    masks, corrected = masks_by_source(stored), places_by_source(stored)
    return {
        name: hidden_places(masks.get(name, ()), corrected.get(name, ())) for name in masks.keys() | corrected.keys()
    }
