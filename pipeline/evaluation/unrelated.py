"""What the study's findings get from material that has nothing to do with them: other people's files, and random words.

`evaluate --unrelated FOLDER` analyses the files with this study's codebook, seeds and findings, and without decisions, in a
folder that is deleted afterwards.
"""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from pipeline import tables
from pipeline.codebook.theory_of_change import NAME as THEORY
from pipeline.errors import ConfigError, Problem
from pipeline.steps.analyze import Tick, analyze
from pipeline.steps.inputs import load_brief
from pipeline.study import Study, last_run, locate_study, paths_below
from pipeline.vocabulary import Role, Strength
from pipeline.wording.messages import message

SURVEYS = re.compile(r"^\[\[surveys\]\].*?(?=^\[(?!\[surveys))", re.MULTILINE | re.DOTALL)  # of other files
KIND_OF_SUFFIX = {".csv": "surveys", ".xlsx": "surveys", ".sav": "surveys", ".pdf": "documents"}
RANDOM = "words at random"
TEXTS, WORDS = 300, 25  # answers put together at random, and the words of each


def evaluate(root: Path, folders: Sequence[Path], now: datetime, tick: Tick) -> dict[str, Any]:
    """The figures of each folder by its name, and those of words at random."""
    study = locate_study(root)
    if absent := [folder for folder in folders if not folder.is_dir()]:
        raise ConfigError(
            Problem(
                str(absent[0]),
                message("evaluation/is_not_a_folder"),
                message("evaluation/give_a_folder_of_interviews_surveys"),
            )
        )
    measured = {}
    for folder in (*folders, None):
        with TemporaryDirectory() as place:
            other = _lay_out(study, folder, Path(place))
            analyze(other.root, fresh=True, now=now, tick=tick)
            measured[folder.name if folder else RANDOM] = figures(other)
    return measured


def _lay_out(study: Study, folder: Path | None, root: Path) -> Study:
    """A study of the folder's files, or of words at random, with what this study says and without what its people decided."""
    (root / "coded").mkdir()
    for name in ("codebook.toml", "findings.toml", "seeds.jsonl", THEORY):
        if (study.coded / name).exists():
            shutil.copy(study.coded / name, root / "coded" / name)
    (root / "config.toml").write_text(SURVEYS.sub("", study.config.read_text("utf-8")), "utf-8")
    for path in paths_below(folder) if folder else ():
        if path.is_file():
            target = root / "raw" / KIND_OF_SUFFIX.get(path.suffix.lower(), "interviews") / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    if folder is None:
        target = root / "raw" / "interviews" / "random.txt"
        target.parent.mkdir(parents=True)
        target.write_text(_at_random(study), "utf-8")
    return locate_study(root)


def _at_random(study: Study) -> str:
    """Answers of words that are drawn from the seeds one by one."""
    brief = load_brief(study)
    words = [word for seed in brief.seeds for word in seed.text.split()]
    draw = random.Random(brief.settings.study.seed)  # noqa: S311 - a sample, not a secret
    answers = (" ".join(draw.choices(words, k=WORDS)) for _ in range(TEXTS))
    return "".join(f"Interviewer: And then?\nSpeaker: {answer}.\n" for answer in answers)


def figures(study: Study) -> dict[str, Any]:
    """How many excerpts were read, how strong the findings are, and what the machine suggests for them."""
    excerpts = tables.read_table(study.table("excerpts"), tables.EXCERPTS)
    links = tables.read_table(study.table("links"), tables.LINKS)
    findings = len(load_brief(study).register.findings)
    counts = Counter(last_run(study)["strengths"].values())
    return {
        "excerpts": int((excerpts["role"] == Role.RESPONDENT).sum()),
        "findings": findings,
        "strengths": {str(strength): counts[strength] for strength in Strength},
        "without_suggestions": findings - int(links["finding_id"].nunique()),
        "links": len(links),
        "paths": _suggested_paths(study),
    }


def _suggested_paths(study: Study) -> int:
    """How many causal paths are suggested on arrows of the theory of change; 0 without one."""
    path = study.outputs / "causal_paths.csv"
    return int(pd.read_csv(path)["suggested"].sum()) if path.exists() else 0


def as_lines(result: Mapping[str, Any]) -> list[str]:
    """The figures as lines of Markdown, one for all materials with the same outcome."""
    alike: dict[str, list[str]] = {}
    for name, row in result.items():
        outcome = (
            f"of {row['findings']} findings {row['strengths'][Strength.UNSUPPORTED]} unsupported, "
            f"{row['without_suggestions']} without any suggestion; suggested links: {row['links']}, paths: {row['paths']}"
        )
        alike.setdefault(outcome, []).append(f"{name} ({row['excerpts']:,} excerpts)")
    return [f"- {', '.join(names)}: {outcome}" for outcome, names in alike.items()]
