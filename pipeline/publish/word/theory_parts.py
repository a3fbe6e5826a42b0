"""The part of the annex on the theory of change: its drawing, its elements and its arrows with what people confirmed."""

from __future__ import annotations

from pipeline.publish import Publication, labels
from pipeline.publish.theory.elements import ElementAccount, element_accounts
from pipeline.publish.theory.paths import PathAccount, path_accounts
from pipeline.publish.word.blocks import Block, Column, Paragraph, Part, Picture
from pipeline.publish.word.texts import Texts

ELEMENT_COLUMNS = {"element": 30, "kind": 18, "leads_to": 30, "status": 17}  # with their shares of the width
ELEMENT_COUNTS = ("persons", "supporting", "contradicting", "excerpts", "documents")
PATH_COUNTS = ("persons", "excerpts", "documents")


def theory_of_change(publication: Publication, texts: Texts, drawing: bytes) -> Part | None:
    """The elements of the theory of change with what people confirmed on each, below the `drawing`; None if there are none."""
    accounts = element_accounts(publication)
    if not accounts:
        return None
    columns = (
        *(Column(texts.say(f"theory.{key}"), share) for key, share in ELEMENT_COLUMNS.items()),
        *(Column(texts.say(f"theory.{key}"), 16, is_number=True) for key in ELEMENT_COUNTS),
    )
    rows = [_element_row(account, texts) for account in accounts]
    limit = labels.share(publication.settings.evidence.contested)
    note = Paragraph(texts.say("theory.rule", share=limit), "note")
    theory = texts.table("theory", texts.say("annex_table.theory"), columns, rows)
    counts = {"n": len(accounts), "arrows": len(publication.theory.arrows)}
    alt = texts.say("theory.alt", **counts)
    drawn = [Picture("theory", texts.say("annex.drawing"), alt, drawing)] if drawing else []
    blocks: tuple[Block, ...] = (*drawn, note, theory, *_causal_paths(publication, texts))
    return Part(texts.say("annex_part.theory"), blocks, is_landscape=True)


def _causal_paths(publication: Publication, texts: Texts) -> tuple[Block, ...]:
    """The arrows, drawn and stated, with who states them; a sentence if nobody states one, nothing if the theory has none."""
    accounts = path_accounts(publication)
    if not accounts:
        return ()
    if not any(account.counts["excerpts"] for account in accounts):
        return (Paragraph(texts.say("annex.no_paths", n=len(accounts)), "remark"),)
    columns = (
        *(Column(texts.say(f"paths.{key}"), 40) for key in ("influence", "consequence", "status")),
        *(Column(texts.say(f"paths.{key}"), 18, is_number=True) for key in PATH_COUNTS),
    )
    rows = [_path_row(account, texts) for account in accounts]
    note = Paragraph(texts.say("paths.note"), "note")
    return note, texts.table("paths", texts.say("paths.title"), columns, rows)


def _path_row(account: PathAccount, texts: Texts) -> list[str]:
    names = [element.name_in(texts.language) for element in (account.influence, account.consequence)]
    counts = (texts.number(account.counts[name]) for name in PATH_COUNTS)
    return [*names, texts.closed("arrow_status", account.status), *counts]


def _element_row(account: ElementAccount, texts: Texts) -> list[str]:
    return [
        account.element.name_in(texts.language),
        texts.closed("element_kind", account.element.kind),
        account.leading_to(texts.language),
        texts.closed("element_status", account.status),
        *(texts.number(account.counts[name]) for name in ELEMENT_COUNTS),
    ]
