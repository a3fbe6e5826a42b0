"""Merkle tree hashes and proofs by RFC 9162 (section 2.1): one short value that stands for a list, and for each of its beginnings.

Who keeps the value can later prove that the list still begins as it did, or that it holds an entry, without the list itself.
Any implementation of the RFC gives the same values and proofs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
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


def inclusion_proof(entries: Sequence[bytes], index: int) -> list[str]:
    """The hashes, in hex, that prove the entry at `index` to be in the list (section 2.1.3.1)."""
    if len(entries) < 2:
        return []
    half = _half(len(entries))
    if index < half:
        return [*inclusion_proof(entries[:half], index), tree_hash(entries[half:])]
    return [*inclusion_proof(entries[half:], index - half), tree_hash(entries[:half])]


def is_included(entry: bytes, index: int, size: int, proof: Sequence[str], value: str) -> bool:
    """Whether a proof shows that the list of `size` entries with this value has the entry at `index` (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, node = index, size - 1, sha256(LEAF + entry).digest()
    for step in map(bytes.fromhex, proof):
        if last == 0:
            return False
        if number % 2 or number == last:
            node = _pair(step, node)
            while not number % 2 and number:
                number, last = number // 2, last // 2
        else:
            node = _pair(node, step)
        number, last = number // 2, last // 2
    return last == 0 and node.hex() == value


def consistency_proof(entries: Sequence[bytes], size: int) -> list[str]:
    """The hashes, in hex, that prove that the list begins with what it had at `size` entries (section 2.1.4.1)."""
    return _subproof(entries, size, is_whole=True) if 0 < size < len(entries) else []


def _subproof(entries: Sequence[bytes], size: int, *, is_whole: bool) -> list[str]:
    if size == len(entries):
        return [] if is_whole else [tree_hash(entries)]
    half = _half(len(entries))
    if size <= half:
        return [*_subproof(entries[:half], size, is_whole=is_whole), tree_hash(entries[half:])]
    return [*_subproof(entries[half:], size - half, is_whole=False), tree_hash(entries[:half])]


def is_continued(sizes: Sequence[int], values: Sequence[str], proof: Sequence[str]) -> bool:
    """Whether a proof shows that a list continues an earlier one (section 2.1.4.2).

    `sizes` and `values` are those of the earlier list and of the later one. Every list continues the empty one.
    """
    size, later = sizes
    if size == 0 or size == later:
        return not proof and values[0] == (EMPTY if size == 0 else values[1])
    path = [bytes.fromhex(step) for step in proof]
    if size & (size - 1) == 0:
        path = [bytes.fromhex(values[0]), *path]
    if not path or size > later:
        return False
    number, last = size - 1, later - 1
    while number % 2:
        number, last = number // 2, last // 2
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if number % 2 or number == last:
            before, after = _pair(step, before), _pair(step, after)
            while not number % 2 and number:
                number, last = number // 2, last // 2
        else:
            after = _pair(after, step)
        number, last = number // 2, last // 2
    return last == 0 and [before.hex(), after.hex()] == list(values)


def _half(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def _pair(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()
