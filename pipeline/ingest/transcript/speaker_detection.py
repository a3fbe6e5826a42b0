"""Which of the labels found in a file are its speakers': those that are known, that come again, or that are written like these."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.ingest.transcript.name_shapes import (
    CAPITALS,
    CODE,
    INITIALS,
    NAME,
    NAMES,
    NONE,
    Vocabulary,
    shape_of,
    vocabulary_of,
)
from pipeline.ingest.transcript.roles import PAIRS
from pipeline.ingest.transcript.speaker_labels import (
    NO_SPEAKER,
    Label,
    Style,
    core,
    fold,
    is_note_label,
    looks_like_name,
)

SPARSE = 0.2  # share of paragraphs with a label below which labels that nobody knows are no speakers'
DENSE = 0.8  # share of paragraphs with a label from which one that stands but once may be a speaker's
OFTEN = 3  # times that a label comes where it stands for a speaker however it is written
MOST_WORDS = 3  # of such a label
BEFORE_WORDS = (Style.COLON, Style.DASH, Style.TAB, Style.ANGLE)
ALIKE = 2  # speakers whose labels have one shape, from which another of that shape may be a speaker's

NUMBERED = re.compile(r"(?P<letters>[^\W\d_]{1,2})[ .]?(?P<number>\d{1,3})")

Key = tuple[str, Style]  # the core of the name, and how the label is written


@dataclass(frozen=True, slots=True)
class DetectedSpeakers:
    """The labels that are speakers', how many of them stand but seldom, and where one may be that was not taken for one."""

    spoken: frozenset[Key] = frozenset()
    seldom: int = 0
    doubtful: tuple[int, ...] = ()

    def has(self, label: Label | None) -> bool:
        """Whether the label is a speaker's."""
        return label is not None and _key(label) in self.spoken


def roster_of(
    found: Sequence[Label | None],
    known: Callable[[str], bool],
    text: str = "",
    *,
    bare: int = 0,
    is_dialogue: bool = False,
) -> DetectedSpeakers:
    """The speakers of a file in whose `text` these labels stand, one for each paragraph; `bare` of them with nothing behind.

    Where it is not said to be a dialogue, there must be enough of them for the other paragraphs to go on with one.
    """
    labels = [label for label in found if label is not None]
    times = Counter(map(_key, labels))
    names = {_key(label): label.name for label in labels}
    certain = {key for key in times if known(names[key]) and (key[1] is not Style.ALONE or times[key] > 1)}
    is_named = sum(times[key] for key in certain) > 1
    spoken = certain | {
        key for key, count in times.items() if _comes_again(names[key], key[1], count, is_named=is_named)
    }
    spoken |= _stopped(times) | _on_every_line(times, names, len(found) - bare)
    main = _main_style(times, spoken)
    alike = sum(count for key, count in times.items() if key[1] == main and looks_like_name(names[key]))
    if not is_dialogue and not _is_dialogue(
        {key: times[key] for key in spoken}, alike, len(found), is_known=bool(certain)
    ):
        return DetectedSpeakers()
    spoken = {key for key in spoken if key[1] == main or key[1] is not Style.BRACKET}
    others = _Others(names, frozenset(spoken), main, text, is_dense=alike >= DENSE * (len(found) - bare))
    return _with_seldom([_key(label) if label else None for label in found], others)


def without_numbers(found: Sequence[Label | None]) -> list[Label | None]:
    """The labels, Q1, A1, Q2, A2 ... as Q, A, Q, A where they take turns so through the whole file: two people, not many."""
    codes = {n: code for n, label in enumerate(found) if label and (code := NUMBERED.fullmatch(label.name))}
    letters = [code["letters"].casefold() for code in codes.values()]
    numbers = [int(code["number"]) for code in codes.values()]
    asks, answers = (*letters[:2], "", "")[:2]
    takes_turns = letters == [asks, answers] * (len(letters) // 2) and numbers == _in_twos(len(numbers))
    if len(letters) < 2 * OFTEN or not takes_turns or answers not in PAIRS.get(asks, set()):
        return list(found)
    return [
        label and replace(label, name=codes[n]["letters"]) if n in codes else label for n, label in enumerate(found)
    ]


def _in_twos(count: int) -> list[int]:
    return [number // 2 for number in range(2, count + 2)]


def _key(label: Label) -> Key:
    return core(label.name), label.style


def _is_dialogue(times: Mapping[Key, int], alike: int, paragraphs: int, *, is_known: bool) -> bool:
    """Whether so many paragraphs begin with a speaker that the others go on with one; else the text is one person's."""
    count = sum(times.values())
    if is_known:
        return count > 1 or alike > paragraphs / 2
    is_several = len({name for name, _ in times}) > 1
    return count > 1 and count >= (SPARSE if is_several else 0.5) * paragraphs


def _comes_again(name: str, style: Style, count: int, *, is_named: bool) -> bool:
    """Whether an unknown label is used as speakers' are. One common word must come three times where others are known."""
    if is_note_label(name) or not (looks_like_name(name) or style is Style.TIMED):
        return False
    is_word = " " not in name and name[1:].islower()
    if style is Style.TIMED:
        return looks_like_name(name) or count > 1
    if style in (Style.DASH, Style.ALONE, Style.STOP):
        return style is Style.DASH and count > 2 and not is_word
    return count > (2 if is_word and is_named else 1)


def _on_every_line(times: Mapping[Key, int], names: Mapping[Key, str], paragraphs: int) -> set[Key]:
    """Labels with which nearly every paragraph begins, a few that come again and again, however they are written."""
    often = {
        key for key, count in times.items() if count >= OFTEN and key[1] in BEFORE_WORDS and _may_speak(names[key])
    }
    for style in BEFORE_WORDS:
        alike = {key for key in often if key[1] is style}
        if len(alike) > 1 and sum(times[key] for key in alike) >= DENSE * paragraphs:
            return alike
    return set()


def _may_speak(name: str) -> bool:
    """Whether a label, in small letters too, may name somebody: it has few words, and none that introduces something else."""
    words = fold(name).split(" ")
    return len(words) <= MOST_WORDS and words[0] not in NO_SPEAKER and not is_note_label(name)


def _stopped(times: Mapping[Key, int]) -> set[Key]:
    """`P. ` and `R. `, where both begin several paragraphs and are a pair of which one asks: other initials are of names."""
    often = {name for (name, style), count in times.items() if style is Style.STOP and count > 1}
    paired = {name for name in often if PAIRS.get(name, set()) & often}
    answering = {name for name in often if any(name in PAIRS[other] for other in paired)}
    return {(name, Style.STOP) for name in paired | answering}


def _main_style(times: Counter[Key], spoken: set[Key]) -> Style | None:
    styles: Counter[Style] = Counter()
    for key in spoken:
        styles[key[1]] += times[key]
    return max(styles, key=lambda style: (styles[style], style)) if styles else None


@dataclass(slots=True)
class _Others:
    """The labels that are speakers', and the text: what tells whether another that seldom stands is one's, too."""

    names: Mapping[Key, str]
    spoken: frozenset[Key]
    main: Style | None
    text: str
    is_dense: bool
    shapes: Counter[str] = field(init=False)
    _words: Vocabulary | None = None

    def __post_init__(self) -> None:
        self.shapes = Counter(shape_of(self.names[key]) for key in self.spoken if key[1] == self.main)

    @property
    def words(self) -> Vocabulary:
        """The words of the text, looked up when they are needed."""
        self._words = self._words or vocabulary_of(self.text)
        return self._words


def _with_seldom(keys: Sequence[Key | None], others: _Others) -> DetectedSpeakers:
    """The roster with those who speak but once or twice, after the first speaker, and lines where one may be."""
    seldom: set[Key] = set()
    doubtful: dict[Key, int] = {}
    for number, key in _to_look_at(keys, others):
        if key in seldom or key in doubtful:
            continue
        name = others.names[key]
        if _is_alike(name, key[1], others):
            seldom.add(key)
        elif key[1] is Style.COLON and shape_of(name) in (NAME, NAMES) and not others.words.has_common(name):
            doubtful[key] = number
    return DetectedSpeakers(others.spoken | seldom, len({name for name, _ in seldom}), tuple(doubtful.values()))


def _to_look_at(keys: Sequence[Key | None], others: _Others) -> Iterator[tuple[int, Key]]:
    """(paragraph, label) of what is written in the style of the speakers' labels and is none of them.

    Before the first speaker stand the fields of a form: there a label must be a whole name or a code, in a dense dialogue.
    """
    first = next((n for n, key in enumerate(keys) if key in others.spoken), len(keys))
    for number, key in enumerate(keys):
        if key and key not in others.spoken and key[1] == others.main:
            is_whole = others.is_dense and shape_of(others.names[key]) in (NAMES, CODE, INITIALS)
            if number > first or is_whole:
                yield number, key


def _is_alike(name: str, style: Style, others: _Others) -> bool:
    """Whether a label that seldom stands has the shape of those that are speakers', and is no word of the text."""
    shape, shapes = shape_of(name), others.shapes
    if shape is NONE or is_note_label(name) or (style is Style.ALONE and " " not in name):
        return False
    if shape == CODE or " " in shape:
        return shapes[shape] > 0 or (others.is_dense and shape == CODE)
    if others.words.has_common(name):
        return False
    if shape == NAME:
        return style is Style.COLON and (others.is_dense or (shapes[NAME] > 0 and others.words.calls(name)))
    if others.is_dense and style not in (Style.BOLD, Style.ALONE):
        return True
    is_only = not any(shapes[other] for other in (NAME, NAMES)) if shape in (CAPITALS, INITIALS) else True
    return is_only and shapes[shape] >= ALIKE
