"""`evaluate`: how good the tagger is, against held-out groups of the study's own examples or against a gold file."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import study as folders
from pipeline.engine.work import Tick, Work
from pipeline.evaluation import data as evaluation_data
from pipeline.evaluation import human_ceiling, metrics, pattern_report, voters
from pipeline.evaluation.baselines import BASELINES, Baseline
from pipeline.evaluation.data import EvaluationData, EvaluationRequest
from pipeline.evaluation.polarity import writer_of
from pipeline.steps import inputs
from pipeline.tag import combine, model
from pipeline.tag.encoder import one_thread
from pipeline.tag.learning import calibrate, grouping
from pipeline.tag.learning.classifier import truth_of
from pipeline.tag.training import data_version, goal_of

CURVE = (0, 25, 100, 400)  # decisions: four times as many at each step
ORDERS = 5  # of persons, that a point of the learning curve is the mean of
WRITERS, SEEDS_OF_A_WRITER = 3, 50  # from which leaving out one writer says something
ATTRIBUTES = ("gender", "country")


def evaluate(root: Path, request: EvaluationRequest, tick: Tick) -> dict[str, Any]:
    """The figures of quality.json. Written to outputs/quality.json unless a file to learn from was given."""
    study = folders.locate_study(root)
    brief = inputs.brief_to_code(study)
    data = evaluation_data.load(study, brief, request, Work.of(brief.settings.engine, tick))
    with one_thread():
        result = measure(data)
    if not data.gold:
        result["human"] = human_ceiling.human(study, brief)
    if request.train is None:
        with folders.lock(study, "evaluate"):
            folders.write_measured(study, "outputs/quality.json", as_json(result))
    return result


def as_json(result: Mapping[str, Any]) -> bytes:
    """The figures as the file that is written."""
    return (json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def measure(data: EvaluationData) -> dict[str, Any]:
    """Cold and trained figures, baselines, learning curve, errors by attribute, patterns."""
    first, second, last = data.ends
    base, decisions, gold = np.arange(first), np.arange(first, second), np.arange(second, last)
    target = gold if len(gold) else decisions if len(decisions) else base
    result: dict[str, Any] = {"measured_on": _measured_on(data)}
    cold, trained = _cold(data, base, target), _trained(data, base, decisions, target)
    for name, scored in (("cold", cold), ("trained", trained)):
        if scored:
            result[name] = metrics.report(scored, data.brief.settings.study.seed)
    result["baselines"] = _baselines(data, base, decisions, target)
    if judged := voters.report(data, target):
        result["voters"] = judged
    result["learning_curve"] = _curve(data, base, decisions, target)
    if not data.gold and (strangers := _strangers(data, base)):
        result["strangers"] = metrics.report(strangers, data.brief.settings.study.seed)
    best = trained or cold
    result["errors_by"] = _errors_by(data, best) if best and target is decisions else {}
    result["patterns"] = pattern_report.report(data.codebook, data.votes, _truth_by_id(data))
    return result


def _cold(data: EvaluationData, base: np.ndarray, target: np.ndarray) -> metrics.Scored | None:
    """Scores of a model trained on seeds alone."""
    if not len(base):
        return None
    return _held_out(data, base, base[:0], grouping.FOLDS) if target is base else _scored(data, base, target)


def _trained(
    data: EvaluationData, base: np.ndarray, decisions: np.ndarray, target: np.ndarray
) -> metrics.Scored | None:
    """Scores of a model trained on seeds and decisions; with `halves`, on half of the gold file's groups."""
    if data.halves and data.gold:
        return _held_out(data, target, base, 2)
    if not len(decisions):
        return None
    if target is decisions:
        return _held_out(data, decisions, base, grouping.FOLDS)
    return _scored(data, np.concatenate([base, decisions]), target)


def _strangers(data: EvaluationData, base: np.ndarray) -> metrics.Scored | None:
    """Each writer's seeds, scored by a model of all others' seeds: what to expect with new people."""
    writer = np.array([writer_of(data.examples[i].group) for i in base])
    names, number, sizes = np.unique(writer, return_inverse=True, return_counts=True)
    enough = np.isin(writer, names[sizes >= SEEDS_OF_A_WRITER])
    if len(set(writer[enough])) < WRITERS:
        return None
    return _held_out_by(data, base[enough], base[~enough], number[enough])


def _measured_on(data: EvaluationData) -> str:
    if data.gold:
        return "a gold file" + (", trained on half of its groups at a time" if data.halves else "")
    return (
        "the study's decisions, persons held out"
        if data.decisions
        else "the study's seeds, near-copies held out together"
    )


def _train(data: EvaluationData, rows: np.ndarray) -> Any:
    examples = [data.examples[i] for i in rows]
    version = data_version(examples, data.codebook, data.brief.settings)
    goal = goal_of(data.codebook, data.brief.settings, version, data.vectors)
    return model.train(examples, data.features.part(rows), goal)


def _scored(data: EvaluationData, learn: np.ndarray, test: np.ndarray) -> metrics.Scored:
    """The test examples scored by a model that learnt from others."""
    trained = _train(data, learn)
    examples, built = [data.examples[i] for i in test], data.features.part(test)
    judged = combine.judge(trained, [str(i) for i in test], built)
    codes = data.codebook.ids
    stances = {
        (i, j): (dict(examples[i].codes)[codes[j]], stance)
        for (i, j), stance in judged.stances.items()
        if dict(examples[i].codes).get(codes[j])
    }
    return metrics.Scored(
        codes=codes,
        truth=_truth(data, test),
        chances=judged.chances,
        coded=judged.coded,
        candidates=judged.chances >= trained.classifier.thresholds_[:, 0],
        sets=calibrate.best_sets(judged.chances),
        stances=stances,
        groups=tuple(e.group for e in examples),
        languages=tuple(e.language for e in examples),
        prompted=built.on_answer > 0,
        not_learnt=tuple(trained.not_learnt()),
        unreliable=tuple(trained.unreliable()),
    )


def _held_out(data: EvaluationData, rows: np.ndarray, always: np.ndarray, count: int) -> metrics.Scored:
    """The rows scored fold by fold, each by a model trained on the other folds and on `always`; groups stay whole."""
    return _held_out_by(data, rows, always, _folds(data, rows, count))


def _held_out_by(data: EvaluationData, rows: np.ndarray, always: np.ndarray, fold: np.ndarray) -> metrics.Scored:
    """The rows scored fold by fold, each by a model of the other folds and of `always`."""
    learn = [np.concatenate([always, rows[fold != test]]) for test in np.unique(fold)]
    return _joined(
        [_scored(data, train, rows[fold == test]) for train, test in zip(learn, np.unique(fold), strict=True)]
    )


def _folds(data: EvaluationData, rows: np.ndarray, count: int) -> np.ndarray:
    """The fold of each of some rows, groups and near-copies whole."""
    group = grouping.groups([data.examples[i].group for i in rows], data.features.part(rows).vectors)
    return grouping.folds(group, count)


def _joined(parts: Sequence[metrics.Scored]) -> metrics.Scored:
    """The rows of several folds as one, in the order of the folds."""
    return metrics.Scored(
        codes=parts[0].codes,
        truth=np.vstack([part.truth for part in parts]),
        chances=np.vstack([part.chances for part in parts]),
        coded=np.vstack([part.coded for part in parts]),
        candidates=np.vstack([part.candidates for part in parts]),
        sets=np.vstack([part.sets for part in parts]),
        stances=_joined_stances(parts),
        groups=tuple(chain.from_iterable(part.groups for part in parts)),
        languages=tuple(chain.from_iterable(part.languages for part in parts)),
        prompted=np.vstack([part.prompted for part in parts]),
        not_learnt=_in_any(parts, [part.not_learnt for part in parts]),
        unreliable=_in_any(parts, [part.unreliable for part in parts]),
    )


def _in_any(parts: Sequence[metrics.Scored], named: Sequence[Collection[str]]) -> tuple[str, ...]:
    """The codes that at least one of the parts names."""
    every = set[str]().union(*named)
    return tuple(code for code in parts[0].codes if code in every)


def _joined_stances(parts: Sequence[metrics.Scored]) -> dict[tuple[int, int], Any]:
    """The stances by row and code, rows counted through all folds."""
    stances: dict[tuple[int, int], Any] = {}
    start = 0
    for part in parts:
        stances |= {(row + start, code): pair for (row, code), pair in part.stances.items()}
        start += len(part.groups)
    return stances


def _baselines(data: EvaluationData, base: np.ndarray, decisions: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """Macro- and micro-F1 of the naive taggers, learnt from all that the tagger learns from but what it is scored on."""
    halves = data.halves and bool(data.gold)
    learn = base if halves else np.concatenate([base, decisions])
    pairs = [(learn, target)]
    if halves or not data.gold:
        fold = _folds(data, target, 2 if halves else grouping.FOLDS)
        other = np.setdiff1d(learn, target)
        pairs = [(np.concatenate([other, target[fold != f]]), target[fold == f]) for f in np.unique(fold)]
    figures = {}
    for name, baseline in BASELINES.items():
        predicted = np.vstack([_predicted(data, baseline, train, test) for train, test in pairs])
        truth = np.vstack([_truth(data, test) for _, test in pairs])
        counted = metrics.counts(predicted, truth).sum(axis=(0, 1))
        figures[name] = {
            "macro_f1": round(metrics.macro_f1(predicted, truth), 4),
            "micro_f1": round(float(metrics.f1(*counted)), 4),
            "criteria": metrics.f1_by_code(data.codebook.ids, predicted, truth),
        }
    return figures


def _predicted(data: EvaluationData, baseline: Baseline, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """The codes that a naive tagger predicts for some examples after training on others."""
    examples = [data.examples[i] for i in train]
    return baseline(examples, data.features.part(train), data.features.part(test), data.codebook.ids)


def _truth(data: EvaluationData, rows: np.ndarray) -> np.ndarray:

    examples, codes = [data.examples[i] for i in rows], data.codebook.ids
    return truth_of([dict(example.codes) for example in examples], [example.asked for example in examples], codes)


def _curve(data: EvaluationData, base: np.ndarray, decisions: np.ndarray, target: np.ndarray) -> list[dict[str, Any]]:
    """Macro-F1 by the number of decisions learnt from; where there is no gold file, scored on half of the persons."""
    if not len(decisions):
        return []
    if target is decisions:
        half = grouping.folds(_group_numbers(data, decisions), 2)
        decisions, target = decisions[half == 0], decisions[half == 1]
    orders = [_by_person(data, decisions, order) for order in range(ORDERS)]
    sizes = [n for n in CURVE if n <= len(decisions) and (n or len(base))]
    points = []
    for size in sizes:
        chosen = {tuple(np.sort(order[:size])) for order in orders}
        learnt = [np.concatenate([base, np.array(rows, dtype=int)]) for rows in sorted(chosen)]
        points.append(
            {"decisions": size, **_point([_scored(data, rows, target) for rows in learnt], data.codebook.ids)}
        )
    return points


def _point(scored: Sequence[metrics.Scored], codes: Sequence[str]) -> dict[str, Any]:
    """Mean, lowest and highest macro-F1 of several models, and the mean F1 of each code."""
    by_code = [metrics.f1_by_code(each.codes, each.coded, each.truth) for each in scored]
    macro = [metrics.macro_f1(each.coded, each.truth) for each in scored]
    return {
        "macro_f1": round(float(np.mean(macro)), 4),
        "low": round(min(macro), 4),
        "high": round(max(macro), 4),
        "criteria": {code: _mean_of([each[code] for each in by_code]) for code in codes},
    }


def _mean_of(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return round(sum(numbers) / len(numbers), 4) if numbers else None


def _by_person(data: EvaluationData, rows: np.ndarray, order: int) -> np.ndarray:
    """The rows in one of the orders of their persons, each person's together."""
    group = _group_numbers(data, rows)
    place = np.random.default_rng([data.brief.settings.study.seed, order]).permutation(int(group.max()) + 1)
    by_person: np.ndarray = rows[np.argsort(place[group], kind="stable")]
    return by_person


def _group_numbers(data: EvaluationData, rows: np.ndarray) -> np.ndarray:

    return np.unique([data.examples[i].group for i in rows], return_inverse=True)[1]


def _errors_by(data: EvaluationData, scored: metrics.Scored) -> dict[str, Any]:
    """Whether errors are related to the sex, group or country of who speaks."""
    wrong = np.nanmean(np.where(np.isnan(scored.truth), np.nan, scored.coded != scored.truth), axis=1)
    registered = [i for i, group in enumerate(scored.groups) if group in data.people]
    errors = {}
    for name in (*ATTRIBUTES, data.brief.settings.study.group_by):
        values = [dict(data.people[scored.groups[i]].attributes).get(name, "") or "unknown" for i in registered]
        if values:
            persons = [scored.groups[i] for i in registered]
            seed = data.brief.settings.study.seed
            errors[name] = metrics.errors_by(values, persons, [float(wrong[i]) for i in registered], seed)
    return errors


def _truth_by_id(data: EvaluationData) -> dict[tuple[str, str], bool]:
    return {(str(i), code): code in dict(e.codes) for i, e in enumerate(data.examples) for code in e.asked}
