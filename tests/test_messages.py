"""Messages to the people who run a study: by key, in English and Spanish, and in the language of the study."""

import ast
import pickle
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline.errors import Problem
from pipeline.study import language_of
from pipeline.wording import messages, place_of_problem, texts
from pipeline.wording.messages import counted, first_few, in_language, listed, message, separated

PROGRAM = Path(pipeline.__file__).parent
FILES = sorted(messages.FOLDER.glob("*.toml"))
UNWORDED = ("bench",)  # for those who develop the program
ALIKE = frozenset(
    """commands/consent_no commands/install_bench commands/moved_finding commands/seconds_of_a_stage
    commands/sure_of_the_reading review/agreement_head_ac1
    review/agreement_head_kappa review/agreement_head_n steps/moved_coding study/expected study/unknown_word_remedy
    study/use tag/match_is_wrong""".split()
)  # nothing to translate


def entries(path: Path) -> Iterator[tuple[str, str, str]]:
    for key, entry in tomllib.loads(path.read_text("utf-8")).items():
        assert set(entry) == {"en", "es"}, f"{path.stem}/{key}"
        yield f"{path.stem}/{key}", entry["en"], entry["es"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_message_has_spanish_of_its_own_with_as_many_forms(path: Path) -> None:
    for key, english, spanish in entries(path):
        assert spanish.strip(), key
        assert english.count("|") == spanish.count("|"), key
        assert (english == spanish) == (key in ALIKE), key


def test_every_message_is_used_and_every_used_one_exists() -> None:
    written = {key for path in FILES for key, *_ in entries(path)}
    modules = [module.read_text("utf-8") for module in sorted(PROGRAM.rglob("*.py"))]
    exact = {key for text in modules for key in re.findall(r'"([a-z]+/[A-Za-z0-9_-]+)"', text)}
    begun = tuple({stem for text in modules for stem in re.findall(r'f"([a-z]+/[A-Za-z0-9_]*)\{', text)})
    computed = {key for key in written if key.startswith(("count/", "common/"))}
    assert sorted(written - exact - computed - {key for key in written if key.startswith(begun)}) == []
    called = {key for text in modules for key in re.findall(r'message\(\s*"([a-z]+/[A-Za-z0-9_-]+)"', text)}
    assert sorted(called - written) == []


def test_every_constant_given_to_message_is_a_key() -> None:
    written = {key for path in FILES for key, *_ in entries(path)}
    modules = [module.read_text("utf-8") for module in sorted(PROGRAM.rglob("*.py"))]
    names = {name for text in modules for name in re.findall(r"\bmessage\(([A-Z_]+)[,)]", text)}
    constants = [pair for text in modules for pair in re.findall(r'^([A-Z_]+) = "([^"]*)"', text, re.MULTILINE)]
    assert {(name, value) for name, value in constants if name in names and value not in written} == set()


def literals(node: ast.expr) -> Iterator[ast.expr]:
    """The texts that an argument may be: a literal, or the literals of a choice."""
    if isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
    ):
        yield node
    elif isinstance(node, ast.IfExp):
        yield from (*literals(node.body), *literals(node.orelse))


SENTENCE = re.compile(r"(?:\b[a-z]{2,}[,:]? ){3,}[a-z]{2,}")  # four words in a row
NO_NOTES = ("page_sections.py", "cells.py", "warnings.py")  # titles, tags of HTML, stored reasons
STORED = (  # places, and a reason
    "{} that nothing refers to",
    "{}, box that is ticked",
    "sheet {}, a cell with an invalid address",
    "an error of the workbook ({})",
    "(question of the guide)",
)


def fixed_texts(module: Path) -> Iterator[tuple[int, str]]:
    """The texts in a module's code, docstrings apart, with the line of each; of f-strings what is fixed."""
    tree = ast.parse(module.read_text("utf-8"))
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    patterns = [call for call in calls if getattr(call.func, "attr", "") in ("compile", "split")]  # and lists of words
    apart |= {id(node) for call in patterns for node in ast.walk(call)}
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) and id(node) not in apart]
    apart |= {id(piece) for node in joined for piece in node.values}
    for node in joined:
        yield (
            node.lineno,
            "".join(
                str(getattr(piece, "value", "")) if isinstance(piece, ast.Constant) else "{}" for piece in node.values
            ),
        )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            yield node.lineno, node.value


def test_no_note_of_a_reader_is_written_in_english_where_it_arises() -> None:
    worded = {key.partition(".")[2] for key in texts()} | set(STORED)
    unworded = [
        f"{module.name}:{line}: {text}"
        for module in sorted((PROGRAM / "ingest").rglob("*.py"))
        for line, text in fixed_texts(module)
        if SENTENCE.search(text) and text not in worded and "\n" not in text and module.name not in NO_NOTES
    ]
    assert unworded == []


def test_no_problem_is_written_in_english_where_it_arises() -> None:
    unworded = []
    for module in sorted(PROGRAM.rglob("*.py")):
        if module.relative_to(PROGRAM).parts[0] in UNWORDED:
            continue
        for call in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("Problem", "Refusal"):
                texts = [*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg != "where")]
                unworded += [f"{module.name}:{node.lineno}" for each in texts for node in literals(each)]
    assert unworded == []


def test_a_message_is_english_text_that_can_be_read_in_spanish() -> None:
    problem = Problem("raw/sources.csv line 3", message("registers/has_no_path"), message("registers/correct_the_path"))
    assert str(problem) == "raw/sources.csv line 3: has no path: correct the path"
    assert problem.in_words("es") == {
        "where": "raw/sources.csv line 3", "what": "no tiene ruta (path)", "remedy": "corrija la ruta",
    }  # fmt: skip


def test_values_that_are_messages_are_read_in_the_language_too() -> None:
    places = first_few([f"line {n}" for n in range(8)])
    text = separated("; ", [counted(1, "file"), counted(2, "file"), listed(["a", "b", "c"]), places])
    assert text == "1 file; 2 files; a, b and c; line 0, line 1, line 2, line 3, line 4, line 5 and 2 more"
    assert in_language(text, "es").startswith("1 archivo; 2 archivos; a, b y c; ")
    assert in_language(text, "es").endswith(" y 2 más")


def test_a_message_comes_back_from_a_worker_as_it_was() -> None:
    text = message("engine/not_read_within", seconds=20)
    again = pickle.loads(pickle.dumps(text))  # noqa: S301
    assert (again, in_language(again, "es")) == ("not read within 20 s", "no se leyó en 20 s")


def test_text_of_other_origin_stays_as_it_is() -> None:
    assert in_language("Beneficios de largo plazo", "es") == "Beneficios de largo plazo"


@pytest.mark.parametrize(("where", "spanish"), [
    ("raw/interviews/a.docx table 2, row 3", "raw/interviews/a.docx tabla 2, fila 3"),
    ("codebook.toml criterion relevance pattern p1", "codebook.toml criterio relevance patrón p1"),
    ("seeds.jsonl line 1, 2, 3 and 9 more", "seeds.jsonl línea 1, 2, 3 y 9 más"),
    ("raw/interviews/row 3.txt", "raw/interviews/row 3.txt"),
    ("raw/surveys/table 2.xlsx line 4", "raw/surveys/table 2.xlsx línea 4"),
    ("raw/participants", "raw/participants"),
])  # fmt: skip
def test_the_name_of_a_file_is_no_part_of_the_place_in_it(where: str, spanish: str) -> None:
    assert place_of_problem(where, "es") == spanish


@pytest.mark.parametrize(("config", "language"), [
    ('[study]\ntitle = "t"\nlanguage = "es"\n', "es"),
    ('study = { title = "t", language = "es" }\n', "es"),
    ('[study]\ntitle = "t\nlanguage = "es"\n', "es"),
    ('[study]\ntitle = "t"\n[[surveys]]\nfile = "a.csv"\nlanguage = "es"\n', "en"),
    ('[study\n[[surveys]]\nlanguage = "es"\n', "en"),
    ('[study]\nlanguage = "fr"\n', "en"),
    ("", "en"),
])  # fmt: skip
def test_commands_speak_the_language_of_the_study_even_if_its_config_is_broken(
    tmp_path: Path, config: str, language: str
) -> None:
    (tmp_path / "config.toml").write_text(config, "utf-8")
    assert language_of(tmp_path) == language


@pytest.mark.parametrize(
    ("stated", "language"), [("es_PE.UTF-8", "es"), ("es", "es"), ("en_US.UTF-8", "en"), ("C", "en"), ("et_EE", "en")]
)
def test_without_a_study_commands_speak_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stated: str, language: str
) -> None:
    monkeypatch.setenv("LC_ALL", stated)
    assert language_of(None) == language_of(tmp_path) == language
