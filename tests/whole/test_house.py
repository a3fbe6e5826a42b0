"""Measures of how the code reads: names, signatures, imports, density, folders. A limit is lowered where the code gets better."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from studies import ROOT

VAGUE = frozenset(
    """found said told given known own some theirs asked heard taught held kept stood wanted others rest mine""".split()
)  # words that say that there is a value, and not which
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
MOST_MODULES = 16
MOST_COMPLEX = 12

VAGUE_NAMES = 0.3  # % of all names that are bound
FIXED_TUPLES = 0  # parameters
LOCAL_IMPORTS = 1.5  # per 1,000 lines
NESTED_COMPREHENSIONS = 0.9  # per 1,000 lines
FULL_FOLDERS: set[str] = set()  # with more than MOST_MODULES modules
COMPLEX_FUNCTIONS = 0  # above MOST_COMPLEX


@cache
def modules() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "pipeline").rglob("*.py"))}


def lines() -> int:
    return sum(len(path.read_text("utf-8").splitlines()) for path in modules())


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def bound_names() -> Iterator[str]:
    for tree in modules().values():
        yield from (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    for _, function in functions():
        yield from (parameter.arg for parameter in parameters(function))


def test_names_say_what_is_in_them() -> None:
    counts = Counter(bound_names())
    vague = {name: counts[name] for name in VAGUE if counts[name]}
    share = 100 * sum(vague.values()) / counts.total()
    assert share <= VAGUE_NAMES, sorted(vague.items(), key=lambda pair: -pair[1])


def test_no_parameter_packs_unrelated_things_into_a_tuple() -> None:
    packed = [
        f"{path.relative_to(ROOT)}:{function.lineno} {parameter.arg}"
        for path, function in functions()
        for parameter in parameters(function)
        if parameter.annotation and is_fixed_tuple(ast.unparse(parameter.annotation))
    ]
    assert len(packed) <= FIXED_TUPLES, packed


def is_fixed_tuple(annotation: str) -> bool:
    return annotation.startswith("tuple[") and "..." not in annotation


def test_imports_are_at_the_top_but_for_a_few_heavy_packages() -> None:
    local = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert 1000 * len(local) / lines() <= LOCAL_IMPORTS, local


def test_comprehensions_are_not_nested() -> None:
    nested = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, COMPREHENSIONS) and holds_another(node)
    ]
    assert 1000 * len(nested) / lines() <= NESTED_COMPREHENSIONS, nested


def holds_another(comprehension: ast.AST) -> bool:
    return any(isinstance(node, COMPREHENSIONS) for node in ast.walk(comprehension) if node is not comprehension)


def test_no_folder_holds_more_modules_than_one_can_find_a_way_in() -> None:
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in modules() if path.stem != "__init__")
    assert {folder for folder, count in counts.items() if count > MOST_MODULES} <= FULL_FOLDERS


def test_no_function_branches_more_than_one_can_follow() -> None:
    radon = pytest.importorskip("radon.complexity")
    complex_ = [
        f"{path.relative_to(ROOT)}:{block.lineno} {block.name} {block.complexity}"
        for path in modules()
        for block in flattened(radon.cc_visit(path.read_text("utf-8")))
        if block.complexity > MOST_COMPLEX
    ]
    assert len(complex_) <= COMPLEX_FUNCTIONS, complex_


def flattened(blocks: list) -> Iterator:
    """Functions and methods; a class is the sum of its methods."""
    for block in blocks:
        if not hasattr(block, "methods"):
            yield block
