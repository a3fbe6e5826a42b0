"""The study as one flat table: a row per excerpt and code, with person, place, code path, stance, people, machine and findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from pipeline import tables, wording
from pipeline.codebook import Codebook, ancestors
from pipeline.evidence.marked import marked_stretches, with_marked_words
from pipeline.findings import Finding
from pipeline.publish import csvs
from pipeline.sheets import Field, Prose, Sheet, write_large_book
from pipeline.vocabulary import CodingStatus

PERSON = "person_"  # begins the columns of attributes from the register
BETWEEN = " > "  # the names of a code path
YES, NO = "yes", "no"
CODER, CLASSIFIER, RULE = "coder:", "classifier:", "rule:"
WIDE = frozenset({"quote", "span", "question", "code_path"})
KEY = ["excerpt_id", "criterion"]


def coded_quotes(
    frames: Mapping[str, pd.DataFrame],
    excerpts: pd.DataFrame,
    *,
    codebook: Codebook,
    findings: Sequence[Finding],
    attributes: Mapping[str, Mapping[str, str]],
    language: str,
) -> pd.DataFrame:
    """The table `coded_quotes`, and after it a column per attribute of the register.

    `frames` has the tables codings, votes, links and spans; `excerpts` have person, kind and the words as shown; `attributes` are
    those of the register by the person's code. There is a row where the excerpt carries the code, where a coder gives it, and where
    coders differ.
    """
    votes = frames["votes"]
    people = _by_people(votes)
    rows = frames["codings"].merge(people, on=KEY, how="left").merge(_by_machine(votes), on=KEY, how="left")
    rows = rows.merge(_linked(frames["links"], findings), on=KEY, how="left")
    texts = [*people.columns.drop(KEY), "machine", "machine_stance", "finding_ids", "directions", "link_status"]
    rows = rows.fillna(dict.fromkeys(texts, ""))
    rows = rows[rows["coded"] | (rows["people_yes"] != "") | (rows["status"] == CodingStatus.CONFLICTED)]
    rows = rows.rename(columns={"status": "coding_status"}).merge(
        excerpts.rename(columns={"text": "quote"}), on="excerpt_id", how="inner", validate="many_to_one"
    )
    marked = marked_stretches(frames["spans"], frames["codings"], excerpts, codebook.lineage)
    rows = with_marked_words(rows, marked)
    paths = code_paths(codebook, language)
    flat = tables.typed(rows.assign(code_path=rows["criterion"].map(paths)), tables.CODED_QUOTES)
    tables.check_table(flat, tables.CODED_QUOTES, where="the table")
    names = sorted({name for values in attributes.values() for name in values})
    more = {f"{PERSON}{name}": [attributes.get(who, {}).get(name, "") for who in flat["participant"]] for name in names}
    return flat.assign(**{name: pd.Series(values, index=flat.index, dtype="str") for name, values in more.items()})


def code_paths(codebook: Codebook, language: str) -> dict[str, str]:
    """The path of each code: its family, the codes above it, and itself, by name."""
    names = {criterion.id: criterion.text("name", language) or criterion.id for criterion in codebook.criteria}
    parents = {criterion.id: criterion.parent for criterion in codebook.criteria if criterion.parent}
    paths = {}
    for criterion in codebook.criteria:
        family = wording.closed_word("family", criterion.family, language)
        above = [names[code] for code in reversed(ancestors(criterion.id, parents))]
        paths[criterion.id] = BETWEEN.join([family, *above, names[criterion.id]])
    return paths


def _by_people(votes: pd.DataFrame) -> pd.DataFrame:
    """Who says yes and who says no, and with which stance, per excerpt and code."""
    by_coder = votes[votes["voter"].str.startswith(CODER)].sort_values([*KEY, "voter"])
    by_coder = by_coder.assign(voter=by_coder["voter"].str.removeprefix(CODER))
    yes, no = by_coder[by_coder["vote"] == 1], by_coder[by_coder["vote"] == 0]
    stances = yes[yes["stance"] != ""]
    stances = stances.assign(voter=stances["voter"] + "=" + stances["stance"])
    columns = {"people_yes": yes, "people_no": no, "people_stances": stances}
    joined = [frame.groupby(KEY)["voter"].agg(";".join).rename(name) for name, frame in columns.items()]
    return pd.concat(joined, axis=1).rename_axis(KEY).reset_index().fillna("")


def _by_machine(votes: pd.DataFrame) -> pd.DataFrame:
    """What the machine says: its classifier, or else its patterns."""
    rows = votes[votes["voter"].str.startswith((RULE, CLASSIFIER))]
    is_rule = rows["voter"].str.startswith(RULE)
    rows = rows.assign(is_rule=is_rule).sort_values([*KEY, "is_rule", "vote"], ascending=[True, True, True, False])
    first = rows.drop_duplicates(KEY)
    machine = first["vote"].map({1: YES, 0: NO}).astype("str")
    return first[KEY].assign(machine=machine, machine_stance=first["stance"])


def _linked(links: pd.DataFrame, findings: Sequence[Finding]) -> pd.DataFrame:
    """The findings of each code that an excerpt is linked to, with direction and status."""
    criteria = {finding.id: finding.criterion for finding in findings}
    rows = links[links["finding_id"].isin(criteria)].sort_values(["excerpt_id", "finding_id"])
    rows = rows.assign(criterion=rows["finding_id"].map(criteria).astype("str"))
    named = rows.rename(columns={"finding_id": "finding_ids", "direction": "directions", "status": "link_status"})
    columns = ["finding_ids", "directions", "link_status"]
    return named.astype(dict.fromkeys(columns, "str")).groupby(KEY)[columns].agg(";".join).reset_index()


def write_flat(data: pd.DataFrame, path: Path, *, title: str) -> None:
    """Write the table as the ending of `path` says: .csv (guarded against formulas), .xlsx, .parquet."""
    match path.suffix.lower():
        case ".csv":
            csvs.write_table(data, path)
        case ".parquet":
            data.to_parquet(path, engine="pyarrow", compression="zstd", index=False)
        case _:
            write_large_book(path, [_sheet(data), Prose("Columns", list(_dictionary(data)))], title=title)


def _says(data: pd.DataFrame) -> dict[str, str]:
    """What each column holds."""
    declared = {column.name: column.says for column in tables.CODED_QUOTES.columns}
    return {name: declared.get(name, f"{name.removeprefix(PERSON)}, from the register") for name in data.columns}


def _sheet(data: pd.DataFrame) -> Sheet:
    fields = tuple(Field(name, name, width=60 if name in WIDE else 16, wrap=name in WIDE) for name in data.columns)
    rows = data.assign(coded=data["coded"].map({True: YES, False: NO}))
    return Sheet("Coded quotes", fields, list(rows.itertuples(index=False, name=None)))


def _dictionary(data: pd.DataFrame) -> Iterator[tuple[str, str]]:
    words = {
        column.name: ", ".join(word or "(blank)" for word in column.words) for column in tables.CODED_QUOTES.columns
    }
    for name, says in _says(data).items():
        yield name, f"{says}: {words[name]}" if words.get(name) else says
