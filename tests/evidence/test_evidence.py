"""Links, strength, robustness and matrix: the rule that is declared is the rule that is applied."""

import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.config import EvidenceSettings, StrengthRule, StrongRule
from pipeline.evidence import book, link, matrix, robustness, strength
from pipeline.findings import Finding
from pipeline.vocabulary import Direction, Kind, Stance, Strength

RULES = EvidenceSettings(
    candidates=8,
    closeness=0.2,
    contested=0.4,
    strong=StrongRule(persons=4, groups=2, kinds=2, top_share=0.5, confirmed=0.0, confirmed_persons=0),
    moderate=StrengthRule(persons=2, groups=1, kinds=1, top_share=0.7),
)


def evidence(*voices: str) -> pd.DataFrame:
    """Rows of evidence from short lines: person, group, kind, direction, status."""
    rows = []
    for number, voice in enumerate(voices):
        person, group, kind, direction, status = (*voice.split(), "suggested")[:5]
        person = "" if person == "-" else person
        group = "" if group == "-" else group
        rows.append((person, group, kind, direction, status, f"s{person}{kind}", f"x{number}"))
    columns = ["participant", "group", "kind", "direction", "status", "source_id", "excerpt_id"]
    return pd.DataFrame(rows, columns=columns)


FOUR = ("a g1 interview supports", "b g1 interview supports", "c g2 survey supports", "d g2 survey supports")


def reached(*voices: str) -> Strength:
    return strength.strength(strength.count(evidence(*voices)), RULES)


def test_a_finding_with_enough_persons_groups_and_kinds_is_strong() -> None:
    assert reached(*FOUR) is Strength.STRONG


def test_mentions_do_not_make_persons() -> None:
    assert reached(*["a g1 interview supports"] * 9) is Strength.WEAK


def test_one_talkative_informant_weakens_a_finding() -> None:
    assert reached(*FOUR, *["a g1 interview supports"] * 5) is Strength.MODERATE


def test_one_kind_of_source_is_not_enough_for_strong() -> None:
    assert reached(*(voice.replace("survey", "interview") for voice in FOUR)) is Strength.MODERATE


def test_documents_count_as_a_kind_and_not_as_persons() -> None:
    counts = strength.count(evidence("- - document supports", "a g1 interview supports"))
    assert (counts.persons, counts.kinds, counts.groups) == (1, 2, 1)


def test_a_finding_that_many_contradict_is_contested_however_many_support_it() -> None:
    assert (
        reached(*FOUR, "e g1 interview contradicts", "f g1 interview contradicts", "h g3 survey contradicts")
        is Strength.CONTESTED
    )


def test_a_finding_without_support_is_unsupported() -> None:
    assert reached("a g1 interview contradicts") is Strength.UNSUPPORTED


def test_rejected_links_count_for_nothing() -> None:
    assert strength.count(evidence(*FOUR, "e g3 interview supports rejected")) == strength.count(evidence(*FOUR))


def test_the_share_that_a_person_confirmed_can_be_asked_for() -> None:
    asking = RULES.model_copy(update={"strong": RULES.strong.model_copy(update={"confirmed": 0.5})})
    counts = strength.count(evidence(*FOUR))
    assert strength.strength(counts, asking) is Strength.MODERATE


DELIVERED = EvidenceSettings(strong=StrongRule(persons=4, groups=2, kinds=2, top_share=0.5))  # strong asks for people


def test_suggestions_alone_never_make_a_finding_strong_as_delivered() -> None:
    many = [f"p{i} g{i % 5} {kind} supports" for i in range(40) for kind in ("interview", "survey")]
    assert strength.strength(strength.count(evidence(*many)), EvidenceSettings()) is Strength.MODERATE


def test_a_block_of_strong_that_leaves_the_confirmation_out_still_asks_for_it() -> None:
    block = {"persons": 10, "groups": 4, "kinds": 2, "top_share": 0.25}
    settings = EvidenceSettings.model_validate({"strong": block, "moderate": block})
    assert (settings.strong.confirmed, settings.strong.confirmed_persons) == (0.25, 5)
    assert (settings.moderate.confirmed, settings.moderate.confirmed_persons) == (0.0, 0)


def test_confirmed_persons_are_those_whose_supporting_words_a_person_confirmed() -> None:
    counts = strength.count(
        evidence(
            *FOUR, *["a g1 interview supports confirmed"] * 3,
            "e g1 interview contradicts confirmed", "- - document supports confirmed",
        )
    )  # fmt: skip
    assert (counts.persons, counts.confirmed_persons, counts.confirmed) == (4, 1, 5)


SPLIT = ("a g1 interview supports confirmed", "e g1 interview contradicts confirmed")


def test_a_finding_whose_confirmed_words_are_contested_is_not_strong_however_many_suggestions_support_it() -> None:
    many = [f"p{i} g{i % 5} {kind} supports" for i in range(9) for kind in ("interview", "survey")]
    assert reached(*many) is Strength.STRONG
    standing = strength.standing("F1", evidence(*many, *SPLIT), RULES, robustness="", language="en")
    assert (standing.strength, standing.strength_confirmed) == (Strength.MODERATE, Strength.CONTESTED)
    assert standing.reason.endswith(
        "Not strong: in words that a person confirmed, 50% of the persons who take a side contradict it (contested from 40%)."
    )
    spanish = strength.standing("F1", evidence(*many, *SPLIT), RULES, robustness="", language="es")
    assert spanish.reason.endswith(
        "No es sólido: en palabras que alguien confirmó, el 50% de las personas que toman partido lo contradice "
        "(controvertido desde 40%)."
    )


def test_confirmed_words_against_a_finding_count_only_from_the_share_that_makes_it_contested() -> None:
    many = [f"p{i} g{i % 5} {kind} supports confirmed" for i in range(9) for kind in ("interview", "survey")]
    assert reached(*many, "e g1 interview contradicts confirmed") is Strength.STRONG
    assert strength.count(evidence(*SPLIT, "f g1 interview contradicts")).confirmed_contradicting_share == 0.5


def test_confirming_is_not_offered_where_confirmed_words_are_contested() -> None:
    standing = strength.standing("F1", evidence(*TEN, *SPLIT), DELIVERED, robustness="", language="en")
    assert standing.strength is Strength.MODERATE
    assert "Would be strong" not in standing.reason
    assert "5 asked for, in words that a person confirmed, 50%" in standing.reason


def test_the_strength_over_confirmed_links_alone_stands_beside_the_strength() -> None:
    some = [*FOUR, "a g1 interview supports confirmed", "b g1 interview supports confirmed"]
    standing = strength.standing("F1", evidence(*some), RULES, robustness="", language="en")
    assert (standing.strength, standing.strength_confirmed) == (Strength.STRONG, Strength.MODERATE)
    assert (standing.persons, standing.confirmed_persons, standing.suggested_only) == (4, 2, False)


def test_a_finding_of_which_nobody_confirmed_anything_is_suggested_only() -> None:
    rejected = "e g3 interview supports rejected"
    standing = strength.standing("F1", evidence(*FOUR, rejected), RULES, robustness="", language="en")
    assert (standing.strength_confirmed, standing.suggested_only) == (Strength.UNSUPPORTED, True)
    assert not strength.standing("F1", evidence(rejected), RULES, robustness="", language="en").suggested_only


TEN = [f"p{i} g{i % 5} {kind} supports" for i in range(5) for kind in ("interview", "survey")]


def test_the_sentence_says_how_many_links_are_still_to_be_confirmed() -> None:
    standing = strength.standing("F1", evidence(*TEN), DELIVERED, robustness="", language="en")
    assert standing.strength is Strength.MODERATE
    assert standing.reason.endswith("Would be strong with 5 more links confirmed, from 5 more persons.")
    almost = [f"{voice} confirmed" if "interview" in voice and "p0" not in voice else voice for voice in TEN]
    standing = strength.standing("F1", evidence(*almost), DELIVERED, robustness="", language="es")
    assert standing.reason.endswith("Sería sólido con 1 vínculo más confirmado, de 1 persona más.")


@pytest.mark.parametrize("asked", [0.1, 0.3333, 0.5, 1.0])
@pytest.mark.parametrize("persons", [0, 3, 5])
def test_so_many_links_confirmed_make_it_strong_and_one_fewer_does_not(asked: float, persons: int) -> None:
    rule = DELIVERED.strong.model_copy(update={"confirmed": asked, "confirmed_persons": persons})
    settings = DELIVERED.model_copy(update={"strong": rule})
    more = strength.to_confirm(strength.count(evidence(*TEN)), rule).links
    for confirmed, expected in ((more, Strength.STRONG), (more - 1, Strength.MODERATE)):
        voices = [f"{voice} confirmed" if i < confirmed else voice for i, voice in enumerate(TEN[::2] + TEN[1::2])]
        assert strength.strength(strength.count(evidence(*voices)), settings) is expected


def test_confirming_is_not_offered_where_something_else_is_missing_too() -> None:
    standing = strength.standing("F1", evidence(*FOUR[:3]), DELIVERED, robustness="", language="en")
    assert standing.reason.endswith("Not moderate: 3 persons, 5 asked for.")
    standing = strength.standing(
        "F1", evidence(*(v.replace("survey", "interview") for v in TEN)), DELIVERED, robustness="", language="en"
    )
    assert standing.reason.endswith(
        "Not strong: 1 kind of source, 2 asked for, 0% confirmed, 25% asked for, 0 persons with a confirmed link, 5 asked for."
    )


def test_the_sentence_says_what_was_counted_and_what_was_missing() -> None:
    standing = strength.standing("F1", evidence(*FOUR[:3]), RULES, robustness="", language="en")
    assert standing.strength is Strength.MODERATE
    assert standing.reason == (
        "Supported by 3 persons of 2 groups in 2 kinds of source (3 excerpts); 0 excerpts against it, 0 excerpts qualifying it; "
        "0 of 3 links confirmed by a person. Not strong: 3 persons, 4 asked for."
    )


def test_the_sentence_speaks_spanish_too() -> None:
    standing = strength.standing("F1", evidence(*FOUR[:3]), RULES, robustness="", language="es")
    assert standing.reason.endswith("No es sólido: 3 personas, se piden 4.")


def test_a_finding_that_hangs_on_one_group_is_told_so() -> None:
    said = robustness.sentence(evidence(*FOUR), RULES, "en")
    assert said == "Becomes moderate without groups g1, g2, or one of 4 sources, or one of 4 persons."


def test_a_finding_that_hangs_on_nobody_holds() -> None:
    many = [
        f"{p}{i} g{i % 3} {kind} supports" for i, p in enumerate("abcdefghijkl") for kind in ("interview", "survey")
    ]
    assert robustness.sentence(evidence(*many), RULES, "en") == "Holds whichever person, source or group is left out."


def test_every_pair_of_stances_has_a_direction() -> None:
    assert set(link.DIRECTION) == {(a, b) for a in Stance for b in Stance}


@pytest.mark.parametrize(("finding", "excerpt", "expected"), [
    ("positive", "negative", "contradicts"), ("negative", "negative", "supports"), ("positive", "mixed", "qualifies"),
    ("mixed", "negative", "supports"), ("", "negative", "supports"),
])  # fmt: skip
def test_the_direction_follows_from_both_stances(finding: str, excerpt: str, expected: str) -> None:
    assert link.direction(finding, excerpt) == expected


def codings(count: int, *, contrary: int) -> pd.DataFrame:
    rows = [
        (f"s:{i}-{i + 1}", "relevance", True, 0.9, "negative" if i < contrary else "positive", "machine", "m", False)
        for i in range(count)
    ]
    return pd.DataFrame(rows, columns=tables.CODINGS.names)


def closeness(count: int) -> link.Closeness:
    names = [f"s:{i}-{i + 1}" for i in range(count)]
    return link.Closeness(["F1"], names, np.round(np.linspace(0.1, 0.9, count), 4).reshape(1, -1))


FINDING = Finding("F1", "relevance", "It fits.")


def test_contrary_evidence_is_looked_for_even_when_it_is_less_close() -> None:
    links = link.suggest([FINDING], {"F1": "positive"}, codings(30, contrary=10), closeness(30), RULES)
    assert len(links) == RULES.candidates
    assert (links["direction"] == Direction.CONTRADICTS).sum() == RULES.candidates // link.CONTRARY_SHARE


def test_excerpts_that_are_not_close_are_not_suggested() -> None:
    links = link.suggest([FINDING], {"F1": "positive"}, codings(3, contrary=0), closeness(3), RULES)
    assert links["score"].min() >= RULES.closeness


def test_an_excerpt_that_is_close_to_no_finding_scores_nothing() -> None:
    assert closeness(3).of("F1", ["s:1-2", "far:1-2"]) == [0.5, 0.0]


def test_a_person_is_put_beside_the_very_words_and_not_beside_a_copy_of_them() -> None:
    words = pd.DataFrame(
        [("s", "p", "respondent", "It fits.", 1), ("t", "", "respondent", "Agua.", 1)],
        columns=["source_id", "participant_id", "role", "text", "turn"],
    ).astype({"text": "str"})
    sources = pd.DataFrame([("s", "interview"), ("t", "interview")], columns=["source_id", "kind"])
    people = pd.DataFrame(
        [("p", "P-1", "g", "PE", "")], columns=["participant_id", "participant", "group", "country", "gender"]
    )
    beside = book.withheld(book.with_persons(words, sources, people, {"t": "A-1"}), (), "not shown")
    assert list(beside["participant"]) == ["P-1", "A-1"]
    assert beside["text"].array.__arrow_array__().chunk(0).buffers()[2].address == (
        words["text"].array.__arrow_array__().chunk(0).buffers()[2].address
    )


def test_a_persons_word_stands_in_the_place_of_the_machines() -> None:
    suggested = link.suggest([FINDING], {"F1": "positive"}, codings(5, contrary=0), closeness(5), RULES)
    first = suggested.iloc[0]["excerpt_id"]
    rows = [("F1", first, "contradicts", 0.0, "confirmed", "ana"), ("F1", "t:1-2", "supports", 0.0, "confirmed", "ana")]
    decided = link.decide(suggested, pd.DataFrame(rows, columns=tables.LINKS.names))
    assert len(decided) == len(suggested) + 1
    row = decided[decided["excerpt_id"] == first].iloc[0]
    assert (row["direction"], row["status"], row["score"]) == ("contradicts", "confirmed", suggested.iloc[0]["score"])


def test_the_matrix_has_a_row_for_every_cell_where_nobody_spoke() -> None:
    coded = evidence(*FOUR).assign(criterion="relevance", stance="positive")
    cells = matrix.matrix(coded, ["relevance", "efficiency"], ["g1", "g2"], smallest_cell=3)
    assert len(cells) == 2 * (2 + 2 + 1)
    assert (cells.loc[cells["criterion"] == "efficiency", "excerpts"] == 0).all()
    assert set(cells["kind"]) == set(Kind)


def test_the_matrix_hides_small_numbers_of_people() -> None:
    coded = evidence(*FOUR).assign(criterion="relevance", stance="positive")
    cells = matrix.matrix(coded, ["relevance"], ["g1", "g2"], smallest_cell=3)
    assert set(cells["persons"]) == {"<3", "0"}
