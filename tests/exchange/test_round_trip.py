"""What leaves comes back the same: an export, read into the study without decisions, and exported again."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from settings import set_key
from studies import NOW, quiet

from pipeline import tables
from pipeline.errors import ConfigError
from pipeline.exchange.reading import read_qdpx
from pipeline.records import Decision, Draft, MarkedSpan
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.exchange.export import export
from pipeline.steps.exchange.import_project import ProjectImport, import_project
from pipeline.vocabulary import DecisionKind


def emptied(study: Path, to: Path) -> Path:
    """A copy of an analysed study in which nobody has decided anything."""
    human = shutil.ignore_patterns("decisions.jsonl", "quotes.jsonl", "machine", "outputs")
    copy = shutil.copytree(study, to, ignore=human)
    assert analyze(copy, fresh=False, now=NOW, tick=quiet).exit_code == 0
    return copy


def came_back(study: Path, project: Path) -> ProjectImport:
    result = import_project(study, project, coder="", now=NOW)
    analyze(study, fresh=False, now=NOW, tick=quiet)
    return result


def answers(study: Path) -> Iterator[Decision]:
    """The lines of the ledger without what depends on the order of writing."""
    for line in ledger.load(study / "coded" / "decisions.jsonl"):
        yield replace(
            line, seq=0, prev="", hash="", study="", base=0, codebook="", handout="", shown=None, selector=None
        )


def matters(study: Path) -> list[tuple[str, ...]]:
    """What was decided, without where: masks move the places."""
    return sorted((line.coder, line.kind, line.criterion, line.finding_id, line.value) for line in answers(study))


def test_an_export_read_into_the_study_without_decisions_is_exported_again_the_same(
    decided_once: Path, project: Path, tmp_path: Path
) -> None:
    copy = emptied(decided_once, tmp_path / "copy")
    result = came_back(copy, project)
    assert (result.left_out, result.mended) == ((), ())
    assert set(map(str, answers(copy))) == set(map(str, answers(decided_once)))
    assert export(copy, tmp_path / "again.qdpx").path.read_bytes() == project.read_bytes()


def test_every_kind_of_decision_comes_back_with_reasons_memos_and_times(analysed: Path, tmp_path: Path) -> None:
    rows = tables.read_table(analysed / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    rows = rows[rows["role"] == "respondent"]
    one, two, three = (Draft(DecisionKind.MEMO, row.excerpt_id, row.text_sha256) for row in rows.head(3).itertuples())
    drafts = [
        replace(one, kind=DecisionKind.CODE, criterion="efficiency", value="mixed", note="two minds"),
        replace(one, note="agua & <río> 😀"),
        replace(one, kind=DecisionKind.LINK, finding_id="F1", value="qualifies"),
        replace(two, kind=DecisionKind.CODE, criterion="learning"),
        replace(two, kind=DecisionKind.REVIEWED, value="criterion", codes=CODES),
        replace(two, kind=DecisionKind.ADJUDICATE, finding_id="F1", value="no", note="not about it"),
        replace(
            two, kind=DecisionKind.ADJUDICATE, criterion="efficiency", value="no", note="on the road, not on the end"
        ),
        replace(one, kind=DecisionKind.UNCODE, criterion="effectiveness", note="nothing changed"),
    ]
    some = replace(three, kind=DecisionKind.REVIEWED, value="criterion", codes=("efficiency", "sustainability"))
    drafts += [replace(three, kind=DecisionKind.CODE, criterion="efficiency", value="negative"), some]
    ledger.append(analysed / "coded" / "decisions.jsonl", drafts, coder="Ana María", now=NOW.replace(year=2024))
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    first = export(analysed, tmp_path / "first.qdpx").path
    copy = emptied(analysed, tmp_path / "copy")
    result = came_back(copy, first)
    assert result.left_out == ()
    lines = ledger.load(copy / "coded" / "decisions.jsonl")
    assert [line.note for line in lines if line.kind is DecisionKind.CODE and line.note] == ["two minds"]
    assert {line.at[:4] for line in lines if line.kind is DecisionKind.CODE} == {"2024"}
    assert {line.codes for line in lines if line.codes} == {CODES_IN_ORDER, ("efficiency", "sustainability")}
    assert export(copy, tmp_path / "again.qdpx").path.read_bytes() == first.read_bytes()


def test_marked_words_leave_with_their_exact_offsets_and_come_back(analysed: Path, tmp_path: Path) -> None:
    rows = tables.read_table(analysed / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    row = rows[(rows["role"] == "respondent") & (rows["text"].str.len() > 30)].iloc[0]
    code = Draft(DecisionKind.CODE, row["excerpt_id"], row["text_sha256"], criterion="learning", value="positive")
    marks = [replace(code, kind=DecisionKind.SPAN, value="", span=MarkedSpan(*at)) for at in ((0, 9), (12, 25))]
    book = analysed / "coded" / "decisions.jsonl"
    ledger.append(book, [code, *marks, replace(code, criterion="efficiency")], coder="ana", now=NOW.replace(year=2024))
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    spans = tables.read_table(analysed / "coded" / "machine" / "spans.parquet", tables.SPANS)
    first = export(analysed, tmp_path / "first.qdpx").path
    project = read_qdpx(first.read_bytes()).project
    coded = [
        (each.start, each.end)
        for source in project.sources
        for each in source.selections
        if each.name == row["excerpt_id"] and each.codings and each.user != project.users[-1].guid
    ]
    assert coded == [(row["start"], row["end"]), *zip(spans["start"], spans["end"], strict=True)]
    copy = emptied(analysed, tmp_path / "copy")
    result = came_back(copy, first)
    assert (result.left_out, result.mended) == ((), ())
    again = tables.read_table(copy / "coded" / "machine" / "spans.parquet", tables.SPANS)
    assert again.drop(columns="line").equals(spans.drop(columns="line"))
    assert import_project(copy, first, coder="", now=NOW).written == 0
    assert export(copy, tmp_path / "again.qdpx").path.read_bytes() == first.read_bytes()


CODES_IN_ORDER = ("efficiency", "effectiveness", "sustainability", "learning")
CODES = ("efficiency", "effectiveness", "sustainability", "learning")


def test_words_that_are_not_shown_take_their_codings_along(decided_once: Path, tmp_path: Path) -> None:
    study = shutil.copytree(decided_once, tmp_path / "quiet")
    register = study / "raw" / "participants.csv"
    register.write_text(register.read_text("utf-8").replace("Rosa Luna,RL,,yes", "Rosa Luna,RL,,no quotes"), "utf-8")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    first = export(study, tmp_path / "first.qdpx").path
    copy = emptied(study, tmp_path / "copy")
    assert came_back(copy, first).left_out == ()
    assert export(copy, tmp_path / "again.qdpx").path.read_bytes() == first.read_bytes()


def test_reading_a_project_twice_is_reading_it_once(decided_once: Path, project: Path, tmp_path: Path) -> None:
    copy = emptied(decided_once, tmp_path / "copy")
    assert import_project(copy, project, coder="", now=NOW).written > 10
    again = import_project(copy, project, coder="", now=NOW)
    assert (again.written, again.left_out) == (0, ())


def test_the_codings_of_the_machine_are_never_taken_for_those_of_a_person(
    decided_once: Path, project: Path, tmp_path: Path
) -> None:
    copy = emptied(decided_once, tmp_path / "copy")
    result = import_project(copy, project, coder="ana", now=NOW)
    assert result.counts["of the machine"] > 0
    coders = {line.coder for line in ledger.load(copy / "coded" / "decisions.jsonl")}
    assert coders == {"ana", "leo", "eva"}


def test_a_project_is_read_where_names_are_masked_otherwise_than_when_it_left(
    decided_once: Path, project: Path, tmp_path: Path
) -> None:
    copy = emptied(decided_once, tmp_path / "copy")
    set_key(copy, "privacy.names", "off")
    analyze(copy, fresh=False, now=NOW, tick=quiet)
    result = came_back(copy, project)
    assert result.left_out == ()
    assert matters(copy) == matters(decided_once)


def test_a_study_that_was_never_analysed_takes_nothing(small_study: Path, project: Path) -> None:
    with pytest.raises(ConfigError, match="has not been analysed yet"):
        import_project(small_study, project, coder="", now=NOW)
