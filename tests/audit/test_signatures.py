"""Signatures of heads: made with a key of the user, checked with the public one, broken by any change."""

import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from studies import NOW, quiet

from pipeline.errors import ConfigError
from pipeline.merkle import is_continued
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import Keys, as_text, audit
from pipeline.vocabulary import DecisionKind


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pair(tmp_path_factory.mktemp("keys") / "private.pem")


def pair(path: Path) -> Path:
    """A private key at a path, and its public key beside it."""
    private = Ed25519PrivateKey.generate()
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.with_name("public.pem").write_bytes(public)
    return path


def memo(study: Path, count: int = 1, coder: str = "ana") -> None:
    drafts = [Draft(DecisionKind.MEMO, "", "", note=f"memo {number}") for number in range(count)]
    ledger.append(study / "coded" / "decisions.jsonl", drafts, coder=coder, now=NOW)


@pytest.fixture(scope="module")
def signed_once(analysed_once: Path, key: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("signed") / "study")
    memo(root, 3)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    audit(root, keys=Keys(sign=key))
    return root


@pytest.fixture
def signed(signed_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(signed_once, tmp_path / "study")


def checked(study: Path, key: Path) -> list[str]:
    """Problems and remarks of the check of the signature."""
    keys = Keys(signature=study / "outputs" / "audit" / "signature.json", public=key.with_name("public.pem"))
    (check,) = [check for check in audit(study, keys=keys) if check.name == "what was signed is unchanged"]
    return [str(problem) for problem in (*check.problems, *check.remarks)]


def test_a_signature_holds_and_names_what_it_covers(signed: Path, key: Path) -> None:
    assert checked(signed, key)[0].startswith("signature: covers 3 lines of the ledger and all files of the last run")


def test_it_holds_for_its_lines_after_more_decisions_and_another_run(signed: Path, key: Path) -> None:
    memo(signed)
    analyze(signed, fresh=False, now=NOW, tick=quiet)
    assert "3 lines of the ledger and the files of an earlier run, not of the last" in checked(signed, key)[0]


def test_case_63_a_ledger_rewritten_whole_is_not_the_one_that_was_signed(signed: Path, key: Path) -> None:
    (signed / "coded" / "decisions.jsonl").unlink()
    memo(signed, 4, coder="eva")
    assert "does not begin with the 3 lines that were signed" in checked(signed, key)[0]


def test_case_63_a_signature_with_another_key_or_changed_heads_is_refused(signed: Path, key: Path) -> None:
    (signed / "other").mkdir()
    with pytest.raises(ConfigError, match="was not signed with this key"):
        checked(signed, pair(signed / "other" / "private.pem"))
    path = signed / "outputs" / "audit" / "signature.json"
    content = json.loads(path.read_bytes())
    content["heads"]["lines"] = 2
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match="was changed after it was signed"):
        checked(signed, key)


def test_nothing_is_signed_while_something_is_wrong(signed: Path, key: Path) -> None:
    with (signed / "outputs" / "matrix.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(ConfigError, match="signs nothing while the audit finds something wrong"):
        audit(signed, keys=Keys(sign=key))


def test_a_file_that_is_not_a_key_of_this_kind_is_named_with_a_remedy(analysed: Path, tmp_path: Path) -> None:
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (b"no key", other):
        (tmp_path / "key.pem").write_bytes(content)
        with pytest.raises(ConfigError, match="is not a private Ed25519 key in PEM without a password"):
            audit(analysed, keys=Keys(sign=tmp_path / "key.pem"))
    with pytest.raises(ConfigError, match="needs the signer's public key"):
        audit(analysed, keys=Keys(signature=tmp_path / "key.pem"))


def test_a_proof_shows_to_somebody_without_the_ledger_that_it_continues_a_head(signed: Path) -> None:
    head = json.loads((signed / "outputs" / "run.json").read_bytes())["ledger"]["tree"]
    memo(signed, 4)
    assert any("4 lines of ana have been added since" in line for line in as_text(audit(signed, head=head)))
    proof = json.loads((signed / "outputs" / "audit" / "proof.json").read_bytes())
    assert proof["sizes"] == [3, 7]
    assert proof["heads"][0] == head
    assert is_continued(proof["sizes"], proof["heads"], proof["path"])
