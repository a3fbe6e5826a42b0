"""A refusal stays a refusal until somebody writes yes; a register that cannot say who refused stops the run."""

import json
from pathlib import Path

import pytest
import register_edits
from studies import NOW, quiet

from pipeline.commands.study import summary
from pipeline.errors import ConfigError, IntegrityError
from pipeline.records import Draft
from pipeline.registers.consent_column import consent_of
from pipeline.registers.refusals import NAME, load_refusals, record_refusals, record_withdrawal
from pipeline.registers.study_registers import check_register, load_registers
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze, check_appended
from pipeline.steps.check import check
from pipeline.study import Study
from pipeline.vocabulary import Consent, DecisionKind

HEAD = "participant_id,name,consent\n"
ROWS = "P1,Rosa Luna,yes\nP2,Tito Mar,no\nP3,Jo Vale,no quotes\n"


def study_with(folder: Path, register: str, name: str = "participants.csv") -> Study:
    """A study with this register of participants and none before it."""
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for path in raw.glob("*articip*"):
        path.unlink()
    (raw / name).write_text(register, "utf-8")
    return Study(folder)


def after_a_run(folder: Path, register: str = HEAD + ROWS) -> Study:
    """A study whose refusals were recorded."""
    study = study_with(folder, register)
    record_refusals(study, load_registers(study).stated, NOW)
    return study


def consents(study: Study) -> dict[str, str]:
    """What holds for each person."""
    registers = load_registers(study)
    check_register(registers)
    return {person.participant_id: str(person.consent) for person in registers.people}


@pytest.mark.parametrize(
    ("words", "consent"),
    [
        (("yes", "Yes.", "SÍ", "si", "granted", "Autorizado", "acepta", "de acuerdo", "true"), Consent.YES),
        (("no", "No", "NO.", "refused", "no acepta", "retirado", "withdrawn", "no autoriza", "Rechazó"), Consent.NO),
        (("no quotes", "No-Quotes", "NO_QUOTES", "sin citas", "sí, sin citas", "yes, no quotes"), Consent.NO_QUOTES),
        (("perhaps", "YES?", "yes (verbal)", "1", "0", "?", "yes/no", "sí y no", "pending", "x", "-"), None),
    ],
)
def test_consent_is_read_in_english_and_spanish_and_nothing_unclear_is(
    words: tuple[str, ...], consent: Consent | None
) -> None:
    assert {word: consent_of(word) for word in words} == dict.fromkeys(words, consent)


@pytest.mark.parametrize(
    "heading",
    [
        "Consent",
        "consentimiento",
        "Consent given",
        "autorización",
        "Consentimiento informado",
        "CONSENT_GIVEN",
        "Acepta",
    ],
)
def test_the_column_of_consent_is_known_by_its_names_in_english_and_spanish(tmp_path: Path, heading: str) -> None:
    study = study_with(tmp_path, f"participant_id,name,{heading}\n" + ROWS)
    assert consents(study) == {"P1": "yes", "P2": "no", "P3": "no quotes"}


@pytest.mark.parametrize(
    "heading", ["consentement", "consentimento", "einwilligung", "¿Nos autoriza a usarlo?", "consentt"]
)
def test_a_column_that_may_be_that_of_consent_stops_the_run(tmp_path: Path, heading: str) -> None:
    with pytest.raises(ConfigError, match="name the column consent"):
        consents(study_with(tmp_path, f"participant_id,name,{heading}\n" + ROWS))


@pytest.mark.parametrize("heading", ["consnet", "notes", "¿De acuerdo?", "CONSETIMIENTO", "usar"])
@pytest.mark.parametrize(
    "rows", [ROWS, "P1,Rosa Luna,Sí\nP2,Tito Mar,no\nP3,Jo Vale,sin citas\n", "P1,,no\nP2,,no\nP3,,ask Ana\nP4,,\n"]
)
def test_a_column_with_the_words_of_consent_under_another_heading_stops_the_run(
    tmp_path: Path, heading: str, rows: str
) -> None:
    with pytest.raises(
        ConfigError, match=r"participants.csv line 1: records no consent, but .*: name the column consent"
    ):
        consents(study_with(tmp_path, f"participant_id,name,{heading}\n{rows}"))


@pytest.mark.parametrize("column", ["disability\nP1,,none\nP2,,none\n", "notes\nP1,,yes\nP2,,late\nP3,,early\n"])
def test_a_column_with_few_words_of_consent_is_an_attribute(tmp_path: Path, column: str) -> None:
    assert set(consents(study_with(tmp_path, f"participant_id,name,{column}")).values()) == {""}


def test_beside_the_column_of_consent_an_attribute_may_be_yes_or_no(tmp_path: Path) -> None:
    study = study_with(tmp_path, "participant_id,consent,member\nP1,yes,no\nP2,no,yes\n")
    assert consents(study) == {"P1": "yes", "P2": "no"}


@pytest.mark.parametrize("head", ["participant_id,name,village\n", "participant_id,name,consent\n"])
def test_a_column_of_consent_that_is_gone_or_emptied_after_a_refusal_stops_the_run(tmp_path: Path, head: str) -> None:
    after_a_run(tmp_path)
    study = study_with(tmp_path, head + "P1,Rosa Luna,\nP2,Tito Mar,\nP3,Jo Vale,\n")
    with pytest.raises(ConfigError, match="no longer records consent, but people have refused before: P2, P3"):
        consents(study)
    assert not any("all words are used and shown" in remark.what for remark in load_registers(study).remarks)


def test_a_register_without_consent_stays_as_it_is_after_a_withdrawal(tmp_path: Path) -> None:
    study = study_with(tmp_path, "participant_id,name\nP1,Rosa Luna\nP2,Tito Mar\n")
    record_withdrawal(study, "P2", NOW)
    assert consents(study) == {"P1": "", "P2": "no"}
    (remark,) = load_registers(study).remarks
    assert remark.what == "does not record consent: all words but those of 1 person are used and shown"


def test_two_columns_of_consent_stop_the_run(tmp_path: Path) -> None:
    register = "participant_id,consent,consentimiento\nP1,yes,no\n"
    with pytest.raises(ConfigError, match="several consent columns"):
        consents(study_with(tmp_path, register))


def test_a_date_of_consent_beside_the_column_of_consent_is_an_attribute(tmp_path: Path) -> None:
    study = study_with(tmp_path, "participant_id,consent,consent_date\nP1,no,2026-01-02\n")
    assert consents(study) == {"P1": "no"}


@pytest.mark.parametrize(
    "rows",
    [
        "P1,Rosa Luna,yes\nP2,Tito Mar,\nP3,Jo Vale,\n",
        "P1,Rosa Luna,yes\nP2,Tito Mar,YES?\nP3,Jo Vale,perhaps\n",
        "P1,Rosa Luna,yes\nP2,Tito Mar,no quotes\nP3,Jo Vale,no quotes\n",
    ],
)
def test_case_71_a_refusal_holds_until_yes_is_written(tmp_path: Path, rows: str) -> None:
    after_a_run(tmp_path)
    now = consents(study_with(tmp_path, HEAD + rows))
    assert now["P2"] == "no"
    assert now["P3"] in ("no", "no quotes")


def test_case_71_a_refusal_is_lifted_by_yes_and_can_be_made_again(tmp_path: Path) -> None:
    after_a_run(tmp_path)
    study = after_a_run(tmp_path, HEAD + "P1,,yes\nP2,,sí\nP3,,yes\n")
    assert consents(study) == {"P1": "yes", "P2": "yes", "P3": "yes"}
    assert consents(after_a_run(tmp_path, HEAD + "P1,,yes\nP2,,no quotes\nP3,,yes\n"))["P2"] == "no quotes"
    assert len((tmp_path / NAME).read_bytes().splitlines()) == 5


def test_case_71_the_register_says_no_quotes_and_the_refusal_before_it_holds_and_is_named(tmp_path: Path) -> None:
    after_a_run(tmp_path)
    study = study_with(tmp_path, HEAD + ROWS.replace("Tito Mar,no", "Tito Mar,no quotes"))
    (problem,) = load_registers(study).problems
    assert (
        str(problem)
        == "raw/participants: the register used to say no for P2, and this still applies: write yes if the person has agreed since"
    )


@pytest.mark.parametrize("row", ["P2,Tito Mar,no\n", "P3,Jo Vale,no quotes\n"])
def test_case_71_a_row_deleted_or_an_id_changed_stops_the_run(tmp_path: Path, row: str) -> None:
    after_a_run(tmp_path)
    with pytest.raises(ConfigError, match=f"people who refused: {row[:2]}: put their rows back"):
        consents(study_with(tmp_path, HEAD + ROWS.replace(row, "")))
    with pytest.raises(ConfigError, match="people who refused"):
        consents(study_with(tmp_path, HEAD + ROWS.replace(row, row.replace("P", "Q", 1))))


def test_case_71_a_register_that_is_lost_stops_the_run(tmp_path: Path) -> None:
    study = after_a_run(tmp_path)
    (study.raw / "participants.csv").unlink()
    with pytest.raises(ConfigError, match="people who refused"):
        consents(study)


@pytest.mark.parametrize(
    "name",
    [
        "Participants.csv",
        "participant.csv",
        "participantes.csv",
        "PARTICIPANTS.XLSX",
        "participants.ods",
        "participants.CSV",
    ],
)
def test_case_71_a_register_called_otherwise_stops_the_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"may be the register of participants, but is not read: rename it"):
        consents(study_with(tmp_path, HEAD + ROWS, name))


@pytest.mark.parametrize("kind", ["a link to nothing", "a folder", "cut", "empty", "without ids"])
def test_case_71_a_register_that_cannot_be_read_stops_the_run(tmp_path: Path, kind: str) -> None:
    study = study_with(tmp_path, HEAD)
    path = study.raw / "participants.csv"
    path.unlink()
    match kind:
        case "a link to nothing":
            path.symlink_to(tmp_path / "nowhere.csv")
        case "a folder":
            path.mkdir()
        case "cut":
            path.write_bytes(b'participant_id,consent\n"P1,no\n')
        case "empty":
            path.write_bytes(b"")
        case _:
            path.write_text("name,consent\nTito Mar,no\n", "utf-8")
    with pytest.raises(ConfigError, match="raw/participants"):
        consents(study)


@pytest.mark.parametrize("row", ["P2,Tito, Mar,no\n", ",Tito Mar,no\n", ",Tito Mar,\n"])
def test_case_71_a_row_that_may_be_a_refusal_and_cannot_be_read_stops_the_run(tmp_path: Path, row: str) -> None:
    with pytest.raises(ConfigError, match=r"raw/participants.csv line 3"):
        consents(study_with(tmp_path, HEAD + "P1,Rosa Luna,yes\n" + row))


def test_a_second_register_under_another_name_is_named(tmp_path: Path) -> None:
    study = study_with(tmp_path, HEAD + ROWS)
    (study.raw / "participantes.csv").write_text(HEAD + "P2,,no\n", "utf-8")
    (problem,) = load_registers(study).problems
    assert str(problem).startswith("raw/participantes.csv: is next to participants.csv, and only the latter is read")


@pytest.mark.parametrize("line", [b"{", b"[]\n", b'{"participant_id": "P2", "consent": "perhaps"}\n', b"[" * 200_000])
def test_a_file_of_refusals_that_cannot_be_read_stops_everything(tmp_path: Path, line: bytes) -> None:
    study = after_a_run(tmp_path)
    path = study.root / NAME
    path.write_bytes(path.read_bytes() + line)
    with pytest.raises(IntegrityError, match=r"coded/refusals.jsonl line 3: is not a refusal"):
        load_refusals(study)


def test_case_71_a_register_cut_inside_a_refusal_stops_the_run(tmp_path: Path) -> None:
    rows = "P1,yes,PE\nP2,sin citas,PE\n"
    after_a_run(tmp_path, "participant_id,consent,country\n" + rows)
    with pytest.raises(ConfigError, match=r"raw/participants.csv row 3: ends inside its last row"):
        consents(study_with(tmp_path, "participant_id,consent,country\n" + rows.partition("n citas")[0]))


def test_case_71_no_random_edit_of_the_register_lifts_a_refusal_silently(tmp_path: Path) -> None:
    assert register_edits.trials(tmp_path / "study", edits=100, seed=1)[register_edits.SILENCE] == 0


def test_case_71_a_run_says_whose_refusal_it_lifts(analysed: Path) -> None:
    register = analysed / "raw" / "participants.csv"
    text = register.read_text("utf-8")
    register.write_text(text.replace("Tito Mar,TM,,yes", "Tito Mar,TM,,no"), "utf-8")
    assert analyze(analysed, fresh=False, now=NOW, tick=quiet).record["lifted"] == []
    register.write_text(text, "utf-8")
    record = analyze(analysed, fresh=False, now=NOW, tick=quiet).record
    assert record["lifted"] == ["W2"]
    line = "  lifted     W2 refused before, but raw/participants now says yes: the words are used and shown"
    assert line in summary(record, unchanged=False, study=analysed)


def test_case_71_and_case_70_a_run_remembers_refusals_people_and_the_ledger(analysed: Path) -> None:
    register = analysed / "raw" / "participants.csv"
    text = register.read_text("utf-8")
    register.write_text(text.replace("W2,Tito Mar,TM,,yes", "W2,Tito Mar,TM,,no"), "utf-8")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert load_refusals(Study(analysed)) == {"W2": "no"}
    register.write_text(text.replace("W4,Eli Paz,EP,,yes,m,25-39,EC,neighbours\n", ""), "utf-8")
    for fresh in (False, True):
        with pytest.raises(ConfigError, match="contains 3 people; in the last run it contained 4"):
            analyze(analysed, fresh=fresh, now=NOW, tick=quiet)
    register.write_text(text, "utf-8")
    refusals = analysed / NAME
    kept = refusals.read_bytes()
    refusals.unlink()
    with pytest.raises(IntegrityError, match=r"coded/refusals.jsonl: does not begin with the 1 line that"):
        analyze(analysed, fresh=False, now=NOW, tick=quiet)
    refusals.write_bytes(kept)


def test_case_70_a_ledger_that_was_cut_stops_the_analysis(analysed: Path) -> None:
    study = Study(analysed)
    draft = {"excerpt_id": "rosa:0-1", "text_sha256": "", "finding_id": "F1", "value": "supports"}
    path = study.coded / "decisions.jsonl"
    ledger.append(path, [Draft(DecisionKind.LINK, **draft), Draft(DecisionKind.LINK, **draft)], coder="ana", now=NOW)
    hashes = [json.loads(line)["hash"] for line in path.read_bytes().splitlines()]
    known = {"ledger": {"lines": len(hashes), "head": hashes[-1]}}
    check_appended(study, known)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))
    with pytest.raises(IntegrityError, match=r"coded/decisions.jsonl: does not continue the \d lines") as caught:
        check_appended(study, known)
    assert caught.value.exit_code == 3
    study.run_record.write_text(json.dumps(known), "utf-8")
    assert any("does not continue" in problem.what for problem in check(analysed)[0])
