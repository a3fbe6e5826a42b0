"""One regular expression for many phrases, in which common beginnings are read once: several times faster than a list of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

END = ""  # in a tree: a phrase ends here


def beginnings(phrases: Iterable[str]) -> str:
    """A pattern that matches where one of the phrases begins, up to the end of the shortest of them."""
    return _pattern(_tree(phrases), shortest=True)


def whole(phrases: Iterable[str]) -> str:
    """A pattern that matches each of the phrases, the longest first."""
    return _pattern(_tree(phrases), shortest=False)


def _tree(phrases: Iterable[str]) -> dict[str, Any]:
    """The phrases letter by letter: each letter with what may follow it."""
    tree: dict[str, Any] = {}
    for phrase in phrases:
        branch = tree
        for letter in phrase:
            branch = branch.setdefault(letter, {})
        branch[END] = {}
    return tree


def _pattern(tree: dict[str, Any], *, shortest: bool) -> str:
    if END in tree and (shortest or len(tree) == 1):
        return ""
    branches = [re.escape(letter) + _pattern(tree[letter], shortest=shortest) for letter in sorted(tree) if letter]
    if END in tree:
        branches.append("")
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
