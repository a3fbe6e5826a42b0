"""What a change of the codebook does to the files that people write: pure, and with all that taking it back needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.codebook import MAIN_FAMILY, Codebook, edits, theory_edits
from pipeline.errors import ConfigError, Problem
from pipeline.records import CodebookChange, Decision
from pipeline.review.codebook_changes import KEEPS_CODES, effective
from pipeline.steps.codebook.elements import add_element, reverse_element
from pipeline.steps.codebook.files import Files
from pipeline.vocabulary import CodebookAction
from pipeline.wording.messages import message

REMEDY = "steps/see_coded_codebook_toml"
OF_TEXTS = frozenset({CodebookAction.RENAME, CodebookAction.MOVE, CodebookAction.DESCRIBE})
OF_PATTERNS = frozenset({CodebookAction.PATTERN, CodebookAction.DROP_PATTERN})


@dataclass(frozen=True, slots=True)
class Details:
    """What a change says besides its codes: where a code goes, its texts by language, a pattern."""

    family: str = ""
    parent: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # name, definition, ... -> language -> text
    pattern: Mapping[str, Any] = field(default_factory=dict)
    element: Mapping[str, Any] = field(default_factory=dict)  # of the theory of change: name, kind, codes
    elements: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # present ones that get other codes: id -> codes


Applied = tuple[CodebookChange, Files]


def apply(
    change: CodebookChange, details: Details, *, files: Files, codebook: Codebook, decisions: Sequence[Decision]
) -> Applied:
    """The change with all that undoing it needs, and the files after it; ConfigError if it cannot be made."""
    families = {code: name for name, codes in codebook.families.items() for code in codes}
    recorded = replace(change, families=tuple((code, families[code]) for code in change.codes if code in families))
    if change.action in NEEDS_DECISIONS:
        made, after = NEEDS_DECISIONS[change.action](recorded, details, files, codebook, decisions)
    else:
        made, after = BY_ACTION[change.action](recorded, details, files, codebook)
    return made, replace(after, theory=theory_edits.edited_theory(after.theory, details.elements))


def _new(change: CodebookChange, details: Details, files: Files, codebook: Codebook) -> Applied:
    (code,) = change.into
    _require_free([code], codebook)
    _require([details.parent] if details.parent else [], codebook)
    family = codebook[details.parent].family if details.parent else details.family or MAIN_FAMILY
    block = edits.with_texts(edits.new_block(code, family, details.parent), details.texts)
    return change, replace(files, codebook=edits.CodebookText.of(files.codebook).added(code, block).text())


def _rename(
    change: CodebookChange, details: Details, files: Files, codebook: Codebook, decisions: Sequence[Decision]
) -> Applied:
    (old,), (new,) = change.codes, change.into
    if old in codebook.ids:
        _require_free([] if new.casefold() == old.casefold() else [new], codebook)
        text = edits.CodebookText.of(files.codebook)
        change = replace(change, before={"heads": {old: edits.head_of(text.blocks[old])}})
        block = edits.with_texts(edits.with_key(text.blocks[old], "id", new), details.texts)
        files = replace(files, codebook=text.replaced(old, {new: block}).with_parent([old], new).text())
    elif new not in codebook.ids or not _is_named(old, decisions):  # renamed by hand: only the line is missing
        raise _no_such_code(old, decisions)
    return change, _named_anew(files, [old], new)


def _named_anew(files: Files, codes: Sequence[str], new: str) -> Files:
    """The files whose seeds, findings and elements of the theory name one code instead of some others."""
    return replace(
        files,
        seeds=edits.edited_seeds(files.seeds, lambda seed: edits.with_codes_merged(seed, codes, new)),
        findings=edits.edited_findings(files.findings, _criteria_of(files, codes, new)),
        theory=theory_edits.edited_theory(files.theory, _elements_of(files, codes, new)),
    )


def _move(change: CodebookChange, details: Details, files: Files, codebook: Codebook) -> Applied:
    """Give codes, and with them the codes below them, another family or parent; of several only the topmost ones change parents."""
    codes = change.codes
    _require([*codes, *([details.parent] if details.parent else [])], codebook)
    family = codebook[details.parent].family if details.parent else details.family
    below = codebook.with_codes_below(codes)
    moved = [*codes, *(name for name in codebook.ids if name not in codes and name in below)]
    text = edits.CodebookText.of(files.codebook)
    families = tuple((name, codebook[name].family) for name in moved)
    heads = {name: edits.head_of(text.blocks[name]) for name in moved}
    change = replace(change, codes=tuple(moved), families=families, before={"heads": heads})
    for name in moved:
        text = text.replaced(name, {name: edits.with_key(text.blocks[name], "family", family)})
    for code in codes:
        if codebook[code].parent not in moved:
            block = edits.without_key(text.blocks[code], "parent")
            block = edits.with_key(block, "parent", details.parent) if details.parent else block
            text = text.replaced(code, {code: block})
    return change, replace(files, codebook=text.text())


def _describe(change: CodebookChange, details: Details, files: Files, codebook: Codebook) -> Applied:
    (code,) = change.codes
    _require([code], codebook)
    text = edits.CodebookText.of(files.codebook)
    change = replace(change, before={"heads": {code: edits.head_of(text.blocks[code])}})
    block = edits.with_texts(text.blocks[code], details.texts)
    return change, replace(files, codebook=text.replaced(code, {code: block}).text())


def _pattern(change: CodebookChange, details: Details, files: Files, codebook: Codebook) -> Applied:
    (code,) = change.codes
    _require([code], codebook)
    name, text = str(details.pattern["id"]), edits.CodebookText.of(files.codebook)
    if change.action is CodebookAction.PATTERN:
        if name.casefold() in {pattern.id.casefold() for pattern in codebook.patterns}:
            what = message("steps/already_has_a_pattern", name=name)
            raise ConfigError(Problem("coded/codebook.toml", what, message("steps/choose_another_name")))
        written = edits.pattern_text(details.pattern)
        block = edits.with_pattern(text.blocks[code], written)
    else:
        if name not in {pattern.id for pattern in codebook[code].patterns}:
            what = message("steps/has_no_pattern", code=code, name=name)
            raise ConfigError(Problem("coded/codebook.toml", what, message(REMEDY)))
        block, written = edits.without_pattern(text.blocks[code], name)
    change = replace(change, before={"pattern": written})
    return change, replace(files, codebook=text.replaced(code, {code: block}).text())


def _element(change: CodebookChange, details: Details, files: Files, codebook: Codebook) -> Applied:
    return add_element(change, details.element, files, codebook)


def _merge(change: CodebookChange, details: Details, files: Files, codebook: Codebook) -> Applied:
    (into,) = change.into
    _require(change.codes, codebook)
    if into not in change.codes:
        _require_free([into], codebook)
    change = replace(change, before=_before(change.codes, files))
    text = edits.CodebookText.of(files.codebook)
    first = into if into in change.codes else change.codes[0]
    order = [first, *(code for code in change.codes if code != first)]
    block = edits.with_texts(edits.merged_block([text.blocks[code] for code in order], into), details.texts)
    text = (
        text.replaced(first, {into: block}).without(set(change.codes) - {first, into}).with_parent(change.codes, into)
    )
    return change, _named_anew(replace(files, codebook=text.text()), change.codes, into)


def _split(change: CodebookChange, details: Details, files: Files, codebook: Codebook) -> Applied:
    (code,) = change.codes
    _require([code], codebook)
    _require_free([name for name in change.into if name != code], codebook)
    change = replace(change, before=_before(change.codes, files))
    text = edits.CodebookText.of(files.codebook)
    block = text.blocks[code]
    keeper = code if code in change.into else change.into[0]  # has the patterns until somebody sorts them
    parts = {name: edits.copied_block(block, name) for name in change.into if name != keeper}
    parts[keeper] = edits.with_key(block, "id", keeper)
    named = {name: edits.with_texts(parts[name], {"name": _name_of(details, name)}) for name in change.into}
    text = text.replaced(code, named).with_parent([code], keeper)
    seeds = edits.edited_seeds(files.seeds, lambda seed: edits.without_code(seed, code, codebook.ids))
    return change, replace(files, codebook=text.text(), seeds=seeds)


def _retire(
    change: CodebookChange, _: Details, files: Files, codebook: Codebook, decisions: Sequence[Decision]
) -> Applied:
    (code,) = change.codes
    if code not in codebook.ids:
        if not _is_named(code, decisions):
            raise _no_such_code(code, decisions)
        return change, files  # taken out by hand: only the line is missing
    change = replace(change, before=_before(change.codes, files))
    text = edits.CodebookText.of(files.codebook).without([code])
    seeds = edits.edited_seeds(files.seeds, lambda seed: edits.without_code(seed, code, codebook.ids))
    return change, replace(files, codebook=text.text(), seeds=seeds)


def _name_of(details: Details, code: str) -> Mapping[str, str]:
    """The name that a new part of a split code gets; nothing if it keeps that of the code."""
    name = details.texts.get("parts", {}).get(code, "")
    return {"": name} if name else {}


@dataclass(frozen=True, slots=True)
class _Reversal:
    """A change to be taken back, or made again: the codes that are there now, those to come back, and what they were like."""

    change: CodebookChange
    is_redo: bool
    now: tuple[str, ...]
    then: tuple[str, ...]
    before: Mapping[str, Any]


def _undo(
    change: CodebookChange, _: Details, files: Files, codebook: Codebook, decisions: Sequence[Decision]
) -> Applied:
    """Take a change back, or take back that it was taken back: what it replaced is put in the place of what it made."""
    reversal = _reversible(change.undoes, decisions)
    action = reversal.change.action
    _require(reversal.now, codebook)
    text = edits.CodebookText.of(files.codebook)
    if action in OF_PATTERNS:
        return _undo_pattern(change, reversal, files)
    if action is CodebookAction.ELEMENT:
        return reverse_element(change, reversal.before["element"], files, codebook, is_redo=reversal.is_redo)
    if action in OF_TEXTS:
        change = replace(change, before={"heads": {code: edits.head_of(text.blocks[code]) for code in reversal.now}})
        if action is CodebookAction.RENAME:
            (old,), (new,) = reversal.now, reversal.then
            _require_free([] if new.casefold() == old.casefold() else [new], codebook)
            text = text.replaced(old, {new: edits.with_key(text.blocks[old], "id", new)}).with_parent([old], new)
            files = _named_anew(files, [old], new)
        return change, replace(files, codebook=_with_heads(text, reversal).text())
    _require_free([code for code in reversal.then if code not in reversal.now], codebook)
    seeds: Mapping[str, Any] = reversal.before.get("seeds", {})
    return replace(change, before=_before(reversal.now, files, seeds)), Files(
        codebook=_with_former_blocks(text, reversal).text(),
        seeds=edits.edited_seeds(files.seeds, _restore(seeds)),
        findings=edits.edited_findings(files.findings, reversal.before.get("findings", {})),
        theory=theory_edits.edited_theory(files.theory, reversal.before.get("elements", {})),
    )


def _undo_pattern(change: CodebookChange, reversal: _Reversal, files: Files) -> Applied:
    (code,) = reversal.now
    text = edits.CodebookText.of(files.codebook)
    written: str = reversal.change.before["pattern"]
    if (reversal.change.action is CodebookAction.PATTERN) is reversal.is_redo:
        block = edits.with_pattern(text.blocks[code], written)
    else:
        block, _ = edits.without_pattern(text.blocks[code], edits.pattern_id(written))
    return change, replace(files, codebook=text.replaced(code, {code: block}).text())


def _with_heads(text: edits.CodebookText, reversal: _Reversal) -> edits.CodebookText:
    """The codebook in which some codes have their former texts, family and parent; patterns stay as they are."""
    heads: Mapping[str, str] = reversal.before.get("heads", {})
    for code in reversal.then:
        block = text.blocks[code]
        if code in heads:
            block = edits.with_head(block, heads[code])
        elif reversal.change.action is CodebookAction.MOVE:  # a line of an older version has the family alone
            block = edits.with_key(block, "family", dict(reversal.change.families)[code])
        text = text.replaced(code, {code: block})
    return text


def _reversible(line: int, decisions: Sequence[Decision]) -> _Reversal:
    """The change of a line, or that of which a line is the undoing.

    ConfigError if the line is neither, no longer counts, or its codes were changed later.
    """
    changes = {d.seq: d.change for d in decisions if d.change}
    counting = effective(changes)
    undone = {change.undoes for change in counting.values()}
    named = counting.get(line)
    if named is None or line in undone:
        what = message("steps/line_is_not_a_change", line=line)
        raise ConfigError(Problem("coded/decisions.jsonl", what, message("steps/see_the_lines_of_kind_codebook")))
    is_redo = named.action is CodebookAction.UNDO
    done = changes[named.undoes] if is_redo else named
    after = done.codes if done.action in KEEPS_CODES else done.into
    _refuse_if_changed_later(line, {*done.codes, *after}, counting)
    now, then = (done.codes, after) if is_redo else (after, done.codes)
    return _Reversal(change=done, is_redo=is_redo, now=now, then=then, before=named.before)


def _refuse_if_changed_later(line: int, codes: Collection[str], counting: Mapping[int, CodebookChange]) -> None:
    undone = {change.undoes for change in counting.values()}
    later = [
        seq
        for seq, change in counting.items()
        if seq > line and seq not in undone and set(codes) & {*change.codes, *change.into}
    ]
    if later:
        what = message(
            "steps/line_cannot_be_undone_yet_line", line=line, later=later[-1], codes=", ".join(sorted(codes))
        )
        raise ConfigError(
            Problem("coded/decisions.jsonl", what, message("steps/undo_the_later_change_first_undo", later=later[-1]))
        )


def _with_former_blocks(text: edits.CodebookText, reversal: _Reversal) -> edits.CodebookText:
    """The codebook with the blocks that a change removed in place of those that it added, and the former parents."""
    blocks: Mapping[str, str] = reversal.before.get("blocks", {})
    now = reversal.now
    place = next((code for code in now if code in blocks), "".join(now[:1]))
    text = text.without(set(now) - {place})
    of_older_line = text.replaced(place, blocks).blocks if place else {**text.blocks, **blocks}
    text = text.restored(blocks, reversal.before.get("order", list(of_older_line)), place=place)
    for child, parent in reversal.before.get("parents", {}).items():
        if child in text.blocks and child not in blocks:
            text = text.replaced(child, {child: edits.with_key(text.blocks[child], "parent", parent)})
    return text


def _restore(seeds: Mapping[str, Any]) -> Callable[[edits.Seed], edits.Seed]:
    """An edit that gives seeds the codes that they had before a change."""

    def restored(seed: edits.Seed) -> edits.Seed:
        if seed["id"] not in seeds:
            return seed
        fields = {key: value for key, value in seed.items() if key != "asked"}
        return {**fields, **seeds[seed["id"]]}

    return restored


def _before(codes: Sequence[str], files: Files, seeds: Collection[str] = ()) -> dict[str, Any]:
    """What the files say of some codes: blocks of the codebook, codes of seeds and elements, criteria of findings.

    `seeds` are ids of further seeds that change.
    """
    text = edits.CodebookText.of(files.codebook)
    rows = [json.loads(line) for line in files.seeds.splitlines() if line.strip()]
    named = [row for row in rows if row["id"] in seeds or set(codes) & {*row["codes"], *row.get("asked", ())}]
    return {
        **_elements_before(codes, files),
        "blocks": {code: text.blocks[code] for code in codes},
        "order": list(text.blocks),
        "seeds": {row["id"]: {key: row[key] for key in ("codes", "asked") if key in row} for row in named},
        "findings": {name: code for name, code in files.criteria().items() if code in codes},
        **_parents_before(codes, text),
    }


def _parents_before(codes: Sequence[str], text: edits.CodebookText) -> dict[str, dict[str, str]]:
    """The parent of each code right below some codes."""
    parents = {name: parent for name, block in text.blocks.items() if (parent := edits.parent_of(block)) in codes}
    return {"parents": parents} if parents else {}


def _elements_before(codes: Sequence[str], files: Files) -> dict[str, dict[str, list[str]]]:
    named = {name: of_element for name, of_element in files.elements().items() if set(codes) & set(of_element)}
    return {"elements": named} if named else {}


def _criteria_of(files: Files, codes: Sequence[str], into: str) -> dict[str, str]:
    return {name: into for name, code in files.criteria().items() if code in codes}


def _elements_of(files: Files, codes: Sequence[str], into: str) -> dict[str, list[str]]:
    """The new codes of the elements that name some codes."""
    new: dict[str, list[str]] = {}
    for name, of_element in files.elements().items():
        if set(codes) & set(of_element):
            new[name] = list(dict.fromkeys(into if code in codes else code for code in of_element))
    return new


def _is_named(code: str, decisions: Sequence[Decision]) -> bool:
    return any(code in (d.criterion, *d.codes) for d in decisions)


def _require(codes: Sequence[str], codebook: Codebook) -> None:
    missing = [code for code in codes if code not in codebook.ids]
    if missing:
        raise ConfigError(
            Problem("coded/codebook.toml", message("steps/has_no_code_2", missing=", ".join(missing)), message(REMEDY))
        )


def _require_free(codes: Sequence[str], codebook: Codebook) -> None:
    folded = {code.casefold() for code in codebook.ids}
    taken = [code for code in codes if code.casefold() in folded]
    if taken:
        what = message("steps/already_has_a_code", taken=", ".join(taken))
        raise ConfigError(Problem("coded/codebook.toml", what, message("steps/choose_another_id_or_merge")))


def _no_such_code(code: str, decisions: Sequence[Decision]) -> ConfigError:
    later = [d for d in decisions if d.change and code in d.change.codes]
    what = message("steps/has_no_code", code=code)
    if later and later[-1].change:
        change = later[-1].change
        what = message(
            "steps/has_no_code_since",
            code=code,
            line=later[-1].seq,
            action=message(f"codebook_action.{change.action}"),
            into=f" -> {', '.join(change.into)}" if change.into else "",
        )
    return ConfigError(Problem("coded/codebook.toml", what, message(REMEDY)))


BY_ACTION: Mapping[CodebookAction, Callable[[CodebookChange, Details, Files, Codebook], Applied]] = {
    CodebookAction.NEW: _new,
    CodebookAction.MOVE: _move,
    CodebookAction.MERGE: _merge,
    CodebookAction.SPLIT: _split,
    CodebookAction.DESCRIBE: _describe,
    CodebookAction.PATTERN: _pattern,
    CodebookAction.DROP_PATTERN: _pattern,
    CodebookAction.ELEMENT: _element,
}
NEEDS_DECISIONS: Mapping[
    CodebookAction, Callable[[CodebookChange, Details, Files, Codebook, Sequence[Decision]], Applied]
] = {
    CodebookAction.RENAME: _rename,
    CodebookAction.RETIRE: _retire,
    CodebookAction.UNDO: _undo,
}
