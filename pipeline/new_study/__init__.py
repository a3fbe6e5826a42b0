"""`study PATH`: creates a new study from the files here: configuration, codebook with patterns, seeds, empty registers."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.errors import ConfigError, Problem
from pipeline.study import Study, write_atomic, write_study_id
from pipeline.vocabulary import NewCodebook
from pipeline.wording.messages import message

TEMPLATES = Path(__file__).parent
TITLE = 'title = "TITLE"'  # the line of the template that takes the title
LANGUAGE = 'language = "en"'  # the line that takes the language of report and messages
FOLDERS = ("raw/interviews", "raw/surveys", "raw/documents", "coded", "outputs")
FILES = {  # where a file goes -> its template
    "config.toml": "config.toml",
    "raw/participants.csv": "participants.csv",
    "raw/sources.csv": "sources.csv",
    "coded/codebook.toml": "codebook.toml",
    "coded/seeds.jsonl": "seeds.jsonl",
    "coded/findings.toml": "findings.toml",
}
OF_THEIR_OWN = {  # the same where a study has codes of its own: no examples, since these are of the five criteria
    **{name: template for name, template in FILES.items() if name != "coded/seeds.jsonl"},
    "config.toml": "short_config.toml",
    "coded/codebook.toml": "empty_codebook.toml",
}
FIVE_CRITERIA = ("relevance", "efficiency", "effectiveness", "value_added", "sustainability")


def lay_out(path: Path, codebook: NewCodebook = NewCodebook.FIVE, *, language: str = "en") -> list[str]:
    """Write a new study at `path` and return the files written; ConfigError if the folder is not empty.

    `language`: of its report and messages; where a study has codes of its own, also of what its files explain.
    """
    if path.exists() and any(path.iterdir() if path.is_dir() else [path]):
        raise ConfigError(
            Problem(str(path), message("study/is_not_an_empty_folder"), message("study/name_a_folder_that_does"))
        )
    files = FILES if codebook is NewCodebook.FIVE else OF_THEIR_OWN
    texts = {name: _template(template, language).read_text("utf-8") for name, template in files.items()}
    title = json.dumps(path.resolve().name, ensure_ascii=False)
    settings = texts["config.toml"].replace(TITLE, f"title = {title}")
    texts["config.toml"] = settings.replace(LANGUAGE, f'language = "{language}"', 1)
    for folder in FOLDERS:
        (path / folder).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_atomic(path / name, text.encode())
    write_study_id(Study(path))
    return sorted([*texts, "coded/study_id"])


def _template(name: str, language: str) -> Path:
    """The template of a file in the language, where there is one, otherwise in English."""
    translated = (TEMPLATES / name).with_suffix(f".{language}.toml")
    return translated if translated.exists() else TEMPLATES / name
