"""A report read in: every numbered entry with its words, place and links, and a list of what could not be read."""

import tomllib

import field_reports
import pytest
from hostile.office import docx, p, r
from hostile.pdf import document, lines_content
from studies import ROOT, SHARED

from pipeline.codebook import load_codebook
from pipeline.config import Settings, StudySettings
from pipeline.ingest import FileTask
from pipeline.records import SourceEntry
from pipeline.registers.report.blocks import read_blocks
from pipeline.registers.report.findings_file import findings_text
from pipeline.registers.report.register import counts, register_of
from pipeline.vocabulary import Kind

SETTINGS = Settings(study=StudySettings(title="A study", languages=("en", "es")))
SEED = SHARED / "seed" / "evaluation-executive-summary.txt"


def reading(report: str | bytes, name: str = "report.md"):
    """A report as `import` reads it, with the codes of the demonstration."""
    data = report.encode() if isinstance(report, str) else report
    task = FileTask(name, data, Kind.DOCUMENT, SourceEntry(name), (), SETTINGS)
    return register_of(read_blocks(task), load_codebook(ROOT / "coded" / "codebook.toml"), name)


def statements(report: str | bytes, section: str = "findings", name: str = "report.md") -> dict[str, str]:
    return {entry.id: entry.statement for entry in getattr(reading(report, name).register, section)}


def unread(report: str) -> list[str]:
    return [problem.what for problem in reading(report).unread]


REPORT = """# Findings

## Relevance

**Finding 1.** The pump answers what the village asked for. The water is clean.

It was drilled in May, as the water office confirms.

**Finding 2.** Nobody asked the women where it should be.

## Sustainability

**Finding 3.** The pump will not keep running once the project has gone.

# Conclusions

**Conclusion 1.** The benefits are real and at risk. See findings 1 to 3.

# Recommendations

**Recommendation 1.** Train two people in every village to repair the pump.

| Priority | Time frame | Related to findings | Addressed to |
|---|---|---|---|
| High | 2027 | 2, 3 | The water office; the village council |

**Recommendation 2.** Ask the women first.

Priority: medium. Time frame: 2026. Based on findings: 2 and 9. Responsible: the project.

# Lessons learned

1. Agree on spare parts before the first pump is installed.
2. A pump needs a caretaker.
"""


def test_entries_come_with_their_words_and_the_place_they_were_read_from() -> None:
    register = reading(REPORT).register
    assert counts(register) == {
        "findings": 3, "conclusions": 1, "recommendations": 2, "lessons": 2, "practices": 0,
    }  # fmt: skip
    first = register.findings[0]
    assert (first.id, first.place, first.criterion) == ("F1", "line 5", "relevance")
    assert first.statement == "The pump answers what the village asked for. The water is clean."
    assert [finding.criterion for finding in register.findings] == ["relevance", "relevance", "sustainability"]


def test_a_recommendation_has_its_priority_time_frame_addressees_and_links() -> None:
    first, second = reading(REPORT).register.recommendations
    assert (first.priority, first.timeframe, first.findings) == ("high", "2027", ("F2", "F3"))
    assert first.addressees == ("The water office", "the village council")
    assert (second.priority, second.timeframe, second.findings) == ("medium", "2026", ("F2",))
    assert second.addressees == ("the project",)


def test_a_conclusion_relies_on_the_findings_that_it_names() -> None:
    assert reading(REPORT).register.conclusions[0].findings == ("F1", "F2", "F3")


def test_a_link_to_a_finding_that_is_not_there_is_listed() -> None:
    assert unread(REPORT) == ["recommendation 2 relies on finding 9, which is not in the report"]


def test_spanish_reports_are_read_alike() -> None:
    report = """Pertinencia

Hallazgo 1: La bomba responde a lo que el pueblo pedía.

Valor agregado

Hallazgo N.º 2: Nadie más trabaja allí.

Conclusión 1. Los beneficios son reales (hallazgos 1 y 2).

Recomendación 1. Formar a dos personas en cada pueblo.

Prioridad: alta. Plazo: 2027. Dirigida a: la oficina del agua. Hallazgos relacionados: 1 a 2

Lección aprendida 1. Acordar los repuestos antes.

Buena práctica 1. El cuaderno de turnos.
"""
    register = reading(report).register
    assert [finding.criterion for finding in register.findings] == ["relevance", "value_added"]
    assert register.conclusions[0].findings == ("F1", "F2")
    recommendation = register.recommendations[0]
    assert (recommendation.priority, recommendation.timeframe) == ("high", "2027")
    assert (recommendation.addressees, recommendation.findings) == (("la oficina del agua",), ("F1", "F2"))
    assert [entry.id for entry in (*register.lessons, *register.practices)] == ["L1", "P1"]
    assert reading(report).unread == ()


@pytest.mark.parametrize(
    "mark",
    ["F1. {}", "F1: {}", "Finding #1 – {}", "Key finding 1: {}", "FINDING 1. {}", "Finding I. {}", "- **F1.** {}"],
)
def test_marks_of_many_kinds_are_known(mark: str) -> None:
    assert statements(mark.format("The pump is right.")) == {"F1": "The pump is right."}


@pytest.mark.parametrize(
    "words",
    [
        "Finding 1 shows that the pump is right.",
        "Findings 1 and 2 agree.",
        "F1 is a car race.",
        "Finding 1 ........ 12",
    ],
)
def test_a_sentence_about_a_finding_is_not_a_finding(words: str) -> None:
    assert statements(f"Recommendation 1. Act.\n\n{words}\n") == {}


def test_a_summary_and_its_chapter_give_one_entry_with_both_places() -> None:
    register = reading(
        "Finding 1. The pump is right.\n\nFinding 2. It breaks.\n\nThe chapter.\n\n"
        "Finding 1. The pump is right for the village, as all say.\n\nFinding 2. It breaks.\n"
    ).register
    assert [(f.id, f.statement, f.place) for f in register.findings] == [
        ("F1", "The pump is right for the village, as all say.", "line 1; line 7"),
        ("F2", "It breaks.", "line 3; line 9"),
    ]


def test_numbering_that_begins_again_gives_separate_ids_and_is_listed() -> None:
    report = """# Relevance

Finding 1. The pump is right.

Finding 2. It is clean.

# Sustainability

Finding 1. Nobody will pay for repairs later.

Finding 2. The spare parts come from abroad.

Recommendation 1. Find money. Based on finding 2.
"""
    assert list(statements(report)) == ["F1-1", "F1-2", "F2-1", "F2-2"]
    assert unread(report) == [
        "the numbers of the findings restart at line 9; the ids are F1-1 to F2-2",
        "recommendation 1 relies on finding 2, which may be F1-2 or F2-2",
    ]


def test_a_number_that_is_used_twice_stays_so_that_the_check_names_it() -> None:
    register = reading(
        "Recommendation 1. Train. Findings: 1\n\nFinding 1. One.\n\nFinding 2. Two.\n\n"
        "Recommendation 2. Train people.\n\nFindings: 1\n\nRecommendation 2. Train people.\n\nFindings: 2\n"
    ).register
    assert [(each.id, each.findings) for each in register.recommendations][1:] == [("R2", ("F1",)), ("R2", ("F2",))]


def test_a_missing_number_is_listed() -> None:
    assert "the numbers skip finding 2" in unread("Finding 1. One.\n\nFinding 3. Three.\n")


def test_findings_without_numbers_are_named_with_a_remedy() -> None:
    result = reading("# Findings\n\nThe pump is right.\n\n# Recommendations\n\nRecommendation 1. Act.\n")
    (problem,) = result.unread
    assert (problem.where, problem.what) == ("report.md line 1", "no numbered findings under this heading")
    assert "Finding 1." in problem.remedy


def test_a_heading_whose_words_are_elsewhere_gets_them_back() -> None:
    report = """Recommendation 2

Conclusion 1

The benefits are real and at

risk for the

village. Much is left to other

To train two people in every village.

Priority\tTimeframe\tRelated to Findings
High\t2027\t1. 2

Finding 1. One.

Finding 2. Two.
"""
    result = reading(report, "report.txt")
    (recommendation,) = result.register.recommendations
    assert (recommendation.statement, recommendation.findings) == (
        "To train two people in every village.",
        ("F1", "F2"),
    )
    assert (
        result.register.conclusions[0].statement
        == "The benefits are real and at risk for the village. Much is left to other"
    )
    listed = [problem.what for problem in result.unread]
    assert "the words of recommendation 2 are not below its heading" in listed
    assert "conclusion 1 ends without a full stop: words may be missing" in listed


LINE = "Finding 1. The pump of the village answers to what all of the people had been asking for since"


def test_a_finding_goes_on_over_the_page() -> None:
    last = "the year of the flood."
    data = document(
        [
            lines_content(["Relevance", *[LINE.replace("Finding 1. ", "")] * 6, LINE]),
            lines_content([last, "Finding 2. It breaks."]),
        ]
    )
    found = statements(data, name="report.pdf")
    assert found["F1"].endswith("asking for since the year of the flood.")
    assert found["F2"] == "It breaks."


def test_a_finding_goes_on_in_the_next_column() -> None:
    left = ["Finding 1. The pump of the", "village answers to what people"]
    right = ["had been asking for.", "Finding 2. It breaks often."]
    placed = [
        *((70, 700 - 14 * n, words) for n, words in enumerate(left)),
        *((320, 700 - 14 * n, words) for n, words in enumerate(right)),
    ]
    found = statements(document([lines_content(placed)]), name="report.pdf")
    assert found == {
        "F1": "The pump of the village answers to what people had been asking for.",
        "F2": "It breaks often.",
    }


def cells(*words: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{p(r(each))}</w:tc>" for each in words) + "</w:tr>"


def test_tables_of_a_word_file_hold_findings_and_recommendations() -> None:
    findings = "<w:tbl>" + cells("Finding 1", "The pump is right.") + cells("Finding 2", "It breaks.") + "</w:tbl>"
    table = cells("No.", "Recommendation", "Priority", "Findings") + cells("1", "Train two people.", "High", "1, 2")
    result = reading(docx(findings + p(r("Then")) + f"<w:tbl>{table}</w:tbl>"), "report.docx").register
    assert [finding.statement for finding in result.findings] == ["The pump is right.", "It breaks."]
    (recommendation,) = result.recommendations
    assert (recommendation.id, recommendation.statement, recommendation.priority) == ("R1", "Train two people.", "high")
    assert (recommendation.findings, recommendation.place) == (("F1", "F2"), "table 2, row 2")


def test_the_findings_file_is_toml_whatever_the_report_holds() -> None:
    result = reading('Finding 1. "Water\x07" \\ pump\u2028 is right.\n')
    text = findings_text(result.register, result.unread, "a\nreport.md")
    assert tomllib.loads(text)["findings"][0]["id"] == "F1"


@pytest.mark.skipif(not SEED.exists(), reason="the executive summary of a real evaluation is not on this machine")
def test_the_summary_of_a_real_evaluation_is_read_whole() -> None:
    register = reading(SEED.read_bytes(), SEED.name).register
    assert len(register.findings) == 24
    assert len({finding.criterion for finding in register.findings}) == 5
    assert len(register.conclusions) == 7
    assert len({each.id for each in register.recommendations}) >= 13
    assert all(
        each.findings and each.priority and each.timeframe and each.addressees for each in register.recommendations
    )
    taken = {name for each in register.recommendations for name in each.findings}
    assert {finding.id for finding in register.findings} - taken == {"F6", "F10"}
    assert sorted(each.findings for each in register.recommendations if each.id == "R11") == [
        ("F18", "F19", "F20"),
        ("F21", "F22"),
    ]


FIELD = ROOT.parent / "field_reports"


@pytest.mark.skipif(not (FIELD / "truth.json").exists(), reason="reports of others are not on this machine")
def test_nearly_all_findings_of_reports_that_others_made_are_read_whole() -> None:
    rows = list(field_reports.figures(FIELD))
    whole, of_all = sum(row[2] for row in rows), sum(row[3] for row in rows)
    assert whole >= field_reports.LEAST * of_all


def test_a_lesson_has_the_findings_that_it_names() -> None:
    report = "Relevance\n\nFinding 1. People were asked first.\n\nLesson 1. Ask before you build (finding 1).\n"
    assert reading(report).register.lessons[0].findings == ("F1",)


@pytest.mark.parametrize("heading", ["Hallazgos", "HALLAZGOS", "3. Hallazgos", "Findings"])
def test_a_plain_line_that_is_only_the_word_of_a_section_announces_it(heading: str) -> None:
    lines = (
        "Final report",
        heading,
        "1. The pump breaks down.",
        "2. The fee is too high.",
        "Recomendaciones",
        "1. Mend it.",
    )
    data = docx("".join(p(r(line)) for line in lines))
    assert statements(data, name="report.docx") == {"F1": "The pump breaks down.", "F2": "The fee is too high."}
    assert statements(data, "recommendations", name="report.docx") == {"R1": "Mend it."}
