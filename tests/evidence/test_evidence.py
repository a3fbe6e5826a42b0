"""Links, strength, robustness and matrix: the rule that is declared is the rule that is applied."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.config import Condition, EvidenceSettings, StrengthRule, StrongRule
from pipeline.evidence import evidence_rows, link, matrix, null_control, robustness, strength
from pipeline.findings import Finding
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import Direction, Kind, Stance, Strength

RULES = EvidenceSettings(
    candidates=8,
    closeness=0.2,
    false_findings=1.0,
    false_links=1.0,
    contested=0.4,
    strong=StrongRule(persons=4, groups=2, kinds=2, top_share=0.5, confirmed=0.0),
    moderate=StrengthRule(persons=2, groups=1, kinds=1, top_share=0.7),
)


def evidence(*voices: str) -> pd.DataFrame:
    """Rows of evidence from short lines: person, group, kind, direction, status (confirmed, where nothing is said)."""
    rows = []
    for number, voice in enumerate(voices):
        person, group, kind, direction, status = (*voice.split(), "confirmed")[:5]
        person = "" if person == "-" else person
        group = "" if group == "-" else group
        rows.append((person, group, kind, direction, status, f"s{person}{kind}", f"x{number}", 0.5))
    columns = ["participant", "group", "kind", "direction", "status", "source_id", "excerpt_id", "score"]
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


def test_rejected_links_do_not_count() -> None:
    assert strength.count(evidence(*FOUR, "e g3 interview supports rejected")) == strength.count(evidence(*FOUR))


def suggested(*voices: str) -> list[str]:
    return [f"{voice} suggested" for voice in voices]


def test_suggestions_earn_no_strength_however_many_there_are() -> None:
    many = [f"p{i} g{i % 5} {kind} supports" for i in range(40) for kind in ("interview", "survey")]
    assert strength.strength(strength.count(evidence(*suggested(*many))), EvidenceSettings()) is Strength.UNSUPPORTED
    assert reached(*suggested(*many), "a g1 interview supports") is Strength.WEAK


def test_suggested_contradictions_contest_nothing() -> None:
    assert reached(*FOUR, *suggested("e g1 interview contradicts", "f g1 interview contradicts")) is Strength.STRONG


def test_words_without_a_direction_do_not_count() -> None:
    counts = strength.count(evidence("a g1 interview not_told", "b g1 interview not_told"))
    assert (counts.confirmed, counts.persons, counts.supports) == (2, 0, 0)
    assert reached("a g1 interview not_told", "b g1 interview not_told") is Strength.UNSUPPORTED


def test_strong_asks_that_people_looked_at_a_part_of_the_links() -> None:
    asking = RULES.model_copy(update={"strong": RULES.strong.model_copy(update={"confirmed": 0.5})})
    waiting = suggested(*(f"w{i} g1 interview supports" for i in range(5)))
    assert strength.strength(strength.count(evidence(*FOUR)), asking) is Strength.STRONG
    assert strength.strength(strength.count(evidence(*FOUR, *waiting)), asking) is Strength.MODERATE


def test_a_block_of_strong_that_leaves_the_confirmation_out_still_asks_for_it() -> None:
    block = {"persons": 10, "groups": 4, "kinds": 2, "top_share": 0.25}
    settings = EvidenceSettings.model_validate({"strong": block, "moderate": block})
    assert (settings.strong.confirmed, settings.moderate.confirmed) == (0.25, 0.0)


@pytest.mark.parametrize("condition", RULES.strong.conditions(), ids=lambda condition: condition.key)
@pytest.mark.parametrize("rule", ["strong", "moderate"])
def test_every_condition_of_the_rule_changes_a_strength(condition: Condition, rule: str) -> None:
    """A condition that no voice can meet takes the strength away that the others give."""
    lenient = {c.key: 1.0 if c.at_most else 0 for c in RULES.strong.conditions()}
    never = {**lenient, "persons": 99}
    counts = strength.count(evidence(*FOUR, "e g1 interview supports suggested"))
    blocks = {"strong": never, "moderate": never, rule: lenient}
    before = strength.strength(counts, EvidenceSettings.model_validate(blocks))
    blocks[rule] = {
        **lenient,
        condition.key: 0.0 if condition.at_most else 1.0 if isinstance(condition.limit, float) else 99,
    }
    assert before == rule
    assert strength.strength(counts, EvidenceSettings.model_validate(blocks)) is Strength.WEAK


def assessed(*voices: str, rules: EvidenceSettings = RULES, language: str = "en") -> StrengthAssessment:
    return strength.assess("F1", evidence(*voices), rules, robustness="", language=language)


def test_a_finding_without_a_confirmed_link_is_suggested_only() -> None:
    waiting = assessed(*suggested(*FOUR), "e g3 interview supports rejected")
    assert (waiting.strength, waiting.suggested_only, waiting.suggested) == (Strength.UNSUPPORTED, True, 4)
    assert (
        waiting.reason
        == "No person has confirmed an excerpt that supports it. 4 of the excerpts shown are still undecided."
    )
    assert not assessed("e g3 interview supports rejected").suggested_only


def test_a_share_of_nothing_is_not_zero_percent() -> None:
    shares = ("top_share", "contradicting_share", "confirmed_share")
    assert [assessed("e g3 interview supports rejected").shown(name) for name in shares] == [None, None, None]
    assert [assessed("a g1 interview contradicts").shown(name) for name in shares] == [None, 1.0, 1.0]
    assert [assessed("a g1 interview supports").shown(name) for name in shares] == [1.0, 0.0, 1.0]
    assert [assessed(*suggested("a g1 interview supports")).shown(name) for name in shares] == [None, None, 0.0]


def test_the_sentence_says_what_people_confirmed_and_what_was_missing() -> None:
    three = assessed(*FOUR[:3])
    assert three.strength is Strength.MODERATE
    assert three.reason == (
        "Support that coders confirmed: 3 persons from 2 groups in 2 kinds of source (3 excerpts); 0 excerpts against it, "
        "0 excerpts qualifying it. 0 of the excerpts shown are still undecided. Not strong: 3 persons, 4 required."
    )


def test_the_sentence_of_a_contested_finding_says_how_many_contradict_it() -> None:
    contested = assessed("a g1 interview supports", "b g1 interview contradicts")
    assert contested.strength is Strength.CONTESTED
    assert contested.reason.endswith("50% of the persons who take a position contradict it (contested from 40%).")


def test_a_finding_that_people_only_contradict_says_so() -> None:
    against = assessed("a g1 interview contradicts")
    assert against.reason == (
        "No person has confirmed an excerpt that supports it. People confirmed 1 excerpt against it. "
        "0 of the excerpts shown are still undecided."
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "1 of the excerpts shown is still undecided."), ("es", "1 de los extractos mostrados sigue por decidir.")],
)
def test_beside_nothing_against_it_the_sentence_says_how_much_is_undecided(language: str, text: str) -> None:
    assert text in assessed(*FOUR, "e g1 interview not_told suggested", language=language).reason


def test_every_missing_condition_is_named() -> None:
    reason = assessed(*["a g1 interview supports"] * 3, rules=EvidenceSettings()).reason
    assert reason.endswith(
        "Not moderate: 1 person, 5 required, 1 group, 2 required, one person contributes 100% of the excerpts, at most 40% allowed."
    )


def test_the_sentence_speaks_spanish_too() -> None:
    assert assessed(*FOUR[:3], language="es").reason.endswith("No es sólido: 3 personas, se requieren 4.")


def test_a_finding_that_depends_on_one_group_says_so() -> None:
    said = robustness.sentence(evidence(*FOUR), RULES, "en")
    first, _, _ = said.partition(". ")
    assert f"{first}." == (
        "Becomes moderate if any one of the groups g1, g2, or any one of 4 sources, or any one of 4 persons is left out."
    )


def test_a_finding_that_depends_on_no_single_voice_holds() -> None:
    many = [
        f"{p}{i} g{i % 3} {kind} supports" for i, p in enumerate("abcdefghijkl") for kind in ("interview", "survey")
    ]
    assert robustness.sentence(evidence(*many), RULES, "en").startswith(
        "Stays strong whichever person, source or group is left out."
    )


TWO = ["- - document supports", "- - survey supports"]


@pytest.mark.parametrize(
    ("voices", "language", "text"),
    [
        (TWO, "en", "Already weak, and still weak whichever "),
        (TWO, "es", "Ya es débil, y sigue débil aunque se quite "),
        (["a g1 survey contradicts", "b g1 survey contradicts"], "en", "Already unsupported, and still unsupported "),
        (["a g1 survey contradicts", "b g1 survey contradicts"], "es", "Ya no tiene respaldo, y sigue sin respaldo "),
    ],
)
def test_a_weak_finding_that_loses_nothing_is_not_called_robust(voices: list[str], language: str, text: str) -> None:
    assert robustness.sentence(evidence(*voices), RULES, language).startswith(text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No longer contested but weak if group g2, or source sbsurvey, or person b is left out."),
        (
            "es",
            "Deja de ser controvertido y queda débil si se quita el grupo g2, o la fuente sbsurvey, o la persona b.",
        ),
    ],
)
def test_a_contested_finding_without_its_only_opponent_is_said_to_be_contested_no_longer(
    language: str, text: str
) -> None:
    voices = ["a g1 survey supports", "b g2 survey contradicts"]
    said = robustness.sentence(evidence(*voices), RULES, language)
    assert text in said, said


@pytest.mark.parametrize(
    ("voices", "language", "text"),
    [
        (
            ["a g1 survey supports", "b g2 survey supports"],
            "en",
            "All that people confirmed comes from the survey.",
        ),
        (
            ["a g1 survey supports", "b g2 survey supports"],
            "es",
            "Todo lo confirmado viene de la encuesta.",
        ),
        (
            [*FOUR, "e g1 document qualifies"],
            "en",
            (
                "If a whole kind of source is left out: moderate without the interviews, or without the survey; "
                "still strong without the documents."
            ),
        ),
        (
            [*FOUR, "e g1 document qualifies"],
            "es",
            (
                "Si se quita un tipo de fuente entero: moderado sin las entrevistas, o sin la encuesta; "
                "sigue sólido sin los documentos."
            ),
        ),
    ],
)
def test_a_finding_says_whether_it_hangs_on_one_kind_of_source(voices: list[str], language: str, text: str) -> None:
    assert robustness.sentence(evidence(*voices), RULES, language).endswith(text)


def test_suggested_links_leave_robustness_as_it_is() -> None:
    assert robustness.sentence(evidence(*suggested(*FOUR)), RULES, "en") == "Nothing is confirmed."
    with_suggestions = evidence(*FOUR, *suggested("z g9 survey contradicts"))
    assert robustness.sentence(with_suggestions, RULES, "en") == robustness.sentence(evidence(*FOUR), RULES, "en")


def test_a_suggested_link_that_would_change_the_strength_is_named_once_per_speaker() -> None:
    almost = evidence(*FOUR[:3], *suggested("d g2 survey supports", "d g2 survey supports", "a g1 interview supports"))
    assert robustness.pivots(almost, RULES) == ["x3"]


def test_every_pair_of_stances_has_a_direction() -> None:
    assert set(link.DIRECTION) == {(a, b) for a in Stance for b in Stance}


@pytest.mark.parametrize(("finding", "excerpt", "expected"), [
    ("positive", "negative", "contradicts"), ("negative", "negative", "supports"), ("positive", "mixed", "qualifies"),
    ("mixed", "negative", "supports"), ("", "negative", "not_told"), ("positive", "", "not_told"),
])  # fmt: skip
def test_the_direction_follows_from_both_stances_and_is_unclear_without_one(
    finding: str, excerpt: str, expected: str
) -> None:
    assert link.direction(finding, excerpt) == expected


def coded(count: int, *, contrary: int) -> pd.DataFrame:
    rows = [(f"s:{i}-{i + 1}", "relevance", "negative" if i < contrary else "positive") for i in range(count)]
    return pd.DataFrame(rows, columns=["excerpt_id", "criterion", "stance"])


def similarities(count: int, control: float = 0.0) -> link.Similarities:
    """Excerpts that are ever more similar to a finding, and all alike to ten control statements."""
    names = [f"s:{i}-{i + 1}" for i in range(count)]
    scores = np.round(np.linspace(0.1, 0.9, count), 4).reshape(1, -1)
    return link.Similarities(["F1"], pd.DataFrame(np.vstack([scores, np.full((60, count), control)]), columns=names))


FINDING = Finding("F1", "relevance", "It fits.")
OPEN = RULES.model_copy(update={"closeness": 0.0})


def sure(_finding_id: str, excerpt_ids: Sequence[str]) -> np.ndarray:
    """Every excerpt bears on every finding."""
    return np.ones(len(excerpt_ids))


def suggested_links(count: int, *, contrary: int = 0) -> pd.DataFrame:
    return link.suggest(
        [FINDING],
        link.Stances({"F1": "positive"}),
        coded(count, contrary=contrary),
        similarities(count),
        sure,
        RULES,
        gate=0.8,
    ).links


def test_contrary_evidence_is_looked_for_even_when_it_is_less_similar() -> None:
    links = suggested_links(30, contrary=10)
    assert len(links) == RULES.candidates
    assert (links["direction"] == Direction.CONTRADICTS).sum() == RULES.candidates // link.CANDIDATES_PER_CONTRARY


def test_excerpts_that_are_not_similar_are_not_suggested() -> None:
    assert suggested_links(3)["score"].min() >= RULES.closeness


def test_what_probably_does_not_bear_on_the_finding_is_not_suggested_however_similar() -> None:
    def unsure(_finding_id: str, excerpt_ids: Sequence[str]) -> np.ndarray:
        return np.full(len(excerpt_ids), 0.4)

    found = link.suggest(
        [FINDING], link.Stances({"F1": "positive"}), coded(30, contrary=0), similarities(30), unsure, RULES, gate=0.0
    )
    assert found.links.empty
    assert len(found.clear) == 30


@pytest.mark.parametrize(("likeliest", "listed"), [(0.79, 0), (0.8, 8)])
def test_a_finding_gets_a_list_only_if_its_likeliest_excerpt_reaches_the_gate(likeliest: float, listed: int) -> None:
    def rather_sure(_finding_id: str, excerpt_ids: Sequence[str]) -> np.ndarray:
        return np.array([likeliest, *[0.7] * (len(excerpt_ids) - 1)])

    rows = coded(30, contrary=0)
    suggestions = link.suggest(
        [FINDING], link.Stances({"F1": ""}), rows, similarities(30, 0.0), rather_sure, OPEN, gate=0.8
    )
    assert len(suggestions.links) == listed


def test_what_is_only_suggested_of_a_code_has_no_probability_in_the_evidence() -> None:
    rows = rows_behind(suggested_links(5).head(2), {"F1": FINDING})
    assert rows["probability"].tolist() == [0.7, 0.0]


def rows_behind(links: pd.DataFrame, findings: dict[str, Finding]) -> pd.DataFrame:
    """The table `evidence` of two links, of which only the first excerpt carries the code."""
    codings = links[["excerpt_id"]].assign(
        criterion="relevance", coded=[True, False], probability=0.7, stance="", status="machine", decided_by="machine"
    )
    excerpts = links[["excerpt_id"]].assign(
        **dict.fromkeys(("source_id", "participant", "group", "country", "gender", "kind", "language", "place"), "s"),
        **dict.fromkeys(("question", "text", "shown"), "whole"),
    )
    return evidence_rows.evidence(links, codings.assign(doubtful=True), excerpts, findings)


def test_the_rows_of_evidence_come_in_the_order_of_the_findings() -> None:
    links = suggested_links(5).head(2).assign(finding_id=["F10", "F2"])
    rows = rows_behind(links, {name: Finding(name, "relevance", "It works.") for name in ("F1", "F2", "F10")})
    assert rows["finding_id"].tolist() == ["F2", "F10"]


def test_codes_that_only_patterns_or_a_definition_suggest_are_distinguished_from_learnt_ones() -> None:
    rows = [
        ("a", "water", "classifier:1", '{"definition": 0.4}'),
        ("a", "money", "classifier:1", '{"terms": [["budget", 0.2]]}'),
        ("a", "time", "rule:late", "{}"),
        ("b", "money", "rule:late", "{}"),
        ("b", "money", "classifier:1", "{}"),
        ("b", "time", "voter:chat", '{"quote": "late"}'),
    ]
    votes = pd.DataFrame(rows, columns=["excerpt_id", "criterion", "voter", "because"]).assign(vote=1)
    denied = votes.tail(1).assign(criterion="water", vote=0)
    suggested = {("a", "water"), ("a", "time"), ("b", "time")}
    assert evidence_rows.only_suggested(pd.concat([votes, denied])) == suggested


def test_an_excerpt_that_is_similar_to_no_finding_scores_nothing() -> None:
    assert similarities(3).of("F1", ["s:1-2", "far:1-2"]).tolist() == [0.5, 0.0]


CONTROLLED = RULES.model_copy(update={"false_findings": 0.1, "false_links": 0.2})


def test_a_finding_whose_excerpts_are_as_similar_to_other_evaluations_gets_no_suggestion() -> None:
    """Every control statement is at home in these excerpts as much as the finding is."""
    names = [f"s:{i}-{i + 1}" for i in range(40)]
    scores = np.random.default_rng(1).uniform(0.2, 0.9, (61, 40))
    found = link.suggest(
        [FINDING],
        link.Stances({"F1": "positive"}),
        coded(40, contrary=0),
        link.Similarities(["F1"], pd.DataFrame(scores, columns=names)),
        sure,
        CONTROLLED,
        gate=0.8,
    )
    assert found.links.empty
    assert found.clearances["F1"].links == 0


def test_the_stance_is_read_of_those_excerpts_alone_that_clear_the_control() -> None:
    generator = np.random.default_rng(4)
    scores = np.vstack([[0.95] * 5 + [0.3] * 35, generator.uniform(0.2, 0.4, (60, 40))])
    read: list[str] = []

    def positive(rows: pd.DataFrame) -> list[str]:
        read.extend(rows["excerpt_id"])
        return ["positive"] * len(rows)

    suggested = link.suggest(
        [FINDING],
        link.Stances({"F1": "positive"}, positive),
        coded(40, contrary=0),
        link.Similarities(["F1"], pd.DataFrame(scores, columns=[f"s:{i}-{i + 1}" for i in range(40)])),
        sure,
        CONTROLLED,
        gate=0.8,
    )
    assert len(read) == suggested.clearances["F1"].links == 5
    assert set(suggested.links["direction"]) == {Direction.SUPPORTS}


def test_leaving_one_out_counts_the_rest_as_if_it_had_never_been_there() -> None:
    dice = np.random.default_rng(5)
    words = {
        "status": ["confirmed"] * 8 + ["suggested", "rejected"],
        "direction": ["supports"] * 4 + ["contradicts", "qualifies"],
        "participant": ["", "P-1", "P-2", "P-3", "P-4", "P-5", "P-6"],
        "group": ["", "a", "b", "c"],
        "kind": ["interview", "survey", "document"],
        "source_id": ["s1", "s2", "s3", "s4"],
    }
    changed = 0
    for _ in range(60):
        rows = pd.DataFrame({name: dice.choice(of, 14) for name, of in words.items()})
        confirmed = [row for row in strength.evidence_rows(rows) if row.status == "confirmed"]
        whole = strength.strength(strength.tally(confirmed), RULES)
        expected = []
        for column in robustness.LEFT_OUT:
            for value in sorted({getattr(row, column) for row in confirmed} - {""}):
                rest = [row for row in confirmed if getattr(row, column) != value]
                if (without := strength.strength(strength.tally(rest), RULES)) is not whole:
                    expected.append((column, value, without))
        assert robustness.changes(robustness.confirmed(rows, RULES)) == expected
        changed += len(expected)
    assert changed > 30


def test_links_above_the_mark_are_at_most_so_often_there_by_chance() -> None:
    generator = np.random.default_rng(2)
    control = generator.normal(0.3, 0.1, (60, 200))
    finding = np.concatenate([generator.normal(0.3, 0.1, 180), generator.normal(0.8, 0.05, 20)])
    compared = null_control.compare(finding, null_control.Control(control))
    cleared = null_control.clearance(compared, 0.2)
    assert compared.p_value == pytest.approx(1 / 61)
    assert 20 <= cleared.links <= 26
    assert cleared.by_chance <= 0.2 * cleared.links
    assert null_control.clearance(compared, 0.05).links <= cleared.links


def test_findings_that_have_nothing_to_do_with_the_material_are_rarely_discoveries() -> None:
    generator = np.random.default_rng(3)
    chances = [
        null_control.compare(scores[0], null_control.Control(scores[1:])).p_value
        for scores in generator.normal(0.3, 0.1, (24, 61, 100))
    ]
    assert sum(null_control.discoveries(chances, 0.05)) <= 2


def test_more_findings_are_discoveries_at_a_higher_rate() -> None:
    chances = [0.02, 0.03, 0.2, 0.6]
    assert null_control.discoveries(chances, 0.05) == [False, False, False, False]
    assert null_control.discoveries(chances, 0.1) == [True, True, False, False]
    assert null_control.discoveries([], 0.1) == []


def test_the_control_statements_are_a_hundred_in_two_languages_each_once() -> None:
    listed = null_control.statements()
    assert len({each.statement for each in listed}) == len(listed) == 100
    assert {each.language for each in listed} == {"en", "es"}


def test_a_person_is_put_beside_the_very_words_and_not_beside_a_copy_of_them() -> None:
    words = pd.DataFrame(
        [("s", "p", "respondent", "It fits.", 1), ("t", "", "respondent", "Agua.", 1)],
        columns=["source_id", "participant_id", "role", "text", "turn"],
    ).astype({"text": "str"})
    sources = pd.DataFrame([("s", "interview"), ("t", "interview")], columns=["source_id", "kind"])
    people = pd.DataFrame(
        [("p", "P-1", "g", "PE", "")], columns=["participant_id", "participant", "group", "country", "gender"]
    )
    beside = evidence_rows.with_note(
        evidence_rows.with_persons(words, sources, people, {"t": "A-1"}, attributes={}), (), "not shown"
    )
    assert list(beside["participant"]) == ["P-1", "A-1"]
    assert beside["text"].array.__arrow_array__().chunk(0).buffers()[2].address == (
        words["text"].array.__arrow_array__().chunk(0).buffers()[2].address
    )


def test_a_persons_decision_takes_the_place_of_the_machines() -> None:
    suggested = suggested_links(5)
    first = suggested.iloc[0]["excerpt_id"]
    rows = [
        ("F1", first, "contradicts", 0.0, 0.0, "confirmed", "ana"),
        ("F1", "t:1-2", "supports", 0.0, 0.0, "confirmed", "ana"),
    ]
    decided = link.with_decisions(suggested, pd.DataFrame(rows, columns=tables.LINKS.names), similarities(5), sure)
    assert len(decided) == len(suggested) + 1
    row = decided[decided["excerpt_id"] == first].iloc[0]
    assert (row["direction"], row["status"], row["score"]) == ("contradicts", "confirmed", suggested.iloc[0]["score"])


def cells_of(coded: pd.DataFrame, criteria: list[str], groups: list[str], smallest_cell: int = 3) -> pd.DataFrame:
    coded = coded.assign(criterion="relevance", stance="positive")
    return matrix.matrix(coded, coded[["kind", "group"]], criteria, groups, smallest_cell=smallest_cell)


def test_the_matrix_has_a_row_for_every_cell_where_nobody_spoke() -> None:
    coded = evidence(*FOUR, "- - document supports")
    cells = cells_of(coded, ["relevance", "efficiency"], ["g1", "g2"])
    assert len(cells) == 2 * (2 + 2 + 1)
    assert (cells.loc[cells["criterion"] == "efficiency", "excerpts"] == 0).all()
    assert set(cells["kind"]) == set(Kind)


def test_the_matrix_hides_small_numbers_of_people() -> None:
    assert set(cells_of(evidence(*FOUR), ["relevance"], ["g1", "g2"])["persons"]) == {"<3", "0"}


def test_a_kind_in_which_nobody_speaks_has_no_rows_in_the_matrix() -> None:
    cells = cells_of(evidence("a g1 interview supports"), ["relevance"], ["g1", "g2"])
    assert set(zip(cells["kind"], cells["group"], strict=True)) == {("interview", "g1"), ("interview", "g2")}


def test_nobody_drops_out_of_the_matrix() -> None:
    """Persons without a group have a row of their own, and so has a group that the register does not know."""
    coded = evidence(
        *FOUR, "e - survey supports", "f - survey supports", "g g9 interview supports", "- - document supports"
    )
    cells = cells_of(coded, ["relevance"], ["g1", "g2"], smallest_cell=1)
    assert cells["excerpts"].sum() == len(coded)
    assert cells["persons"].astype(int).sum() == coded.loc[coded["participant"] != "", "participant"].nunique()
    rows = set(zip(cells["kind"], cells["group"], strict=True))
    assert {("survey", ""), ("interview", "g9"), ("document", "")} <= rows
    assert ("interview", "") not in rows
