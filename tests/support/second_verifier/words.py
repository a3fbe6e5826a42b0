"""The words: stored texts, excerpts at their places, characters that add up, and quotes in the bytes of the sources."""

from __future__ import annotations

import csv
import html
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from second_verifier.hashes import sha256
from second_verifier.masked import ANY, hidden, longer, masks, opened
from second_verifier.stored import Difference, StoredStudy

MACHINE = "coded/machine"
PLAIN = (".txt", ".md", ".vtt", ".srt", ".csv", ".docx")
BLOCK = re.compile(r"\n\s*\n")  # between two cues of subtitles
NO_CUE = re.compile(r"\s*(?:WEBVTT|NOTE|STYLE|REGION|\d*\s*$)")
MARKS = re.compile(r"</?[a-zA-Z\d][^>]*>|[*_#>`~|\\\[\]\"“”]")  # tags and marks of Markdown


def texts(study: StoredStudy) -> Iterator[Difference]:
    """Every text has its hash."""
    for row in study.table("texts"):
        if sha256(row["text"].encode("utf-8", "surrogatepass")) != row["text_sha256"]:
            yield Difference(f"{MACHINE}/texts.parquet source {row['source_id']}", "does not match its hash")


def excerpts(study: StoredStudy) -> Iterator[Difference]:
    """Every excerpt is the text at its place, within its turn, with its id, its hash and its speaker."""
    text_of = {row["source_id"]: row["text"] for row in study.table("texts")}
    turns = {(row["source_id"], row["turn"]): row for row in study.table("turns")}
    for row in study.table("excerpts"):
        turn, words = turns[row["source_id"], row["turn"]], text_of[row["source_id"]][row["start"] : row["end"]]
        is_same = all(row[name] == turn[name] for name in ("participant_id", "role", "question"))
        is_right = (
            words == row["text"]
            and row["excerpt_id"] == f"{row['source_id']}:{row['start']}-{row['end']}"
            and sha256(words.encode("utf-8", "surrogatepass")) == row["text_sha256"]
            and turn["start"] <= row["start"] < row["end"] <= turn["end"]
        )
        if not is_same or not is_right:
            yield Difference(
                f"{MACHINE}/excerpts.parquet {row['excerpt_id']}", "is not the text at its place, or its turn"
            )
    yield from _whole_turns(study, text_of)


def _whole_turns(study: StoredStudy, text_of: dict[str, str]) -> Iterator[Difference]:
    """The excerpts of a turn do not overlap, and have all its characters but white space."""
    within: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for row in study.table("excerpts"):
        within.setdefault((row["source_id"], row["turn"]), []).append((row["start"], row["end"]))
    for turn in study.table("turns"):
        words, spans = text_of[turn["source_id"]], sorted(within.get((turn["source_id"], turn["turn"]), []))
        is_apart = all(end <= start for (_, end), (start, _) in pairwise(spans))
        chars = sum(_visible(words[start:end]) for start, end in spans)
        if not is_apart or chars != _visible(words[turn["start"] : turn["end"]]):
            where = f"{MACHINE}/excerpts.parquet {turn['source_id']} turn {turn['turn']}"
            yield Difference(where, "its excerpts are not the whole turn, or overlap")


def characters(study: StoredStudy) -> Iterator[Difference]:
    """Characters read = in turns + in closed answers + listed as left out; run.json gives the same."""
    text_of = {row["source_id"]: row["text"] for row in study.table("texts")}
    more = longer(study)
    inside: Counter[str] = Counter(more)
    excluded: Counter[str] = Counter()
    for row in study.table("turns"):
        inside[row["source_id"]] += _visible(text_of[row["source_id"]][row["start"] : row["end"]])
    for row in study.table("answers"):
        inside[row["source_id"]] += _visible(row["value"])
    for row in study.table("rejected"):
        if row["stage"] == "ingest":
            excluded[row["source_id"]] += row["chars"]
    for row in study.table("sources"):
        name = row["source_id"]
        if row["chars"] != inside[name] + excluded[name]:
            yield Difference(f"raw/{row['path']} source {name}", "its characters do not add up")
        spoken = sum(_visible(each["text"]) for each in study.table("excerpts") if each["source_id"] == name)
        spoken += more.get(name, 0)
        recorded = {"read": row["chars"], "excerpts": spoken, "excluded": excluded[name]}
        if study.record["chars"].get(name) != recorded or row["chars_excluded"] != excluded[name]:
            yield Difference(f"outputs/run.json chars {name}", "are not those of the tables")


def _visible(text: str) -> int:
    return sum(not character.isspace() for character in text)


def sources(study: StoredStudy) -> Iterator[Difference]:
    """Every source has the size and the hash of its file."""
    for row in study.table("sources"):
        data = (study.root / "raw" / row["path"]).read_bytes()
        if row["status"] != "rejected" and (row["bytes"], row["sha256"]) != (len(data), sha256(data)):
            yield Difference(f"{MACHINE}/sources.parquet source {row['source_id']}", "is not about the file in raw/")


def corrections(study: StoredStudy) -> Iterator[Difference]:
    """Every corrected place has the words of a line of coded/corrections.csv that holds, or a mask or blanks."""
    path = study.root / "coded" / "corrections.csv"
    lines = csv.DictReader(path.read_text("utf-8-sig").splitlines()) if path.exists() else ()
    wanted: dict[str, set[str]] = {}
    for line in lines:
        if not line.get("withdrawn"):
            wanted.setdefault(line["source"], set()).add(_plain(line["corrected"].removeprefix("'")))
    text_of = {row["source_id"]: row["text"] for row in study.table("texts")}
    masked = masks(study)
    for row in study.table("corrections"):
        words = text_of[row["source_id"]][row["start"] : row["end"]]
        is_masked = any(
            mask["start"] < row["end"] and row["start"] < mask["end"] for mask in masked.get(row["source_id"], ())
        )
        is_words = row["status"] == "applied" and not row["is_speaker"] and bool(words.strip()) and not is_masked
        if row["source_id"] not in wanted or (is_words and words not in wanted[row["source_id"]]):
            yield Difference(f"{MACHINE}/corrections.parquet source {row['source_id']}", "has no line that says so")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def words_in_sources(study: StoredStudy) -> Iterator[Difference]:
    """Every excerpt of a plain file is in the bytes of that file, line ends and marks apart."""
    paths = {row["source_id"]: row["path"] for row in study.table("sources") if row["path"].endswith(PLAIN)}
    labels = {row["speaker"] for row in study.table("turns")} - {""}
    files: dict[str, str] = {}
    by_source = hidden(study)
    for row in study.table("excerpts"):
        path = paths.get(row["source_id"])
        if path and not row["text"].isspace():
            if path not in files:
                files[path] = _bare(_text_of(study.root / "raw" / path, labels))
            if not _is_in(opened(row, by_source.get(row["source_id"], ())), files[path]):
                yield Difference(f"raw/{path} ({row['excerpt_id']})", "does not hold the words of the excerpt")


def _text_of(path: Path, labels: Iterable[str]) -> str:
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as package:
            parts = [package.read(name).decode() for name in package.namelist() if re.match(r"word/\w+\.xml$", name)]
        return html.unescape(re.sub(r"<[^>]*>", "", " ".join(parts)))
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = path.read_text(encoding)
        except UnicodeDecodeError:
            continue
        return _cues(text, labels) if path.suffix in (".vtt", ".srt") else text
    return ""


def _cues(text: str, labels: Iterable[str]) -> str:
    """The lines of subtitles that follow a line of times, or whose times are missing, without the names that cues repeat."""
    name = r"[A-ZÀ-Þ][\w.'’-]*(?: (?:de|del|la|los|[A-ZÀ-Þ][\w.'’-]*)){0,6}"  # a label that is masked
    forms = (name if label.startswith("[") else re.escape(label) for label in labels)
    repeated = re.compile("^(?:" + "|".join(forms) + "):", re.MULTILINE)
    blocks = (block.splitlines() for block in BLOCK.split(text.replace("\r\n", "\n")))
    timed = ((block, [n for n, line in enumerate(block) if "-->" in line]) for block in blocks)
    lines = (block[at[0] + 1 :] if at else block for block, at in timed if at or not NO_CUE.match(" ".join(block)))
    return repeated.sub("", "\n".join(map("\n".join, lines)))


def _is_in(text: str, file: str) -> bool:
    """Whether a file has the words of a text, whatever is under its masks."""
    if ANY not in text:
        return _bare(text) in file
    parts = (re.escape(_bare(part)) for part in re.split(f"{ANY}+", text))
    return re.search(".{0,200}".join(parts), file) is not None


def _bare(text: str) -> str:
    """Letters, digits and signs alone: no white space, no marks of formatting, composed accents."""
    return "".join(MARKS.sub("", html.unescape(unicodedata.normalize("NFC", text))).split())
