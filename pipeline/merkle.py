"""Merkle tree hashes and proofs by RFC 9162 (section 2.1): one short value for a list, and for each of its beginnings.

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
    sides = _sides(index, size - 1, len(proof)) if 0 <= index < size else None
    if sides is None:
        return False
    node = sha256(LEAF + entry).digest()
    for step, is_left in zip(map(bytes.fromhex, proof), sides, strict=True):
        node = _pair(step, node) if is_left else _pair(node, step)
    return node.hex() == value


def _sides(number: int, last: int, steps: int) -> list[bool] | None:
    """For each step from a node up to the root, whether the other hash is on the left; None if there are fewer steps.

    `number` is that of the node, `last` that of the last node beside it, both from 0.
    """
    sides = []
    for _ in range(steps):
        if last == 0:
            return None
        sides.append(number % 2 == 1 or number == last)
        while sides[-1] and number % 2 == 0 and number:
            number, last = number // 2, last // 2
        number, last = number // 2, last // 2
    return sides if last == 0 else None


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
    if size in (0, later):
        return not proof and values[0] == (EMPTY if size == 0 else values[1])
    path = [bytes.fromhex(step) for step in proof]
    if size == 1 << size.bit_length() - 1:  # a whole subtree: its value is known
        path = [bytes.fromhex(values[0]), *path]
    number, last = size - 1, later - 1
    while number % 2:
        number, last = number // 2, last // 2
    sides = _sides(number, last, len(path) - 1) if path and size < later else None
    return sides is not None and _roots(path, sides) == list(values)


def _roots(path: Sequence[bytes], sides: Sequence[bool]) -> list[str]:
    """The values of the earlier and of the later list that a consistency proof leads to."""
    before = after = path[0]
    for step, is_left in zip(path[1:], sides, strict=True):
        before = _pair(step, before) if is_left else before
        after = _pair(step, after) if is_left else _pair(after, step)
    return [before.hex(), after.hex()]


def _half(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def _pair(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()
