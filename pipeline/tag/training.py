"""Vectors and a trained model for a study: computed where they are missing, taken from the last run where nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline import engine
from pipeline.codebook import Codebook
from pipeline.config import Settings
from pipeline.errors import UserError
from pipeline.provenance import key_of
from pipeline.records import Example, Excerpt, Vote
from pipeline.tag import classifier, definitions, embeddings, features, rules
from pipeline.tag.encoder import one_thread
from pipeline.tag.features import Features, Sample, spoken
from pipeline.tag.model import Model
from pipeline.vocabulary import Role

if TYPE_CHECKING:
    import numpy as np

Tick = Callable[[int, int], None]
Vectors = Mapping[str, "np.ndarray"] | None  # by the key of a text; None: without embeddings
IN_PROCESS = 120  # items below which starting workers costs more than it saves
CHUNK = 250  # excerpts that a worker takes at a time, with the codebook


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work: a function that a worker can import, what it is given, and for how many items it counts."""

    function: Callable[[Any], Any]
    given: Any
    items: int


def perform(task: Task) -> Any:
    """The result of a task; runs in a worker."""
    return task.function(task.given)


@dataclass
class Work:
    """Performs tasks, in processes where it pays, and says how far it is."""

    workers: int
    tick: Tick
    done: int = 0
    total: int = 0

    def expect(self, items: int) -> None:
        """Say how many items are still to come, before they are worked on some at a time."""
        self.total = self.done + items

    def over(self, tasks: Sequence[Task]) -> list[Any]:
        """The results of the tasks in their order; UserError where one could not be performed."""
        items = sum(task.items for task in tasks)
        self.total = max(self.total, self.done + items)
        self._advance(0)
        results: list[Any] = [None] * len(tasks)
        for index, result in self._results(tasks, alone=items < IN_PROCESS and not engine.is_ready()):
            if isinstance(result, engine.Failure):
                raise UserError(result.problems)
            results[index] = result
            self._advance(tasks[index].items)
        return results

    def _results(self, tasks: Sequence[Task], *, alone: bool) -> Iterable[tuple[int, Any]]:
        if alone:
            return ((i, perform(task)) for i, task in enumerate(tasks))
        return engine.run(perform, tasks, workers=self.workers, limits=engine.Limits())

    def _advance(self, by: int) -> None:
        self.done += by
        self.tick(self.done, max(1, self.total))


@dataclass
class Store:
    """The vectors of texts: those of the last run, and those computed since. Only what is asked for is kept."""

    known: dict[str, np.ndarray]
    wanted: dict[str, np.ndarray] = field(default_factory=dict)

    def want(self, texts: Iterable[str], work: Work, beside: Sequence[Task] = ()) -> list[Any]:
        """Have the vectors of some texts; the results of what else is to be done meanwhile."""
        chosen = sorted({text for text in texts if text})
        pieces = embeddings.chunks(embeddings.missing(chosen, self.known))
        results = work.over([*beside, *(Task(embeddings.encode, piece, len(piece)) for piece in pieces)])
        for piece, found in zip(pieces, results[len(beside) :], strict=True):
            self.known.update(zip(map(embeddings.key, piece), found, strict=True))
        self.wanted.update((key, self.known[key]) for key in map(embeddings.key, chosen))
        return results[: len(beside)]


def heard(pairs: Iterable[Example | Excerpt]) -> set[str]:
    """The texts whose vectors the classifier needs: question and text as one, and the question alone."""
    return {text for pair in pairs for text in (spoken(pair.text, pair.question), pair.question)}


def taught(codebook: Codebook, examples: Iterable[Example]) -> set[str]:
    """The texts whose vectors training needs: those of the examples, and what says which texts a code is meant for."""
    return heard(examples) | {text for criterion in codebook.criteria for text in definitions.texts_of(criterion)}


def vote_chunk(piece: tuple[Codebook, Sequence[Excerpt]]) -> list[Vote]:
    """The rules' votes on some excerpts; runs in a worker."""
    codebook, excerpts = piece
    return rules.votes(rules.compile_rules(codebook), excerpts)


def cast_votes(codebook: Codebook, excerpts: Sequence[Excerpt], work: Work) -> list[Vote]:
    """The rules' votes on excerpts, over the workers."""
    if not codebook.patterns:
        return []
    pieces = [excerpts[at : at + CHUNK] for at in range(0, len(excerpts), CHUNK)]
    cast = work.over([Task(vote_chunk, (codebook, piece), len(piece)) for piece in pieces])
    return [vote for some in cast for vote in some]


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


def goal_of(codebook: Codebook, settings: Settings, version: str, vectors: Vectors) -> classifier.Goal:
    """What is trained for a study. `vectors`: among them those of the definitions."""
    families = tuple(criterion.family for criterion in codebook.criteria)
    told = definitions.means(codebook, vectors), definitions.usual(codebook)
    return classifier.Goal(codebook.ids, families, version, settings.tag.recall, settings.study.seed, *told)


def training(examples: Sequence[Example], codebook: Codebook, settings: Settings, vectors: Vectors, work: Work) -> Task:
    """The training of a model of the codebook's codes, with all that it needs."""
    built = example_features(codebook, examples, vectors, work)
    version = data_version(examples, codebook, settings)
    return Task(learn, (examples, built, goal_of(codebook, settings, version, vectors)), 0)


def learn(given: tuple[Sequence[Example], Features, classifier.Goal]) -> Model:
    """A model learnt from examples; runs in a worker, or alone."""
    with one_thread():
        return classifier.train(*given)
