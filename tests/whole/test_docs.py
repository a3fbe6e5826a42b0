"""The documentation: every key, column, command and link that it names is there, and every one that is there is named."""

import json
import re
import subprocess
import textwrap
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import command_page
import pytest
import table_page
from command_line import COMMANDS
from independent_counter import check_whole
from pydantic import BaseModel
from studies import ROOT, SMALL

from pipeline import tables
from pipeline.audit import verify
from pipeline.codebook import PATTERN_KEYS, Pattern, load_codebook
from pipeline.codebook.theory_of_change import Element
from pipeline.commands.study import summary
from pipeline.commands.typed import as_typed
from pipeline.config import Settings, StrengthRule, StrongRule
from pipeline.findings import SECTIONS
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Decision, Example
from pipeline.review.workbooks import review_workbook
from pipeline.tag.rules import rules
from pipeline.tag.training import as_excerpt
from pipeline.tag.voters import checked
from pipeline.vocabulary import DecisionKind, ElementKind

DOCS = ROOT / "docs"
NOT_OURS = (".venv", ".git", "outputs", "coded/machine")
Row = list[str]


def read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands between a heading and the next of its rank or above."""
    rank = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{rank}}} |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"no heading {heading!r}"
    return found[1]


def rows(text: str) -> Iterator[Row]:
    """The rows of all tables of a text, headings apart, their cells without escapes; and list items that define a name."""
    for line in text.splitlines():
        if item := re.fullmatch(r"- ((?:`[^`]+`(?:, )?)+): (.*)", line):
            yield [item[1], item[2]]
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) > 1 and not set(cells[0]) <= {"-", ":"}:
            yield cells


def settings(text: str) -> dict[str, Row]:
    """The keys of config.toml that a text lists: key -> defaults, possible values, meaning."""
    listed = re.findall(r"^- `(\w+)` (?:= (.+?)|required) \((.+?)\): (.+)$", text, re.MULTILINE)
    return {name: [default, values, meaning] for name, default, values, meaning in listed}


def keyed(text: str) -> dict[str, Row]:
    """The rows whose first cell holds names in code marks, by each of these names."""
    return {name: cells for cells in rows(text) for name in re.findall(r"`([^`]+)`", cells[0])}


# ---------------------------------------------------------------- configuration


def sections_of_settings() -> dict[str, type[BaseModel]]:
    """Heading in docs/configuration.md -> the section of Settings."""
    found: dict[str, type[BaseModel]] = {}
    for name, field in Settings.model_fields.items():
        inner = next((c for c in (field.annotation, *getattr(field.annotation, "__args__", ())) if isinstance(c, type)
                      and issubclass(c, BaseModel)), None)  # fmt: skip
        assert inner, name
        found[f"[[{name}]]" if inner is not field.annotation else f"[{name}]"] = inner
    return found


def plain_fields(model: type[BaseModel]) -> dict[str, Any]:
    return {
        name: field for name, field in model.model_fields.items() if field.annotation not in (StrengthRule, StrongRule)
    }


@pytest.mark.parametrize("heading", sections_of_settings())
def test_every_key_of_a_section_is_described_with_its_default(heading: str) -> None:
    model = sections_of_settings()[heading]
    described = settings(section(read("configuration.md"), f"## {heading}"))
    assert list(described) == list(plain_fields(model))
    for name, field in plain_fields(model).items():
        default = described[name][0]
        if field.is_required():
            assert default == "", name
        else:
            assert _as_toml(default) == _listed(field.default), name


@pytest.mark.parametrize("heading", sections_of_settings())
def test_the_bounds_of_every_number_are_described(heading: str) -> None:
    described = settings(section(read("configuration.md"), f"## {heading}"))
    for name, field in plain_fields(sections_of_settings()[heading]).items():
        bounds = [getattr(m, side) for m in field.metadata for side in ("ge", "le") if hasattr(m, side)]
        assert all(re.search(rf"\b{bound:g}\b", described[name][1]) for bound in bounds), name


def test_the_rules_of_strength_are_described_with_their_defaults() -> None:
    described = settings(section(read("configuration.md"), "## [evidence.strong], [evidence.moderate]"))
    assert list(described) == list(StrengthRule.model_fields)
    evidence = Settings.model_fields["evidence"].default
    for name, cells in described.items():
        assert [_as_toml(cell) for cell in cells[0].split(" and ")] == [
            getattr(getattr(evidence, strength), name) for strength in ("strong", "moderate")
        ]


def test_config_toml_of_the_demonstration_names_every_key() -> None:
    text = (ROOT / "config.toml").read_text("utf-8")
    for heading, model in sections_of_settings().items():
        for name in plain_fields(model):
            assert re.search(rf"^(# )?{name} = ", text, re.MULTILINE), f"{heading} {name}"


def test_config_toml_of_the_demonstration_says_the_delivered_rule() -> None:
    written = tomllib.loads((ROOT / "config.toml").read_text("utf-8"))["evidence"]
    evidence = Settings.model_fields["evidence"].default
    for name in ("strong", "moderate"):
        assert written[name] == getattr(evidence, name).model_dump()


def _as_toml(cell: str) -> Any:
    return tomllib.loads(f"x = {cell.strip('`')}")["x"]


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


# ---------------------------------------------------------------- tables and outputs


def test_the_site_describes_every_table_and_column_as_they_are_declared() -> None:
    page = table_page.with_columns(read("tables.md"))
    shared = set(keyed(section(page, "### Shared columns")))
    for table in tables.TABLES:
        assert page.count(f"\n### {table.name}\n") == 1
        named = set(re.findall(r"`(\w+)`", section(page, f"### {table.name}")))
        assert {column.name for column in table.columns if column.name not in shared} <= named
    quotes = section(page, "### Coded quotes")
    assert [column.name for column in tables.CODED_QUOTES.columns if f"`{column.name}`" not in quotes] == []


def test_the_headers_of_the_csv_files_are_described(analysed: Path) -> None:
    counts = [table.name for table in tables.COUNTS]
    for name in ("evidence.csv", *counts):
        assert f"`{name}`" in read("tables.md") or f"### {name}\n" in read("tables.md")
        text = section(table_page.with_columns(read("tables.md")), f"### {name}")
        also = re.findall(r"`(\w+)`", text.partition("Also: ")[2].partition("\n\n")[0])
        described = {*also, *keyed(text)}
        if (analysed / "outputs" / name).exists():
            header = (analysed / "outputs" / name).read_text("utf-8").splitlines()[0].split(",")
            assert sorted({*described, "guarded"}) == sorted(header)
        assert described >= {column.name for table in tables.COUNTS if table.name == name for column in table.columns}


def test_the_run_record_is_described_key_by_key(analysed: Path) -> None:
    record = json.loads((analysed / "outputs" / "run.json").read_text("utf-8"))
    assert set(keyed(section(read("tables.md"), "### run.json"))) == set(record)


def test_the_ledger_is_described_column_by_column() -> None:
    told = keyed(section(read("tables.md"), "## The ledger: coded/decisions.jsonl"))
    keys = [f.name for f in fields(Decision) if f.name != "extra"]
    assert [name for name in told if name in keys] == keys
    assert told["kind"][1].partition(": ")[2].split(", ") == [str(kind) for kind in DecisionKind]


# ---------------------------------------------------------------- commands


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_says_what_it_does(name: str) -> None:
    assert all(says for _, says in command_page.parameters(COMMANDS[name]))
    assert f"### Options of {name}\n" in command_page.with_options(read("commands.md"))


def test_nearly_all_commands_take_a_study_and_print_json() -> None:
    assert {name for name in COMMANDS if "--study" not in options(COMMANDS[name])} == {
        "study",
        "diff",
        "roster",
        "bench",
    }
    assert "With `--json`, which all commands but `review` take" in " ".join(read("commands.md").split())
    assert {name for name in COMMANDS if "--json" not in options(COMMANDS[name])} == {"review"}


def test_the_commands_that_are_listed_are_those_that_there_are() -> None:
    listed = section(read("commands.md"), "## The commands").partition("\n\nOnly with `make`")[0]
    targets = {{"check": "check-study"}.get(name, name.replace(" ", "-")) for name in COMMANDS}
    assert set(re.findall(r"`make ([a-z-]+)", listed)) == targets


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_make_target_of_its_name(name: str) -> None:
    target = {"check": "check-study"}.get(name, name.replace(" ", "-"))
    assert target in makefile_targets()
    assert f"`make {target}" in read("commands.md")


def test_every_make_target_is_listed_and_described() -> None:
    listed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+)", listed, re.MULTILINE)) == makefile_targets()
    assert {word for word in makefile_targets() if f"`make {word}" not in read("commands.md")} == set()


def test_every_make_target_that_a_page_names_is_there() -> None:
    for page in pages():
        named = {
            word
            for code in re.findall(r"```.*?```|`[^`\n]+`", page.read_text("utf-8"), re.DOTALL)
            for word in re.findall(r"(?:^|[`\n])make ([a-z][a-z-]*)", code)
        }
        assert named <= makefile_targets(), page.name


def test_the_two_commands_of_the_readme_are_make_targets() -> None:
    block = section((ROOT / "README.md").read_text("utf-8"), "## Two commands").split("```")[1]
    assert re.findall(r"^make ([a-z-]+)", block, re.MULTILINE) == ["analyze", "test"]
    assert {"analyze", "test"} <= makefile_targets()


def test_the_readme_leads_from_criteria_of_ones_own_to_the_report_with_and_without_make() -> None:
    part = section((ROOT / "README.md").read_text("utf-8"), "## Your own study")
    steps = re.findall(r"^make ([a-z-]+) ([A-Z]+=\S+(?: [A-Z]+=\S+)*)", part, re.MULTILINE)
    assert [step for step, _ in steps] == ["study", "check-study", "analyze", "review", "audit"]
    assert "CODEBOOK=empty" in steps[0][1]
    without_make = re.findall(r"`(hallazgo [^`]+)`", part.replace("\n", " "))
    made = [as_typed(f"make {target} {variables}", program="hallazgo", study=Path()) for target, variables in steps]
    assert set(without_make) <= set(made)
    assert made[0] in without_make
    for file in ("coded/codebook.toml", "coded/findings.toml", "raw/participants.csv", "outputs/report.html"):
        assert file in part


# ---------------------------------------------------------------- registers, codebook, review, audit


def test_the_keys_of_findings_toml_are_described() -> None:
    text = read("findings.md")
    headings = {"findings": "### findings", "conclusions": "### conclusions", "recommendations": "### recommendations",
                "lessons": "### lessons and practices", "practices": "### lessons and practices"}  # fmt: skip
    assert set(headings) == set(SECTIONS)
    for name, record in SECTIONS.items():
        assert set(keyed(section(text, headings[name]))) == {field.name for field in fields(record)}, name


def test_the_keys_of_an_element_of_the_theory_of_change_are_described() -> None:
    described = keyed(section(read("codebook.md"), "## Theory of change"))
    assert set(described) == {field.name for field in fields(Element)}
    assert re.findall(r"`(\w+)`", described["kind"][1]) == list(map(str, ElementKind))


def test_the_keys_of_a_pattern_are_described() -> None:
    assert set(keyed(section(read("codebook.md"), "## Patterns").split("###")[0])) == PATTERN_KEYS


def examples_of_patterns() -> list[Row]:
    found = [cells for cells in rows(section(read("codebook.md"), "### How a match is written")) if len(cells) == 4]
    return found[1:]


@pytest.mark.parametrize(("match", "language", "found_in", "not_found_in"), examples_of_patterns())
def test_the_examples_of_patterns_match_as_they_say(
    match: str, language: str, found_in: str, not_found_in: str
) -> None:
    only = rules.LanguageRules(language, [Pattern("p", "c", language, match.strip("`"))])
    assert list(only.find(found_in, rules.ANSWER))
    assert not list(only.find(not_found_in, rules.ANSWER))


def test_there_are_examples_of_patterns() -> None:
    assert len(examples_of_patterns()) > 5


def test_the_columns_of_the_review_workbook_are_described_by_their_headings() -> None:
    headings = review_workbook.words_of("en")["columns"]
    for key in ("rest", "other", "stance", "finding", "direction", "memo"):
        assert f"*{headings[key]}*" in read("reviewing.md"), headings[key]


def test_what_a_check_of_the_audit_does_not_prove_is_said_of_checks_that_there_are() -> None:
    limits = re.findall(r"^- \*\*(.+?)\*\*: ", section(read("auditing.md"), "## Check: audit"), re.MULTILINE)
    names = [verify.Check(key, 0, ()).name for key in ("tables", *verify.CHECKS, *verify.RECOUNTS, verify.UP_TO_DATE)]
    assert len(limits) > 10
    assert limits == [name for name in names if name in limits]


def test_the_voter_that_contributing_shows_votes() -> None:
    page = section((ROOT / "CONTRIBUTING.md").read_text("utf-8"), "## Add a voter")
    shown: dict[str, Any] = {}
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], shown)  # type: ignore[index] # noqa: S102 (our own page)
    codebook = load_codebook(SMALL / "coded/codebook.toml")
    texts = [Example(text, "", "en", (), (), "") for text in ("All EFFICIENCY, they say.", "Good.")]
    excerpts = [as_excerpt(str(number), text) for number, text in enumerate(texts)]
    ballots = list(shown["Shouts"]().vote(excerpts, codebook))
    assert [[opinion.criterion for opinion in ballot.opinions] for ballot in ballots] == [["efficiency"], []]
    assert all(checked(ballot, text.text, codebook.ids) == ballot for ballot, text in zip(ballots, texts, strict=True))


def test_the_reader_that_contributing_shows_reads_its_format() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)   ```", text, re.DOTALL)[1]  # type: ignore[index]
    shown: dict[str, Any] = {}
    exec(textwrap.dedent(code), shown)  # noqa: S102 (our own page)
    reading = shown["read"]("Ana|¿Y el agua?\nLuz|Llega poco.\nY sucia.\n".encode())
    assert [(span.speaker, reading.text[span.start : span.end]) for span in reading.spans] == [
        ("Ana", "¿Y el agua?"),
        ("Luz", "Llega poco."),
        ("Luz", "Y sucia."),
    ]
    check_whole(reading)


# ---------------------------------------------------------------- links, hosts, paths


def pages() -> list[Path]:
    found = [path for path in ROOT.rglob("*.md") if not path.relative_to(ROOT).as_posix().startswith(NOT_OURS)]
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts))


def anchor(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown on the web."""
    kept = (c for c in heading.strip().lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
    return "".join(kept).replace(" ", "-")


def prose(path: Path) -> str:
    """A page's text without its blocks of code."""
    return re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, place = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        known = target.is_relative_to(ROOT) and target.exists()
        anchors = (
            {anchor(h) for h in re.findall(r"^#+ (.*)$", prose(target), re.MULTILINE)} if known and place else set()
        )
        if not known or (place and place not in anchors):
            broken.append(link)
    assert broken == []


def label(line: str) -> str:
    """What a closing line is about: the words before the first wide gap."""
    return line.strip().partition("  ")[0]


def test_the_guide_explains_the_closing_lines_that_the_program_prints(analysed_once: Path) -> None:
    explained = keyed(section(read("your-own-study.md"), "## 3. Check and run"))
    record = json.loads((analysed_once / "outputs" / "run.json").read_text("utf-8"))
    counts = {"recall": 75, "recall_low": 73, "recall_high": 77, "persons_not_used": 1, "links_unclear": 17}
    whole = {
        **record,
        "partial": "29 of 30",
        "summary": {**record["summary"], **counts},
        "codes": {**record["codes"], "only_suggested": ["power"], "lacking": {}, "reliable_now": ["trust"]},
        "stages": {"tag": {"seconds": 1.0, "left_to_best": 1201}},
        "remarks": [{}],
        "unanswered": [],
        "ledger": {"lines": 3, "tree": "0" * 64},
    }
    _, partial, *printed = summary(whole, unchanged=False, study=Path())
    assert "PARTIAL" in partial
    assert "would read 1201 texts again, once (about 3 min of processor time)" in "\n".join(printed)
    assert set(explained) - {"PARTIAL"} <= set(map(label, printed))
    assert set(map(label, printed)) - set(explained) == {"look at", "internal"}


def test_every_file_that_the_architecture_names_is_there() -> None:
    named = re.findall(r"`([a-z_/]+\.py)`", read("architecture.md"))
    assert [name for name in named if not (ROOT / "pipeline" / name).exists()] == []
    walk = section(read("architecture.md"), "## One interview, from bytes to its rows in evidence.csv")
    stations = re.findall(r"^\d\. `([a-z_/]+\.py)`(?:, `(\w+)[.\w]*`)?", walk, re.MULTILINE)
    assert len(stations) == 8
    for file, name in stations:
        defined = re.findall(r"^(?:def|class) (\w+)", (ROOT / "pipeline" / file).read_text("utf-8"), re.MULTILINE)
        assert not name or name in defined


def test_no_target_of_the_makefile_is_written_twice() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert len(targets) == len(set(targets))


def test_the_index_names_every_page() -> None:
    named = set(re.findall(r"\]\(([a-z-]+\.md)\)", read("README.md")))
    assert named == {path.name for path in DOCS.glob("*.md")} - {"README.md"}


def test_the_picture_is_small_enough_to_load() -> None:
    assert 20_000 < (DOCS / "report.png").stat().st_size < 400_000


# Spelt in pieces, so that this file does not hold what it looks for.
HOSTS = "|".join(
    (
        "py" + "pi.org",
        "python" + "hosted.org",
        "index" + "-url",
        "ana" + "conda.org",
        "npm" + "js.",
        "hugging" + "face.co",
    )
)
PATHS = r"(?<![\w.~/:*-])/(?:" + "|".join(("work", "ho" + "me", "Us" + "ers", "ro" + "ot", "t" + "mp", "mnt")) + r")/\w"


def text_files() -> Iterator[tuple[str, str]]:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for name in filter(None, tracked.split("\0")):
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in data:
            yield name, data.decode("utf-8", "replace")


@pytest.mark.parametrize(("what", "form"), [("a package registry", HOSTS), ("a path of one machine", PATHS)])
def test_no_text_file_names(what: str, form: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone: git cannot tell which files belong to the project")
    assert [f"{name}: {found[0]}" for name, text in text_files() if (found := re.search(form, text))] == []


def test_the_codes_of_persons_look_as_the_pages_show_them() -> None:
    shown = set(re.findall(r"`([AP]-\w{4})`", read("data-protection.md")))
    assert shown
    for code in shown:
        assert re.fullmatch(r"[AP]-[2-9B-Z]{4}", code)
    assert all(re.fullmatch(r"P-[2-9B-Z]{4}", code) for code in pseudonyms(["W1", "W2"], key=bytes(32)).values())
