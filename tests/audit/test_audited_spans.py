"""Marked words and the audit: what was marked, taken back, put back and corrected is what the tables hold, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import boundaries
import pandas as pd
import pytest
from second_verifier import verify
from studies import NOW, quiet

from pipeline import tables
from pipeline.records import Decision, Draft, MarkedSpan
from pipeline.review import decisions as ledger
from pipeline.review.placement import with_selectors
from pipeline.review.undo import undo_draft
from pipeline.spans import whole_characters
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.audit import trace as walk
from pipeline.vocabulary import DecisionKind

CODES = ("learning", "efficiency")


def stored(study: Path, table: tables.Table) -> pd.DataFrame:
    return tables.read_table(study / f"coded/machine/{table.name}.parquet", table)


def problems(study: Path) -> list[str]:
    """What the audit and the second verifier say against a study, stale decisions apart."""
    by_audit = [str(problem) for check in audit(study) for problem in check.problems if check.key != "decisions"]
    return by_audit + [str(difference) for difference in verify(study)]


def write(study: Path, coder: str, *drafts: Draft) -> tuple[Decision, ...]:
    frames = {table.name: stored(study, table) for table in (tables.TEXTS, tables.TURNS)}
    return ledger.append(study / "coded/decisions.jsonl", with_selectors(drafts, frames), coder=coder, now=NOW)


def draft(row: pd.Series, code: str, span: MarkedSpan | None = None) -> Draft:
    kind = DecisionKind.SPAN if span else DecisionKind.CODE
    return Draft(kind, row["excerpt_id"], row["text_sha256"], criterion=code, span=span)


def respondents(study: Path) -> pd.DataFrame:
    return stored(study, tables.EXCERPTS).query("role == 'respondent'")


@pytest.fixture
def marked(analysed: Path) -> Path:
    """A study in which ana and ben mark words of the first excerpt."""
    row = respondents(analysed).iloc[0]
    for coder, span in (("ana", MarkedSpan(0, 9)), ("ben", MarkedSpan(4, 14))):
        write(analysed, coder, draft(row, "learning"), draft(row, "learning", span))
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    return analysed


def test_marked_words_are_in_the_table_with_their_line(marked: Path) -> None:
    row = respondents(marked).iloc[0]
    table = stored(marked, tables.SPANS)
    assert list(zip(table["coder"], table["start"] - row["start"], table["line"], strict=True)) == [
        ("ana", 0, 2),
        ("ben", 4, 4),
    ]
    assert problems(marked) == []


def test_what_was_marked_before_a_cut_is_counted_on_each_part(marked: Path) -> None:
    row = respondents(marked).iloc[0]
    frames = {table.name: stored(marked, table) for table in (tables.TEXTS, tables.TURNS, tables.EXCERPTS)}
    middle = row["text"].split()[1]
    boundaries.cut(marked / "coded/decisions.jsonl", frames, row["text"], middle)
    analyze(marked, fresh=False, now=NOW, tick=quiet)
    parts = respondents(marked)
    parts = parts[
        (parts["start"] >= row["start"]) & (parts["end"] <= row["end"]) & (parts["source_id"] == row["source_id"])
    ]
    for _, part in parts.iterrows():
        write(marked, "ana", draft(part, "learning"))
    analyze(marked, fresh=False, now=NOW, tick=quiet)
    table = stored(marked, tables.SPANS)
    texts = dict(zip(parts["excerpt_id"], parts["start"], strict=True))
    assert set(table["excerpt_id"]) == set(texts)
    assert set(table["coder"]) == {"ana"}
    assert [each for each in problems(marked) if "span" in each or "marked" in each] == []
    trail = str(walk(marked, str(row["excerpt_id"])))
    assert "was cut or joined" in trail
    assert f"cut: {row['excerpt_id']} into {' and '.join(parts['excerpt_id'])}" in trail
    assert f"marked by ana for learning: {parts['text'].iloc[0]}" in str(walk(marked, str(parts["excerpt_id"].iloc[0])))
    path = marked / "coded/machine/spans.parquet"
    for altered in (shift_first(table), drop_first(table)):
        altered.to_parquet(path)
        assert [str(each) for each in verify(marked) if "spans.parquet" in str(each)]


def drop_first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[1:]


def shift_first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(end=[rows["end"].iloc[0] + 2, *rows["end"].iloc[1:]])


def other_coder(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(coder="ben")


def other_code(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(criterion="efficiency")


@pytest.mark.parametrize("alter", [drop_first, shift_first, other_coder, other_code])
def test_a_table_that_says_something_else_than_the_ledger_is_named(
    alter: Callable[[pd.DataFrame], pd.DataFrame], marked: Path
) -> None:
    path = marked / "coded/machine/spans.parquet"
    tables.write_table(alter(stored(marked, tables.SPANS)), path, tables.SPANS)
    assert any("of the ledger" in each and "spans.parquet" in each for each in problems(marked))
    assert any("spans.parquet" in str(each) and "hash" not in str(each) for each in verify(marked))


def test_random_marks_corrections_and_undo_keep_ledger_table_and_audit_right(analysed: Path) -> None:
    dice = Random(17)  # noqa: S311 (no secret)
    rows = respondents(analysed).head(6)
    written: list[tuple[str, tuple[Decision, ...]]] = []
    for step in range(90):
        row, coder, code = rows.iloc[dice.randrange(len(rows))], dice.choice(("ana", "ben")), dice.choice(CODES)
        act = dice.choice(("mark", "mark", "mark", "undo", "undo", "no"))
        if act == "undo" and written:
            coder, lines = dice.choice(written)
            written.append((coder, write(analysed, coder, undo_draft(lines))))
        elif act == "no":
            no = Draft(DecisionKind.UNCODE, row["excerpt_id"], row["text_sha256"], criterion=code)
            written.append((coder, write(analysed, coder, no)))
        else:
            length = len(row["text"])
            span = MarkedSpan(dice.randint(-1, length), dice.randint(0, length + 2))
            written.append((coder, write(analysed, coder, draft(row, code), draft(row, code, span))))
        if step % 30 == 29:
            analyze(analysed, fresh=False, now=NOW, tick=quiet)
            assert problems(analysed) == []
            assert_as_in_the_ledger(analysed)
    assert len(stored(analysed, tables.SPANS)) > 5


def assert_as_in_the_ledger(study: Path) -> None:
    """The table holds what a slow reading of the ledger gives: an undo is looked up backwards from the end."""
    lines = ledger.load(study / "coded/decisions.jsonl")
    names = {line.hash: line for line in lines}

    def holds(line: Decision) -> bool:
        takers = [u for u in lines if u.kind is DecisionKind.UNDO and line.hash in u.value.split(";")]
        return not any(holds(taker) for taker in takers if taker.coder == line.coder)

    holding = [line for line in names.values() if holds(line)]
    answers = {
        (d.excerpt_id, d.criterion, d.coder): d.kind is DecisionKind.CODE
        for d in holding
        if d.kind in (DecisionKind.CODE, DecisionKind.UNCODE)
    }
    excerpts = stored(study, tables.EXCERPTS).set_index("excerpt_id")
    expected = set()
    for line in holding:
        if line.span and answers.get((line.excerpt_id, line.criterion, line.coder)):
            row = excerpts.loc[line.excerpt_id]
            stretch = whole_characters(row["text"], line.span.start, line.span.end)
            if stretch:
                bounds = (row["start"] + stretch.start, row["start"] + stretch.end)
                expected.add((line.excerpt_id, line.criterion, line.coder, *bounds))
    table = stored(study, tables.SPANS)[["excerpt_id", "criterion", "coder", "start", "end"]]
    assert set(table.itertuples(index=False, name=None)) == expected
