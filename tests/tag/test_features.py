"""What the classifier sees of a text: vectors that depend on the text alone, and what the rules said."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.engine.work import Work
from pipeline.records import Vote
from pipeline.tag import embeddings, features
from pipeline.tag.features import Sample

TEXTS = ["Se fueron y todo se cayó.", "They left and it all fell apart.", "La sopa estaba rica.", "x"]


@pytest.fixture(scope="module")
def vectors() -> dict[str, np.ndarray]:
    return dict(zip(map(embeddings.key, TEXTS), embeddings.encode(TEXTS), strict=True))


def test_a_vector_depends_on_its_text_alone(vectors: dict[str, np.ndarray]) -> None:
    for text, alone in zip(TEXTS[::-1], embeddings.encode(TEXTS[::-1]), strict=True):
        assert (vectors[embeddings.key(text)] == alone).all()


def test_a_translation_is_closer_than_another_subject(vectors: dict[str, np.ndarray]) -> None:
    spanish, english, soup, _ = embeddings.matrix(TEXTS, vectors)
    assert spanish @ english > spanish @ soup


def test_products_of_vectors_are_exact_in_any_order(vectors: dict[str, np.ndarray]) -> None:
    rows = embeddings.matrix(TEXTS, vectors)
    assert (rows @ rows.T == rows[:, ::-1] @ rows[:, ::-1].T).all()


def test_vectors_come_back_from_disk_as_they_were(vectors: dict[str, np.ndarray], tmp_path: Path) -> None:
    embeddings.write(tmp_path / "a.npz", vectors)
    again = embeddings.read(tmp_path / "a.npz")
    embeddings.write(tmp_path / "b.npz", dict(reversed(again.items())))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert embeddings.read(tmp_path / "none.npz") == {}


def test_only_texts_without_a_vector_are_encoded(vectors: dict[str, np.ndarray]) -> None:
    store = embeddings.VectorStore(dict(vectors))
    store.add([*TEXTS, "", "new", "new"], Work(1, lambda _done, _total: None))
    assert store.computed == 1
    assert set(store.used) == {embeddings.key(text) for text in (*TEXTS, "new")}


def vote(code: str, score: float, because: str = '{"words": "x"}') -> Vote:
    return Vote("e1", code, "rule:p", 1, score, "", because, "1")


def test_the_highest_rule_counts_on_the_answer_and_on_the_question() -> None:
    asked = '{"words": "x", "in": "question"}'
    scores = features.rule_scores([vote("a", 0.5), vote("a", 0.8), vote("a", 0.6, asked), vote("b", 0.4, asked)])
    assert scores == {"e1": {"a": (0.8, 0.6), "b": (0.0, 0.4)}}


def test_question_and_text_are_embedded_together(vectors: dict[str, np.ndarray]) -> None:
    heard = features.spoken("Nada.", "¿Qué quedó?")
    assert heard == "¿Qué quedó? Nada."
    assert features.spoken("Nada.", "") == "Nada."
    built = features.build([Sample(TEXTS[0], "", {"b": (0.8, 0.1)})], ("a", "b"), vectors)
    assert built.vectors.shape == (1, 1024)
    assert not built.vectors[0, 512:].any()
    assert built.on_answer.tolist() == [[0.0, 0.8]]
    assert features.build([], ("a", "b"), None).vectors.shape == (0, 0)
