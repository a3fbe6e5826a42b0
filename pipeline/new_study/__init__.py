"""`study PATH`: creates a new study from the files here: configuration, codebook with patterns, seeds, empty registers."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.errors import ConfigError, Problem
from pipeline.study import Study, write_atomic, write_study_id

TEMPLATES = Path(__file__).parent
TITLE = 'title = "TITLE"'  # the line of the template that takes the title
FOLDERS = ("raw/interviews", "raw/surveys", "raw/documents", "coded", "outputs")
FILES = {  # where a file goes -> its template
    "config.toml": "config.toml",
    "raw/participants.csv": "participants.csv",
    "raw/sources.csv": "sources.csv",
    "coded/codebook.toml": "codebook.toml",
    "coded/seeds.jsonl": "seeds.jsonl",
    "coded/findings.toml": "findings.toml",
}


def lay_out(path: Path) -> list[str]:
    """Write a new study at `path` and return the files written; ConfigError if the folder is not empty."""
    if path.exists() and any(path.iterdir() if path.is_dir() else [path]):
        raise ConfigError(Problem(str(path), "is not an empty folder", "name a folder that does not exist yet"))
    texts = {name: (TEMPLATES / template).read_text("utf-8") for name, template in FILES.items()}
    title = json.dumps(path.resolve().name, ensure_ascii=False)
    texts["config.toml"] = texts["config.toml"].replace(TITLE, f"title = {title}")
    for folder in FOLDERS:
        (path / folder).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_atomic(path / name, text.encode())
    write_study_id(Study(path))
    return sorted([*texts, "coded/study_id"])
