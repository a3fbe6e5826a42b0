"""Studies laid out from files that others made (`../shared/data`), and what `analyze` makes of each.

`make real-data ARGS="NAME ..."` analyses them in a temporary folder and writes docs/real-data.csv and the head of its page.
"""

import csv
import io
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
from studies import ROOT

from pipeline.new_study import lay_out
from pipeline.steps.analyze import Outcome, analyze
from pipeline.steps.audit import audit

SHARED = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "real-data.md"
TABLE = PAGE.with_suffix(".csv")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
FEW_SEEDS = 10  # of so many seeds, one is kept where a study is laid out to be quick

FINDINGS = {
    "relevance": "What is done answers to what people need most.",
    "efficiency": "Time and money are used well, without waste or delay.",
    "effectiveness": "What was promised has been achieved.",
    "value_added": "It offers something that nobody else does.",
    "sustainability": "What was begun will go on after the support has ended.",
}
QUESTION = "consultation/gambling_XS/inputs/question_part_{n}/{file}"


@dataclass(frozen=True)
class Layout:
    """A study to lay out: what it holds, its files (place in the study -> place in shared/data), and what its config adds."""

    says: str
    files: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("es", "en")
    interviewers: tuple[str, ...] = ()
    survey: Mapping[str, object] = field(default_factory=dict)
    makes: Callable[[], dict[str, bytes]] = dict  # files that are made of shared ones


def _all(folder: str, pattern: str, into: str = "raw/interviews") -> dict[str, str]:
    found = sorted((SHARED / folder).glob(pattern))
    return {f"{into}/{path.name.replace(' ', '-')}": path.relative_to(SHARED).as_posix() for path in found}


def usability_as_text() -> dict[str, bytes]:
    """The paragraphs of the .odt transcripts as plain text, taken out by nothing but an XML parser."""
    made = {}
    for path in sorted((SHARED / "interviews/usability_odt").glob("*.odt")):
        with zipfile.ZipFile(path) as archive:
            tree = ElementTree.fromstring(archive.read("content.xml"))
        paragraphs = ("".join(p.itertext()) for p in tree.iter() if p.tag.endswith(("}p", "}h")))
        made[f"raw/interviews/{path.stem}.txt"] = "\n".join(paragraphs).encode()
    return made


def consultation() -> dict[str, bytes]:
    """Two open questions of a consultation as one table, a row per respondent."""
    answers: dict[str, dict[int, str]] = {}
    for n in (1, 2):
        text = (SHARED / "surveys" / QUESTION.format(n=n, file="question.json")).read_text("utf-8")
        lines = (SHARED / "surveys" / QUESTION.format(n=n, file="responses.jsonl")).read_text("utf-8").splitlines()
        rows = map(json.loads, lines)
        answers[json.loads(text)["question_text"]] = {row["response_id"]: row["response"] for row in rows}
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["id", *answers])
    for number in sorted(set().union(*answers.values())):
        table.writerow([number, *(said.get(number, "") for said in answers.values())])
    return {"raw/surveys/consultation.csv": out.getvalue().encode()}


LAYOUTS = {
    "paraguay": Layout("three Spanish interviews in Markdown and their empty form",
                       _all("interviews/paraguay_es", "Entrevista_*.md"), ("es",)),
    "teams": Layout("three generations of Teams transcripts", _all("interviews/teams_zoom", "*.vtt"), ("en",)),
    "otter": Layout("three Otter exports; one speaker is configured as the interviewer",
                    _all("interviews/otter", "*.md"), ("en",), interviewers=("Emma",)),
    "usability": Layout("four think-aloud sessions as .odt", _all("interviews/usability_odt", "*.odt"), ("en",)),
    "usability-text": Layout("the same as plain text", languages=("en",), makes=usability_as_text),
    "pdf": Layout("three interviews as PDF", _all("interviews/pdf_maxqda", "P*.pdf"), ("en",), interviewers=("Dan",)),
    "oral-history": Layout("two oral histories as tables", _all("interviews/oral_history_csv", "*.csv"), ("en",)),
    "subtitles": Layout("subtitle files, many of them broken", {
        **_all("interviews/subtitles_malformed", "*.vtt"), **_all("interviews/subtitles_malformed", "*.srt")}, ("en",)),
    "madrid": Layout("2,738 citizens' proposals as a survey", {"raw/surveys/madrid.csv": "surveys/madrid_es/proposals_latest.csv"},
                     ("es",), survey={"file": "madrid.csv", "id": "id", "open": ["title", "description"], "language": "es"}),
    "kobo": Layout("four KoboToolbox forms, each in CSV and in three styles of workbook", {
        **_all("surveys/kobo", "*.csv", "raw/surveys"), **_all("surveys/kobo", "*.xlsx", "raw/surveys")}),
    "qualtrics": Layout("Qualtrics with three heading rows, and the old export with two",
                        _all("surveys/qualtrics", "*.csv", "raw/surveys")),
    "sav": Layout("the last question of an opinion survey, SPSS",
                  {"raw/surveys/opinion.sav": "surveys/spss_es/Datos.sav"}, ("es",)),
    "google-forms": Layout("a Google Forms survey in twelve languages, and its Spanish part",
                           _all("surveys/google_forms", "*.csv", "raw/surveys")),
    "consultation": Layout("100 answers to each of two questions of a consultation", languages=("en",), makes=consultation,
                           survey={"file": "consultation.csv", "id": "id", "language": "en"}),
}  # fmt: skip


def missing() -> str:
    """Why the studies cannot be laid out here; nothing where they can."""
    return "" if SHARED.is_dir() else "shared/data is not here: these studies are made of files that stay outside"


def lay(name: str, folder: Path, *, quick: bool = False) -> Path:
    """Lay a study out in `folder`; with few seeds and without embeddings where it is only to be quick."""
    layout, root = LAYOUTS[name], folder / name
    lay_out(root)
    made = {place: (SHARED / origin).read_bytes() for place, origin in layout.files.items()} | layout.makes()
    for place, data in made.items():
        (root / place).write_bytes(data)
    config = root / "config.toml"
    config.write_text(_configured(config.read_text("utf-8"), layout, quick=quick), "utf-8")
    (root / "coded" / "findings.toml").write_text("".join(_findings()), "utf-8")
    if quick:
        seeds = root / "coded" / "seeds.jsonl"
        seeds.write_text("\n".join(seeds.read_text("utf-8").splitlines()[::FEW_SEEDS]) + "\n", "utf-8")
    return root


def _configured(text: str, layout: Layout, *, quick: bool) -> str:
    text = re.sub(r"(?m)^languages = \[[^\]]*\]", f"languages = {json.dumps(layout.languages)}", text)
    text = re.sub(r"(?m)^interviewers = \[[^\]]*\]", f"interviewers = {json.dumps(layout.interviewers)}", text)
    if quick:
        text = re.sub(r"(?m)^embeddings = true", "embeddings = false", text)
    lines = [f"{key} = {json.dumps(value)}" for key, value in layout.survey.items()]
    return text + ("\n".join(["\n[[surveys]]", *lines]) + "\n" if lines else "")


def _findings() -> Iterator[str]:
    for number, (criterion, says) in enumerate(FINDINGS.items(), 1):
        yield f'[[findings]]\nid = "F{number}"\ncriterion = "{criterion}"\nstatement = "{says}"\n\n'


def run(root: Path) -> Outcome:
    """Analyse a study from nothing."""
    return analyze(root, fresh=True, now=NOW, tick=lambda *_: None)


def table(root: Path, name: str) -> pd.DataFrame:
    """A stored table of a study."""
    return pd.read_parquet(root / "coded" / "machine" / f"{name}.parquet")


def lost(root: Path) -> dict[str, int]:
    """Per source, characters read that are neither in turns nor in closed answers nor listed: none should be there."""
    texts = table(root, "texts").set_index("source_id")["text"].to_dict()
    left = table(root, "sources").groupby("source_id")["chars"].sum().to_dict()
    for turn in table(root, "turns").itertuples():
        left[turn.source_id] -= _visible(texts[turn.source_id][turn.start : turn.end])
    for mask in (
        table(root, "masks").query("status == 'masked' and name_id != ''").itertuples()
    ):  # in words that are in a turn
        left[mask.source_id] -= mask.chars - _visible(texts[mask.source_id][mask.start : mask.end])
    for answer in table(root, "answers").itertuples():
        left[answer.source_id] -= _visible(answer.value)
    for row in table(root, "rejected").query("stage == 'ingest'").itertuples():
        if row.source_id in left:  # the headings of a survey are listed under its file, which is no source of its own
            left[row.source_id] -= row.chars
    return {source: chars for source, chars in left.items() if chars}


def _visible(text: str) -> int:
    return sum(not c.isspace() for c in text)


def broken(root: Path) -> list[str]:
    """What the audit finds wrong."""
    return [str(problem) for check in audit(root) for problem in check.problems]


def figures(name: str, folder: Path) -> dict[str, object]:
    """What a study gives, as a row of the page."""
    root = lay(name, folder)
    outcome = run(root)
    sources, turns, rejected = table(root, "sources"), table(root, "turns"), table(root, "rejected")
    excerpts = table(root, "excerpts")
    roles = turns["role"].value_counts()
    facts = outcome.record["summary"]
    return {
        "study": f"{name}: {LAYOUTS[name].says}",
        "not read": f"{facts['files'] - facts['files_read']} of {facts['files']} files of {name}"
        if facts["files_read"] < facts["files"]
        else "",
        "turns: interviewer/respondent/other": "/".join(
            f"{int(roles.get(role, 0)):,}" for role in ("interviewer", "respondent", "other")
        ),
        "excerpts": int((excerpts["role"] == "respondent").sum()),
        "characters read": int(sources["chars"].sum()),
        "left out, listed": int(rejected.loc[rejected["stage"] == "ingest", "chars"].sum()),
        "lost": sum(map(abs, lost(root).values())),
        "audit": "holds" if not broken(root) else f"{len(broken(root))} wrong",
    }


HEAD = """# Results on real material

`make real-data` reads files made by others (`../shared/data`) and writes [real-data.csv](real-data.csv): what was read and
accounted for, not whether it was read correctly.
"""


def summary(rows: list[dict[str, object]]) -> str:
    """The head of the page, with a sentence on each thing that is well in every study."""
    text = HEAD
    for name, good, sentence in (
        ("lost", 0, "No character is lost."),
        ("audit", "holds", "The audit finds nothing wrong in any study."),
    ):
        if all(row[name] == good for row in rows):
            text += f"{sentence}\n"
    unread = ", ".join(str(row["not read"]) for row in rows if row["not read"])
    return text + (f"Not read: {unread}.\n" if unread else "All files were read.\n")


def write_table(rows: list[dict[str, object]]) -> None:
    """The rows as a CSV file, figures as people write them."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows([f"{cell:,}" if isinstance(cell, int) else cell for cell in row.values()] for row in rows)


def main(names: list[str]) -> None:
    """Analyse the studies named (all, if none is); where all were, write table and page."""
    if reason := missing():
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for name in names or LAYOUTS:
            rows.append(figures(name, Path(folder)))
            print(" | ".join(f"{key}: {value}" for key, value in rows[-1].items()), flush=True)  # noqa: T201
    if not names:
        _, heading, further = PAGE.read_text("utf-8").partition("\n## ")
        PAGE.write_text(summary(rows) + heading + further, "utf-8")
        write_table(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
