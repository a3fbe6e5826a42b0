"""`study`, `check`, `analyze`, `prevalence` and `diff`: from a new folder to the report, its figures, and what moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.folding import bulleted
from pipeline.commands.messages import (
    AsJson,
    StudyPath,
    as_dicts,
    flush_all,
    in_words,
    language,
    messages,
    progress,
    show_advice,
    show_json,
    show_lines,
    show_problems,
)
from pipeline.errors import Problem
from pipeline.vocabulary import NewCodebook, Strength, VoterState
from pipeline.wording.messages import Message, counted, first_few, message, separated

BEST_A_MINUTE = 600  # texts that the better encoder reads in a minute of one core (docs/quality.md)


def analyze(
    study: StudyPath = Path(),
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute everything again.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print problems only.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also list all remarks, and the time of each stage.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Turn raw/ into evidence tables and the report; only what changed is done again."""
    from pipeline.steps.analyze import analyze as run

    with messages(as_json, study):
        with progress() as tick:
            outcome = run(study, fresh=fresh, now=datetime.now(UTC), tick=tick)
        show_problems(outcome.problems)
        if as_json:
            show_json(outcome.record)
        elif not quiet:
            show_advice(summary(outcome.record, outcome.unchanged, study))
            show_advice(details(outcome.record) if verbose else ())
    raise typer.Exit(outcome.exit_code)


def details(record: dict[str, Any]) -> Iterator[str]:
    """Every remark of a run, and the seconds of each stage."""
    yield from bulleted(Problem(**remark) for remark in record["remarks"])
    stages = (
        message("commands/seconds_of_a_stage", stage=message(f"commands/{name}"), seconds=stage["seconds"])
        for name, stage in record["stages"].items()
    )
    yield message("commands/time", stages=separated(", ", stages))


def summary(record: dict[str, Any], unchanged: bool, study: Path) -> list[str]:
    """The closing lines of a run: what was read, how strong the findings are, what to review, where to look next."""
    f = record["summary"]
    seconds = sum(stage["seconds"] for stage in record["stages"].values())
    outputs = study / "outputs"
    lines = [
        message("commands/nothing_changed") if unchanged else message("commands/done_in", seconds=seconds),
        message("commands/partial", read=f["files_read"], files=f["files"]) if record["partial"] else "",
        message(
            "commands/read_line",
            sources=counted(f["sources"], "source"),
            n=f["files_read"],
            files=counted(f["files"], "file"),
        ),
        *(message("commands/not_counted", **problem) for problem in record["unanswered"]),
        message("commands/persons", speaking=f["persons"], registered=f["participants"]),
        message("commands/excerpts", excerpts=f["excerpts"], coded=f["coded"], codings=counted(f["codings"], "coding")),
        message("commands/findings", findings=f["findings"], strengths=_findings(f)),
        message(
            "commands/evidence_line",
            links=counted(f["links"], "link"),
            confirmed=f["links_confirmed"],
            persons=counted(f["persons_confirmed"], "person"),
        ),
        *_waiting_links(f.get("links_unclear", 0)),
        *_voters(record.get("voters", {})),
        _to_review(record),
        *_learning(record),
        *_better_encoder(record["stages"]["tag"]),
        *([] if unchanged else _changes(record)),
        message("commands/withheld", persons=counted(f["persons_not_used"], "person"), not_shown=f["persons_not_shown"])
        if f["persons_not_used"] or f["persons_not_shown"]
        else "",
        message("commands/remarks", remarks=len(record["remarks"])) if record["remarks"] else "",
        message("commands/ledger", lines=counted(record["ledger"]["lines"], "line"), head=record["ledger"]["tree"])
        if record["ledger"]["lines"]
        else "",
        message("commands/look_at", report=outputs / "report.html", evidence=outputs / "evidence.xlsx"),
        message("commands/internal"),
    ]
    return [line for line in lines if line]


def _voters(facts: Mapping[str, Mapping[str, Any]]) -> Iterator[Message]:
    """A line for each further voter: what it judged, or that the run counts without it."""
    for name, each in facts.items():
        key = "voter_counts" if each["state"] == VoterState.COUNTS else "voter_does_not_count"
        yield message(
            f"commands/{key}",
            name=name,
            judged=each["judged"],
            texts=counted(each["texts"], "text"),
            asked=each["asked"],
        )
        if each["not_shown"]:
            yield message("commands/not_shown_to_voters", name=name, excerpts=counted(each["not_shown"], "excerpt"))


def _changes(record: dict[str, Any]) -> Iterator[Message]:
    """What a run changed: strengths that moved, codes that are assigned or only suggested now, refusals that were lifted."""
    yield from (message("commands/moved", finding=moved_line(finding)) for finding in record["moved"])
    yield from (message("commands/codes_moved", line=line) for line in code_lines(record["codes"]))
    yield from (message("commands/lifted", person=person) for person in record["lifted"])


def moved_line(finding: dict[str, Any]) -> Message:
    """A line for a finding whose strength changed since the last run, with the cause."""
    lines = [str(line) for line in finding["decisions"]]
    causes = [
        *(
            [
                message(
                    "commands/decisions",
                    n=len(lines),
                    decisions=counted(len(lines), "decision"),
                    lines=first_few(lines),
                )
            ]
            if lines
            else []
        ),
        *(message("commands/codebook_change", line=line) for line in finding["codebook"]),
        *finding["sources"],
        *finding["files"],
    ]
    return message(
        "commands/moved_finding",
        finding=finding["finding_id"],
        before=_strength(finding["from"]) or message("commands/new"),
        after=_strength(finding["to"]) or message("commands/gone"),
        causes=separated("; ", causes) if causes else message("commands/the_program_changed"),
    )


def _strength(word: str) -> str:
    return word and message(f"strength.{word}")


def code_lines(codes: dict[str, list[str]]) -> Iterator[Message]:
    """Lines on the codes that the machine now assigns, and on those that it now only suggests."""
    if now := codes["reliable_now"]:
        yield message("commands/reliable_now", codes=first_few(now))
    if now := codes["only_suggested_now"]:
        yield message("commands/only_suggested_now", codes=first_few(now))


def _waiting_links(number: int) -> Iterator[Message]:
    """A line if links are suggested without a direction."""
    if number:
        yield message("commands/without_direction", links=counted(number, "link"))


def _learning(record: dict[str, Any]) -> Iterator[Message]:
    """Which codes are only suggested, and what helps: before anything is learnt of them, and after."""
    codes = record["codes"]
    lacking = codes.get("lacking", {})
    learnt = [code for code in codes["only_suggested"] if code not in lacking]
    if not record["summary"]["excerpts"]:
        return
    if lacking:
        number = max(lacking.values())
        yield message("commands/to_learn", codes=first_few(sorted(lacking)), n=number)
    if learnt:
        yield message("commands/to_bear_out", codes=first_few(learnt))


def _better_encoder(tagged: dict[str, int]) -> Iterator[Message]:
    """What the better encoder would cost and bring, to a study that does not use it."""
    if texts := tagged.get("left_to_best"):
        yield message("commands/better_encoder", texts=texts, minutes=-(-texts // BEST_A_MINUTE))


def _to_review(record: dict[str, Any]) -> Message:
    f = record["summary"]
    if not f["waiting"]:
        return message("commands/all_to_review", n=f["undecided"], then=_recall(record))
    excerpts = counted(f["waiting"], "excerpt")
    return message("commands/to_review", excerpts=excerpts, undecided=f["undecided"], then=_recall(record))


def _recall(record: dict[str, Any]) -> str:
    f = record["summary"]
    if f["excerpts"] and not f["codings"]:
        is_explained = bool(record["codes"]["only_suggested"])
        key = "commands/nothing_is_coded" if is_explained else "commands/nothing_is_coded_yet"
        return message(key)
    if "recall" not in f:
        return ""
    return message("commands/recall", recall=f["recall"], low=f["recall_low"], high=f["recall_high"])


def _findings(f: dict[str, int]) -> Message:
    if not f["findings"]:
        return message("commands/none_in_the_register")
    return message("commands/by_what_people_confirmed", strengths=by_strength(f), n=f["findings_suggested_only"])


def by_strength(figures: dict[str, int]) -> Message:
    """The number of findings of each strength; strengths without a finding are left out."""
    counts = {word: figures[f"findings_{word}"] for word in Strength}
    return separated(
        ", ",
        (message(f"commands/strength_{word}", n=count) for word, count in counts.items() if count),
    )


def lay_out(
    path: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    codebook: Annotated[
        NewCodebook, typer.Option("--codebook", help="The five evaluation criteria, or empty for codes of your own.")
    ] = NewCodebook.FIVE,
    as_json: AsJson = False,
) -> None:
    """Create a new study."""
    from pipeline.new_study import lay_out as run

    with messages(as_json, created=path):
        written = run(path, codebook, language=language())
        if as_json:
            show_json({"study": str(path), "written": written})
        else:
            is_empty = codebook is NewCodebook.EMPTY
            show_advice(
                [
                    message("commands/created_a_study", path=path, files=", ".join(written)),
                    *([message("commands/write_your_codes")] if is_empty else []),
                    message("commands/put_your_files"),
                ]
            )


def next_step(*, is_wrong: bool, has_files: bool) -> Message:
    """The command that comes after a check."""
    after = "next_analyze" if has_files else "put_files_and_check"
    return message(f"commands/{'fix_and_check' if is_wrong else after}")


def check(study: StudyPath = Path(), as_json: AsJson = False) -> None:
    """List all problems of the study, and how each transcript and survey is read. Runs nothing."""
    from pipeline.commands import overview
    from pipeline.commands.transcripts import as_lines, as_record
    from pipeline.steps.check import check as run

    with messages(as_json, study):
        problems, remarks, transcripts, understood = run(study)
        if as_json:
            show_json(
                {
                    "language": language(),
                    "understood": overview.as_record(understood),
                    "problems": as_dicts(problems),
                    "remarks": as_dicts(remarks),
                    "transcripts": [as_record(each) for each in transcripts],
                }
            )
        else:
            show_lines(overview.as_lines(understood))
            has_register = bool(understood.people)
            show_lines(line for each in transcripts for line in as_lines(each, has_register=has_register))
            counts = separated(", ", [counted(len(problems), "problem"), counted(len(remarks), "remark")])
            show_advice([counts, *bulleted(in_words(remarks))])
            flush_all()  # the problems come last, also where both streams are one
            show_problems(problems)
            flush_all()
            show_advice([next_step(is_wrong=bool(problems), has_files=bool(understood.files))])
    raise typer.Exit(1 if problems else 0)


def prevalence(
    code: Annotated[str, typer.Argument(help="Id of a code; all codes if left out.")] = "",
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Show what share of the persons speak of each code, corrected for the machine's errors by a random sample."""
    from pipeline.steps.results.shares import as_lines, shares

    with messages(as_json, study):
        rows = shares(study, code)
        if as_json:
            show_json(rows)
        else:
            show_lines(as_lines(rows, language()))


def diff(
    before: Annotated[Path, typer.Argument(help="An earlier copy of the study's folder.")],
    after: Annotated[Path, typer.Argument(help="The study's folder as it is now.")] = Path(),
    page: Annotated[
        Path | None, typer.Option(help="Also write what moved, with the words, as a page: FILE.html.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which strengths, codings and links moved between two runs, and why."""
    from pipeline.steps.results.difference import as_lines, difference, write_page

    with messages(as_json, after):
        result = difference(before, after)
        if page:
            write_page(result, before, after, page)
        if as_json:
            show_json(result)
        else:
            show_lines(as_lines(result, moved_line))
