"""The theory of change: how it is read, what confirmed evidence does to an element, and what the machine alone cannot do."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.codebook.theory_of_change import Element, TheoryOfChange, load_theory
from pipeline.evidence.theory.elements import Speakers, element_rows, element_status, element_voices
from pipeline.vocabulary import ElementKind

CODES = ("x", "y", "z")


def element(name: str = "e", code: str = "x", *together_with: str) -> Element:
    return Element(name, ElementKind.OUTCOME, (("en", name), ("es", f"{name}!")), code, together_with)


def counted(*codings: str, persons: str = "abcd", of: Element | None = None, contested: float = 0.35) -> Any:
    """The figures of an element over codings such as "0x+" (excerpt 0 carries x, positively; "m": the machine says so).

    `persons` names who speaks in each excerpt, "-" a document.
    """
    stances = {"+": "positive", "-": "negative", "~": "mixed", "?": ""}
    rows = [(c[0], c[1], True, stances[c[2]], "machine" if c.endswith("m") else "single") for c in codings]
    table = pd.DataFrame(rows, columns=["excerpt_id", "criterion", "coded", "stance", "status"])
    chosen = of or element()
    spoken = [str(number) for number in range(len(persons))]
    voices = element_voices([chosen], table.astype({"coded": bool}), spoken)
    who = {name: person.strip("-") for name, person in zip(spoken, persons, strict=True)}
    speakers = Speakers(who, {name: f"S{name}" for name in spoken})
    return element_rows([chosen], voices, speakers, contested=contested, language="es").iloc[0]


def test_persons_who_speak_well_of_it_support_an_element() -> None:
    row = counted("0x+", "1x+")
    assert (row["status"], row["supporting"], row["contradicting"], row["name"]) == ("supported", 2, 0, "e!")


def test_persons_who_speak_badly_of_it_contradict_an_element() -> None:
    assert counted("0x-", "1x-")["status"] == "contradicted"


def test_who_speaks_twice_counts_once() -> None:
    row = counted("0x+", "1x+", "2x-", "3x-", persons="aabc")
    assert (row["supporting"], row["contradicting"], row["excerpts"], row["status"]) == (1, 2, 4, "contradicted")


def test_a_mixed_excerpt_counts_on_both_sides() -> None:
    row = counted("0x~")
    assert (row["persons"], row["supporting"], row["contradicting"], row["status"]) == (1, 1, 1, "contested")


@pytest.mark.parametrize(
    ("supporting", "contradicting", "contested", "status"),
    [
        (13, 7, 0.35, "contested"),  # 7 of 20 are .35
        (14, 6, 0.35, "supported"),
        (6, 14, 0.35, "contradicted"),
        (3, 0, 0.0, "supported"),
        (1, 1, 0.9, "contested"),
        (1, 2, 0.9, "contradicted"),
    ],
)
def test_the_smaller_side_contests_from_the_declared_share_on(
    supporting: int, contradicting: int, contested: float, status: str
) -> None:
    both = supporting + contradicting
    result = element_status(
        supporting=supporting, contradicting=contradicting, taking_sides=both, persons=both, documents=0, contested=contested
    )  # fmt: skip
    assert result == status


def test_what_the_machine_alone_believes_supports_nothing() -> None:
    row = counted("0x+m", "1x+m", "2x-m")
    assert (row["status"], row["persons"], row["excerpts"]) == ("silent", 0, 0)
    assert (row["machine_persons"], row["machine_supporting"], row["machine_contradicting"]) == (3, 2, 1)


def test_people_and_machine_are_never_added_up() -> None:
    row = counted("0x+", "1x-m", "2x-m")
    assert (row["status"], row["contradicting"], row["machine_contradicting"]) == ("supported", 0, 2)


def test_an_excerpt_bears_on_an_element_only_with_all_its_codes() -> None:
    row = counted("0x+", "0y-", "1x+", "2y+", of=element("e", "x", "y"))
    assert (row["persons"], row["supporting"], row["status"]) == (1, 1, "supported")


def test_an_excerpt_of_which_the_machine_coded_one_code_is_the_machines() -> None:
    row = counted("0x+", "0y+m", of=element("e", "x", "y"))
    assert (row["persons"], row["machine_persons"], row["status"]) == (0, 1, "silent")


def test_words_without_a_stance_mention_it_and_a_document_is_not_a_person() -> None:
    assert counted("0x?")["status"] == "mentioned"
    row = counted("0x+", "1x+", persons="--")
    assert (row["status"], row["persons"], row["supporting"], row["documents"]) == ("documents", 0, 0, 2)


def test_of_what_nobody_says_it_is_silent() -> None:
    assert counted("0y+")["status"] == "silent"


@pytest.mark.parametrize("status", ["conflicted", "stale"])
def test_divided_coders_and_changed_words_count_for_nothing(status: str) -> None:
    table = pd.DataFrame(
        [("0", "x", True, "positive", status)], columns=["excerpt_id", "criterion", "coded", "stance", "status"]
    )
    assert element_voices([element()], table, ["0"]).empty


# ---------------------------------------------------------------- the file


def read(tmp_path: Path, text: str) -> TheoryOfChange:
    path = tmp_path / "theory_of_change.toml"
    path.write_text(text, "utf-8")
    return load_theory(path, CODES)


def block(name: str, kind: str = "outcome", *leads_to: str, more: str = 'code = "x"') -> str:
    targets = ", ".join(f'"{target}"' for target in leads_to)
    return f'[[elements]]\nid = "{name}"\nkind = "{kind}"\nname = "{name.upper()}"\n{more}\nleads_to = [{targets}]\n\n'


def said(problems: Any) -> list[str]:
    return [str(problem) for problem in problems]


def test_a_study_without_a_theory_has_none(tmp_path: Path) -> None:
    assert load_theory(tmp_path / "theory_of_change.toml", CODES) == TheoryOfChange()


def test_a_theory_has_its_elements_and_arrows_in_the_order_of_the_file(tmp_path: Path) -> None:
    theory = read(tmp_path, block("a", "activity", "b") + block("b", "output", "c") + block("c"))
    assert theory.arrows == (("a", "b"), ("b", "c"))
    assert (theory.problems, theory.remarks) == ((), ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (block("a", more='code = "w"'), "toml element a: code 'w' is not in the codebook; the element is left out"),
        (block("a", more='code = "x"\ntogether_with = ["v"]'), "element a: code 'v' is not in the codebook"),
        (block("a", "goal"), "element a kind = 'goal': is not an allowed value; the element is left out: use activity, output"),
        (block("a") * 2, "element a: has the id of another element; the element is left out"),
        (block("a", more=""), "element a code: is missing; the element is left out"),
        ("[elements]\nid = 1\n", "theory_of_change.toml elements: must be a block: begin each entry with [[elements]]"),
        ("[[elements", "theory_of_change.toml: is not valid TOML"),
        ("arrows = 1\n" + block("a"), "theory_of_change.toml arrows: no such key"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    assert any(message in each for each in said(read(tmp_path, text).problems))


def test_of_two_elements_with_one_id_the_first_counts(tmp_path: Path) -> None:
    theory = read(tmp_path, block("a", "activity", "a") + block("a", more='code = "y"'))
    assert [each.code for each in theory.elements] == ["x"]


def test_what_leads_nowhere_what_nothing_leads_to_and_what_is_not_there_is_remarked(tmp_path: Path) -> None:
    theory = read(tmp_path, block("a", "activity") + block("b", "outcome") + block("c", "assumption", "d"))
    assert said(theory.remarks) == [
        "theory_of_change.toml c: refers to d, which does not exist: correct its leads_to",
        "theory_of_change.toml a: leads to nothing: name in leads_to what it brings about, or what depends on it",
        "theory_of_change.toml b: no arrow leads to it: name it in the leads_to of what brings it about",
        "theory_of_change.toml c: leads to nothing: name in leads_to what it brings about, or what depends on it",
    ]


def test_a_loop_is_named_and_its_elements_stay(tmp_path: Path) -> None:
    theory = read(tmp_path, block("a", "activity", "b") + block("b", "outcome", "c") + block("c", "outcome", "a", "c"))
    assert len(theory.elements) == 3
    assert [each.split(": ")[1:3] for each in said(theory.remarks)] == [
        ["leads back to itself", "a → b → c → a"],
        ["leads back to itself", "c → c"],
    ]
