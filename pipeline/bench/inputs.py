"""What the benchmarks work on: studies and files made of the demonstration's texts, repeated and perturbed from a seed."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from openpyxl import load_workbook

from pipeline.new_study import lay_out

DEMONSTRATION = Path(__file__).parents[2]  # benchmarks run in the repository, whose root is itself a study
SEED = 20230531
SHARED = DEMONSTRATION.parent / "shared" / "data"
MADRID = SHARED / "surveys" / "madrid_es" / "proposals_latest.csv"
LABEL = re.compile(r"^[*\[]*[^\s:]{1,20}(?: [^\s:]{1,20}){0,2}[*\]]*:[*\]]*\s*")
CHANGING = "raw/interviews/XX-01.md"
FINDINGS = {
    "relevance": "What is done answers to what people need most.",
    "efficiency": "Time and money are used well.",
    "effectiveness": "What was promised has been achieved.",
    "value_added": "It offers something that nobody else does.",
    "sustainability": "What was begun goes on after the support has ended.",
}


def paragraphs() -> list[str]:
    """The words of the demonstration's plain transcripts and seeds, a paragraph each."""
    files = sorted(p for p in (DEMONSTRATION / "raw/interviews").glob("*") if p.suffix in (".txt", ".md"))
    lines = [LABEL.sub("", line.strip()) for path in files for line in path.read_text("utf-8").splitlines()]
    seeds = (DEMONSTRATION / "coded/seeds.jsonl").read_text("utf-8").splitlines()
    lines += [json.loads(row)["text"] for row in seeds]
    return [line for line in lines if len(line) > 60]


def perturbed(dice: random.Random, text: str) -> str:
    """The text with some words left out and some repeated, so that no two texts are the same."""
    words = [word for word in text.split() for _ in range(dice.choices((0, 1, 2), (2, 95, 3))[0])]
    return " ".join(words)


def speech(seed: int = SEED) -> Iterator[str]:
    """Paragraphs without end."""
    dice, texts = random.Random(seed), paragraphs()  # noqa: S311 (no secret)
    while True:
        yield perturbed(dice, dice.choice(texts))


def text_of(chars: int, seed: int = SEED) -> list[str]:
    """Paragraphs of about `chars` characters in total."""
    texts: list[str] = []
    total = 0
    for paragraph in speech(seed):
        texts.append(paragraph)
        total += len(paragraph) + 1
        if total >= chars:
            return texts
    raise AssertionError("speech has no end")


def demonstration(folder: Path) -> Path:
    """A copy of the demonstration as people wrote it, with one interview more that is there to be changed."""
    root = folder / "demonstration"
    shutil.copytree(DEMONSTRATION / "raw", root / "raw")
    shutil.copytree(DEMONSTRATION / "coded", root / "coded", ignore=shutil.ignore_patterns("machine", "review"))
    shutil.copy(DEMONSTRATION / "config.toml", root)
    (root / CHANGING).write_text(_transcript(speech(), 8000), "utf-8")
    return root


def survey(folder: Path, rows: int) -> Path:
    """A study that is one survey with a short and a long open answer, made of the demonstration's texts."""
    words = speech()
    out = io.StringIO()
    table = csv.writer(out, delimiter=";")
    table.writerow(["id", "title", "description"])
    for number in range(rows):
        title = " ".join(next(words).split()[:8])
        table.writerow([number + 1, title, " ".join(next(words) for _ in range(3))])
    return _survey_study(folder / "survey", out.getvalue().encode())


def madrid(folder: Path) -> Path:
    """A study that is the survey of Madrid's proposals."""
    return _survey_study(folder / "madrid", MADRID.read_bytes())


def _survey_study(root: Path, table: bytes) -> Path:
    lay_out(root)
    (root / "raw/surveys/survey.csv").write_bytes(table)
    (root / "coded/findings.toml").write_text("".join(_findings()), "utf-8")
    with (root / "config.toml").open("a", encoding="utf-8") as config:
        config.write(
            '\n[[surveys]]\nfile = "survey.csv"\nid = "id"\nopen = ["title", "description"]\nlanguage = "es"\n'
        )
    return root


def _findings() -> Iterator[str]:
    for number, (criterion, says) in enumerate(FINDINGS.items(), 1):
        yield f'[[findings]]\nid = "F{number}"\ncriterion = "{criterion}"\nstatement = "{says}"\n\n'


def transcripts(folder: Path, files: int, chars: int) -> Path:
    """Write a study of `files` Markdown transcripts of `chars` characters each."""
    root = folder / "transcripts"
    lay_out(root)
    (root / "coded/findings.toml").write_text("".join(_findings()), "utf-8")
    words = speech()
    for number in range(files):
        (root / f"raw/interviews/T{number:04}.md").write_text(_transcript(words, chars), "utf-8")
    return root


def _transcript(words: Iterator[str], chars: int) -> str:
    turns: list[str] = []
    total = 0
    while total < chars:
        question, answer = " ".join(next(words).split()[:12]), f"{next(words)} {next(words)}"
        turns += [f"**ENTREVISTADORA:** ¿{question}?", f"**E1:** {answer}"]
        total += len(question) + len(answer) + 35
    return "\n\n".join(turns) + "\n"


def fill_in(path: Path) -> int:
    """Decide every row of a review workbook, a word here and there; how many rows that were."""
    book = load_workbook(path)
    sheet = next(each for each in book if "excerpt_id" in next(each.iter_rows(max_row=1, values_only=True), ()))
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    decided = 0
    for row in range(3, sheet.max_row + 1):
        if sheet.cell(row, columns["excerpt_id"]).value:
            sheet.cell(row, columns["code:relevance"], "positive" if row % 5 == 0 else "no")
            sheet.cell(row, columns["rest"], "no")
            decided += 1
    book.save(path)
    return decided


def change(path: Path) -> None:
    """Add a sentence to the longest paragraph of a transcript."""
    lines = path.read_text("utf-8").split("\n")
    longest = max(range(len(lines)), key=lambda i: len(lines[i]))
    lines[longest] += " Y eso es verdad."
    path.write_text("\n".join(lines), "utf-8")
