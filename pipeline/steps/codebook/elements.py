"""Elements of the theory of change, added and taken away again: pure, and with all that taking it back needs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.codebook import Codebook, theory_edits
from pipeline.codebook.edits import code_id
from pipeline.codebook.theory_of_change import NAME, TheoryOfChange, theory_of
from pipeline.errors import ConfigError, Problem
from pipeline.records import CodebookChange
from pipeline.steps.codebook.files import Files
from pipeline.wording.messages import Message, message

Applied = tuple[CodebookChange, Files]


def theory_in(files: Files, codebook: Codebook) -> TheoryOfChange:
    """The theory of change in the files; ConfigError if it cannot be read, because then nothing may be written into it."""
    try:
        content = tomllib.loads(files.theory)
    except ValueError as error:
        what = message("study/is_not_valid_toml", error=error)
        raise _refusal(what, message("study/correct_that_line_put_texts")) from None
    return theory_of(content, codebook.ids)


def add_element(change: CodebookChange, element: Mapping[str, Any], files: Files, codebook: Codebook) -> Applied:
    """Add an element, whose id is made from its name, at the end of the file."""
    name = str(element.get("name", "")).strip()
    code, *further = element.get("codes") or [""]
    entry = {
        "id": code_id(name),
        "kind": str(element.get("kind", "")),
        "name": name,
        "code": code,
        "together_with": list(dict.fromkeys(each for each in further if each != code)),
    }
    if not entry["id"]:
        raise _refusal(message("steps/name_has_no_letters", name=name), message("steps/choose_another_name"))
    if not code:
        raise _refusal(message("steps/an_element_needs_a_code"), message("steps/choose_its_code"))
    return _added(change, theory_edits.element_text(entry), files, codebook)


def reverse_element(
    change: CodebookChange, written: str, files: Files, codebook: Codebook, *, is_redo: bool
) -> Applied:
    """Take an element away that a change added, or add it again; later edits of it come back, too."""
    if is_redo:
        return _added(change, written, files, codebook)
    name = element_of(written)["id"]
    if name not in {element.id for element in theory_in(files, codebook).elements}:
        raise _refusal(message("steps/has_no_element", element=name), message("steps/it_was_edited_look_at_it"))
    theory, removed = theory_edits.without_element(files.theory, name)
    return _recorded(change, removed, replace(files, theory=theory), codebook)


def codes_by_element(typed: Sequence[str]) -> dict[str, list[str]]:
    """The codes of elements that are typed as ELEMENT=CODE or ELEMENT=CODE,CODE; ConfigError if one is typed otherwise."""
    elements: dict[str, list[str]] = {}
    for each in typed:
        name, _, codes = each.partition("=")
        if not name or name in elements or not all(codes.split(",")):
            what = message("steps/is_no_element_with_codes")
            raise ConfigError(Problem(f"--element {each}", what, message("steps/name_each_element_once")))
        elements[name] = list(dict.fromkeys(codes.split(",")))
    return elements


def require_elements(names: Iterable[str], files: Files) -> None:
    """ConfigError if the theory of change lacks an element of these."""
    for name in names:
        if name not in files.elements():
            what = message("steps/has_no_such_element", element=name)
            raise _refusal(what, message("steps/see_the_elements_in_the_file"))


def element_of(written: str) -> dict[str, Any]:
    """The element as a block of the file states it."""
    element: dict[str, Any] = tomllib.loads(written)["elements"][0]
    return element


def _added(change: CodebookChange, written: str, files: Files, codebook: Codebook) -> Applied:
    name = str(element_of(written)["id"])
    present = theory_in(files, codebook)
    taken = {element.id.casefold(): element for element in present.elements}
    if same := taken.get(name.casefold()):
        what = message("steps/has_an_element_already", element=same.id, name=same.name_in(""))
        raise _refusal(what, message("steps/choose_another_name"))
    after = replace(files, theory=theory_edits.with_element(files.theory, written))
    if problems := [each for each in theory_in(after, codebook).problems if each not in present.problems]:
        raise ConfigError(problems)
    return _recorded(change, written, after, codebook)


def _recorded(change: CodebookChange, written: str, after: Files, codebook: Codebook) -> Applied:
    """The change with the element as it is or was written, and the version of the theory after it."""
    before = {"element": written, "theory": theory_in(after, codebook).version}
    return replace(change, before=before), after


def _refusal(what: Message, remedy: Message) -> ConfigError:
    return ConfigError(Problem(f"coded/{NAME}", what, remedy))
