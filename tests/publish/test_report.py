"""report.html: what it shows, what it never shows, and that nothing in it can run but its own script."""

import json
import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from small_publication import DOCUMENT, HOSTILE, NAMES, codebook, measured, publication

from pipeline import wording
from pipeline.findings import load_register
from pipeline.provenance import sha256_text
from pipeline.publish import labels, workbook
from pipeline.publish.html import findings as report_findings
from pipeline.publish.html import report
from pipeline.publish.html import tables as report_tables
from pipeline.publish.html import texts as report_texts
from pipeline.publish.html.report import page
from pipeline.publish.references import references
from pipeline.vocabulary import (
    CodingStatus,
    Direction,
    Kind,
    LinkStatus,
    ReadStatus,
    Role,
    Shown,
    Stance,
    Strength,
)


class Document(HTMLParser):
    """The page as its elements (tag, attributes) and the text that a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self.data = ""
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag + str(dict(attrs).get("type", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "scriptapplication/json":
            self.data += data
        elif self._inside not in ("scriptNone", "script", "style"):
            self.shown.append(data)

    @property
    def text(self) -> str:
        return "".join(self.shown)


@pytest.fixture(scope="module")
def html() -> str:
    return page(publication())


@pytest.fixture(scope="module")
def document(html: str) -> Document:
    return Document(html)


def test_the_same_publication_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        report.write(publication(), tmp_path / name)
    assert (tmp_path / "one/report.html").read_bytes() == (tmp_path / "two/report.html").read_bytes()


def test_no_name_of_a_participant_and_no_label_of_a_speaker_is_in_it(html: str) -> None:
    for name in (*NAMES, "Nora", '"P1"', "#person-P1"):
        assert name not in html


def test_people_appear_by_pseudonym_and_strangers_by_number(document: Document) -> None:
    turns = {source["id"]: source["turns"] for source in json.loads(document.data)["sources"]}
    assert [turn.get("who", turn.get("n")) for turn in turns["EC-02"]] == [0, "P-6G7H", "P-8J9K", 1, 0]


def test_hostile_words_are_shown_as_typed_and_make_no_element(document: Document) -> None:
    for words in HOSTILE:
        assert words in document.text
    assert [tag for tag, _ in document.elements if tag == "script"] == ["script", "script"]
    assert not {tag for tag, _ in document.elements} & {"img", "iframe", "object", "embed", "link", "base"}
    assert not [name for _, attributes in document.elements for name in attributes if name.startswith("on")]


def test_no_element_carries_a_style_and_every_link_stays_in_the_page(document: Document) -> None:
    for _, attributes in document.elements:
        assert "style" not in attributes
        assert attributes.get("href", "#").startswith("#")  # type: ignore[union-attr]
        assert not {"src", "action", "srcset"} & set(attributes)


def test_the_data_block_holds_no_character_that_could_end_it(html: str) -> None:
    block = html.split('id="data">')[1].split("</script>")[0]
    assert not re.search("[<>&\u2028\u2029]", block)
    words = [turn["text"] for source in json.loads(block)["sources"] for turn in source["turns"]]
    assert " ".join(HOSTILE) in words


def test_the_policy_allows_its_own_script_and_style_alone(html: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert policy[1].replace("&#39;", "'").startswith("default-src 'none'; script-src 'sha256-")
    for word in ("unsafe", "*", "http"):
        assert word not in policy[1]


def test_a_script_that_is_changed_has_another_hash() -> None:
    assert report.policy("a", "b") != report.policy("a ", "b")


def test_marks_in_a_turn_are_counted_as_the_page_counts(document: Document) -> None:
    turn = json.loads(document.data)["sources"][0]["turns"]
    both = next(t for source in json.loads(document.data)["sources"] for t in source["turns"] if "🌱" in t["text"])
    start, end, first, last, _ = both["marks"][0]
    assert (first, last - first) == (0, end - start + 1)
    assert turn


def test_codes_of_people_and_of_the_machine_are_told_apart_in_every_excerpt_of_the_page() -> None:
    made = publication()
    by_people = made.coded["criterion"] == "sustainability"
    decided = made.coded.assign(status=[CodingStatus.SINGLE if each else CodingStatus.MACHINE for each in by_people])
    shown = set()
    for source in report_texts.data(replace(made, coded=decided))["sources"]:
        marks = [mark for turn in source["turns"] for mark in turn["marks"]]
        shown |= {(code == "sustainability", by) for *_, codes in marks for code, _, by in codes}
    assert shown == {(True, ""), (False, "machine")}


def test_the_list_of_sources_names_each_beside_its_reference_in_the_annex(html: str) -> None:
    made = publication()
    used = made.sources[made.sources["status"] != "rejected"].drop_duplicates("path", keep=False)
    references_by_source = references(made).sources
    for source, path in zip(used["source_id"], used["path"], strict=True):
        (row,) = re.findall(rf'<tr class="[^"]*"><th scope="row"><a href="#source-{source}">.*?</th>', html, re.DOTALL)
        assert escape(path) in row
        assert f"<small>{references_by_source[source]}</small>" in row


def test_every_finding_has_a_page_with_its_strength_and_reason(html: str) -> None:
    made = publication()
    for name, standing in made.assessments.items():
        article = html.split(f'id="finding-{name}">')[1].split("</article>")[0]
        assert f"#mark-{standing.strength}" in article
        assert str(labels.escape(standing.reason)) in article


def test_the_head_of_a_finding_says_what_people_confirmed_of_it(html: str) -> None:
    heads = {name: html.split(f'id="finding-{name}">')[1].split('class="who"')[0] for name in ("F1", "F2")}
    assert "#mark-weak" in heads["F1"]
    assert "Support that coders confirmed: 1 person" in heads["F1"]
    assert "#mark-unsupported" in heads["F2"]
    ratings = {name: head.split('class="strength"')[1].split("</p>")[0] for name, head in heads.items()}
    assert "suggested only" not in ratings["F1"]
    assert "suggested only" in ratings["F2"]
    assert "solo sugerido" in ratings["F2"]


def test_the_head_of_a_finding_counts_confirmed_persons_by_group_and_names_apart_groups_only_suggested(
    html: str,
) -> None:
    made = publication()
    for name in made.assessments:
        box = html.split(f'id="finding-{name}">')[1].split('class="verdict"')[1].split("</div>")[0]
        used = made.evidence.query("finding_id == @name and status != 'rejected'")
        for direction, label in VOICES.items():
            line = box.partition(f">{label}<")[2].partition("</p>")[0]
            firm, _, suggested = line.partition('class="only"')
            rows = used[used["direction"] == direction]
            spoken = rows[rows["participant"] != ""]
            confirmed = spoken[spoken["status"] == "confirmed"]
            for group, persons in confirmed.groupby("group", observed=True)["participant"].nunique().items():
                assert f"<bdi>{labels.escape(group)}</bdi> {persons}" in firm
            for group in set(spoken["group"]) - set(confirmed["group"]) - {""}:
                assert f"<bdi>{labels.escape(group)}</bdi>" in suggested
            documents = len(rows[(rows["kind"] == "document") & (rows["status"] == "confirmed")])
            assert (f"{documents} excerpt" in firm) == bool(documents)
        firm = used[(used["participant"] != "") & (used["status"] == "confirmed")]
        said = firm[["participant", "direction"]].drop_duplicates()
        assert ("more than one direction." in box) == bool(said["participant"].duplicated().any())


VOICES = {
    "supports": "Voices that support it",
    "contradicts": "Voices that contradict it",
    "qualifies": "Voices that qualify it",
}


def test_where_nothing_supports_a_finding_no_share_comes_from_one_person(html: str) -> None:
    figure = "of the supporting excerpts of persons come from one of them"
    after = {name: html.split(f'id="finding-{name}">')[1].split(figure)[1] for name in ("F1", "F2")}
    shown = {name: text.split("<dd>")[1].split("</dd>")[0] for name, text in after.items()}
    both = '<span class="say" lang="en">100%</span><span class="say" lang="es">100\u00a0%</span>'
    assert shown == {"F1": both, "F2": "–"}


def box(html: str, finding: str, language: str = "en") -> str:
    """What the head of a finding says of what is undecided, in one language."""
    head = html.split(f'id="finding-{finding}">')[1].split('class="robust undecided">')[1].split("</details>")[0]
    said = re.findall(rf'<span class="say" lang="{language}">(.*?)</span>|(<a href="#excerpt-.*?</a>)', head, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", "".join(part)) for part in said)


def test_the_head_of_a_finding_says_whose_the_undecided_excerpts_are(html: str) -> None:
    assert box(html, "F1").startswith(
        "◇ Not confirmed by anyone: 3 excerpts, shown below, of 3 persons (2 of them without a confirmed excerpt)."
    )
    assert box(html, "F2", "es").startswith(
        "◇ Sin confirmar por nadie: 3 extractos, abajo, de 2 personas sin ningún extracto confirmado y 1 documento."
    )
    assert box(html, "F3").startswith("The machine suggests nothing for this finding. What is this based on?")
    assert "excerpt is clearly more similar" in box(html, "F3")


def test_undecided_excerpts_on_which_coders_differ_are_counted_apart() -> None:
    made = publication()
    rows = made.evidence.query("finding_id == 'F1' and status == 'suggested'")
    divided = frozenset({("F1", name) for name in rows["excerpt_id"]})
    head = box(page(replace(made, divided=divided)), "F1")
    assert head.startswith(
        "Coders differ on 3 excerpts, shown below, of 3 persons (2 of them without a confirmed excerpt). "
        "The machine suggests nothing for this finding."
    )


@pytest.mark.parametrize(
    ("unshown", "high", "text"),
    [
        (4, 5, "2 to 5 persons without a confirmed excerpt speak about it, here and in excerpts too doubtful to show."),
        (0, 5, "2 to 5 persons without a confirmed excerpt speak about it. This"),
        (0, 2, "estimates (95% interval) that 2 persons without a confirmed excerpt speak about it. This"),
    ],
)
def test_the_figures_on_what_is_undecided_add_up(unshown: int, high: int, text: str) -> None:
    made = publication()
    first = tuple(made.evidence.query("finding_id == 'F1' and participant == 'P-3L4M'")["excerpt_id"])
    expects = {"expected_low": 2, "expected_high": high, "review_first": first, "unshown": unshown, "cleared": 11}
    assessments = {**made.assessments, "F1": replace(made.assessments["F1"], **expects)}
    head = box(page(replace(made, assessments=assessments)), "F1")
    assert text in head
    decided = 11 - 3 - unshown
    assert (
        f"decided by people: {decided}; undecided and shown below: 3; undecided and too doubtful to show: {unshown}."
        in head
    )
    assert "Review this excerpt first (shown below: 1, too doubtful to show: 0): P-3L4M" in head


def test_where_nothing_is_shown_the_expected_persons_speak_in_excerpts_that_are_not_shown(html: str) -> None:
    made = publication()
    expects = {"expected_high": 1, "unshown": 2, "cleared": 2}
    assessments = {**made.assessments, "F3": replace(made.assessments["F3"], **expects)}
    changed = page(replace(made, assessments=assessments))
    assert box(changed, "F3").startswith(
        "◇ The machine estimates (95% interval) that at most 1 person without a confirmed excerpt speaks about it, in excerpts too "
        "doubtful to show. This does not count for strength. What is this based on?"
    )
    assert "como máximo 1 persona sin ningún extracto confirmado habla de él" in box(changed, "F3", "es")


def test_a_finding_that_nothing_rests_on_says_so(html: str) -> None:
    article = html.split('id="finding-F3">')[1].split("</article>")[0]
    assert "No conclusion or recommendation takes it up." in article
    assert "No excerpt is confirmed or suggested as support." in article


def test_what_a_person_rejected_is_shown_apart(html: str) -> None:
    article = html.split('id="finding-F2">')[1].split("</article>")[0]
    used, rejected = article.split("Rejected by a person")
    assert "Al contrario" not in used
    assert "Al contrario" in rejected


def test_the_confirmed_voice_comes_first_then_each_person_in_turn() -> None:
    made = publication()
    rows = made.evidence[made.evidence["finding_id"] == "F1"].assign(direction="supports", score=[0.9, 0.8, 0.7, 0.6])
    voices = report_findings.voices_of(replace(made, evidence=rows))["F1"]
    assert [voice.status for voice in voices] == ["confirmed", *["suggested"] * 3]
    assert voices[0].quote.startswith("They came")


def test_nobody_speaks_twice_before_everybody_spoke_once() -> None:
    made = publication()
    rows = made.evidence[made.evidence["finding_id"] == "F1"].assign(
        direction="supports", status="suggested", score=[0.9, 0.8, 0.7, 0.6]
    )
    voices = report_findings.voices_of(replace(made, evidence=rows))["F1"]
    assert [voice.participant for voice in voices] == ["P-2B3C", "P-3L4M", "P-5N6P", "P-2B3C"]


def test_words_on_which_coders_differ_are_not_called_the_machines() -> None:
    made = publication()
    rows = made.evidence.query("finding_id == 'F1' and status == 'suggested'")
    excerpt = str(rows["excerpt_id"].iloc[0])
    html = page(replace(made, divided=frozenset({("F1", excerpt)})))
    article = html.split('id="finding-F1">')[1].split("</article>")[0]
    voices = dict(re.findall(r'<li class="voice by-suggested" data-excerpt="([^"]*)">(.*?)</li>', article, re.DOTALL))
    assert set(voices) == set(rows["excerpt_id"])
    for name, voice in voices.items():
        assert ("coders differ, not settled" in voice) == (name == excerpt)
        assert ("los codificadores difieren; sin resolver" in voice) == (name == excerpt)
        assert ("suggested by the machine" in voice) == (name != excerpt)
    assert f'"{excerpt}":[["F1","{rows["direction"].iloc[0]}","divided"]' in html


def test_groups_that_nobody_speaks_for_keep_their_empty_panel() -> None:
    made = publication()
    account = report_findings.accounts(made, report_findings.registers(made))[0]
    assert {panel.group: len(panel.persons) for panel in account.panels} == {
        "authorities": 0,
        "police": 1,
        'press "><b>': 1,
        "relatives": 1,
    }
    assert account.panels[3].persons == (("P-2B3C", "supports", True),)


def test_the_mark_of_a_person_shows_what_people_confirmed_of_them_and_where_that_is_nothing_what_is_undecided() -> None:
    made = publication()
    of_two = made.evidence["participant"].isin(["P-2B3C"]) & (made.evidence["finding_id"] == "F1")
    assert sorted(made.evidence.loc[of_two, "direction"]) == ["contradicts", "supports"]
    for status, direction, in_several in (("confirmed", "several", 1), ("suggested", "several", 0)):
        changed = replace(made, evidence=made.evidence.assign(status=made.evidence["status"].mask(of_two, status)))
        account = report_findings.accounts(changed, report_findings.registers(changed))[0]
        assert account.panels[3].persons == (("P-2B3C", direction, status == "confirmed"),)
        assert account.in_several == in_several


def test_what_needs_attention_is_listed_and_an_unread_file_once() -> None:
    made = publication()
    found = {c.key: c.items for c in report_findings.attention(made, *_accounts(made))}
    assert "contested" not in found
    assert [a.finding.id for a in found["unsupported"]] == ["F2", "F3"]
    assert [shaky.entry.anchor for shaky in found["weak"]] == ["recommendation-1", "recommendation-2"]
    assert [shaky.entry.content.id for shaky in found["conclusions"]] == ["C2"]
    assert found["unread"] == (("interviews/lost.docx", "rejected", "is not a docx", "save it again"),)
    assert "problems" not in found


def with_unanswered() -> Any:
    """A publication in which one interview was read and nobody answers in it."""
    made = publication()
    row = made.sources.iloc[[0]].assign(
        source_id="silent",
        path="interviews/silent.txt",
        status="rejected",
        reader="plain 1",
        note="has no respondent",
    )
    return replace(made, sources=pd.concat([made.sources, row], ignore_index=True))


def test_an_interview_in_which_nobody_answers_was_read_and_is_listed_as_such() -> None:
    made = with_unanswered()
    found = {c.key: c.items for c in report_findings.attention(made, *_accounts(made))}
    assert [item[0] for item in found["unread"]] == ["interviews/lost.docx"]
    assert found["unanswered"] == ("interviews/silent.txt",)
    assert report_tables.method_figures(made, report_tables.main_grid(made))["unread"] == 1
    (file,) = (file for file in report_tables.files(made) if file.path == "interviews/silent.txt")
    assert file.reading == "unanswered"
    assert "No respondent could be identified in these interviews" in page(made)


def _accounts(made: Any) -> Any:
    registers = report_findings.registers(made)
    return report_findings.accounts(made, registers), registers


def test_entries_with_the_same_number_have_anchors_of_their_own(document: Document) -> None:
    ids = [attributes["id"] for _, attributes in document.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"recommendation-1", "recommendation-2"} <= set(ids)


def test_a_reference_to_nothing_is_marked(html: str) -> None:
    registers = html.split('id="registers">')[1].split('id="matrix">')[0]
    assert registers.count('class="broken"') == 2  # F9 of C1, C8 of R1


def test_every_remark_of_the_check_has_words_in_spanish(tmp_path: Path) -> None:
    toml = """
    findings = [{id = "F1", criterion = "relevance", statement = "s"}]
    conclusions = [{id = "C1", statement = "s", findings = ["F9"]}, {id = "C1", statement = "s"}]
    recommendations = [{id = "R1", statement = "s"}]
    """
    (tmp_path / "findings.toml").write_text(toml)
    remarks = load_register(tmp_path / "findings.toml", ["relevance"]).remarks
    assert len(remarks) == 4
    for remark in remarks:
        assert 'lang="es"' in labels.said(remark.what)
    assert labels.said("<b>new</b>") == "&lt;b&gt;new&lt;/b&gt;"


@pytest.mark.parametrize(
    ("section", "closed"),
    [
        ("strength", Strength),
        ("direction", Direction),
        ("voices", Direction),
        ("rated", Strength),
        ("none", Direction),
        ("stance", Stance),
        ("kind", Kind),
        ("kinds", Kind),
        ("status", LinkStatus),
        ("coding", CodingStatus),
        ("reading", ReadStatus),
        ("role", Role),
    ],
)
def test_every_closed_word_has_words_in_both_languages(section: str, closed: Any) -> None:
    for word in closed:
        assert set(wording.texts()[f"{section}.{word}"]) == set(labels.LANGUAGES)


def test_both_languages_fill_the_same_places() -> None:
    for key, texts in wording.texts().items():
        places = [set(re.findall(r"\{(\w+)\}", texts[language])) for language in labels.LANGUAGES]
        assert places[0] == places[1], key
        assert texts["en"].count("|") == texts["es"].count("|"), key


def test_a_spanish_study_begins_in_spanish_and_holds_both_languages() -> None:
    html = page(publication("es"))
    assert '<html lang="es">' in html
    for word in ("Panorama", "Overview", "Pertinencia", "Relevance", "PARCIAL", "PARTIAL"):
        assert word in html


def test_one_and_many_and_thousands_are_worded_as_each_language_does() -> None:
    assert wording.text("overview.persons", "en", n=1) == "person who speaks"
    assert wording.text("overview.persons", "es", n=2) == "personas que hablan"
    assert wording.number(2738, "en") == "2,738"
    assert wording.number(2738, "es") == "2738"
    assert wording.number(27380, "es") == "27\u202f380"
    assert [labels.share(value) for value in (0, 0.001, 0.35, 0.999, 1)] == ["0%", "1%", "35%", "99%", "100%"]


def test_a_partial_run_says_so_at_the_top_and_a_whole_one_does_not() -> None:
    made = publication()
    assert "PARTIAL: 4 of 5 files read" in Document(page(made)).text
    assert "PARTIAL" not in Document(page(replace(made, facts={**made.facts, "files_read": 5}))).text


def test_words_of_the_template_language_are_not_run(document: Document) -> None:
    assert "{{7*7}} {% raw %}" in document.text
    assert "49" not in document.text


def test_a_large_study_keeps_the_passages_behind_findings_and_says_so() -> None:
    made = publication()
    data = report_texts.data(made, limit=80)
    whole = {source["id"]: source["whole"] for source in data["sources"]}
    assert whole == {"acta": 1, "encuesta.1": 0, "encuesta.2": 0, "EC-02": 0, "PE-01": 0}
    kept = next(source for source in data["sources"] if source["id"] == "PE-01")
    assert [turn["text"].split()[0] for turn in kept["turns"]] == ["They", "The", "Now"]
    assert "full text of 1 of 5 sources" in Document(page(made, limit=80)).text


def test_a_finding_without_a_confirmed_link_has_a_hollow_number_even_without_links(document: Document) -> None:
    hollow = {
        attrs["href"]
        for tag, attrs in document.elements
        if "suggested" in (attrs.get("class") or "").split() and tag == "a"
    }
    assert hollow == {"#finding-F2", "#finding-F3"}, "F3 has no link at all"


def test_a_study_of_documents_alone_says_once_why_no_finding_is_more_than_weak() -> None:
    made = publication()
    papers = made.sources.assign(kind=str(Kind.DOCUMENT))
    text = Document(page(replace(made, sources=papers, facts={**made.facts, "persons": 0}))).text
    overview = text[: text.index("What needs attention")]
    assert overview.count("no finding on documents alone can be more than weak") == 1
    assert "None of the speakers is in a register" not in text


def test_a_source_without_speech_does_not_make_a_study_too_large() -> None:
    made = publication()
    silent = made.sources[made.sources["source_id"] == "encuesta.2"].assign(source_id="encuesta.3", chars=0)
    with_silent = replace(
        made,
        sources=pd.concat([made.sources, silent], ignore_index=True),
        texts={**made.texts, "encuesta.3": ""},
        facts={**made.facts, "sources": made.facts["sources"] + 1},
    )
    assert "The full text of every source is in this file." in Document(page(with_silent)).text


def test_all_stretches_of_one_row_are_counted() -> None:
    columns = ["stage", "source_id", "place", "reason", "chars"]
    rows = [
        ("ingest", "PE-01", "¶ 11 and 9 more", "speaker label", 100),
        ("ingest", "EC-02", "¶ 4", "speaker label", 9),
    ]
    (labels_of_speakers,) = report_tables.left_out(pd.DataFrame(rows, columns=columns))
    assert (labels_of_speakers.times, labels_of_speakers.further) == (11, 0)


def test_every_coded_excerpt_without_a_finding_is_counted_even_if_its_code_has_none() -> None:
    counted = {each.code.id: (each.left, each.coded, each.findings) for each in report_tables.unlinked(publication())}
    assert counted == {"relevance": (0, 4, 1), "sustainability": (0, 4, 2), "missing": (1, 1, 0)}
    assert Document(page(publication())).text.count("no finding is about this code") == 1


def test_a_document_shows_its_headings_and_a_survey_its_question(document: Document) -> None:
    sources = {source["id"]: source for source in json.loads(document.data)["sources"]}
    assert [turn["head"] for turn in sources["acta"]["turns"]] == [heading for heading, _ in DOCUMENT]
    assert sources["encuesta.1"]["turns"][0]["asked"] == "¿Qué cambió en su trabajo?"


def test_a_study_without_findings_or_evidence_still_has_its_pages() -> None:
    made = publication()
    empty = replace(
        made, register=replace(made.register, findings=(), conclusions=(), recommendations=(), remarks=()),
        assessments={}, evidence=made.evidence.head(0), coded=made.coded.head(0), rejected=made.rejected.head(0),
    )  # fmt: skip
    assert "There are no findings yet" in Document(page(empty)).text


def test_each_criterion_has_one_colour_and_other_families_the_neutral_one() -> None:
    assert labels.colours(codebook()) == {
        "relevance": labels.ACCENTS[0],
        "sustainability": labels.ACCENTS[1],
        "missing": labels.NEUTRAL,
    }


def test_accents_read_well_on_white() -> None:
    for colour in (*labels.ACCENTS, labels.NEUTRAL):
        assert 1.05 / (_luminance(colour) + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_was_measured_of_the_coding_has_a_page_and_else_the_command_is_named() -> None:
    f1 = {"value": 0.81, "low": 0.7, "high": 0.9}
    quality = {
        "cold": {"criteria": {"relevance": {"f1": f1, "precision": None}}, "macro_f1": f1, "n": 40, "groups": 12,
                 "languages": {"es": {"macro_f1": 0.8}}},
    }  # fmt: skip
    agreement = {"criteria": {"relevance": {"n": 9, "alpha": f1}}, "machine": {"<b>Ana": {"gone": {"n": 4}}}}
    text = Document(page(publication(quality=quality, agreement=agreement))).text
    for words in ("Quality of the coding", "0.81 (0.70–0.90)", "How well coders agree", "<b>Ana", "gone"):
        assert words in text
    assert "make evaluate" in Document(page(publication())).text
    assert "make evaluate" not in text.split("All figures")[0].split("Quality of the coding")[-1]


def test_the_overview_names_no_command() -> None:
    overview = page(publication()).partition('id="overview"')[2].partition("</section>\n<article")[0]
    assert "How to measure it:" in overview
    assert "<code>" not in overview


def test_a_quote_carries_the_walk_back_to_its_file_with_place_characters_and_hash(html: str) -> None:
    row = publication().evidence.iloc[0]
    walk = html.split(f'data-excerpt="{row["excerpt_id"]}"')[1].split("</li>")[0]
    for words in (
        f"make trace ID={row['excerpt_id']}",
        sha256_text(row["quote"]),
        row["excerpt_id"].split(":")[1],
        "raw/",
    ):
        assert words in walk


def test_the_walk_of_a_finding_is_in_one_place(html: str) -> None:
    made = publication()
    walk = html.split('id="finding-F1"')[1].split('class="walk"')[1].split("</ol>")[0]
    first = next(v for v in report_findings.accounts(made, report_findings.registers(made))[0].voices["supports"])
    for words in ("#recommendation-2", "#conclusion-1", "#finding-F1", f"#excerpt-{first.excerpt_id}", "raw/",
                  sha256_text(first.quote), made.sources.set_index("source_id")["sha256"][first.source_id]):  # fmt: skip
        assert words in walk


def test_no_hash_of_withheld_words_is_shown() -> None:
    made = publication()
    row = made.evidence.iloc[0]
    shown = made.excerpts["shown"].where(made.excerpts["excerpt_id"] != row["excerpt_id"], str(Shown.WITHHELD))
    assert sha256_text(row["quote"]) in page(made)
    assert sha256_text(row["quote"]) not in page(replace(made, excerpts=made.excerpts.assign(shown=shown)))


def test_the_overview_says_in_a_sentence_what_was_found(html: str) -> None:
    found = html.split('class="lead found"')[1].split("</p>")[0]
    text = re.sub(r"<span[^>]*lang=.es.*?</span>|<[^>]*>", "", found)
    assert "The findings by strength: 1 weak, 2 unsupported; people have confirmed 1 of the" in text


def test_findings_and_persons_that_nobody_confirmed_look_different(html: str) -> None:
    assert re.search(r'class="chip hue-\d suggested" href="#finding-F2"', html)
    assert re.search(r'class="chip hue-\d" href="#finding-F1"', html)
    assert "#is-confirmed" in html.split('class="panels"')[1].split("</section>")[0]


def test_sentences_of_the_study_say_in_the_other_language_that_they_are_its_own() -> None:
    for language, said in (("en", "Estas frases están en el idioma"), ("es", "These sentences are in the language")):
        assert f">{said}" in page(publication(language))
        assert page(publication(language)).count("These sentences") == (3 if language == "es" else 0) + 1


def test_suggested_and_confirmed_voices_are_distinguished(html: str) -> None:
    assert 'class="voice by-confirmed"' in html
    assert 'class="voice by-suggested"' in html


def test_a_drawing_holds_nothing_but_drawing() -> None:
    bins = [{"n": 8, "probability": 0.1, "true": 0.15}]
    curve = [{"decisions": n, "macro_f1": 0.5} for n in (0, 25)]
    quality = {"cold": {"criteria": {"relevance": {}}, "reliability": bins}, "learning_curve": curve}
    html = page(publication(quality=quality))
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert any("Mean F1" in each for each in drawings)
    assert not any("<span" in each or "<bdi" in each for each in drawings)


def test_the_page_on_trust_says_in_plain_words_how_many_of_ten_are_right_beside_people() -> None:
    def of(value: float) -> dict[str, float]:
        return {"value": value, "low": value - 0.1, "high": value + 0.1}

    row = {"precision": of(0.62), "recall": of(0.71), "f1": of(0.66), "positive": 40, "n": 90}
    bins = [{"n": 80, "probability": 0.1, "true": 0.15}, {"n": 10, "probability": 0.85, "true": 0.7}]
    quality = {
        "measured_on": "the study's decisions, persons held out",
        "trained": {
            "criteria": {"relevance": {**row, "reliability": bins}},
            "n": 90,
            "groups": 30,
            "reliability": bins,
        },
        "human": {"criteria": {"relevance": {"f1": of(0.9), "alpha": of(0.85), "n": 50}}, "coders": 2},
        "baselines": {"rules": {"criteria": {"relevance": 0.4}}},
        "errors_by": {"gender": {"error": {"woman": 0.2, "man": 0.1}, "persons": {"woman": 3, "man": 20}, "p": 0.01}},
    }
    text = " ".join(Document(page(publication(quality=quality))).text.split())
    for words in ("about 6 are right", "finds about 7", "another codes about 9", "Read before you quote",
                  "0.90 (0.80–1.00), α 0.85", "errors differ", "<5", "nobody's words were in both the training"):  # fmt: skip
        assert words in text, words


def test_a_large_evidence_book_holds_the_same_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for large in (workbook.LARGE, 0):
        monkeypatch.setattr(workbook, "LARGE", large)
        workbook.write(publication(), tmp_path)
        book = load_workbook(tmp_path / "evidence.xlsx")
        found.append({sheet.title: list(sheet.values) for sheet in book})
        hidden = [sheet.row_dimensions[1].hidden for sheet in book]
    assert found[0] == found[1]
    assert any(hidden)


def test_frames_in_each_others_place_are_refused() -> None:
    made = publication()
    with pytest.raises(ValueError, match="coded lacks"):
        replace(made, coded=made.excerpts, excerpts=made.coded)
    with pytest.raises(ValueError, match="sources lacks"):
        replace(made, sources=made.turns)


def test_the_first_screen_says_how_little_the_codings_rest_on(html: str) -> None:
    first = html.split('id="overview"')[1].split('id="ladder-title"')[0]
    assert "Treat the codings with caution: they are based on 0 decisions by people." in first
    assert "has not been measured on this study" in first
    made = publication()
    sure = page(replace(made, facts={**made.facts, "confirmed": 30}, quality=measured()))
    assert "Be sceptical" not in sure.split('id="data">')[0]
    assert "has never been measured" not in sure.split('id="ladder-title"')[0]


def test_no_contrary_voice_is_said_with_how_many_the_machine_would_recognise(html: str) -> None:
    article = html.split('id="finding-F3">')[1].split("</article>")[0]
    assert "recognised only 9% of those that are critical" in article


@pytest.mark.parametrize(("finding", "direction", "undecided"), [("F2", "qualifies", 3), ("F3", "contradicts", 0)])
def test_where_no_voice_is_against_a_finding_it_is_said_how_much_nobody_decided(
    html: str, finding: str, direction: str, undecided: int
) -> None:
    article = html.split(f'id="finding-{finding}">')[1].split("</article>")[0]
    of_direction = article.split(f'class="direction {direction}"')[1].split("</section>")[0]
    assert f"{undecided} of the excerpts shown are still undecided." in of_direction
    assert f"{undecided} de los extractos mostrados siguen por decidir." in of_direction


@pytest.mark.parametrize(
    ("names", "text"), [("mask", "are replaced by placeholders"), ("off", "left as they were spoken.")]
)
def test_the_page_method_says_whether_names_in_quotes_are_masked(names: str, text: str) -> None:
    chosen = publication()
    privacy = chosen.settings.privacy.model_copy(update={"names": names})
    shown = Document(page(replace(chosen, settings=chosen.settings.model_copy(update={"privacy": privacy})))).text
    assert text in shown
    assert ("are replaced by placeholders" in shown) is (names == "mask")
