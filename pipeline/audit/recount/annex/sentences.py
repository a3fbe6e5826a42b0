"""The sentences of the annex, worded again from the record of the run, the tables and the settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from pipeline.audit.recount.annex.material import Material
from pipeline.audit.recount.coverage.theory_of_change import elements_of
from pipeline.audit.recount.coverage.undecided import estimate, undecided_of
from pipeline.audit.recount.strengths import STRENGTHS
from pipeline.audit.stored import Row, main_codes

TOP_SHARE = 0.25
PARTS = (
    "matrix",
    "registers",
    "theory",
    "persons",
    "sources",
    "evidence",
    "crossings",
    "codebook",
    "coding",
    "quality",
    "limits",
    "coreq",
)
FOOT, PROPERTY = 60, 200


def share(value: float) -> str:
    """A share as a percentage; only exactly 0 or 1 is shown as 0 % or 100 %."""
    return f"{value if value in (0, 1) else min(0.99, max(0.01, value)):.0%}"


def short(text: str, most: int) -> str:
    """The beginning of a text that is too long, in whole words unless they leave half of the room empty."""
    if len(text) <= most:
        return text
    beginning = text[: most - 1]
    *whole, _ = f"{beginning}{text[most - 1]}".split(" ")
    words = " ".join(whole)
    return (words if 2 * len(words) >= most else beginning).rstrip(" ,;:") + "…"


def title_page(material: Material) -> Iterator[str]:
    """The paragraphs above the table of contents."""
    study, record = material.stored.settings.study, material.stored.record
    facts = record["summary"]
    yield from (material.say("annex.title"), study.title, study.subtitle, study.date)
    if facts["files_read"] != facts["files"]:
        yield material.say("overview.partial", read=facts["files_read"], files=facts["files"])
    yield material.say("annex.about", **{name: facts[name] for name in ("findings", "persons", "sources", "excerpts")})
    kinds = ("interview", "group", "survey", "document")
    yield material.say("annex.key", **{name: material.say(f"annex_reference.{name}") for name in kinds})
    yield material.say("annex.confirmed_apart")
    names = {name: record.get(name, "") for name in ("version", "codebook", "edition")}
    yield f"{material.say('edition.internal')} {material.say('interface.edition', **names)}"
    yield material.say("annex.contents")


def headings(material: Material) -> dict[str, list[str]]:
    """The heading of each part, and those below it."""
    below = {"evidence": [finding_heading(material, finding) for finding in material.findings]}
    is_there = {"theory": bool(elements_of(material.stored)), "registers": any(material.registers.values())}
    parts = [name for name in PARTS if is_there.get(name, True)]
    return {
        name: [f"{number}  {material.say(f'annex_part.{name}')}", *below.get(name, ())]
        for number, name in enumerate(parts, 1)
    }


def finding_heading(material: Material, finding: Row) -> str:
    """Number, criterion and strength of a finding."""
    strength = material.closed("strength", material.recounts[finding["id"]].strength)
    return f"{finding['id']}  {material.code_name(finding['criterion'])}: {strength}"


def expected_persons(material: Material) -> dict[str, str]:
    """The sentence of each finding on whom the machine expects to speak about it; "" if nobody."""
    of_findings = undecided_of(material.stored, chain.from_iterable(material.evidence.values()))
    return {name: estimate(of_finding, material.language) for name, of_finding in of_findings.items()}


def method(material: Material) -> Iterator[str]:
    """From files to the strength of a finding, and what is held back."""
    settings, facts = material.stored.settings, material.stored.record["summary"]
    sources = material.stored.tables["sources"]
    chars, excluded = sum(row["chars"] for row in sources), sum(row["chars_excluded"] for row in sources)
    yield material.say(
        "method.words_say",
        read=facts["files_read"],
        files=facts["files"],
        chars=chars,
        excluded=excluded,
        share=share(excluded / chars if chars else 0),
        excerpts=facts["excerpts"],
        sentences=settings.segment.sentences,
        size=settings.segment.chars,
    )
    yield material.say(
        "method.coding_say",
        version=material.stored.record["codebook"],
        **_sizes_of_codebook(material),
        patterns=sum(len(code.get("patterns", ())) for code in material.codes),
        **{name: facts[name] for name in ("coded", "codings", "confirmed", "doubtful")},
    )
    yield from _further_voters(material)
    rules = settings.evidence
    yield material.say(
        "method.evidence_say",
        candidates=rules.candidates,
        closeness=rules.closeness,
        links=facts["links"],
        confirmed=facts["links_confirmed"],
    )
    yield material.say("method.rule_say", contested=share(rules.contested))
    if facts["persons_not_used"] or facts["persons_not_shown"]:
        used, quiet = ((facts[f"persons_not_{word}"], facts[f"chars_not_{word}"]) for word in ("used", "shown"))
        yield material.say("method.held_back", n=used[0], chars=used[1], quiet=quiet[0], quiet_chars=quiet[1])


def _further_voters(material: Material) -> Iterator[str]:
    """The further voters whose votes count, in the order of config.toml."""
    facts, named = material.stored.record.get("voters", {}), []
    for voter in material.stored.settings.tag.voters:
        name = voter.rpartition(":")[2]
        if facts.get(name, {}).get("state") == "counts":
            named.append(f"{name} ({facts[name]['model']})" if facts[name]["model"] else name)
    if named:
        yield material.say("method.voters_say", voters=", ".join(named))


def _sizes_of_codebook(material: Material) -> dict[str, int]:
    families = {code.get("family", "criterion") for code in material.codes}
    return {"codes": len(material.codes), "families": len(families)}


def limits(material: Material, *, is_measured: bool) -> Iterator[str]:
    """What a reader must know before relying on the findings."""
    yield from _on_links(material)
    if unread := len({row["path"] for row in material.stored.tables["sources"] if not row["reader"]}):
        yield material.say("method.limit_partial", n=unread)
    yield material.say("method.limit_measured" if is_measured else "method.limit_quality")
    if top := sum(each.counts["top_share"] > TOP_SHARE for each in material.recounts.values()):
        yield material.say("method.limit_top", n=top)
    cells = _cells_of_main_family(material)
    if "0" in cells:
        yield material.say("method.limit_silence", empty=cells.count("0"), n=len(cells))
    if not material.stored.record["summary"]["persons"]:
        kinds = {row["kind"] for row in material.stored.tables["sources"] if row["status"] != "rejected"}
        yield material.say("method.limit_documents" if kinds == {"document"} else "method.limit_nobody")
    yield material.say("method.limit_contrary", recall=material.stored.record["summary"]["contrary_recall"])
    yield material.say("method.limit_counts")


def _on_links(material: Material) -> Iterator[str]:
    facts, used = material.stored.record["summary"], _used(material)
    if facts["links"] and not facts["links_confirmed"]:
        yield material.say("method.limit_unconfirmed")
    elif facts["links"]:
        yield material.say("method.limit_share", share=share(facts["links_confirmed"] / len(used) if used else 0))


def _cells_of_main_family(material: Material) -> list[str]:
    """The excerpts in each cell of the matrix of criteria."""
    codes = set(main_codes(material.codes))
    return [row["excerpts"] for row in material.matrix if row["criterion"] in codes]


def _used(material: Material) -> list[Row]:
    """The rows of evidence that nobody rejected."""
    rows = chain.from_iterable(material.evidence.values())
    return [row for row in rows if row["status"] != "rejected"]


def coreq_answers(material: Material) -> dict[int, str]:
    """The answers to items 24 to 32."""
    record, say, used = material.stored.record, material.say, _used(material)
    facts = record["summary"]
    quoted = [row for row in used if row["shown"] == "whole"]
    against = ("contradicts", "qualifies")
    contrary = [row for row in used if row["status"] == "confirmed" and row["direction"] in against]
    everything = len(material.findings)
    return {
        24: say("coreq.24", n=facts["coders"]),
        25: say("coreq.25", version=record["codebook"], **_sizes_of_codebook(material)),
        26: say("coreq.26"),
        27: say("coreq.27", version=record["version"], edition=record["edition"]),
        28: say("coreq.28"),
        29: say(
            "coreq.29", all=everything, n=len(quoted), findings=_findings(quoted), withheld=len(used) - len(quoted)
        ),
        30: say("coreq.30", rated=_rated(material), confirmed=facts["links_confirmed"], links=facts["links"]),
        31: say("coreq.31", findings=everything, criteria=len({each["criterion"] for each in material.findings})),
        32: say("coreq.32", all=everything, n=len(contrary), findings=_findings(contrary)),
    }


def _rated(material: Material) -> str:
    strengths = Counter(each.strength for each in material.recounts.values())
    rated = [material.say(f"rated.{word}", n=strengths[word]) for word in STRENGTHS if strengths[word]]
    return ", ".join(rated) or material.say("annex.nothing")


def _findings(rows: list[Row]) -> int:
    return len({row["finding_id"] for row in rows})


def edges(material: Material) -> list[str]:
    """What is at the head and at the foot of pages."""
    foot = f"{short(material.stored.settings.study.title, FOOT)}: {material.say('annex.title')}"
    return [material.say("edition.internal"), f"{foot}    1 / 1"]


def properties(material: Material) -> list[str]:
    """Title, subject and language in the properties of the file."""
    study = material.stored.settings.study
    title = short(f"{study.title}: {material.say('annex.title')}", PROPERTY)
    return [title, short(study.subtitle, PROPERTY), study.language]
