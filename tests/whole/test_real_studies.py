"""Whole studies from material that others made: all of it is read, accounted for, coded, and holds under audit."""

import pytest
import real_studies
from real_studies import LAYOUTS, broken, lay, lost, missing, run, table

from pipeline.steps.analyze import Outcome

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "here")]


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """Each study laid out and analysed once, with few seeds and without embeddings."""
    folder = tmp_path_factory.mktemp("real")
    known: dict[str, tuple[object, Outcome]] = {}

    def study(name):
        if name not in known:
            root = lay(name, folder, quick=True)
            known[name] = (root, run(root))
        return known[name]

    return study


# files read of files, and the exit code: 2 where a person must look: words wait as nothing tells who speaks, or the reading is
# not certain, such as labels that may be the other way round
READ = {
    "paraguay": (4, 4, 2), "teams": (3, 3, 2), "otter": (3, 3, 2), "usability": (4, 4, 0), "usability-text": (4, 4, 0),
    "pdf": (3, 3, 2), "oral-history": (2, 2, 0), "madrid": (1, 1, 0), "kobo": (20, 20, 0), "qualtrics": (2, 2, 0),
    "sav": (1, 1, 0), "google-forms": (2, 2, 0), "consultation": (1, 1, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_character_of_a_study_is_accounted_for_and_its_audit_holds(analysed, name):
    root, outcome = analysed(name)
    assert lost(root) == {}
    assert broken(root) == []
    if name in READ:
        facts = outcome.record["summary"]
        assert (facts["files_read"], facts["files"], outcome.exit_code) == READ[name]


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_excerpt_of_a_respondent_has_a_coding_for_each_of_five_criteria(analysed, name):
    root, outcome = analysed(name)
    excerpts = table(root, "excerpts")
    spoken = set(excerpts.loc[excerpts["role"] == "respondent", "excerpt_id"])
    codings = table(root, "codings")
    assert set(codings["excerpt_id"]) == spoken
    assert len(codings) == 5 * len(spoken) == 5 * outcome.record["summary"]["excerpts"]


def test_the_empty_form_of_the_paraguayan_interviews_gives_no_excerpt(analysed):
    root, _ = analysed("paraguay")
    excerpts = table(root, "excerpts")
    assert not excerpts["source_id"].str.contains("Template").any()
    sources = table(root, "sources").set_index("source_id")
    assert sources.loc["Entrevista_Ex_Template", "status"] == "rejected"
    turns = table(root, "turns")
    answers = turns[turns["role"] == "respondent"].groupby("source_id").size().to_dict()
    assert answers == {"Entrevista_E1": 36, "Entrevista_E2": 31, "Entrevista_E3": 29}


def test_every_proposal_of_madrid_is_a_source_of_its_own_with_its_title_and_its_text(analysed):
    root, outcome = analysed("madrid")
    assert outcome.record["summary"]["sources"] == 2738
    assert table(root, "turns").groupby("source_id").size().between(1, 2).all()
    assert not table(root, "texts")["text"].str.contains("<p>", regex=False).any()


def test_an_opinion_survey_gives_a_source_for_each_of_552_people_and_lists_the_one_who_answered_nothing(analysed):
    root, _ = analysed("sav")
    assert table(root, "sources")["source_id"].nunique() == 552
    rejected = table(root, "rejected")
    assert rejected.loc[rejected["reason"] == "response without answers", "place"].tolist() == ["case 339"]


def test_oral_histories_give_a_turn_for_every_row_with_a_speaker(analysed):
    root, _ = analysed("oral-history")
    assert table(root, "turns").groupby("source_id").size().to_dict() == {"gluck": 351, "mohammad": 263}


def test_a_consultation_gives_one_hundred_answers_to_each_of_two_questions(analysed):
    root, _ = analysed("consultation")
    assert table(root, "turns")["question"].value_counts().tolist() == [100, 100]


def test_the_table_of_figures_names_every_study():
    rows = real_studies.TABLE.read_text("utf-8").splitlines()[1:]
    assert [row.strip('"').split(":")[0] for row in rows] == list(LAYOUTS)
