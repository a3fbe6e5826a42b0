"""What persons of each group speak of, and families crossed: known counts, negative controls, and what the audit counts again."""

import random
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from decided_study import decide
from lxml import html
from second_verifier import verify
from small_publication import codebook, publication
from studies import NOW, quiet

from pipeline.evidence.profiles import COLUMNS, grouping_attributes, profiles
from pipeline.publish.crossings import crossings
from pipeline.publish.crossings import profiles as shown_profiles
from pipeline.publish.html import report
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.vocabulary import DecisionKind

WOMEN = {"a": {"gender": "woman"}, "b": {"gender": "woman"}, "c": {"gender": "man"}}


def counted(
    *codings: str,
    persons: str = "aabc",
    machine: str = "",
    about: Any = None,
    smallest: int = 1,
    status: str = "single",
) -> Any:
    """Profiles by "0x+" (excerpt 0 carries x and is positive); `persons` names who speaks in each excerpt, "-" a document."""
    spoken = pd.DataFrame(
        [(str(n), who.strip("-")) for n, who in enumerate(persons)], columns=["excerpt_id", "participant"]
    )
    table = profiles(
        spoken,
        cells(codings).assign(coded=True, status=status),
        cells(machine.split()),
        attributes=WOMEN if about is None else about,
        criteria=["x", "y"],
        smallest_cell=smallest,
    )
    return {(row["attribute"], row["value"], row["criterion"]): row for row in table.to_dict("records")}


def cells(codings: Any) -> pd.DataFrame:
    signs = {"": "", "+": "positive", "-": "negative"}
    rows = [(each[0], name, signs[sign]) for each in codings for name, sign in re.findall(r"([a-z])([-+]?)", each[1:])]
    return pd.DataFrame(rows, columns=["excerpt_id", "criterion", "stance"]).astype("str")


def figures(row: Any, prefix: str = "") -> list[Any]:
    return [row[f"{prefix}{name}"] for name in COLUMNS[4:9]]


def test_persons_excerpts_and_stances_are_counted_by_group() -> None:
    rows = counted("0x+", "1x-", "2x", "3x+")
    assert rows["gender", "woman", "x"]["persons"] == "2"
    assert figures(rows["gender", "woman", "x"]) == ["2", 3, 1, 1, 0]
    assert figures(rows["gender", "man", "x"]) == ["1", 1, 1, 0, 0]


def test_a_code_nobody_uses_has_a_row_for_each_group() -> None:
    rows = counted("0x+")
    assert figures(rows["gender", "man", "y"]) == ["0", 0, 0, 0, 0]


def test_people_and_machine_are_never_added_up() -> None:
    rows = counted("0x+", machine="2x- 3x")
    assert figures(rows["gender", "woman", "x"]) == ["1", 1, 1, 0, 0]
    assert figures(rows["gender", "woman", "x"], "machine_") == ["1", 1, 0, 1, 0]


@pytest.mark.parametrize("status", ["machine", "stale", "conflicted"])
def test_what_nobody_confirmed_is_not_counted_as_confirmed(status: str) -> None:
    assert all(row["excerpts"] == 0 for row in counted("0x", status=status).values())


def test_a_document_speaks_for_no_group() -> None:
    assert counted("0x", persons="-") == {}


def test_few_persons_are_not_shown_exactly() -> None:
    row = counted("0x+", "2x", smallest=5)["gender", "woman", "x"]
    assert (row["persons"], row["speaking"], row["excerpts"]) == ("<5", "<5", 2)


def test_the_groups_of_an_attribute_add_up_to_all_persons_and_excerpts() -> None:
    rows = counted("0x", "1x", "2x", "3x", about={"a": {"gender": "woman"}})
    of_x = [row for (attribute, _, code), row in rows.items() if (attribute, code) == ("gender", "x")]
    assert sum(int(row["persons"]) for row in of_x) == 3
    assert sum(row["excerpts"] for row in of_x) == 4


def test_a_person_with_several_values_counts_in_each_group_once() -> None:
    about = {"a": {"group": "Quechua; Aymara ;Quechua"}, "b": {"group": "Aymara"}, "c": {}}
    rows = counted("0x+", "1x-", "2x", about=about)
    assert [value for attribute, value, code in rows if (attribute, code) == ("group", "x")] == [
        "",
        "Aymara",
        "Quechua",
    ]
    assert rows["group", "Aymara", "x"]["persons"] == "2"
    assert figures(rows["group", "Aymara", "x"]) == ["2", 3, 1, 1, 0]
    assert figures(rows["group", "Quechua", "x"]) == ["1", 2, 1, 1, 0]


def test_a_column_of_several_choices_groups_persons_by_each_choice() -> None:
    ticked = {
        who: {"help": value} for who, value in zip("abcd", ("seed; tools", "seed", "tools", "San José"), strict=True)
    }
    assert "help" not in grouping_attributes({**ticked, "e": {"help": "well"}})
    assert "help" in grouping_attributes({**ticked, "d": {"help": "tools; seed"}})


def test_one_group_is_everybody() -> None:
    rows = counted("0x", "3x", about={who: {"group": "police"} for who in "abc"})
    assert figures(rows["group", "police", "x"]) == ["2", 2, 0, 0, 0]


def test_codes_at_random_give_groups_of_one_size_alike_profiles() -> None:
    dice = random.Random(7)  # noqa: S311 - not for a secret
    people = {f"p{n}": {"gender": "woman" if n % 2 else "man"} for n in range(400)}
    spoken = pd.DataFrame([(str(n), who) for n, who in enumerate(people)], columns=["excerpt_id", "participant"])
    drawn = [(str(n), "x", dice.choice(["positive", "negative"])) for n in range(400) if dice.random() < 0.5]
    codings = pd.DataFrame(drawn, columns=["excerpt_id", "criterion", "stance"]).assign(coded=True, status="single")
    table = profiles(spoken, codings, codings[:0], attributes=people, criteria=["x"], smallest_cell=5).query(
        "attribute == 'gender'"
    )
    women, men = (table[table["value"] == value].iloc[0] for value in ("woman", "man"))
    assert abs(women["excerpts"] - men["excerpts"]) < 30
    assert abs(women["positive"] - men["positive"]) < 25


def test_an_attribute_in_which_everybody_differs_is_no_group() -> None:
    people = {f"p{n}": {"phone": str(n), "disability": "none" if n else "hearing", "same": "1"} for n in range(6)}
    assert grouping_attributes(people) == ["group", "gender", "country", "disability"]


# ---------------------------------------------------------------- in the report


def test_every_two_families_are_crossed_once() -> None:
    (crossing,) = crossings(publication())
    assert [code.id for code in crossing.across] == ["relevance", "sustainability"]
    assert [code.id for code in crossing.down] == ["missing"]
    assert [cell.excerpts for cell in crossing.rows[0]] == [1, 0]
    assert crossing.rows[0][0].signs == "+1"
    assert crossing.rows[0][1].is_empty


def test_the_main_family_is_across_wherever_it_stands_in_the_codebook() -> None:
    relevance, sustainability, missing = codebook().criteria
    turned = replace(codebook(), criteria=(missing, relevance, sustainability))
    pairs = publication().cooccurrence.rename(columns={"code": "other", "other": "code"})
    (crossing,) = crossings(publication(codebook=turned, cooccurrence=pairs))
    assert [code.id for code in crossing.across] == ["relevance", "sustainability"]
    assert [cell.excerpts for cell in crossing.rows[0]] == [1, 0]
    assert crossing.rows[0][0].signs == ""  # that on the other code: it takes no stance


def test_a_codebook_of_one_family_crosses_nothing_and_says_so() -> None:
    made = publication()
    alone = replace(codebook(), criteria=codebook().criteria[:2])
    text = report.page(
        replace(made, codebook=alone, profiles=made.profiles[made.profiles["criterion"] != "missing"],
                coded=made.coded[made.coded["criterion"] != "missing"],
                matrix=made.matrix[made.matrix["criterion"] != "missing"],
                prevalence=made.prevalence[made.prevalence["criterion"] != "missing"],
                cooccurrence=made.cooccurrence[made.cooccurrence["other"] != "missing"])
    )  # fmt: skip
    assert "there is nothing to cross" in text
    assert 'class="matrix crossing"' not in text


def test_a_study_in_which_nobody_speaks_has_no_profile_and_says_so() -> None:
    made = publication()
    assert shown_profiles(replace(made, profiles=made.profiles[:0])) == ()
    assert "Nobody speaks in this study" in report.page(replace(made, profiles=made.profiles[:0]))


def test_the_report_shows_each_group_with_its_persons() -> None:
    page = html.fromstring(report.page(publication()))
    heads = [
        " ".join("".join(head.itertext()).split())
        for head in page.xpath("//table[@class='matrix profile'][1]/thead//th[position() > 1]")
    ]
    assert any("relatives" in head and "<5 persons" in head for head in heads)


# ---------------------------------------------------------------- in a study


@pytest.fixture(scope="module")
def decided(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, in which people gave two codes to each excerpt, in favour of one and against the other."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("profiles") / "study")
    register = root / "raw" / "participants.csv"
    several = register.read_text("utf-8").replace("60+,PE,neighbours", "60+,PE,neighbours; staff")
    register.write_text(several, "utf-8")
    decide(root)
    spoken = pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'")
    drafts = [
        Draft(DecisionKind.CODE, row.excerpt_id, row.text_sha256, name, value=stance)
        for row in spoken.itertuples()
        for name, stance in (("efficiency", "positive"), ("sustainability", "negative"))
    ]
    ledger.append(root / "coded" / "decisions.jsonl", drafts, coder="zoe", now=NOW)
    analyze(root, fresh=False, now=NOW, tick=quiet)
    return root


def wrong(root: Path) -> list[str]:
    return [str(problem) for check in audit(root) for problem in check.problems]


def test_table_book_report_and_annex_show_the_profiles_and_both_audits_agree(decided: Path) -> None:
    table = pd.read_csv(decided / "outputs" / "profiles.csv", keep_default_na=False)
    assert table["excerpts"].sum() > 0
    assert openpyxl.load_workbook(decided / "outputs/evidence.xlsx")["Profiles by group"].max_row - 2 == len(table)
    with zipfile.ZipFile(decided / "outputs" / "report.docx") as archive:
        assert b"What persons speak of, by group" in archive.read("word/document.xml")
    assert "neighbours; staff" not in set(table["value"])
    shares = pd.read_csv(decided / "outputs" / "prevalence.csv", keep_default_na=False).query("attribute == 'group'")
    assert set(shares["value"]) == {"neighbours", "staff"}
    assert wrong(decided) == []
    assert verify(decided) == []


@pytest.mark.parametrize(
    "column", ["persons", "speaking", "excerpts", "negative", "machine_excerpts", "machine_positive"]
)
def test_both_audits_name_a_count_of_the_table_that_was_altered(decided: Path, tmp_path: Path, column: str) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "profiles.csv"
    data = pd.read_csv(path, dtype="str", keep_default_na=False)
    data.loc[0, column] = "77"
    data.to_csv(path, index=False, lineterminator="\n")
    assert any(f"profiles.csv line 2: its {column} does not match" in problem for problem in wrong(root))
    assert any("profiles.csv line 2" in str(each) and column in str(each) for each in verify(root))


@pytest.mark.parametrize("table", ["matrix crossing", "matrix profile"])
@pytest.mark.parametrize(
    ("part", "other"),
    [("<b>", "<b>9"), ('"who">', '"who">9'), ('"signs" aria-hidden="true">', '"signs" aria-hidden="true">±9 ')],
)
def test_the_audit_names_a_count_of_the_report_that_was_altered(
    decided: Path, tmp_path: Path, table: str, part: str, other: str
) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "report.html"
    head, mark, rest = path.read_text("utf-8").partition(f'class="{table}"')
    assert part in rest
    path.write_text(head + mark + rest.replace(part, other, 1), "utf-8")
    name = table.removeprefix("matrix ")
    assert any(problem.startswith(f"outputs/report.html {name} (") for problem in wrong(root))


@pytest.mark.parametrize("column", ["attribute", "value", "criterion", "speaking", "machine_excerpts"])
def test_the_audit_names_a_cell_of_the_book_that_was_altered(decided: Path, tmp_path: Path, column: str) -> None:
    root = shutil.copytree(decided, tmp_path / "altered")
    path = root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Profiles by group"]
    sheet.cell(3, [cell.value for cell in sheet[1]].index(column) + 1, 77)
    book.save(path)
    assert any("sheet Profiles by group row 3" in problem and column in problem for problem in wrong(root))
