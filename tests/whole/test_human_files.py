"""Whatever stands in a file that people write: never a traceback, always the file, the place and a remedy."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studies import SMALL
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.errors import ConfigError, Problem
from pipeline.registers.study_registers import load_registers
from pipeline.steps.inputs import load_brief
from pipeline.study import locate_study
from pipeline.validation import read_toml

TOML = ("config.toml", "coded/codebook.toml", "coded/findings.toml")
LINES = ("coded/seeds.jsonl",)
TABLES = ("raw/participants.csv", "raw/sources.csv")
SOURCES = "path,source_id,kind,participant_ids,language,date,site,speakers\ninterviews/rosa.txt,,,,,,,\n"
ODD: tuple[Any, ...] = (
    7,
    1.5,
    True,
    "",
    " ",
    "zzz",
    [],
    [[]],
    [7],
    {},
    {"zzz": {"zzz": 7}},
    10**30,
    "\x00",
    "a" * 5000,
)


def written(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value)


def as_toml(content: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(key)} = {written(value)}\n" for key, value in content.items())


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a value, the outermost apart."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*path, key)
        yield from places(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    changed = copy.deepcopy(value)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return changed


def problems_of(root: Path) -> tuple[Problem, ...]:
    """The problems reported for the study's files, whether or not the study can be used."""
    study = locate_study(root)
    registers = load_registers(study)
    try:
        return (*load_brief(study).register.problems, *registers.problems)
    except ConfigError as error:
        return (*error.problems, *registers.problems)


def check_said(problems: tuple[Problem, ...], file: str) -> None:
    for problem in problems:
        assert Path(file).name.partition(".")[0] in problem.where, problem
        assert problem.what
        assert problem.remedy


def mutants(content: Any) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    for path in places(content):
        for odd in ODD:
            yield path, odd, replaced(content, path, odd)


@pytest.fixture
def study(small_study: Path) -> Path:
    (small_study / "raw" / "sources.csv").write_text(SOURCES, "utf-8")
    assert problems_of(small_study) == ()
    return small_study


@pytest.mark.parametrize("file", TOML)
def test_any_value_of_a_toml_file_may_be_anything(study: Path, file: str) -> None:
    content = tomllib.loads((SMALL / file).read_text("utf-8"))
    found = 0
    for path, odd, mutant in mutants(content):
        (study / file).write_text(as_toml(mutant), "utf-8")
        problems = problems_of(study)
        names = ("codebook.toml", "seeds.jsonl", "findings.toml") if "codebook" in file else (Path(file).name,)
        assert all(p.where.startswith(names) and p.what and p.remedy for p in problems), (path, odd, problems)
        if (
            isinstance(odd, dict)
            and odd
            and "name" not in path
            and not {"definition", "include", "exclude"} & set(path)
        ):
            assert problems, (path, odd)
        found += bool(problems)
    assert found > 100


def test_any_value_of_a_seed_may_be_anything(study: Path) -> None:
    first, *rest = (SMALL / "coded/seeds.jsonl").read_text("utf-8").splitlines()
    for _path, _odd, mutant in (*mutants(json.loads(first)), *(((), odd, odd) for odd in (*ODD, None, "\ud800"))):
        (study / "coded/seeds.jsonl").write_text("\n".join([json.dumps(mutant), *rest]), "utf-8")
        for problem in problems_of(study):
            assert problem.where == "seeds.jsonl line 1"
            assert problem.remedy


@pytest.mark.parametrize("file", TABLES)
def test_any_cell_of_a_register_may_be_anything(study: Path, file: str) -> None:
    lines = [line.split(",") for line in (study / file).read_text("utf-8").splitlines()]
    for row, cells in enumerate(lines):
        for column in range(len(cells)):
            for odd in (
                "",
                "zzz",
                "a,b",
                '"',
                "\x00",
                "ü" * 5000,
                cells[column - 1],
                "P1;P2",
                "x=y",
                "=1+1",
                "9" * 400,
            ):
                changed = [list(some) for some in lines]
                changed[row][column] = odd
                (study / file).write_text("\n".join(map(",".join, changed)), "utf-8")
                assert all(p.where.startswith("raw/") and p.what and p.remedy for p in problems_of(study))


@pytest.mark.parametrize("file", [*TOML, *LINES, *TABLES])
def test_a_file_may_hold_any_bytes(study: Path, file: str) -> None:
    data = (study / file).read_bytes()
    for same in (b"\xef\xbb\xbf" + data, data.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")):
        (study / file).write_bytes(same)
        assert problems_of(study) == ()
    deep = b"x = " + b"[" * 100_000
    for other in (
        b"\xff\xfe\x00",
        data + b"\xff\xff\n",
        b"\x00" * 50,
        deep,
        b"x = " + b"9" * 5000,
        data[: len(data) // 2],
    ):
        (study / file).write_bytes(other)
        problems = problems_of(study)
        assert all(p.where and p.what and p.remedy for p in problems)
        assert problems or file.startswith("raw/") or other == data[: len(data) // 2], (file, other[:20])


@pytest.mark.parametrize("file", [*TOML[1:], *LINES])
def test_a_folder_in_the_place_of_a_file_is_named(study: Path, file: str) -> None:
    (study / file).unlink()
    (study / file).mkdir()
    assert Path(file).name in problems_of(study)[0].where


def test_the_problems_of_all_files_are_reported_at_once_by_check_and_by_analyze(study: Path) -> None:
    (study / "config.toml").write_text('[study]\ntitle = 7\nlanguage = "xx"\n', "utf-8")
    (study / "coded/codebook.toml").write_text("version = 1\ncode = 1\n", "utf-8")
    (study / "coded/seeds.jsonl").write_text("[]\n", "utf-8")
    (study / "coded/findings.toml").write_text("[[findings]]\nid = 7\n", "utf-8")
    (study / "raw/participants.csv").write_text("name\nA\n", "utf-8")
    (study / "raw/sources.csv").write_text("path,kind\nx,poem\n", "utf-8")
    for command in ("check", "analyze"):
        done = CliRunner().invoke(app, [command, "--study", str(study)])
        assert done.exit_code == 1
        for said in (
            'config.toml [study] title = 7: must be text: write it in quotes: title = "..."',
            "config.toml [study] language = 'xx': is not an allowed value: use en, es",
            "codebook.toml code: no such key",
            "seeds.jsonl line 1",
            "findings.toml [[findings]] number 1 id = 7: must be text; the entry is left out",
            "raw/participants.csv line 1",
            "raw/sources.csv line 2: its kind is unknown",
        ):
            assert said in done.stderr, (command, said)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('[[findings]]\nid = "F9"\ncriterion = "relevance"\nstatement = "x"\nstance = "good"\n',
         "F9 stance = 'good': is not an allowed value; the entry is left out: use positive, negative, mixed"),
        ('[[recommendations]]\nid = "R9"\nstatement = "x"\npriority = "urgent"\n',
         "R9 priority = 'urgent': is not an allowed value; the entry is left out: use high, medium, low"),
        ("[findings]\nid = 1\n", "findings.toml findings: must be a block: begin each entry with [[findings]]"),
    ],
)  # fmt: skip
def test_a_bad_entry_is_left_out_and_the_rest_stays(study: Path, entry: str, said: str) -> None:
    (study / "coded/findings.toml").write_text(entry + '[[lessons]]\nid = "L9"\nstatement = "x"\n', "utf-8")
    register = load_brief(locate_study(study)).register
    assert [lesson.id for lesson in register.lessons] == ["L9"]
    assert [said in str(p) for p in register.problems] == [True]


@pytest.mark.parametrize("match", ["(", "..3 a", "a ..99 b", "[a]", "(a|)", "=a*", " ".join(["(a b|c d|e f)"] * 6)])
def test_a_pattern_that_cannot_be_used_stops_the_study_by_its_name(study: Path, match: str) -> None:
    file = study / "coded/codebook.toml"
    head, tail = file.read_text("utf-8").split('match = "', 1)
    file.write_text(f'{head}match = "{match}"{tail[tail.index(chr(34)) + 1 :]}', "utf-8")
    (problem,) = problems_of(study)
    assert problem.where.startswith("codebook.toml criterion efficiency pattern ")
    assert "docs/codebook.md" in problem.remedy


def test_seeds_of_a_code_are_added_to_those_of_the_file_and_teach_that_code_only(study: Path) -> None:
    before = load_brief(locate_study(study)).seeds
    written = (
        'seeds = ["The pump was dear and the money of the project was gone in May.", "Pump?"]\n\n[[criteria.patterns]]'
    )
    file = study / "coded/codebook.toml"
    file.write_text(file.read_text("utf-8").replace("[[criteria.patterns]]", written, 1), "utf-8")
    seeds = load_brief(locate_study(study)).seeds
    assert seeds[: len(before)] == before
    assert [(s.language, s.codes, s.asked) for s in seeds[len(before) :]] == [
        ("en", (("efficiency", ""),), ("efficiency",)),
        ("", (("efficiency", ""),), ("efficiency",)),
    ]


@pytest.mark.parametrize("wrong", ['"one text"', "[7]", '[""]'])
def test_seeds_of_a_code_that_are_not_list_of_texts_are_named(study: Path, wrong: str) -> None:
    file = study / "coded/codebook.toml"
    entry = f"seeds = {wrong}\n\n[[criteria.patterns]]"
    file.write_text(file.read_text("utf-8").replace("[[criteria.patterns]]", entry, 1), "utf-8")
    assert [p.where.startswith("codebook.toml criterion efficiency seeds") for p in problems_of(study)] == [True]


@pytest.mark.parametrize("file", TOML)
def test_a_character_that_nobody_can_see_is_named_in_every_text_that_is_shown(small_study: Path, file: str) -> None:
    keys = {"config.toml": ("study", "title"), "coded/codebook.toml": ("criteria", 0, "definition", "en"),
            "coded/findings.toml": ("findings", 0, "id")}[file]  # fmt: skip
    content = tomllib.loads((small_study / file).read_text("utf-8"))
    (small_study / file).write_text(as_toml(replaced(content, keys, "F\x00<b>1")), "utf-8")
    found = [problem for problem in problems_of(small_study) if "cannot be shown" in problem.what]
    assert [problem.remedy for problem in found] == ["remove it: type the text again"]
    assert "\x00" not in "".join(problem.where for problem in found if file == "coded/findings.toml")
    check_said(tuple(found), file)


@pytest.mark.parametrize("value", ["one\nline", "with\ttab", "\u2028"])
def test_what_is_written_in_one_line_stays_in_one_line(small_study: Path, value: str) -> None:
    content = tomllib.loads((small_study / "coded/findings.toml").read_text("utf-8"))
    (small_study / "coded/findings.toml").write_text(
        as_toml(replaced(content, ("findings", 0, "id"), f"F{value}1")), "utf-8"
    )
    assert "contains a character that cannot be shown; the entry is left out" in [
        p.what for p in problems_of(small_study)
    ]


def test_a_statement_may_go_over_several_lines(small_study: Path) -> None:
    content = tomllib.loads((small_study / "coded/findings.toml").read_text("utf-8"))
    changed = replaced(content, ("findings", 0, "statement"), "It goes on\nand on.")
    (small_study / "coded/findings.toml").write_text(as_toml(changed), "utf-8")
    assert problems_of(small_study) == ()


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("calidad del año", "calidad_del_año"),
        ("a/b", "a_b"),
        ("a:b", "a_b"),
        ("a;b", "a_b"),
        ("<b>", "b"),
        ("=cmd", "cmd"),
    ],
)
def test_the_id_of_a_code_is_letters_digits_and_two_signs(small_study: Path, code: str, plain: str) -> None:
    content = tomllib.loads((small_study / "coded/codebook.toml").read_text("utf-8"))
    (small_study / "coded/codebook.toml").write_text(as_toml(replaced(content, ("criteria", 3, "id"), code)), "utf-8")
    (problem,) = problems_of(small_study)
    assert problem.what == "contains characters other than letters, digits, _ and -"
    assert problem.remedy == f'write it for example as id = "{plain}"; `name` holds what people read'


@pytest.mark.parametrize("code", ["value_added", "PDO-1", "a\u00f1o", "2"])
def test_other_ids_of_codes_are_welcome(small_study: Path, code: str) -> None:
    content = tomllib.loads((small_study / "coded/codebook.toml").read_text("utf-8"))
    (small_study / "coded/codebook.toml").write_text(as_toml(replaced(content, ("criteria", 3, "id"), code)), "utf-8")
    assert problems_of(small_study) == ()


def test_a_study_without_recommendations_gets_no_remark_finding_by_finding(small_study: Path) -> None:
    content = tomllib.loads((small_study / "coded/findings.toml").read_text("utf-8"))
    (small_study / "coded/findings.toml").write_text(as_toml({**content, "recommendations": []}), "utf-8")
    assert [r for r in load_brief(locate_study(small_study)).register.remarks if "takes it up" in r.what] == []


@pytest.mark.parametrize("text", [".".join(["a"] * 5000) + " = 1\n", "x = " + "[" * 5000, "x = " + "[" * 50 + "]" * 50])
@pytest.mark.parametrize("file", TOML)
def test_a_file_that_is_nested_too_deeply_is_named(small_study: Path, file: str, text: str) -> None:
    (small_study / file).write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=f"{Path(file).name}: is nested too deeply"):
        read_toml(small_study / file)


def test_a_seed_that_is_nested_too_deeply_is_named_with_its_line(small_study: Path) -> None:
    (small_study / "coded" / "seeds.jsonl").write_text("[" * 200_000, "utf-8")
    with pytest.raises(ConfigError, match=r"seeds.jsonl line 1: is nested too deeply"):
        load_brief(locate_study(small_study))
