"""What the review page needs from a study, built again after each run of `analyze`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.codebook.theory_of_change import TheoryOfChange
from pipeline.records import Decision, Draft
from pipeline.review.form import Form
from pipeline.review.queue import Ranking
from pipeline.review.row_answers import Suggestion
from pipeline.review.settle import State
from pipeline.review.stopping import Recall
from pipeline.review.web.codebook.orders import CodebookEditor
from pipeline.review.web.corrections.orders import Corrector
from pipeline.review.web.search.orders import SearchTools
from pipeline.review.web.shelf import Shelf

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SuggestedPath:
    """A causal path between two elements that the words of an excerpt suggest, with the words of cause."""

    influence: str
    consequence: str
    cue: str


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study as the page reads it: its tables in memory, and what is counted on them."""

    title: str
    language: str
    seed: int
    run: str  # changes with each run
    form: Form
    shelf: Shelf
    ranking: Ranking
    about: Mapping[str, str]  # excerpt -> the code or finding for which it waits
    chance_share: float  # of a queue, drawn at random
    strengths: Mapping[str, str]  # of the findings, as of the last run
    old_words: Mapping[str, str]  # excerpt -> the words decided on before they changed, where they are kept
    resolve: Callable[[Sequence[Decision]], State]  # decisions -> the state of the present excerpts
    recall: Callable[[np.ndarray], Recall]  # of a mask of the excerpts looked at
    chances: Callable[
        [Collection[str]], Mapping[str, Mapping[str, float]]
    ]  # excerpts -> of each the machine's, by code
    agreement: Callable[[State, str], Figures | None]  # on a code, with its raw tables
    second_looks: Callable[[Sequence[Decision], str], Figures | None]  # of a coder: agreement with themselves
    stale: Callable[[State, str], Mapping[str, Suggestion]]  # what a coder decided on words that changed, by excerpt
    with_selectors: Callable[[Sequence[Draft]], Sequence[Draft]]  # drafts -> with what finds their words again
    edition: Callable[[], str]  # changes with the files of the codebook and of the theory of change
    codebook_of_run: str  # version of the codebook of the last run
    lines_of_run: int  # of the ledger that the last run saw
    with_codebook: Callable[[], StudyView]  # the same tables with the codebook as it is now
    editor: CodebookEditor
    theory: TheoryOfChange
    paths: Callable[[int], Sequence[SuggestedPath]]  # on the excerpt at this place
    corrector: Corrector
    search: SearchTools
    because: Callable[[list[dict[str, Any]]], Mapping[str, Mapping[str, str]]]  # votes -> code -> language -> reason

    @property
    def codebook_is_newer(self) -> bool:
        """Whether the codebook is another one than the last run had, whose suggestions are shown."""
        return self.codebook_of_run != self.form.codebook.version
