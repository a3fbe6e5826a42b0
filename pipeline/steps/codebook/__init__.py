"""`codebook`: changes of the codebook, written to the files and the ledger together, so that decisions follow.

The command and the review page make them by the same function.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pipeline import study as folders
from pipeline.codebook import Codebook, codebook_of, load_codebook
from pipeline.codebook.theory_edits import names_of_elements
from pipeline.errors import ConfigError, Problem
from pipeline.records import CodebookChange, Decision, Draft
from pipeline.review.codebook_changes import at_the_root
from pipeline.review.coders import coder_name
from pipeline.review.decisions import Ledger
from pipeline.review.web.refusals import Refusal
from pipeline.review.web.rounds import rounds_of
from pipeline.steps.codebook.applying import Details, apply
from pipeline.steps.codebook.elements import element_of, require_elements, theory_in
from pipeline.steps.codebook.files import JOURNAL, LEDGER, THEORY, Files, commit, complete, load_files
from pipeline.tag.rules import match as patterns
from pipeline.vocabulary import CodebookAction, DecisionKind, RefusalKind
from pipeline.wording.messages import Message, message

USAGE = {
    CodebookAction.NEW: "new CODE FAMILY [PARENT]",
    CodebookAction.RENAME: "rename OLD NEW",
    CodebookAction.MOVE: "move CODE FAMILY [PARENT]",
    CodebookAction.MERGE: "merge CODE CODE ... INTO",
    CodebookAction.SPLIT: "split CODE NEW NEW ...",
    CodebookAction.RETIRE: "retire CODE",
    CodebookAction.DESCRIBE: "describe CODE DEFINITION",
    CodebookAction.PATTERN: "pattern CODE ID LANGUAGE MATCH",
    CodebookAction.DROP_PATTERN: "drop-pattern CODE ID",
    CodebookAction.ELEMENT: "element NAME KIND CODE [CODE ...]",
    CodebookAction.UNDO: "undo LINE",
}
NUMBERS = {  # of names: the fewest and the most
    CodebookAction.NEW: (2, 3),
    CodebookAction.MOVE: (2, 3),
    CodebookAction.MERGE: (3, None),
    CodebookAction.SPLIT: (3, None),
    CodebookAction.RETIRE: (1, 1),
    CodebookAction.PATTERN: (4, 4),
    CodebookAction.ELEMENT: (3, None),
    CodebookAction.UNDO: (1, 1),
}
SORTS_DECISIONS = frozenset({CodebookAction.MERGE, CodebookAction.SPLIT, CodebookAction.RETIRE})
Typed = tuple[CodebookChange, Details]


def change_of(action: CodebookAction, names: Sequence[str]) -> Typed:
    """The change typed as an action with names (see USAGE), and its details besides the codes.

    ConfigError if names are missing or too many.
    """
    fewest, most = NUMBERS.get(action, (2, 2))
    is_line = action is not CodebookAction.UNDO or names[0].isdecimal()
    if len(names) < fewest or (most is not None and len(names) > most) or not is_line:
        raise ConfigError(
            Problem(
                f"codebook {action}",
                message("steps/has_the_wrong_number_of_names"),
                message("steps/type", usage=USAGE[action]),
            )
        )
    first, *further = names
    details = _details(action, further)
    match action:
        case CodebookAction.NEW:
            return CodebookChange(action, into=(first,)), details
        case CodebookAction.MERGE:
            return CodebookChange(action, codes=tuple(dict.fromkeys(names[:-1])), into=(names[-1],)), details
        case CodebookAction.UNDO:
            return CodebookChange(action, undoes=int(first)), details
        case CodebookAction.ELEMENT:
            kind, *codes = further
            return CodebookChange(action), Details(element={"name": first, "kind": kind, "codes": codes})
        case CodebookAction.RENAME | CodebookAction.SPLIT:
            return CodebookChange(action, codes=(first,), into=tuple(dict.fromkeys(further))), details
        case _:
            return CodebookChange(action, codes=(first,)), details


def _details(action: CodebookAction, names: Sequence[str]) -> Details:
    """What the names after the first one say besides the codes."""
    match action:
        case CodebookAction.NEW | CodebookAction.MOVE:
            return Details(family=names[0], parent="".join(names[1:]))
        case CodebookAction.DESCRIBE:
            return Details(texts={"definition": {"": names[0]}})
        case CodebookAction.PATTERN:
            return Details(pattern=dict(zip(("id", "language", "match"), names, strict=True)))
        case CodebookAction.DROP_PATTERN:
            return Details(pattern={"id": names[0]})
        case _:
            return Details()


def change_codebook(
    root: Path,
    change: CodebookChange,
    *,
    details: Details | None = None,
    reason: str,
    coder: str,
    now: datetime,
    base: str = "",
) -> Decision:
    """Make a change in the files of a study and record it in the ledger; returns the line.

    `base` is the version of the codebook (or of the theory, for an element) that the user saw. What a killed program had begun to
    write is completed first. ConfigError if the change cannot be made or the codebook has changed meanwhile, before anything
    is written.
    """
    study = folders.locate_study(root)
    if not reason.strip():
        raise ConfigError(Problem("codebook", message("steps/a_change_needs_a_reason"), message("steps/add_reason")))
    with folders.lock(study, "codebook"):
        ledger = Ledger(study.coded / LEDGER, folders.study_id(study))
        complete(study, ledger)
        decisions = ledger.refresh()
        coder = coder_name(coder, {decision.coder for decision in decisions}) if coder.strip() else ""
        codebook = load_codebook(study.coded / "codebook.toml")
        files = load_files(study)
        if change.action is CodebookAction.ELEMENT:
            _refuse_if_theory_changed(theory_in(files, codebook).version, base, decisions)
        else:
            _refuse_if_changed(codebook, base, decisions)
        _refuse_in_round(change, decisions, today=now.date().isoformat())
        require_elements((details or Details()).elements, files)
        made, after = apply(change, details or Details(), files=files, codebook=codebook, decisions=decisions)
        version = _checked(after).version
        draft = Draft(DecisionKind.CODEBOOK, note=reason.strip(), codebook=version, change=made)
        return commit(study, draft, ledger, before=files, after=after, coder=coder, now=now)


def complete_change(study: folders.Study) -> None:
    """Complete the change of the codebook that a killed program had begun to write. StudyBusyError while a run lasts."""
    if (study.coded / JOURNAL).is_file():
        with folders.lock(study, "codebook"):
            complete(study, Ledger(study.coded / LEDGER, folders.study_id(study)))


def _refuse_if_changed(codebook: Codebook, base: str, decisions: Sequence[Decision]) -> None:
    """ConfigError that says what was changed since somebody saw the codebook, if it is another one by now."""
    if base in ("", codebook.version):
        return
    latest = next((line for line in reversed(decisions) if line.change), None)
    is_recorded = latest is not None and latest.codebook == codebook.version
    what = _latest_change(latest) if latest and is_recorded else message("steps/codebook_was_edited_in_the_file")
    raise ConfigError(Problem("codebook", what, message("steps/look_at_it_and_make_your_change_again")))


def _refuse_if_theory_changed(version: str, base: str, decisions: Sequence[Decision]) -> None:
    """ConfigError that says what was changed since somebody saw the theory of change, if it is another one by now."""
    if base in ("", version):
        return
    latest = next((line for line in reversed(decisions) if line.change and "theory" in line.change.before), None)
    is_recorded = latest is not None and latest.change is not None and latest.change.before["theory"] == version
    what = _latest_change(latest) if latest and is_recorded else message("steps/codebook_was_edited_in_the_file")
    raise ConfigError(Problem(f"coded/{THEORY}", what, message("steps/look_at_it_and_make_your_change_again")))


def _latest_change(line: Decision) -> Message:
    """Who changed what last, and why."""
    change = line.change or CodebookChange(CodebookAction.UNDO)
    named = [", ".join(codes) for codes in (change.codes, change.into) if codes]
    if "element" in change.before:
        named = [str(element_of(change.before["element"])["name"])]
    return message(
        "steps/codebook_was_changed_meanwhile",
        who=line.coder or "-",
        action=message(f"codebook_action.{change.action}"),
        codes=" → ".join(named) or f"{change.undoes}",
        note=line.note,
    )


def _refuse_in_round(change: CodebookChange, decisions: Sequence[Decision], *, today: str) -> None:
    """ConfigError for a change that would change the meaning of decisions while coders decide in a round."""
    changes = {line.seq: line.change for line in decisions if line.change}
    if at_the_root(change, changes).action not in SORTS_DECISIONS:
        return
    rounds = rounds_of(decisions).values()
    names = [each.name for each in rounds if each.is_open and not (each.ends and today > each.ends)]
    if names:
        raise ConfigError(
            Problem(
                "codebook",
                message("steps/a_round_is_open", names=", ".join(names)),
                message("steps/close_the_round_first"),
            )
        )


def _elements_without_code(files: Files, codebook: Codebook) -> dict[str, list[str]]:
    """The elements of the theory of change that name a code which the codebook does not have, each with its codes."""
    return {name: codes for name, codes in files.elements().items() if not set(codes) <= set(codebook.ids)}


def _elements_need_codes(elements: Mapping[str, Sequence[str]], names: Mapping[str, Mapping[str, str]]) -> Refusal:
    """Why a change is refused that takes the codes of elements away; the page asks for other codes and makes it with them."""
    lost = ", ".join(sorted(f"{name} ({', '.join(codes)})" for name, codes in elements.items()))
    return Refusal(
        f"coded/{THEORY}",
        message("steps/elements_would_lose_their_codes", lost=lost),
        message("steps/give_them_other_codes", options=" ".join(f"--element {name}=CODE" for name in sorted(elements))),
        kind=RefusalKind.ELEMENTS_NEED_CODES,
        values=(
            ("lost", ", ".join(next(iter(names[each].values())) for each in sorted(elements))),
            ("elements", json.dumps(elements, ensure_ascii=False)),
            ("names", json.dumps(names, ensure_ascii=False)),
        ),
    )


def _checked(files: Files) -> Codebook:
    """The codebook after a change; ConfigError if something else would be left without its code, or a pattern cannot be used."""
    codebook = codebook_of(tomllib.loads(files.codebook), "codebook.toml")
    problems = patterns.unreadable(codebook)
    lost = sorted(f"{name} ({code})" for name, code in files.criteria().items() if code and code not in codebook.ids)
    if lost:
        what = message("steps/findings_would_lose_their_criterion", lost=", ".join(lost))
        problems.append(Problem("coded/findings.toml", what, message("steps/give_them_another_criterion_first")))
    if without := _elements_without_code(files, codebook):
        problems.append(_elements_need_codes(without, names_of_elements(files.theory)))
    if problems:
        raise ConfigError(problems)
    return codebook
