"""Vectors and a trained model for a study: computed where they are missing, taken from the last run where nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline import engine
from pipeline.codebook import Codebook
from pipeline.config import Settings
from pipeline.errors import UserError
from pipeline.provenance import key_of
from pipeline.records import Example, Excerpt, Vote
from pipeline.tag import classifier, embeddings, features, rules
from pipeline.tag.features import Features, Sample, spoken
from pipeline.tag.model import Model
from pipeline.words import Role

if TYPE_CHECKING:
    import numpy as np

Tick = Callable[[int, int], None]
Vectors = Mapping[str, "np.ndarray"] | None  # by the key of a text; None: without embeddings
IN_PROCESS = 120  # items below which starting workers costs more than it saves
CHUNK = 250  # excerpts that a worker takes at a time, with the codebook


@dataclass
class Work:
    """Runs a function over pieces of work, in processes where it pays, and says how far it is."""

    workers: int
    tick: Tick
    done: int = 0
    total: int = 0

    def expect(self, items: int) -> None:
        """Say how many items are still to come, before they are worked on some at a time."""
        self.total = self.done + items

    def over(self, function: Callable[[Any], Any], pieces: Sequence[Any], sizes: Sequence[int]) -> list[Any]:
        """The function's results in the order of the pieces; UserError where a piece could not be worked on."""
        self.total = max(self.total, self.done + sum(sizes))
        self._advance(0)
        results: list[Any] = [None] * len(pieces)
        for index, result in self._results(function, pieces, alone=sum(sizes) < IN_PROCESS):
            if isinstance(result, engine.Failure):
                raise UserError(result.problems)
            results[index] = result
            self._advance(sizes[index])
        return results

    def _results(
        self, function: Callable[[Any], Any], pieces: Sequence[Any], *, alone: bool
    ) -> Iterable[tuple[int, Any]]:
        if alone:
            return ((i, function(piece)) for i, piece in enumerate(pieces))
        return engine.run(function, pieces, workers=self.workers, limits=engine.Limits())

    def _advance(self, by: int) -> None:
        self.done += by
        self.tick(self.done, max(1, self.total))


@dataclass
class Store:
    """The vectors of texts: those of the last run, and those computed since. Only what is asked for is kept."""

    known: dict[str, np.ndarray]
    wanted: dict[str, np.ndarray] = field(default_factory=dict)

    def want(self, texts: Iterable[str], work: Work) -> None:
        """Have the vectors of some texts."""
        chosen = sorted({text for text in texts if text})
        pieces = embeddings.chunks(embeddings.missing(chosen, self.known))
        for piece, found in zip(pieces, work.over(embeddings.encode, pieces, [len(p) for p in pieces]), strict=True):
            self.known.update(zip(map(embeddings.key, piece), found, strict=True))
        self.wanted.update((key, self.known[key]) for key in map(embeddings.key, chosen))


def one_thread() -> AbstractContextManager[Any]:
    """Matrix products on one thread: the same digits everywhere, and no threads that wait for each other."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits


def heard(pairs: Iterable[Example | Excerpt]) -> set[str]:
    """The texts whose vectors the classifier needs: question and text as one, and the question alone."""
    return {text for pair in pairs for text in (spoken(pair.text, pair.question), pair.question)}


def vote_chunk(piece: tuple[Codebook, Sequence[Excerpt]]) -> list[Vote]:
    """The rules' votes on some excerpts; runs in a worker."""
    codebook, excerpts = piece
    return rules.votes(rules.compile_rules(codebook), excerpts)


def cast_votes(codebook: Codebook, excerpts: Sequence[Excerpt], work: Work) -> list[Vote]:
    """The rules' votes on excerpts, over the workers."""
    if not codebook.patterns:
        return []
    pieces = [(codebook, excerpts[at : at + CHUNK]) for at in range(0, len(excerpts), CHUNK)]
    return [vote for some in work.over(vote_chunk, pieces, [len(p) for _, p in pieces]) for vote in some]


def as_excerpt(name: str, example: Example) -> Excerpt:
    """An example in the place of an excerpt, for the rules to vote on."""
    where = (name, name, 0, "", Role.RESPONDENT, example.language, 0, len(example.text))
    return Excerpt(*where, example.text, "", example.question, "")


def example_features(codebook: Codebook, examples: Sequence[Example], vectors: Vectors, work: Work) -> Features:
    """The features of examples, in their order."""
    excerpts = [as_excerpt(str(i), example) for i, example in enumerate(examples)]
    return features_of(excerpts, cast_votes(codebook, excerpts, work), codebook.ids, vectors)


def features_of(excerpts: Sequence[Excerpt], votes: Iterable[Vote], codes: Sequence[str], vectors: Vectors) -> Features:
    """The features of excerpts under the rules' votes."""
    scores = features.rule_scores(votes)
    samples = [Sample(e.text, e.question, scores.get(e.excerpt_id, {})) for e in excerpts]
    return features.build(samples, codes, vectors)


def data_version(examples: Sequence[Example], codebook: Codebook, settings: Settings) -> str:
    """The hash of all that a model depends on."""
    chosen = (settings.tag.model_dump(), settings.study.seed, classifier.TRAINER, embeddings.MODEL)
    return key_of([asdict(example) for example in examples], codebook.version, chosen)


def goal_of(codebook: Codebook, settings: Settings, version: str) -> classifier.Goal:
    """What is trained for a study."""
    families = tuple(criterion.family for criterion in codebook.criteria)
    return classifier.Goal(codebook.ids, families, version, settings.tag.recall, settings.study.seed)


def train(examples: Sequence[Example], codebook: Codebook, settings: Settings, vectors: Vectors, work: Work) -> Model:
    """A model of the codebook's codes, learnt from the examples."""
    built = example_features(codebook, examples, vectors, work)
    with one_thread():
        return classifier.train(
            examples, built, goal_of(codebook, settings, data_version(examples, codebook, settings))
        )
