"""`codebook`: changes of the codebook, written to the files and the ledger together, so that decisions follow."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline import study as folders
from pipeline.codebook import Codebook, codebook_of, edits, load_codebook, theory_of_change
from pipeline.errors import ConfigError, Problem
from pipeline.records import CodebookChange, Decision, Draft
from pipeline.review import decisions as ledger
from pipeline.review.coders import coder_name
from pipeline.study import Study, write_atomic
from pipeline.vocabulary import CodebookAction, DecisionKind
from pipeline.wording.messages import message

LEDGER, THEORY = "decisions.jsonl", theory_of_change.NAME
REMEDY = "steps/see_coded_codebook_toml"


Typed = tuple[CodebookChange, str]


@dataclass(frozen=True, slots=True)
class Files:
    """The files that people write and that name codes; they are changed together."""

    codebook: str
    seeds: bytes
    findings: str
    theory: str

    def elements(self) -> dict[str, list[str]]:
        """The codes of each element of the theory of change."""
        return edits.codes_of_elements(self.theory)

    def criteria(self) -> dict[str, str]:
        """The criterion of each finding."""
        return {f["id"]: f.get("criterion", "") for f in tomllib.loads(self.findings).get("findings", [])}


USAGE = {
    CodebookAction.NEW: "new CODE FAMILY",
    CodebookAction.RENAME: "rename OLD NEW",
    CodebookAction.MOVE: "move CODE FAMILY",
    CodebookAction.MERGE: "merge CODE CODE ... INTO",
    CodebookAction.SPLIT: "split CODE NEW NEW ...",
    CodebookAction.RETIRE: "retire CODE",
    CodebookAction.UNDO: "undo LINE",
}
FEWEST = {CodebookAction.RETIRE: 1, CodebookAction.UNDO: 1, CodebookAction.MERGE: 3, CodebookAction.SPLIT: 3}
OPEN_ENDED = frozenset({CodebookAction.MERGE, CodebookAction.SPLIT})


def change_of(action: CodebookAction, names: Sequence[str]) -> Typed:
    """The change that is typed as an action with names (see USAGE), and the family that it names.

    ConfigError if names are missing or too many.
    """
    fewest = FEWEST.get(action, 2)
    is_line = action is not CodebookAction.UNDO or names[0].isdecimal()
    if len(names) < fewest or (len(names) > fewest and action not in OPEN_ENDED) or not is_line:
        raise ConfigError(
            Problem(
                f"codebook {action}",
                message("steps/has_the_wrong_number_of_names"),
                message("steps/type", usage=USAGE[action]),
            )
        )
    match action:
        case CodebookAction.NEW:
            return CodebookChange(action, into=(names[0],)), names[1]
        case CodebookAction.MOVE:
            return CodebookChange(action, codes=(names[0],)), names[1]
        case CodebookAction.MERGE:
            return CodebookChange(action, codes=tuple(dict.fromkeys(names[:-1])), into=(names[-1],)), ""
        case CodebookAction.RETIRE:
            return CodebookChange(action, codes=(names[0],)), ""
        case CodebookAction.UNDO:
            return CodebookChange(action, undoes=int(names[0])), ""
        case _:
            return CodebookChange(action, codes=(names[0],), into=tuple(dict.fromkeys(names[1:]))), ""


def change_codebook(
    root: Path, change: CodebookChange, *, family: str = "", reason: str, coder: str, now: datetime
) -> Decision:
    """Make a change in the files of a study and record it in the ledger; returns the line.

    The files are written first: where the line is missing after a crash, the same command completes the change. ConfigError
    where the change cannot be made, before anything is written.
    """
    study = folders.locate_study(root)
    if not reason.strip():
        raise ConfigError(Problem("codebook", message("steps/a_change_needs_a_reason"), message("steps/add_reason")))
    with folders.lock(study, "codebook"):
        decisions = ledger.load(study.coded / LEDGER, folders.study_id(study))
        coder = coder_name(coder, {decision.coder for decision in decisions}) if coder.strip() else ""
        codebook = load_codebook(study.coded / "codebook.toml")
        files = _load(study)
        complete, after = _apply(change, family, files, codebook, decisions)
        version = _checked(after).version
        _write(study, before=files, after=after)
        draft = Draft(DecisionKind.CODEBOOK, note=reason.strip(), codebook=version, change=complete)
        (line,) = ledger.append(study.coded / LEDGER, [draft], coder=coder, now=now, study=folders.study_id(study))
    return line


def _load(study: Study) -> Files:
    seeds, findings, theory = (study.coded / name for name in ("seeds.jsonl", "findings.toml", THEORY))
    return Files(
        codebook=(study.coded / "codebook.toml").read_text("utf-8-sig"),
        seeds=seeds.read_bytes() if seeds.exists() else b"",
        findings=findings.read_text("utf-8-sig") if findings.exists() else "",
        theory=theory.read_text("utf-8-sig") if theory.exists() else "",
    )


def _write(study: Study, *, before: Files, after: Files) -> None:
    if after.codebook != before.codebook:
        write_atomic(study.coded / "codebook.toml", after.codebook.encode("utf-8"))
    if after.seeds != before.seeds:
        write_atomic(study.coded / "seeds.jsonl", after.seeds)
    if after.findings != before.findings:
        write_atomic(study.coded / "findings.toml", after.findings.encode("utf-8"))
    if after.theory != before.theory:
        write_atomic(study.coded / THEORY, after.theory.encode("utf-8"))


def _checked(files: Files) -> Codebook:
    """The codebook after a change; ConfigError if a finding or an element of the theory would be left without its code."""
    codebook = codebook_of(tomllib.loads(files.codebook), "codebook.toml")
    problems = []
    lost = sorted(f"{name} ({code})" for name, code in files.criteria().items() if code and code not in codebook.ids)
    if lost:
        what = message("steps/findings_would_lose_their_criterion", lost=", ".join(lost))
        problems.append(Problem("coded/findings.toml", what, message("steps/give_them_another_criterion_first")))
    named = [(name, code) for name, codes in files.elements().items() for code in codes]
    if without := sorted(f"{name} ({code})" for name, code in named if code not in codebook.ids):
        what = message("steps/elements_would_lose_their_codes", lost=", ".join(without))
        problems.append(Problem(f"coded/{THEORY}", what, message("steps/give_them_other_codes_first")))
    if problems:
        raise ConfigError(problems)
    return codebook


Applied = tuple[CodebookChange, Files]


def _apply(
    change: CodebookChange, family: str, files: Files, codebook: Codebook, decisions: Sequence[Decision]
) -> Applied:
    """The change with all that undoing it needs, and the files after it."""
    families = {code: name for name, codes in codebook.families.items() for code in codes}
    recorded = replace(change, families=tuple((code, families[code]) for code in change.codes if code in families))
    match change.action:
        case CodebookAction.NEW:
            return _new(recorded, family, files, codebook)
        case CodebookAction.RENAME:
            return _rename(recorded, files, codebook, decisions)
        case CodebookAction.MOVE:
            return _move(recorded, family, files, codebook)
        case CodebookAction.MERGE:
            return _merge(recorded, files, codebook)
        case CodebookAction.SPLIT:
            return _split(recorded, files, codebook)
        case CodebookAction.RETIRE:
            return _retire(recorded, files, codebook, decisions)
        case CodebookAction.UNDO:
            return _undo(recorded, files, codebook, decisions)


def _new(change: CodebookChange, family: str, files: Files, codebook: Codebook) -> Applied:
    (code,) = change.into
    _require_free([code], codebook)
    text = edits.CodebookText.of(files.codebook).added(code, edits.new_block(code, family))
    return change, replace(files, codebook=text.text())


def _rename(change: CodebookChange, files: Files, codebook: Codebook, decisions: Sequence[Decision]) -> Applied:
    (old,), (new,) = change.codes, change.into
    if old in codebook.ids:
        _require_free([new], codebook)
        text = edits.CodebookText.of(files.codebook)
        text = text.replaced(old, {new: edits.with_key(text.blocks[old], "id", new)}).with_parent([old], new)
        files = replace(files, codebook=text.text())
    elif new not in codebook.ids or not _is_named(old, decisions):  # renamed by hand: only the line is missing
        raise _no_such_code(old, decisions)
    return change, replace(
        files,
        seeds=edits.edited_seeds(files.seeds, lambda seed: edits.with_codes_merged(seed, [old], new)),
        findings=edits.edited_findings(files.findings, _criteria_of(files, [old], new)),
        theory=edits.edited_theory(files.theory, _elements_of(files, [old], new)),
    )


def _move(change: CodebookChange, family: str, files: Files, codebook: Codebook) -> Applied:
    (code,) = change.codes
    _require([code], codebook)
    text = _with_family(edits.CodebookText.of(files.codebook), code, family)
    return change, replace(files, codebook=text.text())


def _merge(change: CodebookChange, files: Files, codebook: Codebook) -> Applied:
    (into,) = change.into
    _require(change.codes, codebook)
    if into not in change.codes:
        _require_free([into], codebook)
    change = replace(change, before=_before(change.codes, files))
    text = edits.CodebookText.of(files.codebook)
    first = into if into in change.codes else change.codes[0]
    order = [first, *(code for code in change.codes if code != first)]
    block = edits.merged_block([text.blocks[code] for code in order], into)
    text = (
        text.replaced(first, {into: block}).without(set(change.codes) - {first, into}).with_parent(change.codes, into)
    )
    return change, Files(
        codebook=text.text(),
        seeds=edits.edited_seeds(files.seeds, lambda seed: edits.with_codes_merged(seed, change.codes, into)),
        findings=edits.edited_findings(files.findings, _criteria_of(files, change.codes, into)),
        theory=edits.edited_theory(files.theory, _elements_of(files, change.codes, into)),
    )


def _split(change: CodebookChange, files: Files, codebook: Codebook) -> Applied:
    (code,) = change.codes
    _require([code], codebook)
    _require_free([name for name in change.into if name != code], codebook)
    change = replace(change, before=_before(change.codes, files))
    text = edits.CodebookText.of(files.codebook)
    block = text.blocks[code]
    keeper = code if code in change.into else change.into[0]  # has the patterns until somebody sorts them
    parts = {name: edits.copied_block(block, name) for name in change.into if name != keeper}
    text = text.replaced(code, {**parts, keeper: edits.with_key(block, "id", keeper)})
    seeds = edits.edited_seeds(files.seeds, lambda seed: edits.without_code(seed, code, codebook.ids))
    return change, replace(files, codebook=text.text(), seeds=seeds)


def _retire(change: CodebookChange, files: Files, codebook: Codebook, decisions: Sequence[Decision]) -> Applied:
    (code,) = change.codes
    if code not in codebook.ids:
        if not _is_named(code, decisions):
            raise _no_such_code(code, decisions)
        return change, files  # taken out by hand: only the line is missing
    change = replace(change, before=_before(change.codes, files))
    text = edits.CodebookText.of(files.codebook).without([code])
    seeds = edits.edited_seeds(files.seeds, lambda seed: edits.without_code(seed, code, codebook.ids))
    return change, replace(files, codebook=text.text(), seeds=seeds)


def _undo(change: CodebookChange, files: Files, codebook: Codebook, decisions: Sequence[Decision]) -> Applied:
    """Undo a change: put back what the files held before it."""
    done = _undoable(change.undoes, decisions)
    _require(done.into, codebook)
    if done.action is CodebookAction.MOVE:
        (code,) = done.codes
        text = _with_family(edits.CodebookText.of(files.codebook), code, dict(done.families)[code])
        return change, replace(files, codebook=text.text())
    if done.action is CodebookAction.RENAME:
        back = CodebookChange(CodebookAction.RENAME, codes=done.into, into=done.codes)
        return change, _rename(back, files, codebook, decisions)[1]
    _require_free([code for code in done.codes if code not in done.into], codebook)
    seeds: Mapping[str, Any] = done.before.get("seeds", {})
    return change, Files(
        codebook=_with_former_blocks(edits.CodebookText.of(files.codebook), done).text(),
        seeds=edits.edited_seeds(files.seeds, _restore(seeds)),
        findings=edits.edited_findings(files.findings, done.before.get("findings", {})),
        theory=edits.edited_theory(files.theory, done.before.get("elements", {})),
    )


def _undoable(line: int, decisions: Sequence[Decision]) -> CodebookChange:
    """The change of a line; ConfigError if it is not one, is undone already, or if its codes were changed later."""
    changes = {d.seq: d.change for d in decisions if d.change}
    undone = {change.undoes for change in changes.values()}
    done = changes.get(line)
    if done is None or done.action is CodebookAction.UNDO or line in undone:
        what = message("steps/line_is_not_a_change", line=line)
        raise ConfigError(Problem("coded/decisions.jsonl", what, message("steps/see_the_lines_of_kind_codebook")))
    codes = {*done.codes, *done.into}
    later = [
        seq
        for seq, change in changes.items()
        if seq > line and seq not in undone and codes & {*change.codes, *change.into}
    ]
    if later:
        what = message(
            "steps/line_cannot_be_undone_yet_line", line=line, later=later[-1], codes=", ".join(sorted(codes))
        )
        raise ConfigError(
            Problem("coded/decisions.jsonl", what, message("steps/undo_the_later_change_first_undo", later=later[-1]))
        )
    return done


def _with_former_blocks(text: edits.CodebookText, done: CodebookChange) -> edits.CodebookText:
    """The codebook with the blocks that a change removed in place of those that it added."""
    blocks: Mapping[str, str] = done.before.get("blocks", {})
    if done.into:
        text = text.replaced(done.into[0], dict(blocks)).without(set(done.into[1:]) - set(blocks))
    else:
        for code, block in blocks.items():
            text = text.added(code, block)
    return text.without(set(done.into) - set(blocks))


def _with_family(text: edits.CodebookText, code: str, family: str) -> edits.CodebookText:
    return text.replaced(code, {code: edits.with_key(text.blocks[code], "family", family)})


def _restore(seeds: Mapping[str, Any]) -> Callable[[edits.Seed], edits.Seed]:
    """An edit that gives seeds the codes that they had before a change."""

    def restored(seed: edits.Seed) -> edits.Seed:
        if seed["id"] not in seeds:
            return seed
        fields = {key: value for key, value in seed.items() if key != "asked"}
        return {**fields, **seeds[seed["id"]]}

    return restored


def _before(codes: Sequence[str], files: Files) -> dict[str, Any]:
    """What the files say of some codes: blocks of the codebook, codes of seeds and elements, criteria of findings."""
    text = edits.CodebookText.of(files.codebook)
    rows = [json.loads(line) for line in files.seeds.splitlines() if line.strip()]
    named = [row for row in rows if set(codes) & {*row["codes"], *row.get("asked", ())}]
    return {
        **_elements_before(codes, files),
        "blocks": {code: text.blocks[code] for code in codes},
        "seeds": {row["id"]: {key: row[key] for key in ("codes", "asked") if key in row} for row in named},
        "findings": {name: code for name, code in files.criteria().items() if code in codes},
    }


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
        into = ", ".join(change.into) or "-"
        what = message("steps/has_no_code_since", code=code, line=later[-1].seq, action=change.action, into=into)
    return ConfigError(Problem("coded/codebook.toml", what, message(REMEDY)))
