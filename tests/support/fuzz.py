"""Fuzzing of every reader: valid files, changed at random by a numbered rule, read in a child held to the limits of a study.

`PYTHONPATH=. python tests/support/fuzz.py [--seconds 60] [--first 0] [READER ...]`
prints a line per reader; exit code 1 where anything was found.
A bug is any error but UnreadableError, a character that is lost, a reader that takes more than 20 s or 1 GB, or that dies.
`PYTHONPATH=. python tests/support/fuzz.py --show READER NUMBER > file` writes a changed file.
"""

import argparse
import io
import random
import sys
import tempfile
import tomllib
import traceback
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic, process_time

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from hostile import office, pdf, rtf
from small_surveys import LONG, comma, task, workbook

from pipeline import engine
from pipeline.config import Settings, StudySettings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask
from pipeline.records import FileReading, Participant, SourceEntry
from pipeline.registers.participants import load_participants, load_sources
from pipeline.steps.reading.one_file import FileResult, read_one
from pipeline.vocabulary import Consent, Kind

LIMITS = engine.Limits(seconds=60, memory_mb=1024)  # of any clock; of the processor:
MOST_SECONDS = 20
REFUSED = "refused"
AT_ONCE = 50  # files that a child is handed at a time
ROUND = 1000  # files that one child is given before the time is looked at
PEOPLE = (
    Participant("P001", Consent.YES, ("Rufina Ccahuana",), ()),
    Participant("P002", Consent.YES, ("Teófilo Ñaupari",), ()),
)
STUDY = StudySettings(title="t", languages=("es", "en", "fr", "pt"))
TALK = (
    "Entrevistadora: ¿Cómo llegó aquí la señora?\n\nRufina: Llegó en camión, qué más. Mañana se irá, creo yo.\n"
    "00:00:21RC: Sí (risas).\n[ruido]\n**Vera:** Y usted, ¿qué piensa?\n**Rufina:** Nada &#39;especial&#39; & ya.\n"
    "Speaker 1  0:20\nWe met in the hall. It was late; nobody came.\n# Cierre\n---\n"
)
VTT = (
    "WEBVTT\n\nNOTE Acta\n\n1\n00:00:01.000 --> 00:00:04.000\n<v Vera Q>¿Qué pasó?</v>\n\n2\n00:00:05.000 --> 00:00:09.500 "
    "align:left\n<v Rufina>Nada, <i>nada</i>.\nY luego llovió.\n\n00:00:10.000 --> 00:00:11.000\nRufina: sin voz\n"
)
SRT = "1\r\n00:00:01,000 --> 00:00:02,500\r\nVera: ¿Y bien?\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nRufina: Bien, gracias.\r\n"
TABLE = 'time,speaker,text\n0:01,Vera,"¿Qué, cómo?"\n0:05,Rufina,"Bien ""nomás"", gracias."\n0:09,,ruido\n'
PAGE = (
    "<!DOCTYPE html><html><head><title>Guía</title><style>p {color: red}</style></head><body><h1>Guía</h1><p><b>E1:</b> Hola &amp; "
    "buenos d&iacute;as,<br>otra</p><ul><li>one<li>two</ul><p hidden>x</p><table><tr><td>a<td>b</table><!-- r --></body></html>"
)
KOBO = [
    ["start", "q/qué", "sel/a", "sel/b", "_id", "_uuid", "_submission_time", "_index"],
    *[["2023-05-01", words, "1", "0", str(n), f"u{n}", "2023-05-02", str(n)] for n, words in enumerate(LONG, 1)],
]
QUALTRICS = [
    ["StartDate", "ResponseId", "Q1", "Q2_4_TEXT"],
    ["Start Date", "Response ID", "¿Edad?", "¿Qué más? - Otro"],
    ['{"ImportId":"startDate"}', '{"ImportId":"_recordId"}', '{"ImportId":"QID1"}', '{"ImportId":"QID2_4_TEXT"}'],
    *[["2023-05-01 10:00:00", f"R_{n}", str(30 + n), words] for n, words in enumerate(LONG)],
]
REGISTER = (
    'participant_id,name,consent,stakeholder_group\nP001,Rufina Ccahuana,yes,vecina\nP002,"Teófilo; T. Ñ.",yes,vecino\n'
)
SOURCES = (
    "path,source_id,kind,participant_ids,language,date,site,speakers\n"
    "interviews/a.docx,A,interview,P001;P002,es,2023-05-01,x,E=INTERVIEWER;P1=P001\n"
)
TOKENS: dict[str, list[str]] = tomllib.loads((HERE / "fuzz_tokens.toml").read_text("utf-8"))


def _sav() -> bytes:
    import pandas as pd
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sav"
        frame = pd.DataFrame({"id": [1.0, 2.0, 3.0, 4.0], "q": list(LONG), "sexo": [1.0, 2.0, 1.0, None]})
        pyreadstat.write_sav(frame, str(path), variable_value_labels={"sexo": {1: "M", 2: "F"}})
        return path.read_bytes()


@dataclass(frozen=True)
class Reader:
    """What is changed, and how it is read again."""

    seeds: Callable[[], list[bytes]]
    tokens: tuple[str, ...]
    read: Callable[[bytes], None]


def _file(path: str, kind: Kind) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        entry = SourceEntry(path, source_id="a")
        check_file(data, read_one(FileTask(path, data, kind, entry, PEOPLE, Settings(study=STUDY)), plan=None))

    return read


def _interview(name: str) -> Callable[[bytes], None]:
    return _file(f"interviews/{name}", Kind.INTERVIEW)


def _document(name: str) -> Callable[[bytes], None]:
    return _file(f"documents/{name}", Kind.DOCUMENT)


def _survey(name: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        check_file(data, read_one(task(data, name), plan=None))

    return read


def _registers(data: bytes) -> None:
    for name, load in (("participants", load_participants), ("sources", load_sources)):
        with tempfile.TemporaryDirectory() as folder:
            suffix = "xlsx" if data.startswith(b"PK") else "csv"
            (Path(folder) / f"{name}.{suffix}").write_bytes(data)
            _, problems = load(Path(folder))
            assert all(problem.where and problem.what and problem.remedy for problem in problems)


def _demonstration(pattern: str, most: int = 30_000) -> list[bytes]:
    found = sorted((HERE.parent / "raw").glob(pattern))
    return [data for path in found if len(data := path.read_bytes()) <= most][:3]


READERS = {
    "plain": Reader(lambda: [TALK.encode(), *_demonstration("documents/*.md")], ("text",), _document("a.md")),
    "turns": Reader(lambda: [TALK.encode(), *_demonstration("interviews/*.txt")], ("text",), _interview("a.txt")),
    "subtitles": Reader(lambda: [VTT.encode(), SRT.encode()], ("text",), _interview("a.vtt")),
    "tabular": Reader(
        lambda: [TABLE.encode(), workbook({"A": [["speaker", "text"], ["Vera", "¿Qué?"], ["Rufina", "Nada."]]})],
        ("table", "xml"),
        _interview("a.csv"),
    ),
    "docx": Reader(
        lambda: [office.case_13_everything(), office.docx(office.SPOKEN * 3)], ("xml",), _interview("a.docx")
    ),
    "odt": Reader(lambda: [office.odt_everything()], ("xml",), _interview("a.odt")),
    "rtf": Reader(lambda: [rtf.everything(), rtf.rtf(rtf.SPOKEN * 3)], ("rtf",), _interview("a.rtf")),
    "html": Reader(lambda: [PAGE.encode()], ("xml", "text"), _interview("a.html")),
    "pdf": Reader(lambda: [pdf.talk(), pdf.talk(3), pdf.case_19_scan({1})], ("pdf",), _interview("a.pdf")),
    "csv survey": Reader(
        lambda: [comma(KOBO), comma(KOBO, ";"), comma(QUALTRICS), comma(KOBO, "\t")], ("table",), _survey("a.csv")
    ),
    "xlsx survey": Reader(
        lambda: [
            workbook({"A": KOBO, "rep": [["x", "_parent_index"], ["uno", "1"], ["dos", "9"]]}),
            workbook({"A": QUALTRICS}),
        ],
        ("xml", "table"),
        _survey("a.xlsx"),
    ),
    "sav": Reader(lambda: [_sav()], ("table",), _survey("a.sav")),
    "participants": Reader(
        lambda: [
            REGISTER.encode(),
            SOURCES.encode(),
            workbook({"A": [line.split(",") for line in REGISTER.splitlines()]}),
        ],
        ("table", "xml"),
        _registers,
    ),
}


# ---- what must hold of anything that was read


def check_file(data: bytes, result: FileResult) -> None:
    """AssertionError where a character is lost, a stretch is not what it says, or a text is not legal."""
    reading = result.reading
    texts = {text.source_id: text.text for text in reading.texts}
    left = Counter({source.source_id: source.chars for source in reading.sources})
    for text in texts.values():
        assert text == unicodedata.normalize("NFC", text), "text not NFC"
        text.encode("utf-8")
        assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text), "control character"
    last: dict[str, int] = {}
    for turn in reading.turns:
        stretch = texts[turn.source_id][turn.start : turn.end]
        assert stretch == stretch.strip() != "", "turn with white space around it"
        assert turn.start >= last.get(turn.source_id, 0), "turns overlap"
        last[turn.source_id] = turn.end
        left[turn.source_id] -= visible(stretch)
    for answer in reading.answers:
        left[answer.source_id] -= visible(answer.value)
    for row in reading.rejected:
        assert row.chars >= 0, "negative characters left out"
        if row.source_id in left:
            left[row.source_id] -= row.chars
    assert not any(left.values()), "characters lost"
    said = sum(visible(texts[t.source_id][t.start : t.end]) for t in reading.turns)
    assert said == sum(visible(texts[e.source_id][e.start : e.end]) for e in result.excerpts), (
        "turns and excerpts differ"
    )
    check_against_bytes(data, reading)


def check_against_bytes(data: bytes, reading: FileReading) -> None:
    """For plain text files: all that is visible in the bytes is accounted for."""
    if not reading.sources[0].reader.startswith(("plain", "subtitles")):
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if text[:1] != "\ufeff" and "\0" not in text:
        grown = sum(len(unicodedata.normalize("NFC", c)) - 1 for c in text if ord(c) > 767)  # U+0344 and few others
        more = reading.sources[0].chars - visible(text)
        assert 0 <= more <= grown, "characters of the file not accounted for"


def visible(text: str) -> int:
    """How many characters are not white space: counted one by one."""
    return sum(not c.isspace() for c in text)


# ---- how files are changed


@cache
def seeds_of(name: str) -> tuple[bytes, ...]:
    """The valid files of a reader."""
    return tuple(READERS[name].seeds())


def changed(name: str, number: int) -> bytes:
    """File `number` of a reader: always the same."""
    rng = random.Random(f"{name} {number}")  # noqa: S311
    seeds = seeds_of(name)
    data = rng.choice(seeds)
    tokens = [token.encode() for group in READERS[name].tokens for token in TOKENS[group]]
    if data.startswith(b"PK") and rng.random() < 0.9:
        return _changed_archive(data, rng, tokens)
    other = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 2, 4, 8, 30))):
        data = _step(data, other, rng, tokens)
    return data


def _changed_archive(data: bytes, rng: random.Random, tokens: list[bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(rng.choice((1, 1, 2, 4))):
        name = rng.choice([n for n in parts if parts[n]] or list(parts))
        match rng.randrange(12):
            case 0:
                del parts[name]
            case 1:
                parts[rng.choice(list(parts))] = parts[name]
            case _:
                for _ in range(rng.choice((1, 1, 2, 5))):
                    parts[name] = _step(parts[name], parts[name], rng, tokens)
        if not parts:
            break
    return office.zipped(parts)


def _step(data: bytes, other: bytes, rng: random.Random, tokens: list[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    to = min(len(data), at + int(rng.paretovariate(0.6)))
    piece, here, token = data[at:to], data[at : min(to, at + 400)], rng.choice(tokens)
    borrowed = other[rng.randrange(len(other) + 1) :][: to - at]
    ways = (
        lambda: data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
        lambda: data[:at] + data[to:],
        lambda: data[:to] + piece + data[to:],
        lambda: data[:at],
        lambda: data[:at] + borrowed + data[at:],
        lambda: data[:at] + token * rng.choice((2, 20, 2000)) + data[at:],
        lambda: data[:at] + here * rng.choice((2, 5, 100)) + data[to:],
        *[lambda: data[:at] + token + data[at + rng.choice((0, 0, 1, 5)) :]] * 3,
    )
    return rng.choice(ways)()


# ---- the runs


def attempt(item: tuple[str, list[bytes]]) -> list[tuple[str, float]]:
    """For each of some changed files: what is wrong with the reading, and the seconds of the processor that it took."""
    name, files = item
    found = []
    for data in files:
        began = process_time()
        said = outcome_of(name, data)
        seconds = process_time() - began
        found.append((said if seconds < MOST_SECONDS else f"more than {MOST_SECONDS} s", seconds))
    return found


def outcome_of(name: str, data: bytes) -> str:
    """Nothing where a changed file was read, "refused", or an error with the place where it arose."""
    try:
        READERS[name].read(data)
    except UnreadableError as error:
        return REFUSED if all(p.what and p.remedy for p in error.problems) else "refused without a remedy"
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001
        frames = traceback.extract_tb(error.__traceback__)
        at = ([frame for frame in frames if "pipeline" in frame.filename] or frames)[-1]
        said = f": {error}" if isinstance(error, AssertionError) else ""
        return f"{type(error).__name__}{said} at {Path(at.filename).name}:{at.lineno}"
    return ""


@dataclass
class Tally:
    """What came of a reader's files."""

    files: int = 0
    read: int = 0
    refused: int = 0
    seconds: float = 0.0  # of the processor
    found: dict[str, list[int]] = field(default_factory=dict)


def outcomes(name: str, numbers: range) -> Iterator[tuple[int, str, float]]:
    """(number, what was found, seconds) of each file; where a child is lost over some of them, they are read one by one."""
    parts = [numbers[at : at + AT_ONCE] for at in range(0, len(numbers), AT_ONCE)]
    files = [(name, [changed(name, number) for number in part]) for part in parts]  # a reader may write no workbook
    for index, outcome in engine.run(attempt, files, workers=1, limits=LIMITS):
        if not isinstance(outcome, engine.Failure):
            yield from ((number, *each) for number, each in zip(parts[index], outcome, strict=True))
        elif len(parts[index]) == 1:
            yield parts[index][0], outcome.problems[0].what, 0.0
        else:
            for number in parts[index]:
                yield from outcomes(name, range(number, number + 1))


def fuzz(name: str, seconds: float, first: int = 0) -> Tally:
    """Change and read files for this many seconds."""
    tally, ends = Tally(), monotonic() + seconds
    while monotonic() < ends:
        for number, said, spent in outcomes(name, range(first, first + ROUND)):
            tally.files += 1
            tally.seconds += spent
            tally.read += said == ""
            tally.refused += said == REFUSED
            if said not in ("", REFUSED):
                tally.found.setdefault(said, []).append(number)
        first += ROUND
    return tally


def lines(name: str, tally: Tally) -> Iterator[str]:
    """The report on a reader."""
    counts = f"{tally.files} files in {tally.seconds:.0f} s, {tally.read} read, {tally.refused} refused"
    yield f"{name}: {counts}, {len(tally.found)} kinds of bug"
    for said, numbers in tally.found.items():
        yield f"    {said}: {len(numbers)} files, for example {', '.join(map(str, numbers[:5]))}"


def main() -> None:
    """Run as the first lines say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--show", nargs=2, metavar=("READER", "NUMBER"))
    parser.add_argument("readers", nargs="*", choices=[[], *READERS])
    chosen = parser.parse_args()
    if chosen.show:
        sys.stdout.buffer.write(changed(chosen.show[0], int(chosen.show[1])))
        return
    found = 0
    for name in chosen.readers or READERS:
        tally = fuzz(name, chosen.seconds, chosen.first)
        found += len(tally.found)
        print("\n".join(lines(name, tally)), flush=True)  # noqa: T201
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
