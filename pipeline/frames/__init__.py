"""A study as pandas frames, for scripts and notebooks: with consent, masks and codes of persons as in the outputs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from pipeline import study as folders
from pipeline.audit.trace import Step
from pipeline.codebook import Codebook, load_codebook
from pipeline.config import Settings, load_settings
from pipeline.errors import ConfigError, Problem
from pipeline.evidence.coded_by import by_people
from pipeline.evidence.queries.terms import Searched
from pipeline.findings import load_register
from pipeline.frames.shown_tables import ShownTables
from pipeline.steps import audit
from pipeline.steps.analyze import Outcome, analyze
from pipeline.steps.results.queries import Queries
from pipeline.steps.results.shares import shares
from pipeline.vocabulary import Direction, LinkStatus, Role, Strength
from pipeline.wording.messages import message

WHO_AND_WHERE = ["participant", "group", "country", "gender", "kind", "path", "place", "language"]
VOICE = ["excerpt_id", *WHO_AND_WHERE, "question", "shown", "text"]
CODED_AS = ["stance", "probability", "status", "doubtful"]


class OpenStudy:
    """A study in Python: its tables as pandas frames, and what the commands `analyze` and `trace` do."""

    def __init__(self, root: Path) -> None:
        """`root` is the study's folder; ConfigError if there is no study."""
        self._study = folders.locate_study(root)
        self.tables = ShownTables(self._study)

    @property
    def settings(self) -> Settings:
        """What config.toml says."""
        return load_settings(self._study.config)

    @property
    def codebook(self) -> Codebook:
        """The codes with definitions and patterns."""
        return load_codebook(self._study.coded / "codebook.toml")

    def analyze(self, *, fresh: bool = False) -> Outcome:
        """Brings tables and outputs up to date, like the command; the outcome has `problems` and the `record` of the run.

        ConfigError if the study cannot be analysed, StudyBusyError if another run is using it.
        """
        outcome = analyze(self._study.root, fresh=fresh, now=datetime.now(UTC), tick=lambda _stage, _done, _total: None)
        self.tables = ShownTables(self._study)
        return outcome

    def findings(self) -> pd.DataFrame:
        """A row per finding of the register: criterion, strength, statement, links, and how many persons speak for and against.

        `links` counts all but rejected ones, `confirmed` those that a person confirmed.
        """
        register = load_register(self._study.coded / "findings.toml", self.codebook.ids)
        evidence = self.tables["evidence"]
        strengths = dict(zip(evidence["finding_id"], evidence["strength"], strict=True))
        links = evidence[evidence["status"] != LinkStatus.REJECTED]
        rows = [
            {
                "finding_id": finding.id,
                "criterion": finding.criterion,
                "strength": strengths.get(finding.id, str(Strength.UNSUPPORTED)),
                **_counts(links[links["finding_id"] == finding.id]),
                "statement": finding.statement,
            }
            for finding in register.findings
        ]
        counted = ["links", "confirmed", *map(str, SPEAKING)]
        return pd.DataFrame(rows, columns=["finding_id", "criterion", "strength", *counted, "statement"])

    def excerpts(self, *, code: str = "", person: str = "") -> pd.DataFrame:
        """The words of respondents, with who speaks and where; of one code or one person, if named.

        With `code`: those that carry it, with stance, probability and who coded. `person` is a code such as P-7Q3K, or an id
        of the register. ConfigError if the study does not have the code or the person.
        """
        rows = self.tables.spoken
        rows = rows[rows["role"] == Role.RESPONDENT]
        if person:
            rows = rows[rows["participant"] == self._code_of(person)]
        rows = rows.merge(self.tables["sources"][["source_id", "path"]], on="source_id", how="left")
        if not code:
            return rows[VOICE]
        if code not in self.codebook.ids:
            what, remedy = (
                message("common/is_not_a_code"),
                message("study/use_one_of", words=", ".join(self.codebook.ids)),
            )
            raise ConfigError(Problem(code, what, remedy))
        codings = self.tables["codings"]
        coded = codings.loc[codings["coded"] & (codings["criterion"] == code), ["excerpt_id", *CODED_AS]]
        return rows.merge(coded, on="excerpt_id")[[*VOICE[:-1], *CODED_AS, "text"]]

    def prevalence(self, code: str = "") -> pd.DataFrame:
        """The share of persons who speak of each code, or of one, like outputs/prevalence.csv.

        ConfigError if the study does not have the code, or if no excerpt was drawn at random and decided.
        """
        return pd.DataFrame(shares(self._study.root, code))

    def query(self, query: str = "", *, by: str | Sequence[str] = (), to: Path | None = None) -> pd.DataFrame:
        """Persons, excerpts and sources that meet a query, confirmed by people and of the machine (`machine_...`) apart.

        `by` names one or two sides: a family of codes, an attribute of persons, `source`, `kind` or `person`. With `to`, a folder,
        also writes query.csv, excerpts.csv, query.svg and query.png there. ConfigError names the part that cannot be used.
        """
        names = (by,) if isinstance(by, str) else tuple(by)
        names = tuple(filter(None, names))
        queries = self._queries
        masks = queries.masks(query)
        table = queries.counts(masks, names)
        if to is not None:
            queries.save(query, masks, names, table=table, folder=to)
        return table

    def named_counts(self, table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
        """The table of a query with names as people read them."""
        return self._queries.named(table, by, self.settings.study.language)

    @property
    def _queries(self) -> Queries:
        searched = Searched(self.tables.searched, self.tables.attributes, self.codebook)
        cells = {"": by_people(self.tables["codings"]), "machine_": self.tables.coded_by_machine}
        return Queries(searched, cells, self.settings)

    def trace(self, identity: str) -> Step:
        """The walk from a recommendation, conclusion or finding to the words, or from words, a source or a person back.

        `print` shows it as the command does. ConfigError if the study does not have the id.
        """
        return audit.trace(self._study.root, identity)

    def _code_of(self, person: str) -> str:
        codes = self.tables.codes
        if person in codes:
            return codes[person]
        if person in set(self.tables.spoken["participant"]):
            return person
        raise ConfigError(
            Problem(person, message("study/nobody_in_this_study"), message("study/look_it_up_in_the_report"))
        )


SPEAKING = (Direction.SUPPORTS, Direction.CONTRADICTS, Direction.QUALIFIES)


def _counts(links: pd.DataFrame) -> dict[str, int]:
    """How many links a finding has, how many are confirmed, and how many persons speak in each direction."""
    persons = links[links["participant"] != ""].groupby("direction")["participant"].nunique()
    confirmed = int((links["status"] == LinkStatus.CONFIRMED).sum())
    return {
        "links": len(links),
        "confirmed": confirmed,
        **{str(direction): int(persons.get(direction, 0)) for direction in SPEAKING},
    }
