"""Texts that people coded in public data, written as the files that `evaluate` reads.

`PYTHONPATH=. python tests/support/coded_files.py DATA FOLDER` writes them.
"""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from studies import SHARED

DATA = SHARED / "data"
ANES, CONSULTATION = Path("anes"), Path("surveys") / "consultation" / "gambling_XS"
HALVES = ("train", "test")
QUESTIONS = (1, 2)  # of the consultation


def anes(question: int, half: str, folder: Path, data: Path = DATA) -> Path:
    """The answers and codes of one half of a question of ANES 2008, by the published split."""
    with (data / ANES / f"dataset{question}_X{half}.csv").open(encoding="utf-8", newline="") as answers:
        texts = [row["verbatim"] for row in csv.DictReader(answers)]
    with (data / ANES / f"dataset{question}_y{half}.csv").open(encoding="utf-8", newline="") as codes:
        names, *rows = csv.reader(codes)
    head = ["text", "language", *(f"code {name}" for name in names)]
    lines = ([text, "en", *row] for text, row in zip(texts, rows, strict=True))
    return _written(folder / f"anes-{question}-{half}.csv", head, lines)


def consultation(half: str, folder: Path, data: Path = DATA) -> Path:
    """The answers to both questions of the consultation with themes and stances; persons with odd numbers teach, even ones test."""
    themes = {question: _themes(data, question) for question in QUESTIONS}
    codes = [f"{question}{theme}" for question in QUESTIONS for theme in themes[question]]
    head = ["text", "language", "question", "group", *codes, *(f"{code}_stance" for code in codes)]
    lines = (
        [answer, "en", asked, person, *_cells(codes, question, carried)]
        for question in QUESTIONS
        for person, asked, answer, carried in _answers(data, question)
        if int(person) % 2 == (half == "train")
    )
    return _written(folder / f"consultation-{half}.csv", head, lines)


def _themes(data: Path, question: int) -> list[str]:
    (path,) = (data / CONSULTATION / "outputs" / "mapping").glob(f"*/question_part_{question}/themes.json")
    return [theme["topic_id"] for theme in json.loads(path.read_text("utf-8"))]


def _answers(data: Path, question: int) -> Iterable[tuple[str, str, str, dict[str, str]]]:
    """(person, question, answer, stance by theme) of everybody who answered."""
    inputs = data / CONSULTATION / "inputs" / f"question_part_{question}"
    asked = json.loads((inputs / "question.json").read_text("utf-8"))["question_text"]
    (mapping,) = (data / CONSULTATION / "outputs" / "mapping").glob(f"*/question_part_{question}/mapping.jsonl")
    said = {row["response_id"]: dict(zip(row["labels"], row["stances"], strict=True)) for row in _lines(mapping)}
    for row in _lines(inputs / "responses.jsonl"):
        yield str(row["response_id"]), asked, row["response"], said[row["response_id"]]


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _cells(codes: Sequence[str], question: int, carried: dict[str, str]) -> list[str]:
    """0 or 1 for every theme of the question, blank for those of the other, and their stances."""
    own = [code.startswith(str(question)) for code in codes]
    yes = [str(int(code[1:] in carried)) if mine else "" for code, mine in zip(codes, own, strict=True)]
    return yes + [carried.get(code[1:], "").lower() if mine else "" for code, mine in zip(codes, own, strict=True)]


def _written(path: Path, head: Sequence[str], lines: Iterable[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(head)
        out.writerows(lines)
    return path


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.mkdir(parents=True, exist_ok=True)
    for part in HALVES:
        for number in (3, 5):
            anes(number, part, target, source)
        consultation(part, target, source)
