"""The same answer in several files or rows is named and counts once; short answers and people of the register are no copies."""

import pandas as pd

from pipeline.evidence.copies import copies, remarks

LONG = "The naming is so bad that nobody can tell what is tested here."


def survey(*rows: str, who: str = "") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sources and excerpts of two files: rows as `file text`."""
    sources, excerpts = [], []
    for number, row in enumerate(rows):
        file, _, text = row.partition(" ")
        sources.append((f"{file}.{number}", f"surveys/{file}.csv", "survey", who))
        excerpts.append((f"{file}.{number}", "respondent", 0, text))
    return (
        pd.DataFrame(sources, columns=["source_id", "path", "kind", "participant_ids"]),
        pd.DataFrame(excerpts, columns=["source_id", "role", "start", "text"]),
    )


def test_the_same_answer_in_two_files_is_one_person_and_is_named() -> None:
    sources, excerpts = survey(f"a {LONG}", f"b {LONG.upper().replace('.', ' !')}")
    found = copies(sources, excerpts)
    assert found == {"b.1": "a.0"}
    assert [(r.where, r.what.split(";")[0]) for r in remarks(found, sources)] == [
        ("raw/surveys/b.csv", "1 rows have the same words as rows of raw/surveys/a.csv")
    ]


def test_forty_copies_of_one_text_are_one_person() -> None:
    found = copies(*survey(*[f"a {LONG}"] * 40))
    assert len(found) == 39
    assert set(found.values()) == {"a.0"}


def test_short_answers_and_people_of_the_register_are_no_copies() -> None:
    assert copies(*survey("a Nothing.", "b Nothing.")) == {}
    assert copies(*survey(f"a {LONG}", f"b {LONG}", who="P1")) == {}


def test_no_answers_give_no_copies() -> None:
    assert copies(*survey()) == {}
