"""Whatever a study's people change, and in whatever order: a run on top of others gives what a run from nothing gives."""

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from settings import set_key
from studies import NOW, quiet

from pipeline.codebook import Codebook, Criterion, Pattern
from pipeline.engine.work import Work
from pipeline.records import CodebookChange, Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.codebook import change_codebook
from pipeline.tag import judged
from pipeline.tag.rules import kept_forms
from pipeline.vocabulary import CodebookAction, DecisionKind

EDITS = 4  # of a sequence


def change_a_word(study: Path, draw: random.Random) -> None:
    path = study / "raw" / "interviews" / draw.choice(["rosa.txt", "jo.vtt"])
    text = path.read_text("utf-8")
    word = draw.choice(re.findall(r"\b[a-záéíóú]{5,}\b", text))
    path.write_text(text.replace(word, draw.choice(["bomba", "agua", "money"]), 1), "utf-8")


def decide(study: Path, draw: random.Random) -> None:
    codings = pd.read_parquet(study / "coded/machine/codings.parquet")
    hashes = pd.read_parquet(study / "coded/machine/excerpts.parquet").set_index("excerpt_id")["text_sha256"]
    coding = codings.iloc[draw.randrange(len(codings))]
    is_yes = draw.random() < 0.6
    kind = DecisionKind.CODE if is_yes else DecisionKind.UNCODE
    value = draw.choice(["positive", "negative"]) if is_yes else ""
    passage = (coding["excerpt_id"], hashes[coding["excerpt_id"]])
    draft = Draft(kind, *passage, criterion=coding["criterion"], value=value)
    ledger.append(study / "coded/decisions.jsonl", [draft], coder=draw.choice(["ana", "leo"]), now=NOW)


def change_a_pattern(study: Path, draw: random.Random) -> None:
    path = study / "coded" / "codebook.toml"
    matches = re.findall(r'^match = ".*"$', path.read_text("utf-8"), re.MULTILINE)
    new = f'match = "{draw.choice(["bomba", "agua ..2 limpia", "repuesto", "money"])}"'
    path.write_text(path.read_text("utf-8").replace(draw.choice(matches), new, 1), "utf-8")


def rename_a_code(study: Path, draw: random.Random) -> None:
    codes = re.findall(r'^id = "(.*)"\nfamily', (study / "coded" / "codebook.toml").read_text("utf-8"), re.MULTILINE)
    name = draw.choice(codes)
    record = CodebookChange(CodebookAction.RENAME, codes=(name,), into=(f"{name}-{draw.randrange(1000)}",))
    change_codebook(study, record, reason="clearer", coder="eva", now=NOW)


def refuse_consent(study: Path, draw: random.Random) -> None:
    path = study / "raw" / "participants.csv"
    rows = path.read_text("utf-8").splitlines()
    asked = [number for number, row in enumerate(rows) if ",yes," in row]
    if len(asked) > 2:
        number = draw.choice(asked)
        rows[number] = rows[number].replace(",yes,", ",no,")
        path.write_text("\n".join(rows) + "\n", "utf-8")


CHANGES: tuple[Callable[[Path, random.Random], None], ...] = (
    change_a_word,
    decide,
    change_a_pattern,
    rename_a_code,
    refuse_consent,
)


def run(study: Path) -> dict[str, Any]:
    stages = analyze(study, fresh=False, now=NOW, tick=quiet).record["stages"]
    assert isinstance(stages, dict)
    return stages


def written(study: Path) -> dict[str, bytes]:
    """The content of every file that a run wrote, its record apart."""
    files = [path for folder in ("outputs", "coded/machine") for path in (study / folder).rglob("*") if path.is_file()]
    return {path.relative_to(study).as_posix(): path.read_bytes() for path in files if path.name != "run.json"}


def assert_equals_a_run_from_nothing(study: Path, at: Path) -> None:
    anew = shutil.copytree(study, at, ignore=shutil.ignore_patterns("machine", "outputs"))
    run(anew)
    kept, fresh = written(study), written(anew)
    assert kept.keys() == fresh.keys()
    assert [name for name in sorted(kept) if kept[name] != fresh[name]] == []


@pytest.mark.parametrize(("number", "embeddings"), [(1, False), (2, False), (3, True)])
def test_after_any_sequence_of_edits_the_bytes_are_those_of_a_run_from_nothing(
    analysed: Path, tmp_path: Path, number: int, *, embeddings: bool
) -> None:
    draw = random.Random(number)  # noqa: S311 (the same edits every time)
    set_key(analysed, "tag.embeddings", embeddings)
    for change in (*draw.sample(CHANGES, EDITS - 1), change_a_word):
        change(analysed, draw)
        run(analysed)
    assert_equals_a_run_from_nothing(analysed, tmp_path / "anew")


def test_after_a_changed_word_only_its_excerpt_is_judged(analysed: Path, tmp_path: Path) -> None:
    path = analysed / "raw" / "interviews" / "rosa.txt"
    path.write_text(path.read_text("utf-8").replace("dos horas", "mil horas"), "utf-8")
    tagged = run(analysed)["tag"]
    assert (tagged["voted"], tagged["judged"], tagged["trained"], tagged["inflected"]) == (1, 1, 0, 0)
    assert_equals_a_run_from_nothing(analysed, tmp_path / "anew")


def test_after_a_decision_all_is_judged_by_a_new_model_and_nothing_is_embedded(analysed: Path) -> None:
    decide(analysed, random.Random(1))  # noqa: S311
    tagged = run(analysed)["tag"]
    assert (tagged["voted"], tagged["trained"], tagged["embedded"]) == (0, 1, 0)
    assert tagged["judged"] == pd.read_parquet(analysed / "coded/machine/codings.parquet")["excerpt_id"].nunique()


def test_after_a_changed_pattern_the_forms_of_its_words_are_looked_up(analysed: Path, tmp_path: Path) -> None:
    change_a_pattern(analysed, random.Random(1))  # noqa: S311
    tagged = run(analysed)["tag"]
    assert tagged["inflected"] == sum(map(len, kept_forms.read(analysed / "coded/machine" / kept_forms.FILE).values()))
    assert_equals_a_run_from_nothing(analysed, tmp_path / "anew")


@pytest.mark.parametrize(
    "content", [b"{", b'{"version": "of another dictionary", "forms": {"es": {"agua": ["vino"]}}}']
)
def test_forms_of_words_that_are_not_those_of_the_patterns_are_not_used(tmp_path: Path, content: bytes) -> None:
    code = Criterion("water", "results", (), (), (), (), (), (Pattern("w", "water", "es", "agua"),))
    codebook = Codebook("1", (code,))
    (tmp_path / kept_forms.FILE).write_bytes(content)
    prepared = kept_forms.prepare(codebook, tmp_path, tmp_path / "new", Work(1, lambda _done, _total: None))
    assert prepared.inflected == 1
    assert prepared.path
    assert kept_forms.read(prepared.path)["es"]["agua"] == ["agua", "aguas"]
    again = kept_forms.prepare(codebook, tmp_path / "new", tmp_path / "again", Work(1, lambda _done, _total: None))
    assert again.inflected == 0
    assert again.path
    assert again.path.read_bytes() == prepared.path.read_bytes()


def test_a_judgement_that_was_altered_is_made_again(analysed: Path, tmp_path: Path) -> None:
    file = analysed / "coded" / "machine" / judged.FILE
    file.write_bytes(file.read_bytes()[:-40] + bytes(40))
    run(analysed)
    assert_equals_a_run_from_nothing(analysed, tmp_path / "anew")


def test_judgements_that_cannot_be_read_are_not_used(tmp_path: Path) -> None:
    assert judged.load(tmp_path, "v1") is None
    (tmp_path / judged.FILE).write_bytes(b"PK nothing")
    assert judged.load(tmp_path, "v1") is None
