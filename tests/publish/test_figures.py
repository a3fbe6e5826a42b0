"""Figures: the same bytes for the same publication, in the study's language, whatever stands in a name."""

import re
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from small_publication import drawn_of, measured, publication

from pipeline.audit.recount.annex.sentences import short as audited_short
from pipeline.publish import Publication, drawings, figures, labels

EXPECTED = {
    "excerpts-by-country",
    "findings-by-strength",
    "matrix",
    "persons-by-finding",
    "stance-by-criterion",
}
WITHOUT_EVIDENCE = {"matrix"}  # of these, what a study shows in which nothing is coded yet


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    drawings.write(publication(), folder, {})
    return folder / "figures"


def test_every_figure_is_there_as_png_and_svg(drawn: Path) -> None:
    assert {p.name for p in drawn.iterdir()} == {f"{name}.{kind}" for name in EXPECTED for kind in ("png", "svg")}


def test_the_same_publication_gives_the_same_bytes(drawn: Path) -> None:
    again = figures.rendered(lambda: drawn_of(publication()))
    assert again == {path.name: path.read_bytes() for path in drawn.iterdir()}


def test_files_name_no_program_and_no_time(drawn: Path) -> None:
    for path in drawn.glob("*.png"):
        assert set(_chunks(path.read_bytes())) <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}
    for path in drawn.glob("*.svg"):
        assert not re.search(r"dc:date|dc:creator|Matplotlib v", path.read_text("utf-8"))


def _chunks(data: bytes) -> list[bytes]:
    kinds, at = [], 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kinds.append(data[at + 4 : at + 8])
        at += size + 12
    return kinds


def test_the_svg_holds_no_script_and_loads_nothing(drawn: Path) -> None:
    for path in drawn.glob("*.svg"):
        text = path.read_text("utf-8")
        assert "<script" not in text
        assert not re.search(r'href="(?!#)', text)


def test_axes_have_titles_in_the_language_of_the_study() -> None:
    drawn = drawn_of(publication("es"))
    for name, figure in drawn.items():
        assert figure.get_axes()[0].get_xlabel(), name
    assert drawn["persons-by-finding"].get_axes()[0].get_xlabel() == "Personas"


def test_a_criterion_has_in_figures_the_colour_that_it_has_in_the_report() -> None:
    axes = drawn_of(publication())["excerpts-by-country"].get_axes()
    from matplotlib.colors import to_hex

    assert [to_hex(panel.patches[0].get_facecolor()) for panel in axes] == list(labels.ACCENTS[:2])


def test_names_with_dollars_and_unknown_scripts_are_drawn_as_they_are(tmp_path: Path) -> None:
    made = publication()
    matrix = made.matrix.assign(group=made.matrix["group"].replace("police", "US$5_x$ 警察"))
    changed = replace(made, matrix=matrix)
    named = [tick.get_text() for tick in drawn_of(changed)["matrix"].get_axes()[0].get_yticklabels()]
    assert "interview, US$5 x$ 警察" in named
    drawings.write(changed, tmp_path, {})
    before, after = (svg_of(each, tmp_path / name) for name, each in (("a", made), ("b", changed)))
    assert before != after


def svg_of(made: Publication, folder: Path) -> bytes:
    drawings.write(made, folder, {})
    return (folder / "figures" / "matrix.svg").read_bytes()


LONG = "Sustainability " * 333  # 5,000 letters


def test_names_of_any_length_are_drawn_as_far_as_there_is_room(tmp_path: Path) -> None:
    made = publication(quality=measured())
    codes = tuple(replace(code, name=(("en", LONG),)) for code in made.codebook.criteria)
    findings = tuple(replace(f, id="F" * 5000) if f.id == "F1" else f for f in made.register.findings)
    long = replace(
        made, codebook=replace(made.codebook, criteria=codes), register=replace(made.register, findings=findings),
        assessments={**made.assessments, "F" * 5000: made.assessments["F1"]}, coded=made.coded.assign(country="Z" * 5000),
        matrix=made.matrix.assign(group=made.matrix["group"].replace("police", "x" * 5000)),
    )  # fmt: skip
    drawings.write(long, tmp_path, {})  # a warning would be an error
    for path in (tmp_path / "figures").glob("*.png"):
        width, height = struct.unpack(">II", path.read_bytes()[16:24])
        assert max(width, height) < 2400, path.name
    texts = [text.get_text() for text in drawn_of(long)["stance-by-criterion"].get_axes()[0].get_yticklabels()]
    assert set(texts) == {"Sustainability Sustainability…"}


def test_a_study_without_evidence_has_its_matrix_alone(tmp_path: Path) -> None:
    made = publication()
    empty = replace(
        made, register=replace(made.register, findings=()), assessments={}, coded=made.coded.head(0),
        evidence=made.evidence.head(0), matrix=made.matrix.assign(excerpts=0),
    )  # fmt: skip
    assert set(drawn_of(empty)) == WITHOUT_EVIDENCE
    drawings.write(empty, tmp_path, {})


def test_what_was_measured_is_drawn_and_else_is_not(tmp_path: Path) -> None:
    assert not {"quality", "reliability"} & set(drawn_of(publication()))
    drawings.write(publication(quality=measured()), tmp_path, {})
    again = figures.rendered(lambda: drawn_of(publication(quality=measured())))
    assert {"quality.png", "quality.svg", "reliability.png", "reliability.svg"} <= set(again)
    assert again == {path.name: path.read_bytes() for path in (tmp_path / "figures").iterdir()}


def test_a_drawing_has_the_key_of_all_that_it_shows_and_of_nothing_else() -> None:
    made = publication()
    keys = {name: each.key for name, each in drawings.drawings(made).items()}
    assert {name: each.key for name, each in drawings.drawings(publication()).items()} == keys
    elsewhere = replace(made, edition="another", coded=made.coded.assign(country="Peru"))
    changed = {name for name, each in drawings.drawings(elsewhere).items() if each.key != keys[name]}
    assert changed == {"excerpts-by-country"}
    spanish = {name: each.key for name, each in drawings.drawings(publication("es")).items()}
    assert not set(spanish.values()) & set(keys.values())


def test_figures_that_are_drawn_already_are_not_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {name: each.key for name, each in drawings.drawings(publication()).items()}
    earlier = {key: {f"{name}.svg": b"<svg/>"} for name, key in keys.items()}
    monkeypatch.setattr(figures, "rendered", None)
    assert drawings.write(publication(), tmp_path, earlier) == keys
    assert {path.read_bytes() for path in (tmp_path / "figures").iterdir()} == {b"<svg/>"}


def test_figures_of_quality_have_an_axis_title_each_and_a_dot_a_code() -> None:
    drawn = drawn_of(publication(quality=measured()))
    assert [axes.get_title(loc="left") for axes in drawn["quality"].axes] == ["Precision", "Recall", "F1"]
    assert all(len(axes.containers) == 2 for axes in drawn["quality"].axes)
    (axes,) = drawn["reliability"].axes
    assert axes.get_xlabel() == "Probability the machine gives"
    assert axes.get_ylabel() == "Share that is right"


@pytest.mark.parametrize(
    ("name", "most", "fits"),
    [
        ("Relevance", 30, "Relevance"),
        ("Use of force and humanitarian norms", 30, "Use of force and humanitarian…"),
        ("Mission, Andean Delegation", 20, "Mission, Andean…"),
        ("Humanitarianism", 8, "Humanit…"),  # half of the room would be empty
    ],
)
def test_a_name_that_is_too_long_ends_with_a_whole_word(name: str, most: int, fits: str) -> None:
    assert labels.short(name, most) == fits
    assert audited_short(name, most) == fits
