"""Themes of a public consultation with a stance each: another label set than ours, answered by fifty persons to learn from."""

from pathlib import Path

import coded_files
import pytest

from pipeline.evaluation.data import EvaluationRequest
from pipeline.evaluation.run import evaluate


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_themes_and_stances_of_a_consultation_are_learnt_from_half_of_its_persons(
    tmp_path: Path, small_study: Path
) -> None:
    if not (coded_files.DATA / coded_files.CONSULTATION).is_dir():
        pytest.skip("shared/data is not here: the consultation is not part of the project")
    config = small_study / "config.toml"
    config.write_text(config.read_text("utf-8").replace("embeddings = false", "embeddings = true"), "utf-8")
    train, test = (coded_files.consultation(half, tmp_path) for half in coded_files.HALVES)
    result = evaluate(small_study, EvaluationRequest(test, train), lambda *_: None)
    trained, naive = result["trained"], result["baselines"]["words and logistic regression"]
    assert trained["groups"] == 50
    assert trained["macro_f1"] >= naive["macro_f1"] + 0.1
    assert trained["micro_f1"] >= naive["micro_f1"] + 0.1
    assert trained["stance_accuracy"] >= 0.9
    assert trained["criteria"]["1X"]["f1"]["value"] is None, "nobody speaks of it: there is nothing to find"
