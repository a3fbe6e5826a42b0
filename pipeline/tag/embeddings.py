"""Sentence vectors, one per text and kept: a text's vector depends on that text alone.

Encoders keep neighbours from changing a digit; vectors are rounded to half precision, so that products of
two of them, summed in double precision, are exact and the same in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from pipeline.engine.work import Task, Work
from pipeline.errors import Problem
from pipeline.provenance import code_version, sha256_text
from pipeline.tag.best_encoder import BestEncoder
from pipeline.tag.encoder import Encoder
from pipeline.wording.messages import message

Vectors = Mapping[str, np.ndarray]  # vector by the key of its text


class SentenceEncoder(Protocol):
    """What makes vectors of texts, on one thread and without a network.

    `package`: what it stands on, with the version; vectors of another are not used again. `dimensions`: of a vector. `at_a_time`:
    texts that a worker takes.
    """

    package: ClassVar[str]
    dimensions: ClassVar[int]
    at_a_time: ClassVar[int]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of the texts as rows of length 1, each the same to the last digit in any company."""
        ...


USUAL, BEST = "usual", "best"
ENCODERS: dict[str, type[SentenceEncoder]] = {USUAL: Encoder, BEST: BestEncoder}
FILES = {USUAL: "vectors.npz", BEST: "vectors_best.npz"}  # in coded/machine
DIMENSIONS = Encoder.dimensions


def model_name(encoder: str) -> str:
    """What makes the vectors: the encoder and the code around it."""
    return f"{ENCODERS[encoder].package}, {code_version('tag/embeddings.py')}"


def key(text: str) -> str:
    """The key of a text among the vectors."""
    return sha256_text(text)[:32]


def not_installed(chosen: object) -> tuple[Problem, ...]:
    """The problem of a study that has chosen an encoder whose package is not installed."""
    package = ENCODERS[BEST].package.split()[0]
    if chosen != BEST or find_spec(package):
        return ()
    what = message("tag/best_is_not_installed", package=package)
    return (Problem("config.toml [tag] embeddings", what, message("tag/install_best")),)


@cache
def _loaded(encoder: type[SentenceEncoder]) -> SentenceEncoder:
    return encoder()


def encode(texts: Sequence[str], *, encoder: type[SentenceEncoder] = Encoder) -> list[np.ndarray]:
    """The vectors of some texts (unit length, half precision); runs in a worker."""
    return list(_loaded(encoder).encode(texts).astype(np.float16))


@dataclass
class VectorStore:
    """The vectors of texts: stored by the last run, or computed since. `used` are those that were asked for: the ones to store."""

    available: dict[str, np.ndarray]
    encoder: str = USUAL
    used: dict[str, np.ndarray] = field(default_factory=dict)
    computed: int = 0  # texts that were encoded

    def add(self, texts: Iterable[str], work: Work, beside: Sequence[Task] = ()) -> list[Any]:
        """Compute the missing vectors; returns the results of the tasks `beside`, which run at the same time."""
        chosen, encoder = sorted({text for text in texts if text}), ENCODERS[self.encoder]
        missing = _missing(chosen, self.available)
        pieces = [missing[at : at + encoder.at_a_time] for at in range(0, len(missing), encoder.at_a_time)]
        results = work.results(
            [*beside, *(Task(partial(encode, encoder=encoder), piece, len(piece)) for piece in pieces)]
        )
        for piece, vectors in zip(pieces, results[len(beside) :], strict=True):
            self.available.update(zip(map(key, piece), vectors, strict=True))
            self.computed += len(piece)
        self.used.update((name, self.available[name]) for name in map(key, chosen))
        return results[: len(beside)]

    @classmethod
    def of(cls, folder: Path | None, encoder: str = USUAL) -> Self:
        """A store with the vectors that the last run left in a folder."""
        return cls(read(folder / FILES[encoder], encoder=encoder) if folder else {}, encoder)

    def save(self, folder: Path) -> None:
        """Store the vectors that were asked for in a folder."""
        write(folder / FILES[self.encoder], self.used, encoder=self.encoder)

    @property
    def lookup(self) -> Callable[[Sequence[str]], np.ndarray]:
        """The vectors that were asked for by their texts, as rows; for another process, too."""
        return partial(matrix, vectors=self.used, width=ENCODERS[self.encoder].dimensions)

    def rows(self, texts: Sequence[str], work: Work) -> np.ndarray:
        """The vectors of the texts as rows, the missing ones computed."""
        self.add(texts, work)
        return self.lookup(texts)


def _missing(texts: Iterable[str], available: Vectors) -> list[str]:
    """The texts without a vector, each once and in the order of their keys."""
    by_key = {key(text): text for text in texts}
    return [by_key[name] for name in sorted(by_key) if name not in available]


def matrix(texts: Sequence[str], vectors: Vectors, *, width: int = DIMENSIONS) -> np.ndarray:
    """The vectors of the texts as rows, in double precision; zeros for an empty text. A text that comes again is looked up once."""
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    distinct = np.zeros((len(numbers), width))
    for text, number in numbers.items():
        if text:
            distinct[number] = vectors[key(text)]
    return distinct if len(distinct) == len(texts) else distinct[[numbers[text] for text in texts]]


def read(path: Path, *, encoder: str = USUAL) -> dict[str, np.ndarray]:
    """The stored vectors by the key of their text; none if there are none, or if another encoder made them."""
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["model"]) != model_name(encoder):
            return {}
        return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))


def write(path: Path, vectors: Vectors, *, encoder: str = USUAL) -> None:
    """Store the vectors in the order of their keys: equal vectors give equal bytes."""
    names = sorted(vectors)
    rows = np.array([vectors[name] for name in names], dtype=np.float16).reshape(
        len(names), ENCODERS[encoder].dimensions
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, model=np.array(model_name(encoder)), keys=np.array(names, dtype="U32"), vectors=rows)
