"""The page of `diff`: what moved between two runs, with the words and the cause of each change, in the study's language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.config import StudySettings
from pipeline.findings import Register
from pipeline.publish import labels
from pipeline.publish.html.report import digest, template_environment
from pipeline.vocabulary import Cause

MOST = 500  # codings, and links, that the page lists
STATE = re.compile(r"(\w+)(?: (\w+))? \((\w+)\)")  # of a coding or link, as `compare` gives it: `yes positive (people)`


@dataclass(frozen=True, slots=True)
class Move:
    """A finding, coding or link that moved, in words; `words` are those of the excerpt."""

    target: str
    before: str
    after: str
    because: str
    words: str = ""
    excerpt_id: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What moved, as `evidence.comparison.compare` gives it, and what is needed to word it.

    `words` has the text of every excerpt of the later run that may be shown, and a note in the place of others; `runs` the
    times of both runs.
    """

    result: Mapping[str, Any]
    study: StudySettings
    codebook: Codebook
    register: Register
    words: Mapping[str, str]
    runs: Sequence[str]


def page(difference: Difference) -> str:
    """The page as HTML without scripts. Words of the study enter it only as escaped text."""
    language, result = difference.study.language, difference.result
    environment = template_environment()
    environment.globals.update(
        say=lambda key, **values: wording.text(key, language, **values),
        closed=lambda section, word: wording.closed_word(section, word, language),
    )
    style = (labels.TEMPLATES / "release.css").read_text("utf-8")
    worded = _Worded(difference)
    return environment.get_template("difference.html").render(
        study=difference.study,
        runs=difference.runs,
        result=result,
        files=[*result["sources"], *result["files"]],
        findings=list(worded.findings()),
        codings=worded.by_cause("codings", "criterion"),
        links=worded.by_cause("links", "finding_id"),
        most=MOST,
        style=Markup(style),  # noqa: S704 (our own file)
        policy=f"default-src 'none'; style-src '{digest(style)}'; base-uri 'none'; form-action 'none'",
    )


class _Worded:
    """What moved, worded in the study's language."""

    def __init__(self, difference: Difference) -> None:
        self.of = difference
        self.language = difference.study.language
        self.code_names = {
            code.id: code.text("name", self.language) or code.id for code in difference.codebook.criteria
        }
        self.statements = {finding.id: finding.statement for finding in difference.register.findings}

    def findings(self) -> Iterator[Move]:
        """The findings of another strength."""
        for change in self.of.result["findings"]:
            name = change["finding_id"]
            yield Move(
                target=f"{name} {self.statements.get(name, '')}".rstrip(),
                before=self._strength(change["from"], "difference.new"),
                after=self._strength(change["to"], "difference.taken_out"),
                because=self._because(change),
            )

    def by_cause(self, kind: str, target: str) -> dict[Cause, list[Move]]:
        """The first codings or links that moved, by cause; within a cause by code or finding, then by excerpt."""
        moves: dict[Cause, list[Move]] = defaultdict(list)
        for change in self.of.result[kind][:MOST]:
            name, excerpt = change[target], change["excerpt_id"]
            move = Move(
                target=self.code_names.get(name, name),
                before=self._state(change["from"]),
                after=self._state(change["to"]),
                because=self._because(change),
                words=self.of.words.get(excerpt, ""),
                excerpt_id=excerpt,
            )
            moves[Cause.of(change)].append(move)
        return {cause: moves[cause] for cause in Cause if cause in moves}

    def _say(self, key: str, **values: object) -> str:
        return wording.text(key, self.language, **values)

    def _strength(self, word: str, absent: str) -> str:
        return wording.closed_word("strength", word, self.language) if word else self._say(absent)

    def _state(self, state: str) -> str:
        """The state of a coding or link: `yes positive (people)` or `supports (confirmed)`."""
        match = STATE.fullmatch(state)
        if not match:
            return self._say("difference.none")
        word, stance, by_whom = match.groups()
        if word in ("yes", "no"):
            parts = [self._say(f"difference.{word}"), wording.closed_word("stance", stance or "", self.language)]
            return f"{' '.join(parts).rstrip()} ({self._say(f'difference.{by_whom}')})"
        status = wording.closed_word("status", by_whom, self.language)
        return f"{wording.closed_word('direction', word, self.language)} ({status})"

    def _because(self, change: Mapping[str, Any]) -> str:
        """The lines of the ledger or the files behind a change, else its cause."""
        parts = []
        if lines := [*change.get("decisions", ()), *change.get("codebook", ())]:
            parts.append(self._say("cause.line", lines=", ".join(map(str, lines))))
        parts += [*change.get("sources", ()), *change.get("files", ())]
        return "; ".join(parts) or self._say(f"cause.{Cause.of(change)}")
