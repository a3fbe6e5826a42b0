"""theory_of_change.toml: the elements and assumptions of a study's theory of change, and the arrows between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from pipeline.codebook import LocalText
from pipeline.errors import Problem, UserError
from pipeline.provenance import key_of
from pipeline.validation import CodeId, Texts, blocks, is_line, one_of, read_entry, read_toml
from pipeline.vocabulary import ElementKind
from pipeline.wording.messages import Message, message

NAME = "theory_of_change.toml"
STARTS = frozenset({ElementKind.ACTIVITY, ElementKind.ASSUMPTION})  # no arrow need lead to them
ENDS = frozenset({ElementKind.OUTCOME, ElementKind.IMPACT})  # no arrow need lead on from them


class Arrow(NamedTuple):
    """What leads to what, by the ids of the elements."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element or assumption. Excerpts bear on it if they carry `code` and all of `together_with`."""

    id: str
    kind: ElementKind
    name: tuple[tuple[str, str], ...]  # per language
    code: str  # its stance says whether an excerpt supports the element
    together_with: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes that an excerpt must carry."""
        return (self.code, *self.together_with)

    def name_in(self, language: str) -> str:
        """Its name in the given language, otherwise in the first one that it has."""
        return dict(self.name).get(language) or next((text for _, text in self.name), self.id)


@dataclass(frozen=True, slots=True)
class TheoryOfChange:
    """The elements in the order of the file; none if the study has no theory of change."""

    elements: tuple[Element, ...] = ()
    problems: tuple[Problem, ...] = ()  # entries that were left out
    remarks: tuple[Problem, ...] = field(default=())  # what an author should look at; nothing was left out

    @property
    def version(self) -> str:
        """What changes with the elements: which there are, of which kind and name."""
        return key_of("theory", *([each.id, each.kind, each.name] for each in self.elements))

    @property
    def arrows(self) -> tuple[Arrow, ...]:
        """The arrows between existing elements."""
        ids = {element.id for element in self.elements}
        return tuple(
            Arrow(element.id, target) for element in self.elements for target in element.leads_to if target in ids
        )


class _Entry(BaseModel):
    """What may be written under [[elements]]."""

    model_config = ConfigDict(extra="forbid")
    id: CodeId
    kind: Annotated[str, one_of(*ElementKind)]
    name: LocalText
    code: CodeId
    together_with: Texts = Field(default=())
    leads_to: Texts = Field(default=())


def load_theory(path: Path, codes: Collection[str] | None) -> TheoryOfChange:
    """The theory of change of a study; without the file there is none. Entries that cannot be used are listed in `problems`.

    `codes` None: the codebook is not known, and codes are not checked.
    """
    if not path.exists():
        return TheoryOfChange()
    try:
        return theory_of(read_toml(path), codes)
    except UserError as error:
        return TheoryOfChange(problems=error.problems)


def theory_of(content: Mapping[str, Any], codes: Collection[str] | None) -> TheoryOfChange:
    """The theory of change that a file says, as `load_theory` reads it. ConfigError if its elements are no blocks."""
    rows = list(blocks(content, "elements", NAME))
    problems: list[Problem] = []
    for key in sorted(set(content) - {"elements"}):
        problems.append(
            Problem(f"{NAME} {key}", message("study/no_such_key"), message("study/begin_each_element_with_elements"))
        )
    elements: dict[str, Element] = {}
    for number, row in rows:
        element = _element(number, row, codes, problems)
        if element and element.id in elements:
            problems.append(
                _left_out(
                    element.id,
                    message("study/has_the_id_of_another_element"),
                    message("study/give_each_element_its_own_id"),
                )
            )
        elif element:
            elements[element.id] = element
    usable = tuple(elements.values())
    written = {str(row.get("id")) for _, row in rows}
    return TheoryOfChange(usable, tuple(problems), tuple(_remarks(usable, written)))


def _element(
    number: int, row: dict[str, Any], codes: Collection[str] | None, problems: list[Problem]
) -> Element | None:
    name = row["id"] if is_line(row.get("id")) else f"number {number}"
    entry, wrong = read_entry(_Entry, row, f"{NAME} element {name}", "codebook.md")
    problems += [Problem(p.where, message("study/the_element_is_left_out", what=p.what), p.remedy) for p in wrong]
    if entry is None:
        return None
    element = Element(
        id=entry.id,
        kind=ElementKind(entry.kind),
        name=(("", entry.name),) if isinstance(entry.name, str) else tuple(entry.name.items()),
        code=entry.code,
        together_with=entry.together_with,
        leads_to=tuple(dict.fromkeys(entry.leads_to)),
    )
    unknown = [code for code in element.codes if codes is not None and code not in codes]
    if unknown:
        what = message("study/code_is_not_in_the_codebook", code=unknown[0])
        problems.append(_left_out(element.id, what, message("study/use_one_of", words=", ".join(codes or ()))))
        return None
    return element


def _left_out(element: str, what: Message, remedy: Message) -> Problem:
    return Problem(f"{NAME} element {element}", message("study/the_element_is_left_out", what=what), remedy)


def _remarks(elements: Sequence[Element], written: Collection[str]) -> Iterator[Problem]:
    ids = {element.id for element in elements}
    arrows = TheoryOfChange(tuple(elements)).arrows
    for element in elements:
        for target in (target for target in element.leads_to if target not in ids):
            what = message("remark.elsewhere" if target in written else "remark.broken", target=target)
            yield Problem(f"{NAME} {element.id}", what, message("study/correct_its_leads_to"))
    yield from _remarks_on_ends(elements, arrows)
    for loop in loops([element.id for element in elements], arrows):
        remedy = message("study/nothing_if_it_is_meant")
        yield Problem(f"{NAME} {loop[0]}", message("remark.loop", path=" → ".join(loop)), remedy)


def _remarks_on_ends(elements: Sequence[Element], arrows: Sequence[Arrow]) -> Iterator[Problem]:
    """Elements that no arrow leads to, or that lead nowhere, though their kind is neither a start nor an end."""
    starts, ends = {arrow.start for arrow in arrows}, {arrow.end for arrow in arrows if arrow.start != arrow.end}
    for element in elements:
        if element.kind not in STARTS and element.id not in ends:
            remedy = message("study/name_it_in_leads")
            yield Problem(f"{NAME} {element.id}", message("remark.unreached"), remedy)
        if element.kind not in ENDS and element.id not in starts:
            remedy = message("study/name_in_leads_to_what")
            yield Problem(f"{NAME} {element.id}", message("remark.dead_end"), remedy)


def loops(ids: Sequence[str], arrows: Iterable[Arrow]) -> list[list[str]]:
    """The ways back to an element, one for each arrow that closes one: the first and the last id of each are the same.

    Without these last arrows nothing leads back to itself. Ids and arrows are gone through in their order.
    """
    following: Mapping[str, list[str]] = {name: [] for name in ids}
    for arrow in arrows:
        following[arrow.start].append(arrow.end)
    closed: list[list[str]] = []
    done: set[str] = set()
    for first in ids:
        way = [first] if first not in done else []
        waiting = [iter(following[first])] if way else []
        while waiting:
            after = next(waiting[-1], "")
            if not after:
                done.add(way.pop())
                waiting.pop()
            elif after in way:
                closed.append([*way[way.index(after) :], after])
            elif after not in done:
                way.append(after)
                waiting.append(iter(following[after]))
    return closed
