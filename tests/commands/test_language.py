"""A Spanish study speaks Spanish: what commands print in it and in an English one has no sentence in common."""

import re
import shutil
from pathlib import Path

import pytest
from studies import SMALL
from typer.testing import CliRunner

from pipeline.__main__ import app

COMMANDS = (
    ("check",),
    ("analyze",),
    ("analyze", "--verbose"),
    ("audit",),
    ("agree",),
    ("prevalence",),
    ("release", "--edition", "public"),
    ("trace", "F1"),
    ("review", "export", "--coder", "ana"),
    ("export", "project.qdpx"),
    ("withdraw", "W1"),
)
WORD = re.compile(r"[^\W\d_]{3,}")
SENTENCE = 3  # words


def printed(root: Path, language: str) -> set[str]:
    """The lines that the commands print in the small study, of which a file is damaged, in this language."""
    shutil.copytree(SMALL, root)
    config = root / "config.toml"
    config.write_text(config.read_text("utf-8").replace('language = "en"', f'language = "{language}"'), "utf-8")
    (root / "raw/interviews/broken.docx").write_bytes(b"PK\x03\x04 not whole")
    lines: set[str] = set()
    for command, *arguments in COMMANDS:
        options = [str(root / each) if each.endswith(".qdpx") else each for each in arguments]
        result = CliRunner().invoke(app, [command, *options, "--study", str(root)])
        assert result.exception is None or isinstance(result.exception, SystemExit), command
        lines |= {line.replace(str(root), "STUDY").strip() for line in result.output.splitlines()}
    return lines


@pytest.fixture
def own_words() -> str:
    """What the study itself says: its findings and its files."""
    texts = [path.read_text("utf-8") for path in sorted(SMALL.rglob("*")) if path.suffix in {".toml", ".txt", ".vtt"}]
    return "\n".join(texts)


def test_no_command_prints_a_sentence_that_is_the_same_in_both_languages(tmp_path: Path, own_words: str) -> None:
    english, spanish = printed(tmp_path / "en", "en"), printed(tmp_path / "es", "es")
    alike = [line for line in sorted(english & spanish) if len(WORD.findall(line)) >= SENTENCE]
    assert [line for line in alike if line not in own_words and "STUDY/" not in line and "raw/" not in line] == []
    assert len(spanish) > len(COMMANDS)
