"""Names in a column of their own: lines that begin farther left than those below, each with the name of who speaks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import dropwhile, pairwise

from pipeline.ingest.pdf.lines import Line
from pipeline.ingest.transcript.roles import is_word_for_respondent
from pipeline.ingest.transcript.speaker_labels import fold, looks_like_name
from pipeline.people import ASKING, ASKING_ALONE

LEAST = 4  # lines in each of the two columns
INDENT = 30  # points between the columns: a list is indented less
SHARE = 0.7  # of the lines begin in one of the two
NEAR = 3  # points around the second column in which a word of it begins
AGAIN = 0.8  # of the lines with a name have one that comes again
TAKE_TURNS = 0.6  # of the neighbours have two different ones
ASKS_MORE = 0.3  # more of the turns of somebody hold a question: the rows of another table do not ask


def hanging_labels(lines: Sequence[Line]) -> dict[Line, str]:
    """The name at the beginning of each line that has one in a column of its own; nothing if the lines are no dialogue."""
    columns = _columns(lines)
    if not columns:
        return {}
    first, second = columns
    opening = [line for line in lines if round(line.left) == first]
    labels = _labels(opening, second)
    return labels if _take_turns(lines, labels) else {}


def _columns(lines: Sequence[Line]) -> tuple[int, ...]:
    """Where lines begin: at the left edge and in the second column; nothing if there are no two such places."""
    lefts = Counter(round(line.left) for line in lines)
    (one, count), (other, other_count) = [*lefts.most_common(2), (0, 0), (0, 0)][:2]
    is_narrow = abs(one - other) < INDENT
    if is_narrow or min(count, other_count) < LEAST or count + other_count < SHARE * len(lines):
        return ()
    return tuple(sorted((one, other)))


def _labels(opening: Sequence[Line], second: int) -> dict[Line, str]:
    """Who speaks in each line that begins at the left; nothing if one of them, below the first with a name, has none."""
    labels = {line: label for line in opening if _may_speak(label := _before(line, second))}
    below = dropwhile(lambda line: line not in labels, opening)
    return labels if all(line in labels for line in below) else {}


def _before(line: Line, second: int) -> str:
    """The words of a line left of the second column; nothing if no word of it begins there."""
    count = next((number for number, start in enumerate(line.starts, 1) if abs(start - second) <= NEAR), 0)
    return " ".join(line.words.split(" ")[:count])


def _may_speak(label: str) -> bool:
    name = fold(label)
    is_role = is_word_for_respondent(name) or name in ASKING | ASKING_ALONE
    return label[-1:] not in (":", "", ".") and (is_role or looks_like_name(label))


def _take_turns(lines: Sequence[Line], labels: Mapping[Line, str]) -> bool:
    """Whether a few people take turns and one of them asks more often than another."""
    counts = Counter(labels.values())
    who = [label for label in labels.values() if counts[label] > 1]
    if len(set(who)) < 2 or len(who) < max(LEAST, AGAIN * sum(counts.values())):
        return False
    changes = sum(one != other for one, other in pairwise(who))
    asked: Counter[str] = Counter()
    speaker, is_open = "", False
    for line in lines:
        if line in labels:
            speaker, is_open = labels[line], True
        if is_open and "?" in line.words:
            asked[speaker] += 1
            is_open = False
    shares = [asked[label] / counts[label] for label in set(who)]
    return changes >= TAKE_TURNS * (len(who) - 1) and max(shares) - min(shares) >= ASKS_MORE
