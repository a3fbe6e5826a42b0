"""What `evaluate` compares: examples to learn from and to be scored on, with their features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.engine.work import Work
from pipeline.errors import ConfigError, Problem
from pipeline.evaluation.gold import GoldFile, codebook_for, read_gold
from pipeline.records import Example, Participant, Vote
from pipeline.registers.participants import load_participants
from pipeline.steps import apply_decisions
from pipeline.steps import review as review_step
from pipeline.steps.inputs import Brief
from pipeline.steps.tag import Stores
from pipeline.steps.voters import kept_panel
from pipeline.study import Study
from pipeline.tag.embeddings import Vectors
from pipeline.tag.features import Features
from pipeline.tag.training import as_excerpt, cast_votes, features_of, texts_to_read_again, training_texts
from pipeline.tag.voters.panel import NOBODY, Panel
from pipeline.wording.messages import message


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """What the command was asked: a gold file, a file to learn from, whether seeds stay in play."""

    gold: Path | None = None
    train: Path | None = None
    seeds: bool = True
    halves: bool = False  # learn from one half of the gold file's groups, score the other, and the other way round


@dataclass(frozen=True, slots=True)
class EvaluationData:
    """Training data and test data; without a gold file, decisions or seeds are held out in turn."""

    brief: Brief
    codebook: Codebook
    seeds: tuple[Example, ...]
    decisions: tuple[Example, ...]
    gold: tuple[Example, ...]
    features: Features  # of seeds, decisions and gold, in this order
    vectors: Vectors | None  # of all texts, and of the definitions
    votes: tuple[Vote, ...]  # of the rules on them
    people: Mapping[str, Participant]  # of the register, by the groups of the decisions
    panel: Panel = NOBODY  # of further voters, as far as their answers are kept
    halves: bool = False

    @property
    def examples(self) -> tuple[Example, ...]:
        """All examples in the order of the features."""
        return (*self.seeds, *self.decisions, *self.gold)

    @property
    def ends(self) -> tuple[int, int, int]:
        """Where seeds, decisions and gold end among the examples."""
        first, second = len(self.seeds), len(self.seeds) + len(self.decisions)
        return first, second, second + len(self.gold)


@dataclass(frozen=True, slots=True)
class _Parts:
    seeds: tuple[Example, ...]
    decisions: tuple[Example, ...]
    gold: tuple[Example, ...]
    people: Mapping[str, Participant]

    def cut(self, codes: Sequence[str]) -> _Parts:
        """The examples with these codes alone; those on which none was considered are left out."""
        return _Parts(_cut(self.seeds, codes), _cut(self.decisions, codes), _cut(self.gold, codes), self.people)


def load(study: Study, brief: Brief, request: EvaluationRequest, work: Work) -> EvaluationData:
    """The material of a study for what was asked."""
    gold = read_gold(request.gold) if request.gold else None
    learn = read_gold(request.train) if request.train else None
    if learn and not gold:
        raise ConfigError(
            Problem(
                "evaluate --train",
                message("evaluation/has_nothing_to_score_against"),
                message("evaluation/give_gold_file_as_well"),
            )
        )
    learnable = learn.codes if learn else gold.codes if gold and request.halves else brief.codebook.ids
    other = learn.name if learn else "codebook.toml"
    codebook = codebook_for(_codes(gold, learnable, other) if gold else brief.codebook.ids, brief.codebook)
    parts = _parts(study, brief, request, learn, gold).cut(codebook.ids)
    everything = (*parts.seeds, *parts.decisions, *parts.gold)
    excerpts = [as_excerpt(str(i), example) for i, example in enumerate(everything)]
    votes = cast_votes(codebook, excerpts, work)
    stores = _stores(study, replace(brief, codebook=codebook), everything, work)
    second = stores.second.lookup if stores.second else None
    built = features_of(excerpts, votes, codebook.ids, stores.vectors, second)
    panel = kept_panel(study, brief, everything)
    built = replace(built, opinions=panel.opinions(everything, codebook.ids))
    groups = parts.seeds, parts.decisions, parts.gold
    return EvaluationData(
        brief, codebook, *groups, built, stores.vectors, tuple(votes), parts.people, panel, request.halves
    )


def _codes(gold: GoldFile, learnable: Sequence[str], other: str) -> tuple[str, ...]:
    """The codes that are measured: those of the gold file that there is something to learn of, in the file named `other`."""
    codes = tuple(code for code in gold.codes if code in learnable)
    if not codes:
        raise ConfigError(
            Problem(
                gold.name,
                message("evaluation/shares_no_code_with", other=other),
                message("evaluation/name_its_columns_after_the_ids"),
            )
        )
    return codes


def _parts(
    study: Study, brief: Brief, request: EvaluationRequest, learn: GoldFile | None, gold: GoldFile | None
) -> _Parts:
    """Seeds, decisions (of the file to learn from, or of the study's coders) and gold."""
    weight = brief.settings.tag.decision_weight
    scored = tuple(replace(example, weight=weight) for example in gold.examples) if gold else ()
    if learn:
        in_play = request.seeds and set(learn.codes) <= set(brief.codebook.ids)
        weighed = tuple(replace(example, weight=weight if in_play else 1.0) for example in learn.examples)
        return _Parts(brief.seeds if in_play else (), weighed, scored, {})
    decisions, people = _decisions(study, brief)
    return _Parts(brief.seeds if request.seeds else (), decisions, scored, people)


def _decisions(study: Study, brief: Brief) -> tuple[tuple[Example, ...], Mapping[str, Participant]]:
    ledger = review_step.load_ledger(study)
    if not ledger:
        return (), {}
    frames = review_step.load_frames(study, "excerpts", "placements")
    excerpts = frames["excerpts"]
    state = review_step.state_of(ledger, frames, brief.codebook)
    informed = apply_decisions.with_examples(brief, state, excerpts)
    people = {person.participant_id: person for person in load_participants(study.raw)[0]}
    return informed.seeds[len(brief.seeds) :], people


def _cut(examples: Sequence[Example], codes: Sequence[str]) -> tuple[Example, ...]:
    narrowed = (_with_codes(example, codes) for example in examples)
    return tuple(example for example in narrowed if example.asked)


def _with_codes(example: Example, codes: Sequence[str]) -> Example:
    return replace(
        example,
        codes=tuple((code, stance) for code, stance in example.codes if code in codes),
        asked=tuple(code for code in example.asked if code in codes),
    )


def _stores(study: Study, brief: Brief, examples: Sequence[Example], work: Work) -> Stores:
    """The stores of the study's encoders, with the vectors of examples and definitions."""
    stores = Stores.of(brief, study.machine)
    if stores.first:
        stores.first.add(training_texts(brief.codebook, examples), work)
    if stores.second:
        stores.second.add(texts_to_read_again(examples), work)
    return stores
