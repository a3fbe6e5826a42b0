"""Searches of the page: families, attributes and whose codings; nearest names; counts crossed as `query` gives them."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from review_page import desk_of
from studies import NOW, quiet

from pipeline import open_study
from pipeline.errors import ConfigError
from pipeline.publish.csvs import as_text
from pipeline.review.web.answering import Answers
from pipeline.review.web.desk import Desk, RoundOrder
from pipeline.review.web.search.desk import SearchDesk
from pipeline.steps.analyze import analyze
from pipeline.vocabulary import RefusalKind


@pytest.fixture
def desk(analysed: Path) -> Desk:
    """The desk of ana in a study of two families, with a sub-code."""
    path = analysed / "coded/codebook.toml"
    more = """
[[criteria]]
id = "water_use"
family = "Local topics"
name = "Use of water"
definition = "What people use the water for."

[[criteria]]
id = "well"
family = "Local topics"
parent = "water_use"
name = "The well (old)"
definition = "The well."
"""
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    return desk_of(analysed)


def settle(desk: Desk, name: str, **codes: str) -> None:
    """Give an excerpt these codes, and say nothing of others."""
    shown = desk.excerpt(name)
    desk.settle(Answers(name, shown["sha"], shown["base"], codes=codes, links={}, tab="t1"))


def hits(desk: Desk, query: str) -> set[str]:
    return {hit["id"] for hit in SearchDesk(desk).find(query, is_whole=True)["hits"]}


def refusal(desk: Desk, query: str) -> tuple[str, str]:
    with pytest.raises(ConfigError) as refused:
        SearchDesk(desk).find(query, is_whole=False)
    body: dict[str, Any] = refused.value.problems[0].as_json()  # type: ignore[attr-defined]
    return body["kind"], body["values"].get("names", "")


def spoken(desk: Desk) -> list[str]:
    """Excerpts that people speak in interviews."""
    shelf = desk.study.shelf
    return [name for at, name in enumerate(shelf.ids) if shelf.is_respondent[at] and shelf.persons[at]]


def test_a_family_a_stance_and_an_attribute_are_searched_like_in_the_command(desk: Desk) -> None:
    first, second = spoken(desk)[:2]
    settle(desk, first, water_use="negative", effectiveness="positive")
    settle(desk, second, well="positive")
    assert {first, second} <= hits(desk, 'family:"local topics"') == hits(desk, "familia:local_topics")
    assert hits(desk, "negative:water_use") == {first}
    assert hits(desk, 'positiva:"use of water"') == {second}, "its stance is that of the sub-code"
    assert hits(desk, 'code:"the well (old)"') == {second}
    women = hits(desk, "gender:woman")
    assert women == hits(desk, "género:mujer")
    assert {first} == hits(
        desk, f"person:{desk.study.shelf.persons[desk.study.shelf.position[first]]} code:water_use"
    ) - {second}
    assert hits(desk, "not gender:woman") | women == hits(desk, "")


def test_a_source_is_searched_by_the_name_of_its_file(desk: Desk) -> None:
    source, path = next(iter(sorted(desk.study.shelf.paths.items())))
    assert (
        hits(desk, f"source:{source}") == hits(desk, f'source:"{Path(path).stem}"') == hits(desk, f'document:"{path}"')
    )


def test_whose_codings_a_search_means_holds_for_all_of_it(desk: Desk) -> None:
    by_machine = sorted(hits(desk, "code:effectiveness by:machine"))
    assert by_machine
    settle(desk, by_machine[0], efficiency="positive")
    assert by_machine[0] in hits(desk, "code:efficiency code:effectiveness")
    (marked,) = [
        each["codes"]
        for each in SearchDesk(desk).find("code:efficiency code:effectiveness", is_whole=True)["hits"]
        if each["id"] == by_machine[0]
    ]
    assert {each["code"]: each["is_by_people"] for each in marked} == {"efficiency": True, "effectiveness": False}
    assert by_machine[0] not in hits(desk, "code:efficiency code:effectiveness by:me")
    assert hits(desk, "code:efficiency by:me not code:effectiveness") == {by_machine[0]}
    assert hits(desk, "by:me (code:efficiency or code:effectiveness)") == {by_machine[0]}
    assert by_machine[0] not in hits(desk, "code:efficiency not code:effectiveness")
    assert hits(desk, "by:me") == hits(desk, "por:ana") == hits(desk, "by:people") == {by_machine[0]}
    elsewhere = desk_of(Path(desk.ledger.ledger.path).parents[1], "ben")
    assert hits(elsewhere, "by:me code:efficiency") == set()
    assert hits(elsewhere, "by:ana code:efficiency") == {by_machine[0]}


def test_what_is_not_there_is_answered_with_the_nearest_names_as_a_search_reads_them(desk: Desk) -> None:
    assert refusal(desk, "code:Use of water") == (RefusalKind.QUERY_NEAREST, "water_use")
    assert refusal(desk, "family:topics") == (RefusalKind.QUERY_NEAREST, '"Local topics"')
    kind, names = refusal(desk, "group:xyzxyz")
    assert kind == RefusalKind.QUERY_NOT_THERE
    assert names
    assert refusal(desk, "gender:womn")[1].startswith("woman")
    assert refusal(desk, "by:ann")[1].startswith("ana")
    assert refusal(desk, "source:xyzxyz")[0] == RefusalKind.QUERY_NOT_THERE


def test_counts_are_those_of_the_command_before_and_after_a_run(desk: Desk) -> None:
    root = Path(desk.ledger.ledger.path).parents[1]
    for at, name in enumerate(spoken(desk)[:6]):
        settle(desk, name, **{"well" if at % 2 else "water_use": "positive", "effectiveness": "negative"})
    queries = (
        ("", ("criterion", "Local topics")),
        ("code:effectiveness", ("Local topics", "group")),
        ("not family:criterion", ("gender",)),
    )
    counted = [SearchDesk(desk).count(query, by=by, language="es") for query, by in queries]
    assert analyze(root, fresh=False, now=NOW, tick=quiet).exit_code == 0
    desk.look_for_new_run()
    for (query, by), before in zip(queries, counted, strict=True):
        table = open_study(root).query(query, by=by)
        after = SearchDesk(desk).count(query, by=by, language="es")
        assert after["csv"] == as_text(table)
        people = [name for name in table.columns if not name.startswith("machine_")]
        assert pd.DataFrame(before["rows"])[people[2:]].to_dict() == pd.DataFrame(after["rows"])[people[2:]].to_dict()
        assert before["figure"].startswith("data:image/svg+xml;base64,")
    crossed = counted[0]
    cell = dict(zip(map(tuple, crossed["keys"]), crossed["rows"], strict=True))[("effectiveness", "well")]
    assert cell["excerpts"] == 3
    assert (cell["rows"], cell["columns"]) == ("Effectiveness", "The well (old)")


def test_lists_to_pick_from_have_what_the_study_has_and_nothing_is_counted_in_a_blind_round(desk: Desk) -> None:
    choices = SearchDesk(desk).choices()
    shelf = desk.study.shelf
    assert set(choices["files"]) == {shelf.paths[source] for source in shelf.sources.texts}
    assert all(hits(desk, f'source:"{path}"') for path in choices["files"])
    assert set(choices["persons"]) == set(shelf.persons.texts) - {""}
    by_key = {each["key"]: [value["value"] for value in each["values"]] for each in choices["attributes"]}
    for key, values in by_key.items():
        assert all(hits(desk, f'{key}:"{value}"') for value in values)
    assert {"group", "gender"} <= by_key.keys()
    assert {"Local topics", "group", "source"} <= {side["key"] for side in choices["sides"]}
    desk.start_round(RoundOrder(name="r1", coders=("ana",), size=3, shows="blind"))
    assert SearchDesk(desk).choices()["is_hidden"]
    with pytest.raises(ConfigError, match="blind round"):
        SearchDesk(desk).count("", by=("group",), language="en")
