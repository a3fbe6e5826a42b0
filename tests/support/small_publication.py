"""A publication made by hand: three findings, six persons, two interviews, a survey, a document, and words meant to do harm."""

from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline import tables
from pipeline.codebook import Codebook, Criterion
from pipeline.codebook.theory_of_change import Element, TheoryOfChange
from pipeline.config import Settings
from pipeline.errors import Problem
from pipeline.evidence import (
    coded_by,
    cooccurrence,
    evidence_rows,
    matrix,
    prevalence,
    profiles,
    robustness,
    saturation,
    strength,
)
from pipeline.evidence.theory.elements import Speakers, element_rows, element_voices
from pipeline.evidence.theory.paths import arrow_rows, path_voices
from pipeline.evidence.use_of_excerpts import use_of_excerpts
from pipeline.findings import Conclusion, Finding, Learning, Recommendation, Register
from pipeline.provenance import sha256_text
from pipeline.publish import Publication, drawings, figures
from pipeline.records import Excerpt, ReadingRow, Rejected, Source, Text, Turn, Vote
from pipeline.steps.evidence import WHOSE
from pipeline.vocabulary import ElementKind, Role, Sureness, Undecided

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "javascript:alert(3)",
    '"><svg onload=alert(4)>',
    "</script><script>alert(5)</script>",
    "one\u2028two",
    "{{7*7}} {% raw %} ![](http://example.org/x.png) \\input{secret}",
)
NAMES = ("Rosaura Quispe", "Teófilo Anchante", "NAME-OF-SPEAKER")
PEOPLE = {
    "P1": ("P-2B3C", "relatives", "PE"),
    "P2": ("P-4D5F", "relatives", "PE"),
    "P3": ("P-6G7H", "police", "EC"),
    "P4": ("P-8J9K", "authorities", "EC"),
    "P5": ("P-3L4M", "police", "BO"),
    "P6": ("P-5N6P", 'press "><b>', "BO"),
}
INTERVIEW = (
    ("Nora", Role.INTERVIEWER, "", "What changed for you?"),
    (NAMES[0], Role.RESPONDENT, "P1", "They came when nobody else did. 🌱 We needed them and they listened."),
    (NAMES[0], Role.RESPONDENT, "P1", "The forms took months, mind you. Months!"),
    ("Nora", Role.INTERVIEWER, "", "And now?"),
    (NAMES[1], Role.RESPONDENT, "P2", "Now we search on our own, with the little we have."),
)
GROUP = (
    ("TE", Role.INTERVIEWER, "", "¿Qué pasó después?"),
    (NAMES[2], Role.RESPONDENT, "P3", "Después nadie siguió. El protocolo quedó en el cajón."),
    (NAMES[2], Role.RESPONDENT, "P4", "Al contrario, nosotros lo seguimos usando cada mes."),
    (NAMES[2], Role.RESPONDENT, "", "Yo no estoy en ninguna lista."),
    ("?", Role.OTHER, "", "(se oye un camión)"),
)
ROWS = (
    ("P5", "Los cursos me sirvieron para el trabajo de cada día."),
    ("P6", " ".join(HOSTILE)),
)
DOCUMENT = (("Acuerdos", "El Ministerio financiará la oficina desde 2024."), ("Acuerdos", "No se fijó presupuesto."))
ASKS = (
    '{"role":"interviewer","because":"questions","label":"Moderator","is_labelled":true,"first":1,'
    '"turns":2,"words":6,"questions":2}'
)
ANSWERS = (
    '{"role":"respondent","because":"only one left","label":"","is_labelled":true,"first":2,'
    '"turns":3,"words":30,"questions":0}'
)
READINGS = (
    ReadingRow("PE-01", "name and colon", "name and dash", 0.31, Sureness.SURE, "", 0, 2, f"[{ASKS},{ANSWERS}]"),
    ReadingRow("EC-02", "", "", 0.0, Sureness.UNDECIDED, str(Undecided.NOBODY_ASKS), 23, 1, f"[{ANSWERS}]"),
)
STRANGE_FILE = "raw/<img src=x onerror=alert(6)>.txt"


def settings(language: str = "en") -> Settings:
    """The settings of the study."""
    return Settings.model_validate(
        {"study": {"title": "A small study & its <b>title</b>", "subtitle": "Invented", "language": language}}
    )


def codebook() -> Codebook:
    """Two criteria and a code of another family."""

    def code(name: str, family: str, en: str, es: str) -> Criterion:
        texts = (("en", en), ("es", es))
        return Criterion(name, family, texts, (("en", f"{en} means."), ("es", f"{es} significa.")), (), (), (), ())

    return Codebook(
        "1+abc",
        (
            code("relevance", "criterion", "Relevance", "Pertinencia"),
            code("sustainability", "criterion", "Sustainability <i>", "Sostenibilidad <i>"),
            code("missing", "priority", "The missing", "Personas desaparecidas"),
        ),
    )


def register() -> Register:
    """Three findings and what rests on them; R1 stands twice and C1 rests on a finding that does not exist."""
    return Register(
        findings=(
            Finding("F1", "relevance", "The work met the needs of relatives.", question="Did it meet needs?"),
            Finding("F2", "sustainability", "What was begun goes on without help."),
            Finding("F3", "sustainability", 'Nobody speaks of this </script><script>alert("F3")</script>.'),
        ),
        conclusions=(Conclusion("C1", "It was needed.", ("F1", "F9")), Conclusion("C2", "It may last.", ("F2",))),
        recommendations=(
            Recommendation("R1", "Go on.", "high", "2024", ("Office",), ("F2",), ("C2", "C8")),
            Recommendation("R1", "Go on, again.", "low", "", (), ("F1",), ()),
        ),
        lessons=(Learning("L1", "Stay long."),),
        practices=(Learning("GP1", "Listen first."),),
        remarks=(
            Problem("findings.toml C1", "refers to F9, which does not exist", "correct its findings"),
            Problem("findings.toml R1", "this id is used 2 times", "give each entry its own id"),
            Problem("findings.toml F3", "no recommendation takes it up", "link it, or say in the report why not"),
        ),
    )


CODED = {  # text that begins so -> (code, stance) ...
    "They came": (("relevance", "positive"), ("missing", "")),
    "The forms": (("relevance", "negative"),),
    "Now we search": (("sustainability", "positive"),),
    "Después nadie": (("sustainability", "negative"),),
    "Al contrario": (("sustainability", "positive"),),
    "Los cursos": (("relevance", "positive"),),
    "<script>": (("relevance", "mixed"),),
    "El Ministerio": (("sustainability", "positive"),),
}
LINKED = {  # text that begins so -> (finding, direction, status) ...
    "They came": (("F1", "supports", "confirmed"),),
    "The forms": (("F1", "contradicts", "suggested"),),
    "Los cursos": (("F1", "supports", "suggested"),),
    "<script>": (("F1", "qualifies", "suggested"),),
    "Now we search": (("F2", "supports", "suggested"),),
    "Después nadie": (("F2", "contradicts", "suggested"),),
    "Al contrario": (("F2", "supports", "rejected"),),
    "El Ministerio": (("F2", "supports", "suggested"),),
}


NO_VOICES = element_voices((), tables.frame([], tables.CODINGS), ())
NO_PATHS = path_voices(TheoryOfChange(), (), NO_VOICES, {}, ())
THEORY = TheoryOfChange(
    (
        Element(
            "visits",
            ElementKind.ACTIVITY,
            (("en", "Somebody comes <b>"), ("es", "Alguien viene <b>")),
            "relevance",
            leads_to=("lasting",),
        ),
        Element("lasting", ElementKind.OUTCOME, (("", "It goes on"),), "sustainability"),
    )
)


def with_theory(
    made: Publication, theory: TheoryOfChange = THEORY, status: str = "single", marks: Any = (), cues: Any = None
) -> Publication:
    """The publication with a theory of change, every coding of which people confirmed."""
    rows = made.excerpts[made.excerpts["role"] == Role.RESPONDENT]
    codings = made.coded.assign(coded=True, status=status)
    voices = element_voices(theory.elements, codings, rows["excerpt_id"])
    speakers = Speakers(
        dict(zip(rows["excerpt_id"], rows["participant"], strict=True)),
        dict(zip(rows["excerpt_id"], rows["source_id"], strict=True)),
    )
    language = made.settings.study.language
    elements = element_rows(theory.elements, voices, speakers, contested=0.35, language=language)
    paths = path_voices(theory, marks, voices, cues or {}, list(rows["excerpt_id"]))
    return replace(
        made,
        theory=theory,
        elements=elements,
        element_voices=voices,
        path_voices=paths,
        arrows=arrow_rows(theory, paths, speakers),
    )


class Written:
    """Sources, texts, turns and excerpts as they are written down."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.texts: list[Text] = []
        self.turns: list[Turn] = []
        self.excerpts: list[Excerpt] = []

    def add(self, source_id: str, path: str, kind: str, turns: Any) -> None:
        """A source of turns (speaker, role, person, words, question, heading), parted by blank lines."""
        text, people = "", []
        for number, (speaker, role, person, words, question, heading) in enumerate(turns, 1):
            start = len(text)
            text += words + "\n\n"
            end, place = start + len(words), f"line {number}"
            turn = Turn(source_id, number, speaker, role, person, start, end, question, place, "es", heading)
            self.turns.append(turn)
            name = f"{source_id}:{start}-{end}"
            self.excerpts.append(
                Excerpt(
                    name, source_id, number, person, role, "es", start, end, words, sha256_text(words), question, place
                )
            )
            people.append(person)
        chars = sum(map(len, text.split()))
        who = ";".join(dict.fromkeys(filter(None, people)))
        self.sources.append(
            Source(source_id, path, kind, "0", chars, chars + 9, 9, "es", who, "txt 1", "read", "", "", "2023-04-01")  # type: ignore[arg-type]
        )
        self.texts.append(Text(source_id, text, "0"))


def measured() -> dict[str, Any]:
    """What an evaluation of two codes found."""
    of = {"value": 0.7, "low": 0.5, "high": 0.8}
    bins = [{"n": 30, "probability": 0.1, "true": 0.15}, {"n": 10, "probability": 0.85, "true": 0.7}]
    row = {"precision": of, "recall": of, "f1": of, "positive": 40, "n": 90, "reliability": bins}
    codes = dict.fromkeys(codebook().ids[:2], row)
    return {"measured_on": "the study's decisions, persons held out",
            "trained": {"criteria": codes, "n": 90, "groups": 30, "reliability": bins, "calibration_error": 0.06,
                        "languages": {}},
            "learning_curve": [{"decisions": n, "macro_f1": 0.5} for n in (0, 25)],
            "errors_by": {"country": {"error": {"PE": 0.2, "BO": 0.3}, "persons": {"PE": 9, "BO": 9}, "p": 0.4}}}  # fmt: skip


def written() -> Written:
    """The field work."""
    found = Written()
    asked = ""
    for name, path, said in (
        ("PE-01", "interviews/PE-01.txt", INTERVIEW),
        ("EC-02", STRANGE_FILE, GROUP),
    ):
        turns = []
        for speaker, role, person, words in said:
            asked = words if role is Role.INTERVIEWER else asked
            turns.append((speaker, role, person, words, "" if role is Role.INTERVIEWER else asked, ""))
        found.add(name, path, "interview", turns)
    for number, (person, words) in enumerate(ROWS, 1):
        question = "¿Qué cambió en su trabajo?"
        found.add(
            f"encuesta.{number}",
            "surveys/encuesta.csv",
            "survey",
            [("", Role.RESPONDENT, person, words, question, question)],
        )
    found.add("acta", "documents/acta.md", "document", [("", Role.RESPONDENT, "", w, "", h) for h, w in DOCUMENT])
    broken = replace(
        found.sources[0],
        source_id="lost",
        path="interviews/lost.docx",
        status="rejected",
        reader="",
        chars=0,
        chars_excluded=0,
    )  # type: ignore[arg-type]
    found.sources.append(replace(broken, note="is not a docx"))
    return found


def _said(table: dict[str, Any], text: str) -> Any:
    return next((said for begins, said in table.items() if text.startswith(begins)), ())


def publication(language: str = "en", **changed: Any) -> Publication:
    """The whole publication; `changed` replaces fields."""
    found, codes, entries, chosen = written(), codebook(), register(), settings(language)
    frames = {
        "sources": tables.frame(found.sources, tables.SOURCES),
        "turns": tables.frame(found.turns, tables.TURNS),
        "excerpts": tables.frame(found.excerpts, tables.EXCERPTS),
    }
    people = pd.DataFrame(
        [(key, *who, "woman") for key, who in PEOPLE.items()],
        columns=["participant_id", "participant", "group", "country", "gender"],
    )
    excerpts = evidence_rows.with_note(
        evidence_rows.with_persons(frames["excerpts"], frames["sources"], people, {}, attributes={}), (), ""
    )
    codings, links = _codings(found), _links(found)
    because = evidence_rows.reasons(_votes(codings), language)
    findings = {finding.id: finding for finding in entries.findings}
    evidence = evidence_rows.evidence(links, codings, excerpts, findings)
    assessments = {
        name: strength.assess(
            name,
            rows := evidence[evidence["finding_id"] == name],
            chosen.evidence,
            robustness=robustness.sentence(rows, chosen.evidence, language),
            language=language,
        )
        for name in findings
    }
    evidence = evidence.assign(
        strength=[str(assessments[f].strength) for f in evidence["finding_id"]],
        because=[because.get(k, "") for k in zip(evidence["excerpt_id"], evidence["criterion"], strict=True)],
    )
    coded = (
        codings[codings["coded"]]
        .drop(columns=["coded", "decided_by"])
        .merge(excerpts[["excerpt_id", *WHOSE]], on="excerpt_id")
        .assign(because="")
    )
    respondents = excerpts.loc[excerpts["role"] == Role.RESPONDENT, ["kind", "group"]]
    groups = sorted(set(people["group"]))
    made = Publication(
        settings=chosen,
        codebook=codes,
        register=entries,
        assessments=assessments,
        evidence=evidence,
        coded=coded,
        excerpts=excerpts,
        matrix=matrix.matrix(coded, respondents, codes.ids, groups, smallest_cell=5),
        prevalence=prevalence.prevalence(
            excerpts[excerpts["role"] == Role.RESPONDENT],
            codings,
            predicted={},
            drawn=(),
            criteria=codes.ids,
            smallest_cell=5,
        ),
        saturation=saturation.saturation(
            excerpts[excerpts["role"] == Role.RESPONDENT],
            codings,
            coded_by.by_machine(tables.frame([], tables.VOTES)),
            dates={},
            criteria=codes.ids,
            seed=1,
        ),
        cooccurrence=cooccurrence.cooccurrence(
            excerpts[excerpts["role"] == Role.RESPONDENT],
            codings.assign(status="single"),
            coded_by.by_machine(tables.frame([], tables.VOTES)),
            criteria=codes.criteria,
            smallest_cell=5,
        ),
        profiles=profiles.profiles(
            excerpts[excerpts["role"] == Role.RESPONDENT],
            codings.assign(status="single"),
            coded_by.by_machine(tables.frame([], tables.VOTES)),
            attributes={
                row["participant"]: {name: row[name] for name in ("group", "gender", "country")}
                for row in excerpts[excerpts["role"] == Role.RESPONDENT].to_dict("records")
            },
            criteria=codes.ids,
            smallest_cell=5,
        ),
        theory=TheoryOfChange(),
        elements=element_rows((), NO_VOICES, Speakers({}, {}), contested=0.35, language=language),
        element_voices=NO_VOICES,
        path_voices=NO_PATHS,
        arrows=arrow_rows(TheoryOfChange(), NO_PATHS, Speakers({}, {})),
        uses=use_of_excerpts(excerpts[excerpts["role"] == Role.RESPONDENT], links, codings, copied=()),
        sources=frames["sources"],
        turns=frames["turns"],
        texts={text.source_id: text.text for text in found.texts},
        people=people.drop(columns=["participant_id"]).assign(consent="yes", sources=1),
        rejected=tables.frame([Rejected("ingest", "PE-01", "¶ 9", "speaker label", 9)], tables.REJECTED),
        reading=tables.frame(READINGS, tables.READING),
        problems=(Problem("raw/interviews/lost.docx", "is not a docx", "save it again"),),
        facts=_facts(found, coded, evidence),
        edition="3f9a21c0",
        ledger_lines=2,
        ledger_head="ab" * 32,
        version="0.1.0",
        quality={},
        agreement={},
        note="[withheld]",
    )
    return replace(made, **changed)


def _codings(found: Written) -> pd.DataFrame:
    rows = []
    for excerpt in found.excerpts:
        if excerpt.role is Role.RESPONDENT:
            carried = dict(_said(CODED, excerpt.text))
            for code in codebook().ids:
                given = code in carried
                stance = carried.get(code, "")
                rows.append((excerpt.excerpt_id, code, given, 0.9 if given else 0.1, stance, "machine", "m", not given))
    return tables.typed(pd.DataFrame(rows, columns=tables.CODINGS.names), tables.CODINGS)


def _links(found: Written) -> pd.DataFrame:
    rows = [
        (finding, excerpt.excerpt_id, direction, 0.5, 0.8, status, "machine")
        for excerpt in found.excerpts
        for finding, direction, status in _said(LINKED, excerpt.text)
    ]
    return tables.typed(pd.DataFrame(rows, columns=tables.LINKS.names), tables.LINKS)


def _votes(codings: pd.DataFrame) -> pd.DataFrame:
    given = codings[codings["coded"]]
    said = '{"words":"<b>they came</b>","cues":["not"]}'
    votes = [
        Vote(e, c, "rule:came", 1, 0.9, "", said, "1")
        for e, c in zip(given["excerpt_id"], given["criterion"], strict=True)
    ]
    return tables.frame(votes, tables.VOTES)


def _facts(found: Written, coded: pd.DataFrame, evidence: pd.DataFrame) -> dict[str, int]:
    return {
        "files": 5,
        "files_read": 4,
        "sources": 5,
        "persons": 6,
        "participants": 6,
        "excerpts": sum(e.role is Role.RESPONDENT for e in found.excerpts),
        "coded": coded["excerpt_id"].nunique(),
        "codings": len(coded),
        "confirmed": 0,
        "waiting": 2,
        "doubtful": 2,
        "links": len(evidence),
        "links_confirmed": 1,
        "persons_not_used": 0,
        "chars_not_used": 0,
        "persons_not_shown": 0,
        "chars_not_shown": 0,
        "findings": 3,
        "contrary_recall": 9,
        "coders": 0,
    }


def drawn_of(made: Publication) -> dict[str, Any]:
    """The figures of a publication, by name."""
    return {name: figures.draw(each) for name, each in drawings.drawings(made).items()}
