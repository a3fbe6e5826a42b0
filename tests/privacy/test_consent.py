"""What people did not agree to: no byte of it in what the machine keeps (`no`), none in what is published (`no quotes`)."""

import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from studies import NOW, quiet

from pipeline import tables
from pipeline.errors import ConfigError
from pipeline.privacy import consent
from pipeline.records import Draft, Participant
from pipeline.review import decisions as ledger
from pipeline.steps import audit as audit_step
from pipeline.steps.analyze import Outcome, analyze
from pipeline.steps.check import check
from pipeline.vocabulary import Consent, DecisionKind, Reason

# The words of three people of the small study: one speaks in a group interview, one alone, one in the survey.
TITO = ("Cuando se rompa", "ya nadie viene", "repuestos ni plata")
JO = ("half the budget on flights", "the pump arrived a year late", "children are not sick any more")
ELI = ("Nada cambió", "El agua sale sucia")
WORDS = {"W2": TITO, "W3": JO, "W4": ELI}


def run(study: Path) -> Outcome:
    return analyze(study, fresh=False, now=NOW, tick=quiet)


def agree_to(study: Path, **consents: str) -> None:
    """Write what people agree to into the register."""
    path = study / "raw" / "participants.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    at = head.split(",").index("consent")
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[at] = consents.get(row[0], row[at])
    path.write_text("\n".join([head, *map(",".join, cells)]) + "\n", "utf-8")


def unpacked(path: Path) -> str:
    """Everything that a file holds, decompressed, as text; escapes of JSON and XML undone by the way words are looked for."""
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    if path.suffix in (".npz", ".npy"):
        loaded = np.load(path, allow_pickle=False)
        arrays = [loaded[name] for name in loaded.files] if path.suffix == ".npz" else [loaded]
        return " ".join(str(array.tolist()) for array in arrays if array.dtype.kind in "US") + " ".join(
            getattr(loaded, "files", ())
        )
    data = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    text = data.decode("utf-8", "replace")
    return json.dumps(json.loads(text), ensure_ascii=False) if path.suffix == ".json" else text


def holding(folder: Path, words: tuple[str, ...]) -> list[str]:
    """The files below a folder in which any of the words stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path.name for path in files if any(word in unpacked(path) for word in words)]


def table(study: Path, name: str):
    found = next(t for t in tables.TABLES if t.name == name)
    return tables.read_table(study / "coded" / "machine" / f"{name}.parquet", found)


def test_every_word_of_consent_says_whether_words_are_used_and_shown() -> None:
    assert {word for word in Consent if not word.is_used} == {"no", "withdrawn"}
    assert {word for word in Consent if not word.is_shown} == {"no", "withdrawn", "no quotes"}


def test_the_search_finds_words_where_they_are_allowed(linked: Path) -> None:
    assert {"report.html", "evidence.xlsx", "evidence.csv"} <= set(holding(linked / "outputs", JO))
    assert {"texts.parquet", "excerpts.parquet"} <= set(holding(linked / "coded" / "machine", ELI))


@pytest.mark.parametrize("person", sorted(WORDS))
def test_words_of_who_says_no_are_in_no_file_of_the_machine_and_in_no_output(analysed: Path, person: str) -> None:
    agree_to(analysed, **{person: "no"})
    outcome = run(analysed)
    assert outcome.exit_code == 0
    assert holding(analysed / "coded" / "machine", WORDS[person]) == []
    assert holding(analysed / "outputs", WORDS[person]) == []
    assert not (table(analysed, "excerpts")["participant_id"] == person).any()
    assert not (table(analysed, "turns")["participant_id"] == person).any()
    summary = outcome.record["summary"]
    assert (summary["persons_not_used"], summary["persons_not_shown"], summary["persons"]) == (1, 0, 3)


@pytest.mark.parametrize("person", sorted(WORDS))
def test_words_of_who_wants_no_quotes_are_counted_and_shown_in_no_output(analysed: Path, person: str) -> None:
    before = json.loads((analysed / "outputs" / "run.json").read_bytes())["summary"]
    agree_to(analysed, **{person: "no quotes"})
    outcome = run(analysed)
    assert outcome.exit_code == 0
    assert holding(analysed / "outputs", WORDS[person]) == []
    after = outcome.record["summary"]
    for name in ("persons", "excerpts", "coded", "codings", "links"):
        assert after[name] == before[name]
    assert (after["persons_not_used"], after["persons_not_shown"]) == (0, 1)
    assert after["chars_not_shown"] >= sum(len(word.replace(" ", "")) for word in WORDS[person])


def test_an_unregistered_speaker_is_not_shown_while_somebody_who_wants_no_quotes_is_matched_to_no_speaker(
    analysed: Path,
) -> None:
    (analysed / "raw/interviews/park.txt").write_text(
        "Interviewer: How was it?\n\nParticipant: We painted the pump house blue.\n\n"
        "Interviewer: And the water?\n\nParticipant: The water is clean, children fall ill less often.\n",
        "utf-8",
    )
    words = ("painted the pump house blue",)
    register = analysed / "raw/participants.csv"
    known = register.read_text("utf-8")
    assert run(analysed).exit_code == 0
    assert holding(analysed / "outputs", words)

    register.write_text(f"{known}W5,,,,no quotes,f,25-39,PE,neighbours\n", "utf-8")
    outcome = run(analysed)
    assert holding(analysed / "outputs", words) == []
    assert [problem.where for problem in outcome.problems] == ["raw/participants"]
    assert "people who want no quotes could not be matched to a speaker (W5)" in outcome.problems[0].what
    assert [problem.what for problem in check(analysed).problems] == [outcome.problems[0].what]

    (analysed / "raw/sources.csv").write_text("path,participant_ids\ninterviews/park.txt,W5\n", "utf-8")
    assert run(analysed).exit_code == 0
    assert (table(analysed, "turns")["participant_id"] == "W5").sum() == 2
    assert holding(analysed / "outputs", words) == []
    assert check(analysed).problems == ()


def test_a_silent_person_who_wants_no_quotes_takes_no_words_from_identified_speakers() -> None:
    unshown = consent.unshown_turns(
        [Participant("W9", names=(), attributes={}, consent=Consent.NO_QUOTES)],
        [consent.Speaking("a", 1, "interviewer", ""), consent.Speaking("a", 2, "respondent", "W1")],
        [consent.Naming("a", "interview", "", "")],
    )
    assert unshown == frozenset()


def test_a_person_behind_a_label_who_refuses_is_never_shown(analysed: Path) -> None:
    with (analysed / "raw/participants.csv").open("a", encoding="utf-8") as register:
        register.write("W5,,,,no,f,25-39,PE,neighbours\n")
    assert run(analysed).problems == check(analysed).problems == ()  # everybody who speaks is known
    (analysed / "raw/interviews/park.txt").write_text(
        "I: How was it?\n\nR1: We painted the pump house blue.\n\nI: Why?\n\nR1: I like blue, it is a good colour.\n",
        "utf-8",
    )
    words = ("painted the pump house blue", "like blue")
    first = check(analysed)
    outcome = run(analysed)
    assert holding(analysed / "outputs", words) == []
    for problems in (first.problems, outcome.problems, check(analysed).problems):
        assert ["people who refuse could not be matched to a speaker (W5)" in problem.what for problem in problems] == [
            True
        ]

    (analysed / "raw/sources.csv").write_text("path,participant_ids\ninterviews/park.txt,W5\n", "utf-8")
    assert run(analysed).problems == check(analysed).problems == ()
    assert holding(analysed / "coded", words) == holding(analysed / "outputs", words) == []


def test_an_answer_to_the_survey_says_nothing_of_who_speaks_behind_a_label(analysed: Path) -> None:
    agree_to(analysed, W4="no")  # answers the survey, and may be Liseo
    (analysed / "raw/interviews/park.txt").write_text(
        "I: How was it?\n\nLiseo: We painted the pump house blue.\n\nI: Why?\n\nLiseo: I like blue, a good colour.\n",
        "utf-8",
    )
    for row in ("", "path,speakers\ninterviews/park.txt,I=INTERVIEWER; Liseo=OTHER\n"):
        if row:
            (analysed / "raw/sources.csv").write_text(row, "utf-8")
        first, outcome = check(analysed), run(analysed)
        assert holding(analysed / "outputs", ("painted the pump house blue", "like blue")) == []
        for problems in (first.problems, outcome.problems, check(analysed).problems):
            assert any("people who refuse could not be matched to a speaker (W4)" in each.what for each in problems)


def test_a_person_who_refuses_and_was_met_takes_no_words_from_others(analysed: Path) -> None:
    agree_to(analysed, W3="no")
    (analysed / "raw/interviews/park.txt").write_text(
        "I: How was it?\n\nR1: We painted the pump house blue.\n\nI: Why?\n\nR1: I like blue, it is a good colour.\n",
        "utf-8",
    )
    assert run(analysed).problems == ()
    assert holding(analysed / "outputs", ("painted the pump house blue",))

    (analysed / "raw/interviews/lake.txt").write_text(
        "I: Is it far?\n\nR2: Yes.\n\nI: Why?\n\nR2: The lake is there.\n", "utf-8"
    )
    assert run(analysed).problems == ()  # the file with the words that were left out is not read again
    assert holding(analysed / "outputs", ("painted the pump house blue",))


def test_a_note_takes_the_place_of_words_that_are_withheld(linked: Path) -> None:
    agree_to(linked, W3="no quotes")
    run(linked)
    for name in ("evidence.csv", "report.html"):
        assert consent.note("en") in (linked / "outputs" / name).read_text("utf-8")


@pytest.mark.parametrize("word", ["no", "no quotes"])
def test_no_character_is_lost_and_every_check_holds(analysed: Path, word: str) -> None:
    agree_to(analysed, W2=word, W4=word)
    run(analysed)
    assert [c.name for c in audit_step.audit(analysed) if c.problems] == []


def test_offsets_of_the_others_stay(analysed: Path) -> None:
    before = table(analysed, "excerpts")
    agree_to(analysed, W2="no")
    run(analysed)
    others = before[before["participant_id"] != "W2"]
    assert set(table(analysed, "excerpts")["excerpt_id"]) == set(others["excerpt_id"])
    assert set(table(analysed, "excerpts")["text_sha256"]) == set(others["text_sha256"])


def test_what_is_not_used_is_listed_with_its_characters(analysed: Path) -> None:
    agree_to(analysed, W4="no")
    run(analysed)
    rows = table(analysed, "rejected")
    lost = rows[rows["reason"] == Reason.REFUSED]
    assert lost["chars"].sum() == len("Nada cambió. El agua sale sucia y no sirve.".replace(" ", "")) + 1
    assert set(lost["source_id"]) == {"vecinos.row3"}
    assert not (table(analysed, "answers")["source_id"] == "vecinos.row3").any()


def test_an_interview_in_which_nobody_else_answers_is_not_used_with_its_questions(analysed: Path) -> None:
    agree_to(analysed, W3="no")
    run(analysed)
    assert "worth the money" not in str(table(analysed, "texts")["text"].tolist())


def test_words_that_may_be_those_of_a_person_named_for_the_file_are_not_used(small_study: Path) -> None:
    path = small_study / "raw" / "interviews" / "rosa.txt"
    path.write_text(path.read_text("utf-8").replace("Tito Mar:", "Vecino:") + "Vecino: No sé más.\n", "utf-8")
    (small_study / "raw" / "sources.csv").write_text(
        "path,participant_ids,speakers\ninterviews/rosa.txt,W1;W2,Vecino=OTHER\n"
    )
    agree_to(small_study, W2="no")
    run(small_study)
    assert holding(small_study / "coded" / "machine", TITO) == []
    assert holding(small_study / "outputs", TITO) == []


def test_a_document_by_somebody_who_does_not_consent_is_not_used(small_study: Path) -> None:
    (small_study / "raw" / "sources.csv").write_text("path,participant_ids\ndocuments/report.md,W4\n")
    agree_to(small_study, W4="no")
    run(small_study)
    words = ("what the village had asked for", "money was set aside")
    assert holding(small_study / "coded" / "machine", words) == []
    assert holding(small_study / "outputs", words) == []


def test_consent_takes_effect_both_ways_with_the_bytes_of_a_fresh_run(analysed: Path, tmp_path: Path) -> None:
    first = {p.name: p.read_bytes() for p in (analysed / "coded" / "machine").glob("*.parquet")}
    for words in ({"W2": "no", "W3": "no quotes"}, {"W2": "no quotes", "W3": "no"}):
        agree_to(analysed, **words)
        run(analysed)
        fresh = tmp_path / "-".join(words.values()).replace(" ", "")
        shutil.copytree(analysed, fresh)
        analyze(fresh, fresh=True, now=NOW, tick=quiet)
        for path in (fresh / "outputs").rglob("*"):
            if path.is_file() and path.name != "run.json":
                assert path.read_bytes() == (analysed / path.relative_to(fresh)).read_bytes(), path.name
    agree_to(analysed, W2="yes", W3="yes")
    run(analysed)
    assert {p.name: p.read_bytes() for p in (analysed / "coded" / "machine").glob("*.parquet")} == first
    assert "report.html" in holding(analysed / "outputs", TITO)


def decide_on(study: Path, person: str) -> None:
    excerpts = table(study, "excerpts")
    row = excerpts[excerpts["participant_id"] == person].iloc[0]
    draft = Draft(DecisionKind.LINK, row["excerpt_id"], row["text_sha256"], finding_id="F1", value="supports")
    ledger.append(study / "coded" / "decisions.jsonl", [draft], coder="ana", now=NOW)


def test_decisions_on_words_that_are_not_used_are_listed_and_do_not_count(analysed: Path) -> None:
    decide_on(analysed, "W2")
    assert run(analysed).record["summary"]["links_confirmed"] == 1
    agree_to(analysed, W2="no")
    outcome = run(analysed)
    assert outcome.record["summary"]["links_confirmed"] == 0
    assert outcome.problems == ()
    (remark,) = [r for r in outcome.record["remarks"] if "decisions.jsonl" in r["where"]]
    assert remark["what"] == "1 decision does not count, because its speaker does not consent"
    assert [c.name for c in audit_step.audit(analysed) if c.problems] == []
    agree_to(analysed, W2="yes")
    assert run(analysed).record["summary"]["links_confirmed"] == 1


def test_a_file_whose_respondent_refused_asks_nothing_of_the_team(analysed: Path) -> None:
    before = json.loads((analysed / "outputs/run.json").read_text("utf-8"))["summary"]["sources"]
    agree_to(analysed, W3="no")
    outcome = run(analysed)
    assert outcome.record["summary"]["sources"] == before - 1  # report, annex, workbook and terminal say so
    assert ">1 interview<" in (analysed / "outputs/report.html").read_text("utf-8")
    assert [c.name for c in audit_step.audit(analysed) if c.problems] == []
    assert outcome.record["unanswered"] == [
        {"where": "raw/interviews/jo.vtt", "what": "every respondent in it refused", "remedy": "nothing to do"}
    ]
    assert not any("has no respondent" in str(problem) for problem in outcome.problems)


def test_a_walk_does_not_show_words_that_are_withheld(analysed: Path) -> None:
    agree_to(analysed, W3="no quotes", W2="no")
    run(analysed)
    excerpts = pd.read_parquet(analysed / "coded/machine/excerpts.parquet")
    (hash_of_hidden,) = excerpts.loc[excerpts["participant_id"] == "W3", "text_sha256"].head(1)
    for wanted in ("F1", "R1", "W3", "jo", *excerpts.loc[excerpts["participant_id"] == "W3", "excerpt_id"]):
        walk = audit_step.trace(analysed, wanted)
        said = json.dumps(audit_step.as_json(walk), ensure_ascii=False) + "\n".join(audit_step.as_walk(walk))
        assert not any(word in said for word in (*JO, *TITO))
        assert hash_of_hidden not in said


# ---- the register


def test_a_register_without_consent_is_remarked_on_once_and_all_is_used(small_study: Path) -> None:
    path = small_study / "raw" / "participants.csv"
    pd.read_csv(path, dtype=str, keep_default_na=False).drop(columns="consent").to_csv(path, index=False)
    outcome = run(small_study)
    assert outcome.exit_code == 0
    said = [r for r in outcome.record["remarks"] if "consent" in r["what"]]
    assert len(said) == 1
    assert [str(r) for r in check(small_study)[1] if "consent" in r.what] == [
        "raw/participants: does not record consent: all words are used and shown: add a column consent, with yes, no quotes or no"
    ]
    assert "report.html" in holding(small_study / "outputs", TITO)


def test_a_blank_is_not_recorded_used_and_not_shown(small_study: Path) -> None:
    agree_to(small_study, W2="", W4="")
    (problem,) = check(small_study)[0]
    assert str(problem) == (
        "raw/participants.csv line 3 (and 1 more): consent is blank: the words are used but not shown: write yes, no quotes or no"
    )
    outcome = run(small_study)
    assert outcome.exit_code == 2
    assert holding(small_study / "outputs", TITO) == []
    assert outcome.record["summary"]["persons"] == 4


@pytest.mark.parametrize("word", ["perhaps", "YES?", "?", "1", "ask her"])
def test_a_word_that_is_none_of_the_three_uses_nothing_until_it_is_corrected(small_study: Path, word: str) -> None:
    agree_to(small_study, W2=word)
    (problem,) = check(small_study)[0]
    assert problem.where == "raw/participants.csv line 3"
    assert problem.remedy == "write yes, no quotes or no"
    run(small_study)
    assert holding(small_study / "coded" / "machine", TITO) == []


@pytest.mark.parametrize("word", ["No quotes", "NO_QUOTES", "no-quotes"])
def test_case_and_dashes_do_not_matter(small_study: Path, word: str) -> None:
    agree_to(small_study, W2=word)
    assert check(small_study)[0] == ()


def test_an_unreadable_register_stops_the_run_because_consent_is_unknown(analysed: Path) -> None:
    (analysed / "raw" / "participants.csv").write_bytes(b'participant_id,consent\n"W1,no\n')
    with pytest.raises(ConfigError, match=r"raw/participants.csv: cannot be read as a table"):
        run(analysed)


def test_the_run_says_so_if_no_column_identifies_respondents_while_somebody_does_not_consent(
    small_study: Path,
) -> None:
    register = small_study / "raw" / "participants.csv"
    head, *rows = register.read_text("utf-8").splitlines()
    blank = dict.fromkeys(head.split(","), "")
    people = [blank | {"participant_id": str(n), "consent": "no" if n == 7 else "yes"} for n in range(1, 10)]
    register.write_text("\n".join([head, *rows, *(",".join(p.values()) for p in people)]) + "\n", "utf-8")
    ids = ["7", "8", "101", "102", "103"]
    answers = [f"{n},{words}" for n, words in zip(ids, ("Nadie lo arregló nunca",) * 5, strict=True)]
    survey = small_study / "raw" / "surveys" / "numeros.csv"
    survey.write_text("\n".join(["código,qué pasó", *answers]) + "\n", "utf-8")
    outcome = run(small_study)
    assert [str(p) for p in outcome.problems if "numeros" in str(p)] == [
        (
            "raw/surveys/numeros.csv column A (código): 2 of 5 cells: contain ids from the register, but no column identifies the "
            "respondent: consent (no, no quotes) cannot be applied to these rows: write in config.toml under [[surveys]] "
            'file = "numeros.csv": person = "the heading of that column"'
        )
    ]
    assert outcome.exit_code == 2
    assert run(small_study).exit_code == 2  # a run that has nothing to do says it again
    config = small_study / "config.toml"
    config.write_text(
        f'{config.read_text("utf-8")}\n[[surveys]]\nfile = "numeros.csv"\nperson = "código"\nopen = ["qué pasó"]\n',
        "utf-8",
    )
    assert run(small_study).exit_code == 0
    assert set(table(small_study, "turns").query("participant_id == '7'")["source_id"]) == set()


@pytest.mark.parametrize("answer", list(Consent))
def test_only_a_stated_yes_lets_faces_and_voices_leave(answer: Consent) -> None:
    person = Participant("P1", answer, ("Rosa Luna",), ())
    assert consent.agreeing([person]) == (frozenset({"P1"}) if answer is Consent.YES else frozenset())
    assert consent.agreeing([replace(person, is_consent_stated=False)]) == frozenset()
