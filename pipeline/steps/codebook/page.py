"""The codebook as the review page changes it: what somebody asks for by names becomes a change like that of the command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline import wording
from pipeline.codebook import MAIN_FAMILY, Codebook, Criterion, Pattern, load_codebook
from pipeline.codebook.edits import code_id
from pipeline.errors import ConfigError, Problem
from pipeline.records import CodebookChange, Decision
from pipeline.review.web.codebook.orders import ChangeOrder
from pipeline.review.web.shelf import Shelf
from pipeline.steps.codebook import change_codebook
from pipeline.steps.codebook.applying import Details
from pipeline.tag.rules.match import why_not
from pipeline.vocabulary import CodebookAction
from pipeline.wording.messages import message

MAKES_CODES = frozenset({CodebookAction.NEW, CodebookAction.RENAME, CodebookAction.MERGE, CodebookAction.SPLIT})


def change_from_page(root: Path, order: ChangeOrder, *, coder: str, now: datetime) -> Decision:
    """Make a change that somebody asks for by names, and return its line; see `change_codebook`."""
    codebook = load_codebook(root / "coded" / "codebook.toml")
    ids = _ids_of(order, codebook) if order.action in MAKES_CODES else ()
    change = CodebookChange(order.action, codes=order.codes, into=ids, undoes=order.line)
    details = Details(
        family=_family_of(order.family, codebook),
        parent=order.parent,
        texts=_texts_of(order, ids, codebook),
        pattern=_pattern_of(order, codebook),
        element=order.element,
        elements=order.elements,
    )
    return change_codebook(root, change, details=details, reason=order.reason, coder=coder, now=now, base=order.base)


def _family_of(typed: str, codebook: Codebook) -> str:
    """The family that somebody names as they read it: one that is there, whatever its capitals, else a new one in their words."""
    words = " ".join(typed.split())
    families = (MAIN_FAMILY, *codebook.families)
    names = {name.casefold(): name for name in families}
    for language in wording.LANGUAGES:
        names = {wording.closed_word("family", name, language).casefold(): name for name in families} | names
    return names.get(words.casefold(), words)


def _ids_of(order: ChangeOrder, codebook: Codebook) -> tuple[str, ...]:
    """The ids of the codes that a change makes. A code of the change that keeps its name keeps its id."""
    replaced = [codebook[code] for code in order.codes if code in codebook.ids]
    ids = tuple(dict.fromkeys(_id_of(name, replaced) for name in order.names))
    fewest = 2 if order.action is CodebookAction.SPLIT else 1
    if len(ids) < fewest:
        raise ConfigError(
            Problem("codebook", message("steps/names_are_missing"), message("steps/type_different_names"))
        )
    return ids


def _id_of(name: str, replaced: Sequence[Criterion]) -> str:
    if same := next((code.id for code in replaced if name.strip() in (*dict(code.name).values(), code.id)), ""):
        return same
    if identity := code_id(name):
        return identity
    what = message("steps/name_has_no_letters", name=name.strip())
    raise ConfigError(Problem("codebook", what, message("steps/choose_another_name")))


def _texts_of(order: ChangeOrder, ids: Sequence[str], codebook: Codebook) -> dict[str, Any]:
    """The texts of what a change makes: those that were typed, and the names of new codes."""
    texts: dict[str, Any] = {field: dict(by_language) for field, by_language in order.texts.items()}
    names = {code: name.strip() for code, name in zip(ids, order.names, strict=False) if code not in order.codes}
    if order.action is CodebookAction.SPLIT:
        texts["parts"] = names
    elif order.action in (CodebookAction.NEW, CodebookAction.MERGE) and names:
        texts["name"] = {"": names[ids[0]]}
    if order.action is CodebookAction.RENAME and "name" not in texts:
        languages = list(dict(codebook[order.codes[0]].name)) if order.codes[0] in codebook.ids else []
        texts["name"] = {languages[0] if languages else "": order.names[0].strip()}
    return texts


def _pattern_of(order: ChangeOrder, codebook: Codebook) -> dict[str, Any]:
    """The pattern of a change; a new one gets a name that none has."""
    if order.action is not CodebookAction.PATTERN:
        return dict(order.pattern)
    typed = order.pattern.get("id") or f"{order.pattern.get('match', '')} {order.pattern.get('language', '')}"
    name, taken = code_id(typed).replace("_", "-"), {pattern.id.casefold() for pattern in codebook.patterns}
    free, number = name, 2
    while not order.pattern.get("id") and free.casefold() in taken:
        free, number = f"{name}-{number}", number + 1
    return {"id": free, **{key: order.pattern.get(key, "") for key in ("language", "match", "stance")}}


def caught_by(shelf: Shelf, language: str, match: str) -> list[tuple[int, int, int]]:
    """The respondents' excerpts that a pattern would catch, each with where its words begin and end.

    ConfigError if the pattern cannot be read.
    """
    from pipeline.tag.rules.rules import ANSWER, LanguageRules  # loads spaCy, which the page starts without

    pattern = Pattern(id="preview", criterion="", language=language, match=match)
    if why := why_not(pattern):
        raise ConfigError(Problem("codebook", why, message("tag/a_pattern_is_words_in_order")))
    rules = LanguageRules(language, [pattern])
    texts = shelf.excerpts["text"].to_pylist()
    spoken = zip(texts, shelf.excerpts["language"].to_pylist(), shelf.is_respondent, strict=True)
    return [
        (at, caught.start, caught.end)
        for at, (text, spoken_language, is_respondent) in enumerate(spoken)
        if is_respondent and spoken_language in ("", language)
        for caught in rules.find(text, ANSWER)
    ]
