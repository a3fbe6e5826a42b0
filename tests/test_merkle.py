"""Merkle tree hashes: the values of RFC 9162, for a list and for each of its beginnings."""

from hashlib import sha256

from pipeline.merkle import EMPTY, tree_hash, tree_hashes

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
