"""Merkle tree hashes: the values of RFC 9162, for a list and for each of its beginnings."""

from hashlib import sha256

from pipeline.merkle import (
    EMPTY,
    consistency_proof,
    inclusion_proof,
    is_continued,
    is_included,
    tree_hash,
    tree_hashes,
)

# The eight entries that implementations of certificate transparency test themselves with, and the value of each beginning.
ENTRIES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
           "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
VALUES = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def recursive(entries: list[bytes]) -> bytes:
    """The definition of the RFC, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    half = 1
    while 2 * half < len(entries):
        half *= 2
    return sha256(b"\x01" + recursive(entries[:half]) + recursive(entries[half:])).digest()


def test_the_values_are_those_of_certificate_transparency() -> None:
    values = list(tree_hashes(ENTRIES))
    assert {size: values[size - 1] for size in VALUES} == VALUES


def test_each_beginning_has_the_value_of_the_definition() -> None:
    entries = [str(number).encode() for number in range(70)]
    assert list(tree_hashes(entries)) == [recursive(entries[:size]).hex() for size in range(1, 71)]


def test_an_empty_list_has_a_value_too() -> None:
    assert tree_hash([]) == EMPTY == recursive([]).hex()


# Paths that implementations of certificate transparency (trillian, certificate-transparency-go) publish for the entries above.
FIRST_OF_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
FROM_ONE_TO_EIGHT = FIRST_OF_EIGHT
FROM_SIX_TO_EIGHT = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


def test_the_proofs_are_those_of_certificate_transparency() -> None:
    assert inclusion_proof(ENTRIES, 0) == FIRST_OF_EIGHT
    assert consistency_proof(ENTRIES, 1) == FROM_ONE_TO_EIGHT
    assert consistency_proof(ENTRIES, 6) == FROM_SIX_TO_EIGHT


def test_every_entry_is_proved_to_be_in_its_list_and_no_other_is() -> None:
    entries = [str(number).encode() for number in range(20)]
    for size in range(1, 21):
        value = tree_hash(entries[:size])
        for index in range(size):
            proof = inclusion_proof(entries[:size], index)
            assert is_included(entries[index], index, size, proof, value)
            assert not is_included(b"another", index, size, proof, value)
            assert not is_included(entries[index], index, size, [*proof, value], value)


def test_every_beginning_is_proved_to_be_continued_and_no_other_list_is() -> None:
    entries = [str(number).encode() for number in range(20)]
    other = tree_hash([b"another", *entries[1:]])
    for later in range(1, 21):
        for size in range(later + 1):
            values = [tree_hash(entries[:size]), tree_hash(entries[:later])]
            proof = consistency_proof(entries[:later], size)
            assert is_continued([size, later], values, proof)
            assert not is_continued([size, later], [other, values[1]], proof)
