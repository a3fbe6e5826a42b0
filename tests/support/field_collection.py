"""How many transcripts of a collection are read right: every turn's role; and how many are wrong without a problem in `check`.

    PYTHONPATH=.:tests/support .venv/bin/python tests/support/field_collection.py FOLDER [--half dev] [--show]

FOLDER holds truth.json: a list of files, each with `file`, `kind` (interview, control) and, of an interview, what a person counted:
`speakers` (label -> role), `turns` (label -> how many, consecutive turns of one label joined), `turns_by_role`, and the `first` and
the `last` turns as [role, words]. Words are compared by their letters. Without the folder nothing is measured.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from pipeline import ingest
from pipeline.config import Settings, StudySettings
from pipeline.errors import UserError
from pipeline.records import SourceEntry
from pipeline.vocabulary import Kind

SETTINGS = Settings(study=StudySettings(title="A collection", languages=("en", "es", "fr", "pt")))


def read(path, labels):
    """(turns as [role, speaker, words], whether something must be decided) of a file; a label without words is one, too."""
    task = ingest.FileTask(
        f"interviews/{path.name}", path.read_bytes(), Kind.INTERVIEW, SourceEntry(path.name), (), SETTINGS
    )
    try:
        reading = ingest.read_file(task)
    except UserError:
        return [], True
    text = reading.texts[0].text
    roles = {turn.speaker: str(turn.role) for turn in reading.turns}
    joined = []
    at = 0
    for turn in reading.turns:
        empty = [*wordless(text[at : turn.start], roles, labels, is_front=not joined)]
        if empty and turn.speaker.startswith(empty[-1][0]):  # its own label
            empty.pop()
        spoken = [*empty, (turn.speaker, text[turn.start : turn.end])]
        at = turn.end
        for speaker, words in spoken:
            role = str(turn.role) if speaker == turn.speaker else roles[speaker]
            if joined and joined[-1][:2] == [role, speaker]:
                joined[-1][2] += f" {words}"
            else:
                joined.append([role, speaker, words])
    joined += [[roles[speaker], speaker, words] for speaker, words in wordless(text[at:], roles, labels)]
    return joined, bool(reading.transcript.undecided) or not reading.turns


def wordless(between, roles, labels, *, is_front=False):
    """What is between two turns behind a label of the file: nothing, a time, or a note such as (laughs).

    Before the first turn, a name alone on a line is a title.
    """
    for line in between.split("\n"):
        plain = line.strip("*_[({<# \t")
        label = next(
            (one for one in sorted(labels, key=len, reverse=True) if one in roles and plain.startswith(one)), None
        )
        rest = plain.removeprefix(label or plain).lstrip()
        if label and (rest[:1] in tuple(":.)]}>*-–—") if rest else not (label.isdigit() or is_front)):
            yield label, plain.removeprefix(label).strip(":*_])}> \t–-")


def letters(words):
    return "".join(c for c in words.casefold() if c.isalpha())


def faults(entry, turns):
    """What differs from what a person counted, as sentences."""
    if entry["kind"] == "control":
        spoken = sum(role == "respondent" for role, _, _ in turns)
        return [f"{spoken} turns of a respondent in what is no interview"] if spoken else []
    if not entry.get("speakers") and not entry.get("turns_by_role"):
        return (
            ["words of an unlabelled file are taken for a respondent's"]
            if any(t[0] == "respondent" for t in turns)
            else []
        )
    return [*_counts(entry, turns), *_edges(entry, turns)]


def _counts(entry, turns):
    expected = Counter()
    for label, count in (entry.get("turns") or {}).items():
        if count is not None:
            expected[entry["speakers"][label]] += count
    expected = Counter(entry.get("turns_by_role") or expected)
    if any(count is None for count in (entry.get("turns") or {}).values()) and not entry.get("turns_by_role"):
        return
    found = Counter(role for role, _, _ in turns)
    for role in sorted(expected):
        if found[role] != expected[role]:
            yield f"{role}: {found[role]} turns, not {expected[role]}"


def _edges(entry, turns):
    spoken = [(role, letters(words)) for role, _, words in turns]
    at = 0
    for role, words in entry.get("first") or []:
        wanted = letters(words)[:40]
        place = next((n for n in range(at, len(spoken)) if spoken[n][1].startswith(wanted)), None)
        if place is None:
            yield f"no turn begins with a first turn of the {role}"
        elif spoken[place][0] != role:
            yield f"a first turn of the {role} is the {spoken[place][0]}'s"
        at = at if place is None else place + 1
    if entry.get("last"):
        role, words = entry["last"]
        ends = letters(words)[-30:]
        if not any(one == role and said.endswith(ends) for one, said in spoken[-3:]):
            yield f"the last turn of the {role} is not the last"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../field"))
    parser.add_argument("--half", default="")
    parser.add_argument("--show", action="store_true", help="name the files that are wrong")
    arguments = parser.parse_args()
    if not (arguments.folder / "truth.json").exists():
        sys.exit(f"{arguments.folder} holds no collection: nothing measured")
    entries = json.loads((arguments.folder / "truth.json").read_text("utf-8"))
    entries = [e for e in entries if e["kind"] != "survey" and arguments.half in ("", e["half"])]
    for kind in ("interview", "control"):
        right = silent = count = alarms = 0
        for entry in (e for e in entries if e["kind"] == kind):
            turns, is_undecided = read(arguments.folder / entry["file"], set(entry.get("speakers") or ()))
            wrong = list(faults(entry, turns))
            count += 1
            right += not wrong
            silent += bool(wrong) and not is_undecided
            alarms += is_undecided and not wrong
            if wrong and arguments.show:
                sys.stdout.write(f"{'named' if is_undecided else 'WRONG'} {entry['file']}: {'; '.join(wrong)}\n")
        sys.stdout.write(
            f"{kind}s: {right} of {count} with every turn's role right; {silent} wrong without a problem in check; "
            f"{alarms} right with one\n"
        )


if __name__ == "__main__":
    main()
