"""From the files of raw/ to the words of excerpts, and the characters of each source in the record of the run."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import itemgetter
from pathlib import Path

from pipeline.audit.corrected import hidden_by_source
from pipeline.audit.masked import UNKNOWN, masked_chars, opened
from pipeline.audit.stored import RERUN, Row, Stored, digest, solid
from pipeline.errors import Problem
from pipeline.wording.messages import message

PLAIN = frozenset({".txt", ".md", ".vtt", ".srt", ".csv", ".tsv"})  # formats whose bytes are their words
SUBTITLES = frozenset({".vtt", ".srt"})
ENCODINGS = ("utf-8-sig", "utf-16", "cp1252", "mac_roman", "cp850", "latin-1")
TAGS = re.compile(r"</?[a-zA-Z][^<>]*>")
SIGNS = re.compile(  # white space, control characters, marks of Markdown and those around the cells of a CSV file
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff*_#>`~|\\\[\]\"“”-]+"
)
LONGEST_NAME = 99  # characters under a mask; a correction may be of more
MOST_LISTED = 50  # excerpts of one source


def check_words_of_sources(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every excerpt of a plain file is in the bytes of that file; marks of its format and white space apart."""
    paths = {row["source_id"]: row["path"] for row in stored.tables["sources"]}
    by_path: dict[str, list[Row]] = {}
    for row in stored.tables["excerpts"]:
        path = paths[row["source_id"]]
        if Path(path).suffix.lower() in PLAIN and row["text"].strip():
            by_path.setdefault(path, []).append(row)
    hidden = hidden_by_source(stored)

    def problems() -> Iterator[Problem]:
        for path, excerpts in sorted(by_path.items()):
            is_in = _is_in_order if Path(path).suffix.lower() in SUBTITLES else _is_in
            missing = {row["excerpt_id"]: opened(row, hidden) for row in excerpts}
            for content in _contents(stored.root / "raw" / path):
                missing = {name: words for name, words in missing.items() if not is_in(words, content)}
                if not missing:
                    break
            for name in sorted(missing)[:MOST_LISTED]:
                yield Problem(f"raw/{path} ({name})", message("audit/the_words_of_the_excerpt"), message(RERUN))

        yield from _unlike_files(stored)

    return sum(map(len, by_path.values())), problems()


def _unlike_files(stored: Stored) -> Iterator[Problem]:
    """The rows of the table sources that are not about the file in raw/, or whose source has no text."""
    texts = {row["source_id"] for row in stored.tables["texts"]}
    hashes: dict[str, str] = {}
    for number, row in enumerate(stored.tables["sources"], 1):
        where = f"coded/machine/sources.parquet row {number} ({row['source_id']})"
        if row["path"] not in hashes:
            hashes[row["path"]] = digest((stored.root / "raw" / row["path"]).read_bytes())
        if row["sha256"] and row["sha256"] != hashes[row["path"]]:
            yield Problem(where, message("audit/its_hash_differs", path=row["path"]), message(RERUN))
        if row["source_id"] not in texts and row["status"] != "rejected":
            yield Problem(where, message("audit/has_no_row_in_the_table"), message(RERUN))


def _is_in(words: str, content: str) -> bool:
    """Whether a file has the words of an excerpt, apart from its masks."""
    if UNKNOWN not in words:
        return _bare(words) in content
    parts = (re.escape(_bare(part)) for part in re.split(f"{UNKNOWN}+", words))
    longest = max(LONGEST_NAME, *map(len, re.findall(f"{UNKNOWN}+", words)))
    return re.search(f".{{0,{longest}}}?".join(parts), content) is not None


def _is_in_order(words: str, content: str) -> bool:
    """Whether subtitles have the words of an excerpt, one after the other: times, names and repetitions may be between them."""
    at = 0
    for word in words.replace(UNKNOWN, " ").split():
        bare = _bare(word)
        at = content.find(bare, at)
        if at < 0:
            return False
        at += len(bare)
    return True


def _contents(path: Path) -> Iterator[str]:
    """The words of a file, in every encoding that fits its bytes."""
    data = path.read_bytes()
    for encoding in ENCODINGS:
        with suppress(UnicodeError):
            yield _bare(data.decode(encoding))


def _bare(text: str) -> str:
    """The letters, digits and signs of a text: no white space, control characters, tags and marks of formatting."""
    return SIGNS.sub("", TAGS.sub("", html.unescape(unicodedata.normalize("NFC", text))))


def check_characters_in_record(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """The characters of each source in excerpts and left out, and the list of what was left out, are those of the tables."""
    inside: Counter[str] = Counter(masked_chars(stored))
    for row in stored.tables["excerpts"]:
        inside[row["source_id"]] += solid(row["text"])
    expected = {
        row["source_id"]: {
            "read": row["chars"],
            "excerpts": inside[row["source_id"]],
            "excluded": row["chars_excluded"],
        }
        for row in stored.tables["sources"]
    }
    return len(expected), _record_problems(stored, expected)


def _record_problems(stored: Stored, expected: dict[str, dict[str, int]]) -> Iterator[Problem]:
    recorded, run = stored.record.get("chars", {}), "outputs/run.json"
    for name in sorted(recorded.keys() | expected.keys()):
        if recorded.get(name) != expected.get(name):
            yield Problem(f"{run} chars {name}", message("audit/does_not_match_the_tables_sources"), message(RERUN))
    excluded: Counter[str] = Counter()
    for row in stored.tables["rejected"]:
        excluded[row["source_id"]] += row["chars"] if row["stage"] == "ingest" else 0
    for number, row in enumerate(stored.tables["sources"], 1):
        if row["chars_excluded"] != excluded[row["source_id"]]:
            where = f"coded/machine/sources.parquet row {number} ({row['source_id']})"
            yield Problem(where, message("audit/its_number_of_characters_left_out"), message(RERUN))
    yield from _unlike_rejected(stored.record.get("rejected", []), stored.tables["rejected"])


def _unlike_rejected(recorded: Sequence[Row], rejected: Sequence[Row]) -> Iterator[Problem]:
    cells = itemgetter("stage", "source_id", "place", "reason", "chars")
    listed, stored = Counter(map(cells, recorded)), Counter(map(cells, rejected))
    for row in sorted((listed - stored) + (stored - listed)):
        where = f"coded/machine/rejected.parquet ({row[1]}, {row[2]})"
        yield Problem(where, message("audit/is_in_this_table"), message(RERUN))
