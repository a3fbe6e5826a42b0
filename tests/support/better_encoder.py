"""What the better encoder brings and costs: F1 with and without it, and texts per second of a processor, in one run.

`PYTHONPATH=.:tests/support .venv/bin/python -m better_encoder` prints the figures of docs/quality.md.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from studies import ROOT
from tagging import quiet

from pipeline.engine.work import Work
from pipeline.evaluation import data as evaluation_data
from pipeline.evaluation import metrics, run
from pipeline.evaluation.data import EvaluationData, EvaluationRequest
from pipeline.evaluation.metrics import Scored
from pipeline.evaluation.polarity import writer_of
from pipeline.records import Example
from pipeline.steps.inputs import brief_to_code
from pipeline.study import locate_study
from pipeline.tag import embeddings
from pipeline.tag.encoder import one_thread
from pipeline.tag.features import spoken
from pipeline.tag.learning.second_opinion import UNSURE

SAMPLE = 200  # texts whose encoding is timed
ROUNDS = 2000  # of the bootstrap over persons


def cold_study(folder: Path) -> Path:
    """The demonstration's codebook and seeds without its material, asking for the better encoder."""
    study = folder / "study"
    shutil.copytree(ROOT / "coded", study / "coded", ignore=lambda *_: {"decisions.jsonl", "machine"})
    config = (ROOT / "config.toml").read_text("utf-8")
    (study / "config.toml").write_text(config.replace("embeddings = true", 'embeddings = "best"'), "utf-8")
    return study


def material(folder: Path, gold: str) -> EvaluationData:
    """The seeds of the five criteria and a gold set, with the vectors of both encoders."""
    study = locate_study(folder)
    brief, request = brief_to_code(study), EvaluationRequest(gold=ROOT / f"tests/gold/{gold}.csv")
    return evaluation_data.load(study, brief, request, Work(1, quiet))


def without(data: EvaluationData) -> EvaluationData:
    """The same material without the second encoder."""
    return replace(data, features=replace(data.features, second=None))


def macro(scored: Scored, rows: np.ndarray) -> float:
    """Macro-F1 of some texts."""
    return metrics.macro_f1(scored.coded[rows], scored.truth[rows])


def compared(name: str, base: Scored, best: Scored, groups: Sequence[str]) -> Iterator[str]:
    """F1 without and with the encoder, in all and by language, and the share of texts that it read."""
    every = np.arange(len(groups))
    languages = np.array(base.languages)
    for label, rows in (("all", every), *((code, every[languages == code]) for code in ("en", "es"))):
        low, high = by_chance(base, best, rows, np.array(groups))
        first, second = macro(base, rows), macro(best, rows)
        yield f"{name}, {label}: {first:.3f} -> {second:.3f}, {second - first:+.3f} ({low:+.3f} to {high:+.3f})"
    unsure = (base.chances >= UNSURE[0]) & (base.chances <= UNSURE[1])
    yield f"{name}: read again {unsure.any(axis=1).mean():.2f} of {len(groups)} texts"


def by_chance(base: Scored, best: Scored, rows: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the difference, whole groups drawn with replacement."""
    dice = np.random.default_rng(7)
    members = [rows[groups[rows] == group] for group in np.unique(groups[rows])]
    draws = (np.concatenate([members[i] for i in dice.integers(0, len(members), len(members))]) for _ in range(ROUNDS))
    low, high = np.quantile([macro(best, drawn) - macro(base, drawn) for drawn in draws], [0.025, 0.975])
    return float(low), float(high)


def by_writer(base: Scored, best: Scored, writers: Sequence[str]) -> str:
    """The difference of each writer who was left out."""
    names = np.array(writers)
    rows = [np.flatnonzero(names == name) for name in np.unique(names)]
    return " ".join(f"{macro(best, each) - macro(base, each):+.3f}" for each in rows)


def speeds(examples: Sequence[Example]) -> Iterator[str]:
    """Texts per second of a processor, of both encoders."""
    texts = [spoken(example.text, example.question) for example in examples[:: len(examples) // SAMPLE]]
    for make in embeddings.ENCODERS.values():
        encoder = make()
        encoder.encode(texts[:5])
        began = time.process_time()
        encoder.encode(texts)
        yield f"{make.package}: {len(texts) / (time.process_time() - began):.0f} texts per second"


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, one_thread():
        study = cold_study(Path(folder))
        for gold in ("criteria", "speech"):
            data = material(study, gold)
            seeds, _, last = data.ends
            if gold == "criteria":
                print("\n".join(speeds(data.seeds)), flush=True)  # noqa: T201
            base, best = (run._scored(each, np.arange(seeds), np.arange(seeds, last)) for each in (without(data), data))
            print("\n".join(compared(gold, base, best, base.groups)), flush=True)  # noqa: T201
        base, best = (run._strangers(each, np.arange(seeds)) for each in (without(data), data))
        assert base
        assert best
        writers = [writer_of(group) for group in base.groups]
        print("\n".join(compared("writers left out", base, best, writers)), by_writer(base, best, writers), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
