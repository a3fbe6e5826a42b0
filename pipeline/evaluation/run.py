"""`evaluate`: how good the tagger is, against held-out groups of the study's own examples or against a gold file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import study as folders
from pipeline.evaluation import data as evaluation_data
from pipeline.evaluation import human_ceiling, metrics, pattern_report
from pipeline.evaluation.baselines import BASELINES
from pipeline.evaluation.data import EvaluationData, EvaluationRequest
from pipeline.steps import inputs
from pipeline.tag import calibrate, classifier, combine, grouping
from pipeline.tag.encoder import one_thread
from pipeline.tag.training import data_version, goal_of
from pipeline.work import Tick, Work

CURVE = (0, 25, 50, 100, 200, 400)  # decisions
ATTRIBUTES = ("gender", "country")


def evaluate(root: Path, asked: EvaluationRequest, tick: Tick) -> dict[str, Any]:
    """The figures of quality.json. Written to outputs/quality.json unless a file to learn from was given."""
    study = folders.locate_study(root)
    brief = inputs.load_brief(study)
    given = evaluation_data.load(study, brief, asked, Work(brief.settings.engine.workers, tick))
    with one_thread():
        result = measure(given)
    if not given.gold:
        result["human"] = human_ceiling.human(study, brief)
    if asked.train is None:
        folders.write_measured(study, "outputs/quality.json", as_json(result))
    return result


def as_json(result: Mapping[str, Any]) -> bytes:
    """The figures as the file that is written."""
    return (json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def measure(given: EvaluationData) -> dict[str, Any]:
    """Cold and trained figures, baselines, learning curve, errors by attribute, patterns."""
    first, second, last = given.ends
    base, decisions, gold = np.arange(first), np.arange(first, second), np.arange(second, last)
    target = gold if len(gold) else decisions if len(decisions) else base
    result: dict[str, Any] = {"measured_on": _measured_on(given)}
    cold, trained = _cold(given, base, target), _trained(given, base, decisions, target)
    for name, scored in (("cold", cold), ("trained", trained)):
        if scored:
            result[name] = metrics.report(scored, given.brief.settings.study.seed)
    result["baselines"] = _baselines(given, base, decisions, target)
    result["learning_curve"] = _curve(given, base, decisions, target)
    best = trained or cold
    result["errors_by"] = _errors_by(given, best) if best and target is decisions else {}
    result["patterns"] = pattern_report.report(given.codebook, given.votes, _truth_by_id(given))
    return result


def _cold(given: EvaluationData, base: np.ndarray, target: np.ndarray) -> metrics.Scored | None:
    """Scores by what seeds alone teach."""
    if not len(base):
        return None
    return _held_out(given, base, base[:0], grouping.FOLDS) if target is base else _scored(given, base, target)


def _trained(
    given: EvaluationData, base: np.ndarray, decisions: np.ndarray, target: np.ndarray
) -> metrics.Scored | None:
    """Scores by what seeds and decisions teach; with `halves`, what half of the gold file's groups teach."""
    if given.halves and given.gold:
        return _held_out(given, target, base, 2)
    if not len(decisions):
        return None
    if target is decisions:
        return _held_out(given, decisions, base, grouping.FOLDS)
    return _scored(given, np.concatenate([base, decisions]), target)


def _measured_on(given: EvaluationData) -> str:
    if given.gold:
        return "a gold file" + (", trained on half of its groups at a time" if given.halves else "")
    return (
        "the study's decisions, persons held out"
        if given.decisions
        else "the study's seeds, near-copies held out together"
    )


def _train(given: EvaluationData, rows: np.ndarray) -> Any:
    examples = [given.examples[i] for i in rows]
    version = data_version(examples, given.codebook, given.brief.settings)
    goal = goal_of(given.codebook, given.brief.settings, version, given.vectors)
    return classifier.train(examples, given.features.part(rows), goal)


def _scored(given: EvaluationData, learn: np.ndarray, test: np.ndarray) -> metrics.Scored:
    """The test examples scored by a model that learnt from others."""
    trained = _train(given, learn)
    examples, built = [given.examples[i] for i in test], given.features.part(test)
    judged = combine.judge(trained, [str(i) for i in test], built)
    codes = given.codebook.ids
    truth = np.array([[float(c in dict(e.codes)) if c in e.asked else np.nan for c in codes] for e in examples])
    said = {
        (i, j): (dict(examples[i].codes)[codes[j]], stance)
        for (i, j), stance in judged.stances.items()
        if dict(examples[i].codes).get(codes[j])
    }
    return metrics.Scored(
        codes,
        truth,
        judged.chances,
        judged.coded,
        judged.chances >= trained.thresholds[:, 0],
        calibrate.best_sets(judged.chances),
        said,
        tuple(e.group for e in examples),
        tuple(e.language for e in examples),
    )


def _held_out(given: EvaluationData, rows: np.ndarray, always: np.ndarray, count: int) -> metrics.Scored:
    """The rows scored fold by fold, groups whole, each by a model of the other folds and of `always`."""
    fold = _folds(given, rows, count)
    learn = [np.concatenate([always, rows[fold != held]]) for held in np.unique(fold)]
    return _joined(
        [_scored(given, some, rows[fold == held]) for some, held in zip(learn, np.unique(fold), strict=True)]
    )


def _folds(given: EvaluationData, rows: np.ndarray, count: int) -> np.ndarray:
    """The fold of each of some rows, groups and near-copies whole."""
    group = grouping.groups([given.examples[i].group for i in rows], given.features.part(rows).vectors)
    return grouping.folds(group, given.brief.settings.study.seed, count)


def _joined(parts: Sequence[metrics.Scored]) -> metrics.Scored:

    starts = np.cumsum([0, *(len(part.groups) for part in parts)])
    stances = {
        (i + int(start), j): pair
        for part, start in zip(parts, starts, strict=False)
        for (i, j), pair in part.stances.items()
    }
    stacked = {
        name: np.vstack([getattr(part, name) for part in parts])
        for name in ("truth", "chances", "coded", "candidates", "sets")
    }
    groups = tuple(g for part in parts for g in part.groups)
    languages = tuple(name for part in parts for name in part.languages)
    return metrics.Scored(parts[0].codes, **stacked, stances=stances, groups=groups, languages=languages)


def _baselines(given: EvaluationData, base: np.ndarray, decisions: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """Macro- and micro-F1 of the naive taggers, learnt from all that the tagger learns from but what it is scored on."""
    halves = given.halves and bool(given.gold)
    learn = base if halves else np.concatenate([base, decisions])
    pairs = [(learn, target)]
    if halves or not given.gold:
        fold = _folds(given, target, 2 if halves else grouping.FOLDS)
        other = np.setdiff1d(learn, target)
        pairs = [(np.concatenate([other, target[fold != f]]), target[fold == f]) for f in np.unique(fold)]
    found = {}
    for name, baseline in BASELINES.items():
        said = [
            baseline([given.examples[i] for i in a], given.features.part(a), given.features.part(b), given.codebook.ids)
            for a, b in pairs
        ]
        truth = np.vstack([_truth(given, b) for _, b in pairs])
        counted = metrics.counts(np.vstack(said), truth).sum(axis=(0, 1))
        found[name] = {
            "macro_f1": round(metrics.macro_f1(np.vstack(said), truth), 4),
            "micro_f1": round(float(metrics.f1(*counted)), 4),
            "criteria": metrics.f1_by_code(given.codebook.ids, np.vstack(said), truth),
        }
    return found


def _truth(given: EvaluationData, rows: np.ndarray) -> np.ndarray:

    examples, codes = [given.examples[i] for i in rows], given.codebook.ids
    return np.array([[float(c in dict(e.codes)) if c in e.asked else np.nan for c in codes] for e in examples])


def _curve(given: EvaluationData, base: np.ndarray, decisions: np.ndarray, target: np.ndarray) -> list[dict[str, Any]]:
    """Macro-F1 by the number of decisions learnt from; where there is no gold file, scored on half of the persons."""
    if not len(decisions):
        return []
    generator = np.random.default_rng(given.brief.settings.study.seed)
    if target is decisions:
        half = grouping.folds(_group_numbers(given, decisions), given.brief.settings.study.seed, 2)
        decisions, target = decisions[half == 0], decisions[half == 1]
    order = generator.permutation(decisions)
    sizes = [n for n in CURVE if n <= len(decisions) and (n or len(base))]
    points = []
    for size in sizes:
        scored = _scored(given, np.concatenate([base, np.sort(order[:size])]), target)
        by_code = metrics.f1_by_code(scored.codes, scored.coded, scored.truth)
        macro = round(metrics.macro_f1(scored.coded, scored.truth), 4)
        points.append({"decisions": size, "macro_f1": macro, "criteria": by_code})
    return points


def _group_numbers(given: EvaluationData, rows: np.ndarray) -> np.ndarray:

    return np.unique([given.examples[i].group for i in rows], return_inverse=True)[1]


def _errors_by(given: EvaluationData, scored: metrics.Scored) -> dict[str, Any]:
    """Whether errors are related to the sex, group or country of who speaks."""
    wrong = np.nanmean(np.where(np.isnan(scored.truth), np.nan, scored.coded != scored.truth), axis=1)
    known = [i for i, group in enumerate(scored.groups) if group in given.people]
    found = {}
    for name in (*ATTRIBUTES, given.brief.settings.study.group_by):
        values = [dict(given.people[scored.groups[i]].attributes).get(name, "") or "unknown" for i in known]
        if values:
            persons = [scored.groups[i] for i in known]
            seed = given.brief.settings.study.seed
            found[name] = metrics.errors_by(values, persons, [float(wrong[i]) for i in known], seed)
    return found


def _truth_by_id(given: EvaluationData) -> dict[tuple[str, str], bool]:
    return {(str(i), code): code in dict(e.codes) for i, e in enumerate(given.examples) for code in e.asked}
