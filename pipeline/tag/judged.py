"""What the model said of excerpts, kept from the last run: what is the same is not judged again by the same model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline import tables
from pipeline.provenance import code_version, key_of
from pipeline.records import Excerpt
from pipeline.tag.combine import ClassifierOutput
from pipeline.vocabulary import Stance

FILE = "judged.npz"  # in coded/machine; it holds ids and numbers, and no words
STANCES = ("", *map(str, Stance))
DIGITS = 10_000  # chances have four digits


@dataclass(frozen=True, slots=True)
class KeptJudgements:
    """The model's view of excerpts that are the same as in the last run, and the votes of rules and model on them."""

    output: ClassifierOutput
    votes: pd.DataFrame

    @property
    def excerpt_ids(self) -> tuple[str, ...]:
        """The excerpts that need not be judged again."""
        return self.output.excerpt_ids

    def on(self, excerpts: Sequence[Excerpt]) -> KeptJudgements:
        """What is kept of some excerpts."""
        names = [excerpt.excerpt_id for excerpt in excerpts]
        return KeptJudgements(
            of_excerpts(self.output, names), self.votes[tables.is_among(self.votes["excerpt_id"], names)]
        )


def of_excerpts(output: ClassifierOutput, names: Collection[str]) -> ClassifierOutput:
    """The view of those of its excerpts that are among some."""
    rows = np.flatnonzero(tables.is_among(pd.Series(output.excerpt_ids, dtype="str"), names))
    places = {row: place for place, row in enumerate(rows.tolist())}
    return ClassifierOutput(
        excerpt_ids=tuple(output.excerpt_ids[row] for row in rows),
        chances=output.chances[rows],
        coded=output.coded[rows],
        suggested=output.suggested[rows],
        stances={(places[row], code): stance for (row, code), stance in output.stances.items() if row in places},
        words=output.words[rows],
    )


def version_of(model_version: str) -> str:
    """The version of what a model says: of the model, and of the code that judges with it."""
    return key_of(model_version, code_version("tag/coding.py"))


def save(outputs: Sequence[ClassifierOutput], folder: Path, model_version: str) -> None:
    """Write a model's view of all excerpts into a folder, by excerpt: however they were portioned, the bytes are equal."""
    names = np.array([name for output in outputs for name in output.excerpt_ids], dtype=np.str_)
    order = np.argsort(names)
    arrays: dict[str, Any] = {
        "chances": np.vstack([np.rint(output.chances * DIGITS).astype(np.uint16) for output in outputs])[order],
        "coded": np.vstack([output.coded for output in outputs])[order],
        "suggested": np.vstack([output.suggested for output in outputs])[order],
        "stances": np.vstack([_numbers(output) for output in outputs])[order],
    }
    with (folder / FILE).open("wb") as file:
        np.savez(file, version=np.array(version_of(model_version)), excerpt_ids=names[order], **arrays)


def _numbers(output: ClassifierOutput) -> np.ndarray:
    """The stances as places in STANCES, from 1 on where a cell has one, blank or not: excerpts x codes."""
    numbers = np.zeros(output.chances.shape, dtype=np.uint8)
    for cell, stance in output.stances.items():
        numbers[cell] = 1 + STANCES.index(stance)
    return numbers


def load(folder: Path, model_version: str) -> ClassifierOutput | None:
    """The view that the last run left in a folder; None if there is none, or another model or other code made it."""
    try:
        with np.load(folder / FILE, allow_pickle=False) as stored:
            if str(stored["version"]) != version_of(model_version):
                return None
            names, stances = stored["excerpt_ids"].tolist(), stored["stances"]
            rows, codes = np.nonzero(stances)
            words = [STANCES[number - 1] for number in stances[rows, codes].tolist()]
            return ClassifierOutput(
                excerpt_ids=tuple(names),
                chances=stored["chances"] / DIGITS,
                coded=stored["coded"],
                suggested=stored["suggested"],
                stances=dict(zip(zip(rows.tolist(), codes.tolist(), strict=True), words, strict=True)),
                words=sparse.csr_matrix((len(names), 0)),
            )
    except (OSError, ValueError, KeyError, IndexError):
        return None
