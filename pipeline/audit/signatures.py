"""Ed25519 signatures of the heads of a study: who vouched for which state, verifiable without asking anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from pipeline.audit.heads import lines_under, tree_of_run
from pipeline.audit.stored import Row, Stored, canonical, json_object
from pipeline.errors import ConfigError, Problem
from pipeline.wording.messages import counted, message

PURPOSE = "hallazgo heads 1"  # signed with the heads, so that no signature made for something else fits


@dataclass(frozen=True, slots=True)
class Heads:
    """What is signed: the heads of the ledger and of the last run."""

    study: str
    edition: str
    lines: int  # of the ledger
    ledger: str  # Merkle tree hash of these lines
    run: str  # Merkle tree hash of all files of the run

    @classmethod
    def of(cls, record: Row) -> Heads:
        """The heads in the record of a run."""
        ledger = record["ledger"]
        return cls(record["study"], record["edition"], ledger["lines"], ledger["tree"], record["tree"])

    def as_bytes(self) -> bytes:
        """The bytes that are signed."""
        return PURPOSE.encode() + b"\n" + canonical(asdict(self))


def sign(heads: Heads, key: Path) -> bytes:
    """The file of a signature: the heads, and their signature with the private key (PEM) at `key`."""
    private = _key(key, is_private=True)
    signature = private.sign(heads.as_bytes()).hex() if isinstance(private, Ed25519PrivateKey) else ""
    return (json.dumps({"heads": asdict(heads), "signature": signature}, indent=1) + "\n").encode()


def signed_heads(signature: Path, key: Path) -> Heads:
    """The heads that a file signs; ConfigError if it is not a signature by the owner of the public key (PEM) at `key`."""
    public = _key(key, is_private=False)
    try:
        content = json_object(signature.read_bytes())
        heads, value = Heads(**content["heads"]), bytes.fromhex(content["signature"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = message("audit/is_not_a_signature_of_heads", name=type(error).__name__)
        raise ConfigError(Problem(str(signature), what, message("audit/use_the_file_that_audit_sign"))) from None
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(value, heads.as_bytes())
    except InvalidSignature:
        what = message("audit/was_changed_after_it_was_signed")
        raise ConfigError(Problem(str(signature), what, message("audit/ask_whoever_signed_it_for_both"))) from None
    return heads


def _key(path: Path, *, is_private: bool) -> Ed25519PrivateKey | Ed25519PublicKey:
    """The Ed25519 key in a PEM file."""
    kind = Ed25519PrivateKey if is_private else Ed25519PublicKey
    try:
        data = path.read_bytes()
        key = load_pem_private_key(data, None) if is_private else load_pem_public_key(data)
    except OSError as error:
        raise ConfigError(
            Problem(
                str(path), message("common/cannot_be_opened", strerror=error.strerror), message("audit/check_the_path")
            )
        ) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, kind):
        what = message("audit/is_not_a_private_key" if is_private else "audit/is_not_a_public_key")
        raise ConfigError(Problem(str(path), what, message("audit/make_one_with_openssl_see_docs")))
    return key


def check_signed(stored: Stored, heads: Heads) -> tuple[int, Iterator[Problem]]:
    """Check that what was signed is unchanged: the study, and the lines that the ledger had."""

    def problems() -> Iterator[Problem]:
        if stored.record.get("study") != heads.study:
            yield Problem(
                "coded/study_id",
                message("audit/is_not_that_of_the_study"),
                message("audit/audit_the_study_that_was_signed"),
            )
        if lines_under(stored, heads.ledger) != heads.lines:
            what = message("audit/does_not_begin_with_the_lines", lines=heads.lines)
            yield Problem("coded/decisions.jsonl", what, message("common/restore_the_file_from_your_own"))

    return heads.lines, problems()


def covered(stored: Stored, heads: Heads) -> Iterator[Problem]:
    """What the signature covers, for information: the last run or an earlier one."""
    files = message("audit/all_files" if tree_of_run(stored) == heads.run else "audit/files_of_an_earlier_run")
    what = message(
        "audit/covers_of_the_ledger_and_edition", lines=counted(heads.lines, "line"), files=files, edition=heads.edition
    )
    yield Problem("signature", what, message("common/nothing_to_do"))
