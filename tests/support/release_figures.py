"""What an intruder gets from released editions: `PYTHONPATH=.:tests/support .venv/bin/python tests/support/release_figures.py`.

Prints the figures of docs/reliability.md: of the study at `--study` (default: the demonstration, analysed) and of random
studies. The attack knows the program, the method and all files of the edition; it shares no code with pipeline/privacy.
"""

import argparse
import hashlib
import hmac
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
from dictionary_attack import attack, dictionary
from planted_names import NAME, PLACES, SPELLINGS
from scipy.optimize import linprog
from studies import ROOT, SMALL

from pipeline import study as folders
from pipeline.privacy.identifiers import IdentifierSearch, needles
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.privacy.release_gate import problems_of
from pipeline.privacy.word_search import WordSearch
from pipeline.records import Participant
from pipeline.steps import release
from pipeline.steps.inputs import Brief, load_brief
from pipeline.vocabulary import Consent, Direction, Edition, LinkStatus

WITHHELD = "withheld"
SMALLEST = 5
LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"
SEEDS = ("", "7", "20230531", *map(str, range(20)))


def published_counts(folder: Path) -> dict[tuple[str, ...], int | None]:
    """Every count in the files of an edition; None where it is withheld."""
    counts: dict[tuple[str, ...], int | None] = {}
    for row in pd.read_csv(folder / "matrix.csv", keep_default_na=False).itertuples():
        name = ("total", row.criterion) if row.row == "total" else ("matrix", row.criterion, row.group)
        counts[name] = number(row.persons)
    book = openpyxl.load_workbook(folder / "evidence.xlsx", read_only=True)
    sheets = book.sheetnames
    findings = list(book[sheets[1]].iter_rows(min_row=3, values_only=True))
    for row in findings:
        for place, direction in enumerate(("supports", "contradicts", "qualifies"), 4):
            counts["finding", row[0], direction] = number(row[place])
    for attribute, value, persons in book[sheets[4]].iter_rows(min_row=3, values_only=True):
        counts[("attribute", attribute, value) if value else ("everybody",)] = number(persons)
    return counts


def number(cell: object) -> int | None:
    return int(cell) if str(cell).isdigit() else None


def quoted(folder: Path) -> dict[tuple[str, ...], int]:
    """How many persons are quoted behind a count, for a reader who counts them."""
    speakers = defaultdict(set)
    for row in pd.read_csv(folder / "evidence.csv", keep_default_na=False).itertuples():
        if row.participant:
            speakers["finding", row.finding_id, row.direction].add(row.participant)
            speakers["total", row.criterion].add(row.participant)
            if row.group:
                speakers["matrix", row.criterion, row.group].add(row.participant)
    return {name: len(persons) for name, persons in speakers.items()}


def attacked(folder: Path, true: dict[tuple[str, ...], int]) -> tuple[int, int, int]:
    """(withheld counts, those computed exactly, those known more closely than "1 to 4") by linear programming."""
    counts = published_counts(folder)
    least = {name: number for name, number in quoted(folder).items() if number <= true.get(name, 0)}  # what is so
    names = sorted(name for name, count in counts.items() if count is None)
    place = {name: i for i, name in enumerate(names)}
    everybody = counts["everybody",]
    highest = 10_000 if everybody is None else everybody
    equal, equal_to = [], []
    for total, parts in sums(counts):
        row, constant = np.zeros(len(names)), 0.0
        for name, sign in [(total, -1.0), *((part, 1.0) for part in parts)]:
            if counts[name] is None:
                row[place[name]] += sign
            else:
                constant += sign * counts[name]
        if row.any():
            equal.append(row)
            equal_to.append(-constant)
    exact = narrow = 0
    for name in names:
        small = 0 < true[name] < SMALLEST
        ends = []
        for sign in (1.0, -1.0):
            aim = np.zeros(len(names))
            aim[place[name]] = sign
            bounds = [(least.get(each, 0), highest) for each in names]
            solution = linprog(aim, A_eq=np.array(equal) if equal else None, b_eq=equal_to or None, bounds=bounds)
            ends.append(sign * solution.fun)
        low, high = np.ceil(ends[0] - 1e-6), np.floor(ends[1] + 1e-6)
        exact += int(high <= low)
        narrow += int(small and (low > 1 or high < SMALLEST - 1))
    return len(names), exact, narrow


def sums(counts: dict) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """The totals of an edition with their parts."""
    for criterion in sorted({name[1] for name in counts if name[0] == "total"}):
        yield ("total", criterion), [name for name in counts if name[0] == "matrix" and name[1] == criterion]
    for attribute in sorted({name[1] for name in counts if name[0] == "attribute"}):
        yield ("everybody",), [name for name in counts if name[0] == "attribute" and name[1] == attribute]


def true_counts(folder: Path, counts: release.Counts) -> dict[tuple[str, ...], int]:
    """The true count under each published name; words of the workbook are matched by their order."""
    true: dict[tuple[str, ...], int] = {}
    attributes = iter(
        [
            counts.numbers[attribute, value]
            for attribute in ("group", "gender", "country")
            for value in sorted({n[1] for n in counts.numbers if n[0] == attribute}, key=lambda v: (not v, v))
        ]
    )
    for name in published_counts(folder):
        if name[0] == "total":
            true[name] = counts.numbers["criterion", name[1]]
        elif name[0] == "attribute":
            true[name] = next(attributes)
        else:
            true[name] = counts.numbers[("persons",) if name == ("everybody",) else name]
    return true


def codes_of(material: release.Material, folder: Path) -> dict[str, set[str]]:
    """The codes of persons, sources and excerpts in an edition, each with the ids behind it: only the study can say this."""
    rows = pd.read_csv(folder / "evidence.csv", keep_default_na=False)
    name, spoken = json.loads((folder / "run.json").read_bytes())["name"], material.excerpts
    ids: dict[str, set[str]] = {}
    persons = spoken[["participant", "participant_id"]].drop_duplicates()
    for column, prefix, behind in (
        ("participant", "P", [{*each} - {""} for each in persons.itertuples(index=False)]),
        ("source", "S", [{each} for each in spoken["source_id"].unique()]),
        ("quote_id", "Q", [{each} for each in spoken["excerpt_id"]]),
    ):
        hidden = material.evidence["participant" if column == "participant" else f"{COLUMNS[column]}"]
        codes = pseudonyms(hidden, key=material.key, prefix=prefix, edition=name)
        by_id = {one: names for names in behind for one in names}
        ids |= {code: by_id[one] for one, code in codes.items() if code in set(rows[column])}
    return ids


COLUMNS = {"source": "source_id", "quote_id": "excerpt_id"}  # of an edition, and of the study


def inverted(codes: Mapping[str, set[str]], guess_of: Iterable[Callable[[str], str]]) -> int:
    """The most codes that one guess at their making leads back to the right id; a guess that fits one code fits by chance."""
    best = max(sum(code.partition("-")[2] in set(map(guess, ids)) for code, ids in codes.items()) for guess in guess_of)
    return best if best > 1 else 0


def makings(facts: Iterable[str]) -> Iterator[Callable[[str], str]]:
    """How a code may be made of an id: a plain or keyed hash of it with a seed and whatever is published."""
    forms = ("{s}|{n}|{i}", "{f}|{n}|{i}", "{s}{f}{i}", "{i}")
    for algorithm, seed, fact, form in product(("sha256", "sha1", "md5", "blake2b"), SEEDS, facts, forms):
        for key in ("", f"{seed}{fact}"):
            yield partial(_guess, algorithm, form.replace("{s}", seed).replace("{f}", fact), key.encode())


def with_the_key(material: release.Material, edition: str) -> Iterator[Callable[[str], str]]:
    """The right making, which only who has coded/person_key knows: the control of the attack."""
    yield partial(_guess, "sha256", f"{edition}|{{n}}|{{i}}", material.key)


def _guess(algorithm: str, form: str, key: bytes, identity: str) -> str:
    """The code that a making gives an id; like the program it tries on until a code has a letter and a digit."""
    for attempt in range(20):
        text = form.replace("{n}", str(attempt)).replace("{i}", identity).encode()
        digest = hmac.digest(key, text, algorithm) if key else hashlib.new(algorithm, text).digest()
        code = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:4])
        if "{n}" not in form or (not code.isalpha() and not code.isdigit()):
            break
    return code


def singled_out(quotes: pd.DataFrame, persons: pd.DataFrame) -> tuple[int, int]:
    """(quotes of persons, those whose published attributes and language fewer than five participants share)."""
    rows = quotes[quotes["participant"] != ""]
    few = 0
    for row in rows.to_dict("records"):
        shared = persons["language"] == row["language"]
        for name in ("group", "gender", "country", "kind"):
            shared &= (persons[name] == row[name]) | (row[name] == "")
        few += int(shared.sum() < SMALLEST)
    return len(rows), few


def past_the_gate() -> tuple[int, int]:
    """(names planted, names that pass the gate): every spelling in every place of a file."""
    search = IdentifierSearch(
        needles([Participant("P001", Consent.YES, (NAME,), ())], paths=(), ids=(), labels=(), denied=())
    )
    planted = missed = 0
    for (_, spell), (_, plant) in product(SPELLINGS.items(), PLACES.items()):
        with tempfile.TemporaryDirectory() as folder:
            try:
                plant(Path(folder) / "file", spell(NAME))
            except (OSError, ValueError):
                continue  # no such spelling in such a place
            planted += 1
            missed += not any(problems_of(Path(folder), search, WordSearch(())))
    return planted, missed


def random_material(seed: int, brief: Brief, root: Path) -> release.Material:
    """A study of random persons, groups, codings and links."""
    random = np.random.default_rng(seed)
    size, groups = int(random.integers(15, 130)), int(random.integers(3, 11))
    shares = random.dirichlet(np.full(groups, 0.8))
    persons = pd.DataFrame(
        {
            "participant_id": [f"W{n}" for n in range(size)],
            "participant": [f"P-{n:04}" for n in range(size)],
            "group": random.choice([f"group {n}" for n in range(groups)], size, p=shares),
            "gender": random.choice(["woman", "man", "unknown"], size, p=[0.5, 0.45, 0.05]),
            "country": random.choice(["PE", "EC", "BO"], size, p=[0.7, 0.2, 0.1]),
            "language": random.choice(["es", "en"], size, p=[0.85, 0.15]),
            "kind": random.choice(["interview", "survey"], size, p=[0.4, 0.6]),
        }
    )
    excerpts = persons.loc[np.repeat(persons.index, random.integers(1, 4, size))].reset_index(drop=True)
    numbers = [str(n) for n in range(len(excerpts))]
    excerpts = excerpts.assign(
        start=0, end=9,
        role="respondent", excerpt_id=[f"S{n}:0-9" for n in numbers], source_id=[f"S{n}" for n in numbers],
        text=[f"the water of place number {n} is better now" for n in numbers],
    )  # fmt: skip
    cells = list(product(excerpts["excerpt_id"], brief.codebook.ids))
    codings = pd.DataFrame(cells, columns=["excerpt_id", "criterion"]).assign(coded=random.random(len(cells)) < 0.15)
    links = []
    for finding in brief.register.findings:
        for place in random.choice(len(excerpts), min(len(excerpts), int(random.integers(2, 40))), replace=False):
            row = excerpts.iloc[place]
            links.append(
                {
                    **row, "finding_id": finding.id, "criterion": finding.criterion, "quote": row["text"],
                    "direction": str(random.choice(list(Direction)[:3], p=[0.7, 0.15, 0.15])),
                    "status": str(LinkStatus.CONFIRMED), "bearing": float(random.random()), "score": 0.5,
                }
            )  # fmt: skip
    people = tuple(Participant(name, Consent.YES, (), ()) for name in persons["participant_id"])
    sources = pd.DataFrame({"source_id": excerpts["source_id"], "path": excerpts["source_id"] + ".txt"})
    masks = pd.DataFrame(columns=["source_id", "start", "end", "status"])
    frames = {"masks": masks, "codings": codings, "sources": sources, "turns": pd.DataFrame({"speaker": [""]})}
    record = {"inputs": {"seed": seed}, "ledger": {"lines": 1, "tree": "0" * 64}}
    return release.Material(
        folders.Study(root), brief, people, frames, excerpts, pd.DataFrame(links), bytes([seed % 256]) * 32, record
    )


def figures(material: release.Material, folder: Path) -> Counter[str]:
    """The figures of one edition."""
    reduction = release.reduce(material, Edition.PUBLIC)
    publication, counts = reduction.publication, reduction.released.counts
    release.write_edition(folder, publication, datetime(2026, 1, 1, tzinfo=UTC))
    withheld, exact, narrow = attacked(folder, true_counts(folder, counts))
    quotes, few = singled_out(publication.quotes, release.persons_of(material.spoken))
    codes = codes_of(material, folder)
    facts = ["", publication.name, publication.codebook.version]
    return Counter(
        studies=1,
        counts=len(counts.numbers),
        withheld=withheld,
        exact=exact,
        narrow=narrow,
        quotes=quotes,
        few=few,
        codes=len(codes),
        codes_inverted=inverted(codes, makings(facts)),
        codes_inverted_with_the_key=inverted(codes, with_the_key(material, publication.name)),
    )


def main() -> None:
    tell = sys.stdout.write
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, default=ROOT)
    parser.add_argument("--random", type=int, default=50)
    choice = parser.parse_args()
    brief = load_brief(folders.locate_study(SMALL))
    with tempfile.TemporaryDirectory() as root:
        total: Counter[str] = Counter()
        for seed in range(choice.random):
            total.update(figures(random_material(seed, brief, Path(root)), Path(root) / f"{seed}"))
        tell(f"random studies: {dict(total)}\n")
        material = release.load_material(folders.locate_study(choice.study))
        edition = Path(root) / "study"
        tell(f"study: {dict(figures(material, edition))}\n")
        release.check_gate(edition, material, release.reduce(material, Edition.PUBLIC).publication)
        words = dictionary(choice.study)
        tell(f"words, names and ids hashed: { {kind: len(of_kind) for kind, of_kind in words.items()} }\n")
        tell(f"  recognised in the edition: {attack(edition, words)}\n")
        tell(f"  recognised in coded/machine: {attack(choice.study / 'coded/machine', words)}\n")
    planted, missed = past_the_gate()
    tell(f"planted names: {planted}, past the gate: {missed}\n")


if __name__ == "__main__":
    main()
