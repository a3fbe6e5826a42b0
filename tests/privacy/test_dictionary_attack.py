"""An intruder with released files and the program, who hashes every sentence and id of the study, recognises none."""

import json
import shutil
from pathlib import Path

import pytest
from decided_study import decide
from dictionary_attack import attack, dictionary
from settings import set_key
from studies import NOW, SMALL, quiet

from pipeline.steps.analyze import analyze
from pipeline.steps.audit import as_text, audit, write_pack
from pipeline.steps.release import release
from pipeline.steps.withdraw import as_lines, withdraw
from pipeline.vocabulary import Edition


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study after decisions, with both editions and an audit pack."""
    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("attacked") / "study")
    set_key(root, "disclosure.smallest_cell", 2)
    analyze(root, fresh=True, now=NOW, tick=quiet)
    decide(root)
    for edition in Edition.PUBLIC, Edition.PARTNER:
        release(root, edition, NOW)
    write_pack(root, root.parent / "pack")
    return root


@pytest.fixture(scope="module")
def words(study: Path) -> dict[str, set[str]]:
    return dictionary(study)


def test_no_hash_of_words_names_or_ids_leaves(study: Path, words: dict[str, set[str]]) -> None:
    for folder in (study / "outputs/public", study / "outputs/partner", study.parent / "pack"):
        assert attack(folder, words) == dict.fromkeys(words, 0)


def test_the_same_attack_recognises_every_excerpt_in_the_tables(study: Path, words: dict[str, set[str]]) -> None:
    excerpts = {"excerpts": words["excerpts"]}
    assert attack(study / "coded/machine", excerpts) == {"excerpts": len(words["excerpts"])}


def test_no_hash_is_in_the_receipt_of_a_withdrawal_nor_in_what_is_printed(
    study: Path, words: dict[str, set[str]], tmp_path: Path
) -> None:
    root = shutil.copytree(study, tmp_path / "study")
    result = withdraw(root, "W1", is_removing=False, now=NOW, tick=quiet)
    leaving = tmp_path / "leaving"
    leaving.mkdir()
    for name in ("withdrawals.jsonl", "refusals.jsonl"):
        shutil.copy(root / "coded" / name, leaving)
    head = json.loads((root / "outputs/run.json").read_bytes())["ledger"]["tree"]
    printed = [*as_lines(result), *as_text(audit(root, leaving, head=head)), head]
    (leaving / "printed.txt").write_text("\n".join(printed), "utf-8")
    assert attack(leaving, words) == dict.fromkeys(words, 0)
