"""People who refuse are recognised by every usual spelling; while somebody refuses, words of unidentified people are withheld."""

from pathlib import Path

import pytest
from studies import NOW, quiet
from test_consent import holding, table

from pipeline.steps.analyze import Outcome, analyze
from pipeline.steps.check import check
from pipeline.vocabulary import Reason

HEAD = "participant_id,name,initials,aliases,consent\n"
WORDS = "La bomba nueva se rompió el primer día"
SPELLINGS = [
    "Grace Ashdown Pereira",
    "GRACE ASHDOWN–PEREIRA",
    "Ashdown-Pereira, Grace",
    "Sra. Grace Ashdown-Pereira",
    "G. Ashdown-Pereira",
    "Grace Ashdown",
    "Grace M. Ashdown-Pereira",
]


def study_of(study: Path, *, register: str, survey: str = "", interview: str = "") -> Path:
    """A study with these people, one survey and one interview."""
    raw = study / "raw"
    for path in [*raw.glob("*/*"), raw / "sources.csv"]:
        path.unlink(missing_ok=True)
    (raw / "participants.csv").write_text(HEAD + register, "utf-8")
    if survey:
        (raw / "surveys" / "vecinos.csv").write_text(survey, "utf-8")
    (raw / "interviews" / "rosa.txt").write_text(
        interview or "Ana Rey: ¿Qué cambió?\nRosa Luna: Ya no vamos al río y los niños están sanos.\n", "utf-8"
    )
    config = study / "config.toml"
    text = (
        config.read_text("utf-8")
        .replace('person = "id"', 'person = "nombre"')
        .replace("¿Qué cambió con el agua?", "cambio")
    )
    config.write_text(text, "utf-8")
    return study


def run(study: Path) -> Outcome:
    return analyze(study, fresh=False, now=NOW, tick=quiet)


def published(study: Path) -> list[str]:
    return [*holding(study / "outputs", (WORDS,)), *holding(study / "coded" / "machine", (WORDS,))]


GRACE_REFUSES = "P1,Grace Ashdown-Pereira,,,no\nP2,Rosa Luna,,,yes\n"


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_survey_cell_that_spells_the_name_otherwise_is_the_person_who_refuses(small_study: Path, name: str) -> None:
    study_of(
        small_study,
        register=GRACE_REFUSES,
        survey=f'nombre;cambio\n"{name}";{WORDS}\nRosa Luna;Ahora los niños están sanos y el agua llega a todas las casas\n',
    )
    outcome = run(small_study)
    assert published(small_study) == []
    assert outcome.record["summary"]["persons"] == 1


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_label_that_spells_the_name_otherwise_is_the_person_who_refuses(small_study: Path, name: str) -> None:
    label = f"{name}: {WORDS}.\n" if "," not in name else f"Ashdown-Pereira Grace: {WORDS}.\n"
    study_of(
        small_study,
        register=GRACE_REFUSES,
        interview=f"Ana Rey: ¿Qué cambió?\n{label}Rosa Luna: Los niños están sanos.\n",
    )
    run(small_study)
    assert published(small_study) == []


@pytest.mark.parametrize("name", ["Gracie", "Pereira", "María López", "G", "Grace 2", "Grace/Rosa"])
def test_an_unregistered_name_is_withheld_and_listed_by_its_place_while_somebody_refuses(
    small_study: Path, name: str
) -> None:
    study_of(
        small_study,
        register=GRACE_REFUSES,
        survey=f"nombre;cambio\n{name};{WORDS}\nRosa Luna;Ahora los niños están sanos y el agua llega a todas las casas\n",
    )
    outcome = run(small_study)
    assert published(small_study) == []
    (problem,) = [p for p in outcome.problems if "withheld" in p.what]
    assert (problem.where, "row 2" in problem.what, name in str(problem)) == ("raw/surveys/vecinos.csv", True, False)
    assert outcome.exit_code == 2
    rejected = table(small_study, "rejected")
    assert len(rejected[rejected["reason"] == Reason.PERSON_UNCLEAR]) == 1


def test_check_says_before_the_first_run_what_the_run_withholds_because_of_somebody_who_refuses(
    small_study: Path,
) -> None:
    rows = "".join(f"Gracie {n};{WORDS} {n}\n" for n in range(3))
    strangers = "Ana Rey: ¿Qué cambió?\nNadie: El agua llega a todas las casas.\nRosa Luna: Los niños están sanos.\n"
    study_of(small_study, register=GRACE_REFUSES, survey=f"nombre;cambio\n{rows}Rosa Luna;Nada\n", interview=strangers)
    checked = [p for p in check(small_study).problems if "refuse" in p.what]
    ran = [p for p in run(small_study).problems if "refuse" in p.what]
    assert sorted(map(str, checked)) == sorted(map(str, ran))
    assert [p.where for p in sorted(checked, key=str)] == [
        "raw/participants",
        "raw/surveys/vecinos.csv",
    ]
    assert any(p.what.startswith("3 answers are withheld") for p in checked)
    assert [p for p in check(small_study).problems if "refuse" in p.what] == checked


def test_an_unregistered_name_is_used_if_nobody_refuses(small_study: Path) -> None:
    register = GRACE_REFUSES.replace(",no\n", ",yes\n")
    study_of(small_study, register=register, survey=f"nombre;cambio\nMaría López;{WORDS}\n")
    assert run(small_study).exit_code == 0
    assert published(small_study) != []


def test_an_id_that_the_register_does_not_have_is_somebody_else(small_study: Path) -> None:
    study_of(small_study, register=GRACE_REFUSES, survey=f"nombre;cambio\nHH-77;{WORDS}\nP2;Todo bien aquí\n")
    run(small_study)
    assert published(small_study) != []


def test_a_label_that_may_mean_somebody_who_refuses_is_withheld(small_study: Path) -> None:
    interview = f"Ana Rey: ¿Qué cambió?\nGrace: {WORDS}.\nRosa Luna: Los niños están sanos.\nGrace: Y nadie viene.\n"
    study_of(small_study, register=GRACE_REFUSES, interview=interview)
    outcome = run(small_study)
    assert published(small_study) == []
    assert [p.where for p in outcome.problems if "withheld" in p.what] == ["raw/interviews/rosa.txt"]


def test_a_column_of_names_is_the_person_column_without_being_named_in_the_configuration(small_study: Path) -> None:
    study_of(
        small_study, register=GRACE_REFUSES, survey=f"Nombre;cambio\nGrace Ashdown Pereira;{WORDS}\nRosa Luna;Bien\n"
    )
    config = small_study / "config.toml"
    config.write_text(config.read_text("utf-8").replace('person = "nombre"\n', ""), "utf-8")
    run(small_study)
    assert published(small_study) == []


def test_who_collected_the_answers_and_addresses_are_not_names_of_those_who_answer(small_study: Path) -> None:
    rows = "".join(f"ana;vecina.{place}@example.org;{WORDS} en {place}\n" for place in ("Puno", "Ica", "Tacna"))
    study_of(small_study, register=GRACE_REFUSES, survey=f"Nombre;Correo;cambio\n{rows}")
    config = small_study / "config.toml"
    config.write_text(config.read_text("utf-8").replace('person = "nombre"\n', ""), "utf-8")
    run(small_study)
    assert published(small_study) != []


def test_check_says_where_the_program_had_to_guess_who_somebody_is(small_study: Path) -> None:
    interview = "Ana Rey: ¿Qué cambió?\nR. Luna: Los niños están sanos.\nGrace Pereira: No.\n"
    study_of(
        small_study,
        register=GRACE_REFUSES.replace(",no\n", ",yes\n"),
        interview=interview,
        survey="nombre;cambio\nGrace Pereira;Nada\nRosa Luna;Ahora los niños están sanos y el agua llega a todas las casas\n",
    )
    run(small_study)
    guesses = [str(remark) for remark in check(small_study)[1] if "variant of" in remark.what]
    assert [guess.split(":")[0] for guess in sorted(guesses)] == ["raw/interviews/rosa.txt", "raw/surveys/vecinos.csv"]
    assert not any("Pereira" in guess for guess in guesses)


def with_roles(study: Path, label: str) -> Path:
    """A study in which Grace refuses, and somebody wrote into raw/sources.csv that this label is a respondent's."""
    talk = f"Ana Rey: ¿Qué cambió?\n{label}: {WORDS}.\n" * 2
    study_of(study, register=GRACE_REFUSES, interview=talk)
    sources = f"path,speakers\ninterviews/rosa.txt,Ana Rey=INTERVIEWER; {label}=RESPONDENT\n"
    (study / "raw" / "sources.csv").write_text(sources, "utf-8")
    return study


@pytest.mark.parametrize("label", ["P1", "p1", "Grace Ashdown-Pereira", "G. Ashdown-Pereira", "Grace"])
def test_a_role_in_the_list_of_sources_never_hides_that_its_label_is_somebody_who_refuses(
    small_study: Path, label: str
) -> None:
    study = with_roles(small_study, label)
    run(study)
    assert published(study) == []


def test_a_role_in_the_list_of_sources_holds_for_somebody_who_is_nobody_of_the_register(small_study: Path) -> None:
    study = with_roles(small_study, "Guest")
    run(study)
    assert published(study)
