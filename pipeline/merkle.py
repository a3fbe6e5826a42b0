"""Merkle tree hashes by RFC 9162 (section 2.1): one short value for a list, and for each of its beginnings.

Who keeps the value can later prove that the list still begins as it did. Any implementation of the RFC gives the same values.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import sha256

EMPTY = sha256(b"").hexdigest()  # the value of an empty list
LEAF, NODE = b"\x00", b"\x01"  # keep an entry and a pair of hashes apart


def tree_hash(entries: Iterable[bytes]) -> str:
    """The value of a list of entries, in hex."""
    values = deque(tree_hashes(entries), maxlen=1)
    return values[0] if values else EMPTY


def tree_hashes(entries: Iterable[bytes]) -> Iterator[str]:
    """The value of each beginning of a list: of its first entry, of its first two, and so on."""
    whole: list[tuple[int, bytes]] = []  # full subtrees from the left: how many entries, and the hash
    for entry in entries:
        size, node = 1, sha256(LEAF + entry).digest()
        while whole and whole[-1][0] == size:
            left = whole.pop()[1]
            size, node = 2 * size, _pair(left, node)
        whole.append((size, node))
        value = whole[-1][1]
        for _, left in reversed(whole[:-1]):
            value = _pair(left, value)
        yield value.hex()


def _pair(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()
