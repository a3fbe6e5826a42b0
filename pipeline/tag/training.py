"""From examples to a trained model: the rules' votes on them, their features, and the fit, in workers if that pays off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.codebook import Codebook
from pipeline.config import Settings
from pipeline.engine.work import Task, Work
from pipeline.provenance import code_version, key_of
from pipeline.records import Example, Excerpt, Vote
from pipeline.tag import definitions, features
from pipeline.tag.embeddings import Vectors
from pipeline.tag.encoder import one_thread
from pipeline.tag.features import Features, Goal, Lookup, Sample, spoken
from pipeline.tag.rules import kept_forms
from pipeline.tag.voters.panel import NOBODY, Panel
from pipeline.vocabulary import Role

if TYPE_CHECKING:
    from pipeline.tag.model import Model

CONTENT = attrgetter(*(field.name for field in fields(Example)))  # `asdict` copies, at twenty times the cost
CHUNK = 250  # excerpts that a worker takes at a time, with the codebook


def texts_to_embed(pairs: Iterable[Example | Excerpt]) -> set[str]:
    """The texts whose vectors the classifier needs: question and text as one, and the question alone."""
    return {text for pair in pairs for text in (spoken(pair.text, pair.question), pair.question)}


def texts_to_read_again(examples: Iterable[Example]) -> set[str]:
    """The texts whose vectors of the second encoder training needs."""
    return {spoken(example.text, example.question) for example in examples}


def training_texts(codebook: Codebook, examples: Iterable[Example]) -> set[str]:
    """The texts whose vectors training needs: those of the examples and of the definitions of the codes."""
    return texts_to_embed(examples).union(*map(definitions.texts_of, codebook.criteria))


@dataclass(frozen=True, slots=True)
class ExcerptsToVote:
    """What a worker needs to cast the rules' votes."""

    codebook: Codebook
    excerpts: Sequence[Excerpt]
    forms: Path | None = None  # the file with the forms of the words in its patterns


def vote_chunk(piece: ExcerptsToVote) -> list[Vote]:
    """The rules' votes on some excerpts; runs in a worker."""
    from pipeline.tag.rules import forms, rules  # spaCy is heavy, and a run in which no excerpt changed needs no rule

    if piece.forms:
        forms.remember(kept_forms.read(piece.forms))
    return rules.votes(rules.compile_rules(piece.codebook), piece.excerpts)


def cast_votes(codebook: Codebook, excerpts: Sequence[Excerpt], work: Work, forms: Path | None = None) -> list[Vote]:
    """The rules' votes on excerpts, over the workers. `forms`: the file with the forms of the words in patterns."""
    if not codebook.patterns:
        return []
    pieces = [excerpts[at : at + CHUNK] for at in range(0, len(excerpts), CHUNK)]
    tasks = [Task(vote_chunk, ExcerptsToVote(codebook, piece, forms), len(piece)) for piece in pieces]
    return [vote for votes in work.results(tasks) for vote in votes]


def as_excerpt(name: str, example: Example | Excerpt) -> Excerpt:
    """An example in the place of an excerpt, for the rules to vote on; of an excerpt its language, question and words alone."""
    return Excerpt(
        excerpt_id=name,
        source_id=name,
        turn=0,
        participant_id="",
        role=Role.RESPONDENT,
        language=example.language,
        start=0,
        end=len(example.text),
        text=example.text,
        text_sha256="",
        question=example.question,
        place="",
    )


def example_features(
    codebook: Codebook,
    examples: Sequence[Example],
    vectors: Vectors | None,
    work: Work,
    second: Lookup | None = None,
    panel: Panel = NOBODY,
) -> Features:
    """The features of examples, in their order."""
    excerpts = [as_excerpt(str(i), example) for i, example in enumerate(examples)]
    built = features_of(excerpts, cast_votes(codebook, excerpts, work), codebook.ids, vectors, second)
    return replace(built, opinions=panel.opinions(examples, codebook.ids))


def features_of(
    excerpts: Sequence[Excerpt],
    votes: Iterable[Vote],
    codes: Sequence[str],
    vectors: Vectors | None,
    second: Lookup | None = None,
) -> Features:
    """The features of excerpts under the rules' votes."""
    scores = features.rule_scores(votes)
    samples = [Sample(e.text, e.question, scores.get(e.excerpt_id, {})) for e in excerpts]
    return features.build(samples, codes, vectors, second)


def data_version(examples: Sequence[Example], codebook: Codebook, settings: Settings, panel: Panel = NOBODY) -> str:
    """The hash of all that a model depends on: data, choices, further voters' opinions and code."""
    tag = settings.tag.model_dump(exclude={"voters"})
    choices = (tag, settings.study.seed, code_version("tag/training.py"), panel.marks(examples))
    return key_of([CONTENT(example) for example in examples], codebook.version, choices)


def goal_of(codebook: Codebook, settings: Settings, version: str, vectors: Vectors | None) -> Goal:
    """What is trained for a study. `vectors` must hold those of the definitions."""
    return Goal(
        codes=codebook.ids,
        version=version,
        recall=settings.tag.recall,
        seed=settings.study.seed,
        definitions=definitions.means(codebook, vectors),
        usual=definitions.usual(codebook),
    )


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Examples with their features, and what is to be learnt from them."""

    examples: Sequence[Example]
    features: Features
    goal: Goal


def training(
    examples: Sequence[Example],
    codebook: Codebook,
    settings: Settings,
    vectors: Vectors | None,
    work: Work,
    second: Lookup | None = None,
    *,
    panel: Panel = NOBODY,
) -> Task:
    """The training of a model of the codebook's codes, as a task with all that it needs."""
    version = data_version(examples, codebook, settings, panel)
    data = TrainingData(
        examples=examples,
        features=example_features(codebook, examples, vectors, work, second, panel),
        goal=goal_of(codebook, settings, version, vectors),
    )
    return Task(train, data, 0)


def train(data: TrainingData) -> Model:
    """A model trained on one thread; runs in a worker, or alone."""
    from pipeline.tag import model  # scikit-learn is heavy, and the workers that cast votes need none of it

    with one_thread():
        return model.train(data.examples, data.features, data.goal)
