"""Queries: joined terms, nearness, groups, documents and crossings with known answers; consent; errors; negative controls."""

import contextlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from studies import ROOT
from typer.testing import CliRunner

from pipeline import open_study
from pipeline.__main__ import app
from pipeline.codebook import Codebook, Criterion
from pipeline.errors import ConfigError
from pipeline.evidence.queries.answers import counts_of
from pipeline.evidence.queries.terms import Searched, matching
from pipeline.query_language import QueryError, parse

SIGNS = {"": "", "+": "positive", "-": "negative"}


def code(name: str, family: str = "criterion") -> Criterion:
    return Criterion(name, family, (("en", f"Code {name.upper()}"),), (), (), (), (), ())


BOOK = Codebook("1", (code("x"), code("y"), code("p", "priority"), code("q", "priority"), code("alone", "nobody")))
#          0           1         2       3       4           5
WORDS = ["the boat", "El camión", "rice", "rice", "a letter", "[withheld]"]
SPEAKERS, SOURCES, TURNS = ["a", "a", "b", "b", "c", ""], ["S1", "S1", "S1", "S2", "S2", "D1"], [2, 2, 4, 2, 6, 1]
ABOUT = {
    "a": {"gender": "woman", "group": "armed_forces"},
    "b": {"gender": "man", "group": "relatives"},
    "c": {"gender": "woman", "group": ""},
}


def searched() -> Searched:
    spoken = pd.DataFrame(
        {
            "excerpt_id": list("012345"),
            "source_id": SOURCES,
            "turn": TURNS,
            "participant": SPEAKERS,
            "kind": ["interview"] * 5 + ["document"],
            "language": ["en", "es", "en", "en", "en", "en"],
            "shown": ["whole"] * 5 + ["withheld"],
            "text": WORDS,
        }
    )
    return Searched(spoken, ABOUT, BOOK)


def cells(codings: str) -> pd.DataFrame:
    """ "0x+ 1y" (excerpt 0 carries x, positive; 1 carries y) as cells."""
    rows = [(each[0], each[1:].rstrip("+-"), SIGNS[each[-1] if each[-1] in "+-" else ""]) for each in codings.split()]
    return pd.DataFrame(rows, columns=["excerpt_id", "criterion", "stance"]).astype("str")


CODED = cells("0x+ 1x- 1y 2y 3x 4y+ 0p 1p 4q 5x")


def hits(query: str) -> str:
    return "".join(np.array(list("012345"))[matching(query, searched(), CODED)])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "012345"),
        ("code:x", "0135"),
        ("code:x not code:y", "035"),
        ("code:x and not code:y", "035"),
        ("code:x or code:y", "012345"),
        ("not (code:x or code:y)", ""),
        ("code:x code:y or code:q", "14"),
        ("code:x (code:y or code:p)", "01"),
        ('code:"code x"', "0135"),
        ("positive:x", "0"),
        ("negativa:x", "1"),
        ("family:priority", "014"),
        ("family:nobody", ""),
        ("gender:woman code:x", "01"),
        ('group:"armed forces"', "01"),
        ("group:ARMED_FORCES", "01"),
        ("kind:document", "5"),
        ("source:S2", "34"),
        ("person:a", "01"),
        ("idioma:es", "1"),
        ("camion", "1"),
        ('"the boat"', "0"),
        ("withheld", ""),
    ],
)
def test_terms_are_joined_by_and_or_not_and_brackets(query: str, expected: str) -> None:
    assert hits(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("positive:x near/1 code:y", "01"),
        ("positive:x near/2 code:y", "012"),
        ("code:q near/9 positive:x", ""),  # in another source
        ("positive:x near/0turns code:y", "01"),
        ("positive:x near/2turns rice", "02"),
        ("code:q near/3turnos rice", ""),
        ("code:q cerca/4turnos rice", "34"),
    ],
)
def test_near_counts_excerpts_or_turns_of_one_source(query: str, expected: str) -> None:
    assert hits(query) == expected


def answer(
    query: str, spoken: Searched, of_coders: Mapping[str, pd.DataFrame], *, by: Sequence[str], smallest_cell: int
) -> pd.DataFrame:
    """The counts of what meets a query."""
    masks = {prefix: matching(query, spoken, codings) for prefix, codings in of_coders.items()}
    return counts_of(masks, spoken, of_coders, by=by, smallest_cell=smallest_cell)


def counted(query: str = "", *by: str, machine: str = "", smallest: int = 1) -> Any:
    table = answer(query, searched(), {"": CODED, "machine_": cells(machine)}, by=by, smallest_cell=smallest)
    sides = [side for side in ("rows", "columns") if side in table.columns]
    return {tuple(row[side] for side in sides): row for row in table.to_dict("records")}


def test_persons_excerpts_and_sources_are_counted_and_a_document_is_no_person() -> None:
    row = counted("code:x")[()]
    assert [row[name] for name in ("persons", "excerpts", "sources")] == ["2", 4, 3]
    assert [row[f"machine_{name}"] for name in ("persons", "excerpts", "sources")] == ["0", 0, 0]


def test_people_and_machine_are_never_added_up() -> None:
    row = counted("code:x", machine="0x 4x")[()]
    assert (row["excerpts"], row["machine_excerpts"], row["machine_persons"]) == (4, 2, "2")


def test_a_group_has_its_row_even_if_nobody_of_it_speaks_of_it() -> None:
    rows = counted("code:q", "gender")
    assert rows["man",]["excerpts"] == 0
    assert rows["woman",]["excerpts"] == 1


def test_who_is_in_no_group_has_a_row_and_documents_have_none() -> None:
    spoken = searched()
    table = answer("", spoken, {"": CODED}, by=["group"], smallest_cell=1)
    assert list(table["rows"]) == ["", "", "armed_forces", "relatives"]  # all together first
    assert list(table["excerpts"]) == [6, 1, 2, 2]


def test_a_person_with_several_values_is_found_by_each_and_counts_in_each() -> None:
    spoken = searched()
    several = {who: {**about, "tongue": "Quechua; Aymara"} for who, about in spoken.attributes.items()}
    first = next(iter(several))
    several[first] = {**several[first], "tongue": "aymara"}
    spoken = replace(spoken, attributes=several)
    table = answer("tongue:quechua", spoken, {"": CODED}, by=["tongue"], smallest_cell=1)
    counts = dict(zip(table["rows"], table["persons"], strict=True))
    assert counts["Quechua"] == counts["Aymara"] == counts[""] == str(len(several) - 1)


def test_two_families_are_crossed_with_the_stance_on_the_first() -> None:
    rows = counted("", "criterion", "priority")
    assert (rows["x", "p"]["excerpts"], rows["x", "p"]["positive"], rows["x", "p"]["negative"]) == (2, 1, 1)
    assert rows["y", "q"]["positive"] == 1
    assert rows["x", "q"]["excerpts"] == 0


def test_codes_by_document() -> None:
    rows = counted("", "criterion", "source")
    assert (rows["x", "S1"]["excerpts"], rows["x", "D1"]["excerpts"], rows["x", "D1"]["persons"]) == (2, 1, "0")


def test_a_family_of_which_nobody_speaks_has_its_rows() -> None:
    assert counted("", "nobody", "gender")["alone", "woman"]["excerpts"] == 0


def test_few_persons_are_not_shown_exactly() -> None:
    assert counted("code:x", smallest=5)[()]["persons"] == "<5"


def test_codes_at_random_are_near_each_other_as_often_as_chance_has_it() -> None:
    dice = random.Random(3)  # noqa: S311 - not for a secret
    count = 2_000
    spoken = pd.DataFrame({"excerpt_id": [str(n) for n in range(count)], "source_id": "S", "turn": range(count)})
    spoken = spoken.assign(participant="a", kind="interview", language="en", shown="whole", text="")
    drawn = [(str(n), name, "") for n in range(count) for name in "xy" if dice.random() < 0.1]
    coded = pd.DataFrame(drawn, columns=["excerpt_id", "criterion", "stance"])
    near = matching("code:x near/1 code:y", Searched(spoken, {}, BOOK), coded)
    expected = 1 - (1 - 0.1 * (1 - 0.9**3)) ** 2  # an x or a y with the other within one
    assert abs(near.mean() - expected) < 0.02


@pytest.mark.parametrize(
    ("query", "part", "remedy"),
    [
        ("colour:red", "character 1: colour:red", "use one of code:"),
        ("code:x code:beauty", "character 8: code:beauty", "use one of alone, p, q, x, y"),
        ("gender:womn", "character 1: gender:womn", "use one of man, woman"),
        ("near/3 code:x", "character 1: near/3", "on each side"),
        ("code:x not", "character 8: not", "write one after it"),
        ("(code:x", "character 2: code:x", "close every open bracket"),
        ("code:x)", "character 7: )", "close every open bracket"),
        ("or code:x", "character 1: or", "write one after it"),
    ],
)
def test_a_query_that_cannot_be_used_names_the_place_and_the_remedy(query: str, part: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as error:
        hits(query)
    (problem,) = error.value.problems
    assert part in problem.where
    assert remedy in problem.remedy


def test_a_side_that_is_nothing_in_the_study_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match="neither a family of codes nor an attribute"):
        counted("", "colour")


@given(st.text(alphabet='ab:"()/ 3nearotd', max_size=40))
def test_any_text_is_read_or_refused(query: str) -> None:
    with contextlib.suppress(QueryError):
        parse(query)


# ---------------------------------------------------------------- in a study


def test_the_command_and_python_give_the_same_and_write_table_and_figure(analysed: Path, tmp_path: Path) -> None:
    table = open_study(analysed).query("code:efficiency", by="group", to=tmp_path / "answer")
    words = ["query", "code:efficiency", "--by", "group", "--study", str(analysed), "--json"]
    shown = CliRunner().invoke(app, words)
    assert json.loads(shown.stdout) == json.loads(table.to_json(orient="records"))
    assert sorted(path.name for path in (tmp_path / "answer").iterdir()) == [
        "excerpts.csv",
        "query.csv",
        "query.png",
        "query.svg",
    ]


def test_a_table_and_its_figure_are_counted_once(
    analysed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted_by: list[tuple[str, ...]] = []

    def noted(*masks: Any, by: Any, **more: Any) -> pd.DataFrame:
        counted_by.append(tuple(by))
        return counts_of(*masks, by=by, **more)

    monkeypatch.setattr("pipeline.steps.results.queries.counts_of", noted)
    study = open_study(analysed)
    study.query("code:efficiency", by="group", to=tmp_path / "by group")
    assert counted_by == [("group",)]
    study.query("code:efficiency", to=tmp_path / "whole")
    assert counted_by == [("group",), (), ("group",)], "without a side the figure is by group"


def test_words_that_are_withheld_are_neither_searched_nor_written(analysed: Path, tmp_path: Path) -> None:
    study = open_study(analysed)
    hidden = study.tables.spoken.query("shown == 'withheld' and role == 'respondent'")
    study.query("", to=tmp_path / "answer")
    words = pd.read_parquet(analysed / "coded/machine/excerpts.parquet").set_index("excerpt_id")["text"]
    written = (tmp_path / "answer" / "excerpts.csv").read_text("utf-8")
    assert not any(words[name] in written for name in hidden["excerpt_id"] if len(words[name]) > 20)


def test_the_make_target_passes_everything_on() -> None:
    assert "query: $(READY)" in (ROOT / "Makefile").read_text("utf-8")
