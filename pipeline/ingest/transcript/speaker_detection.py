"""Which labels of a file are speakers: known ones, repeated ones, and those written like these."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.ingest.transcript.layouts import Among, layout_named
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
from pipeline.ingest.transcript.roles import PAIRS, without_number
from pipeline.ingest.transcript.speaker_labels import NO_SPEAKER, Label, core, fold, is_note_label, looks_like_name
from pipeline.people import ANSWERING, ASKING_ALONE

SPARSE = 0.2  # share of paragraphs with a label below which labels that nobody knows are no speakers'
DENSE = 0.8  # share of paragraphs with a label from which a label that occurs only once may be a speaker's
ANSWER_LETTERS = frozenset("ar")  # of answers, where the questions have no label
ANSWER_WORDS = ANSWER_LETTERS | frozenset("answer respuesta resposta reponse antwort response rta rpta".split())
ALONE = 0.5  # of the paragraphs, where nobody else has a label
MANY_ANSWERS = 0.3  # of the paragraphs, where the others are questions and the lines of a form
OFTEN = 3  # occurrences from which a label is a speaker's however it is written
MOST_WORDS = 3  # of such a label
ALIKE = 2  # speakers whose labels have one shape, from which another of that shape may be a speaker's
SURELY = 0.9  # share of neighbouring labels that differ, from which a line of common words is a speaker's
SIDES = ("1", "2")
LEAST_EVERYWHERE = 4  # labels that sentences may begin with, too
TITLE_PAGE = 10  # paragraphs before the first of them
MOST_AGAIN = 0.7  # of these are of people who speak more than once
TAKE_TURNS = 0.6  # share of neighbouring labels that differ, from which lines that are nothing but a name are speakers'

OFTEN_ENOUGH = {Among.ANYTHING: OFTEN, Among.CODES: 2}  # in layouts in which nearly every line may begin so
NUMBERED = re.compile(r"(?P<letters>[^\W\d_]{1,2})[ .]?(?P<number>\d{1,3})")
QUESTION_OF_GUIDE = re.compile(r"(?P<letter>[QqP])[ .]?(?P<number>\d{1,3})")
NUMBERED_WORD = re.compile(r"(?P<letters>[^\W\d_]{2,20})[ .]{0,2}(?:[nN]?[°º]{1} ?)?(?P<number>\d{1,3})")

Key = tuple[str, str]  # the core of the name, and the layout


@dataclass(frozen=True, slots=True)
class DetectedSpeakers:
    """The labels that are speakers, the number of rare ones, and positions of possible speakers that were not accepted."""

    spoken: frozenset[Key] = frozenset()
    seldom: int = 0
    doubtful: tuple[int, ...] = ()

    def has(self, label: Label | None) -> bool:
        """Whether the label is a speaker."""
        return label is not None and _key(label) in self.spoken


@dataclass(slots=True)
class _LabelsUsed:
    """The labels of a file: how often each comes, its name, their order, and the words of the text when they are needed."""

    times: Counter[Key]
    names: Mapping[Key, str]
    order: Sequence[Key]
    text: str
    _words: Vocabulary | None = None

    @property
    def words(self) -> Vocabulary:
        """The words of the text, looked up when they are needed."""
        self._words = self._words or vocabulary_of(self.text)
        return self._words

    def certain(self, knows: Callable[[str], bool]) -> set[Key]:
        """The labels that are certainly speakers; one alone on a line must be repeated."""
        return {key for key, count in self.times.items() if knows(self.names[key]) and (not _is_bare(key) or count > 1)}

    def count_names_in(self, layout: str) -> int:
        """How many labels of a layout are written as names are."""
        return sum(count for key, count in self.times.items() if key[1] == layout and looks_like_name(self.names[key]))

    def alternate(self, keys: set[Key]) -> float:
        """The share of neighbours among these labels that are two different names."""
        names = [name for name, layout in self.order if (name, layout) in keys]
        return sum(one != other for one, other in pairwise(names)) / max(1, len(names) - 1)


def detected_speakers(
    line_labels: Sequence[Label | None],
    knows: Callable[[str], bool],
    text: str = "",
    *,
    paragraphs: int,
    is_dialogue: bool = False,
) -> DetectedSpeakers:
    """The speakers of a file with these labels, one per line; `paragraphs` is how many could begin with a label.

    Unless it is known to be a dialogue, enough paragraphs must begin with one for the others to continue it.
    """
    keys = _not_of_sentences([_key(label) if label else None for label in line_labels], paragraphs)
    if not any(keys):
        return DetectedSpeakers()
    used = _labels_used(keys, line_labels, text)
    certain = used.certain(knows)
    spoken = _used_as_speakers(used, certain, paragraphs) or (_once_each(used, paragraphs) if is_dialogue else set())
    main = _main_layout(used.times, spoken)
    alike = used.count_names_in(main)
    if not is_dialogue and not _is_dialogue(spoken, used, alike, paragraphs, is_known=bool(certain)):
        return DetectedSpeakers()
    consistent = _consistent(used, spoken, certain, main)
    evidence = _Evidence(used.names, frozenset(consistent), main, text, is_dense=alike >= DENSE * paragraphs)
    return _with_seldom(keys, evidence)


def _consistent(used: _LabelsUsed, spoken: set[Key], certain: set[Key], main: str) -> set[Key]:
    """The speakers' labels in the main layout, those beside it, and the same names once with another mark."""
    beside = {key for key in spoken if _is_beside_main(key, spoken, used.names, certain, main)}
    consistent = {key for key in spoken if key[1] == main or (key in beside and _is_often_bold(key, used, main))}
    names = {name for name, layout in consistent if layout == main}
    return consistent | {key for key in used.times if key[0] in names and key[1] in PLAIN}


def _not_of_sentences(keys: Sequence[Key | None], paragraphs: int) -> list[Key | None]:
    """The labels, without those that sentences begin with, too (*Ana – my aunt – came*), unless nearly every paragraph has one."""
    times = Counter(key for key in keys if key)
    everywhere = {
        layout
        for layout in sorted({layout for _, layout in times if layout_named(layout).among is Among.EVERYWHERE})
        if _begin_nearly_all(layout, keys, times, paragraphs)
    }
    return [
        key if key and (layout_named(key[1]).among is not Among.EVERYWHERE or key[1] in everywhere) else None
        for key in keys
    ]


def _begin_nearly_all(layout: str, keys: Sequence[Key | None], times: Mapping[Key, int], paragraphs: int) -> bool:
    """Whether nearly all paragraphs begin with a name in this layout, and most with one of a few that come again and take turns."""
    used = [key for key in keys if key and key[1] == layout]
    names = [key[0] for key in used if times[key] > 1]
    changes = sum(one != other for one, other in pairwise(names))
    title_page = min(TITLE_PAGE, next(number for number, key in enumerate(keys) if key and key[1] == layout))
    are_enough = len(used) >= DENSE * (paragraphs - title_page) and len(names) >= max(
        LEAST_EVERYWHERE, MOST_AGAIN * len(used)
    )
    return are_enough and changes >= TAKE_TURNS * (len(names) - 1)


def _labels_used(keys: Sequence[Key | None], line_labels: Sequence[Label | None], text: str) -> _LabelsUsed:
    order = [key for key in keys if key]
    names = {key: label.name for key, label in zip(keys, line_labels, strict=True) if key and label}
    return _LabelsUsed(times=Counter(order), names=names, order=order, text=text)


def _used_as_speakers(used: _LabelsUsed, certain: set[Key], paragraphs: int) -> set[Key]:
    """The labels that are speakers: certainly, or by their use in the file."""
    is_named = sum(used.times[key] for key in certain) > 1
    again = {key for key in used.times if _comes_again(key, used, is_named=is_named)}
    return (
        certain
        | again
        | _paired(used.times)
        | _on_every_line(used.times, used.names, paragraphs)
        | _two_sides(used, paragraphs)
        | _alone(used, certain)
    )


def _is_beside_main(key: Key, spoken: set[Key], names: Mapping[Key, str], certain: set[Key], main: str) -> bool:
    """Whether a label is a speaker's although its layout differs from most."""
    if key[1] in OF_SENTENCES:
        return any(name == key[0] for name, layout in spoken if layout == main)
    return key[1] not in BRACKETS and (key in certain or not _is_doubtful(key, spoken, names, main))


def _is_often_bold(key: Key, used: _LabelsUsed, main: str) -> bool:
    """Whether a whole line in bold is of somebody who speaks nearly as often as the others: titles are bold, too."""
    others = sum(count for (_, layout), count in used.times.items() if layout == main)
    return not layout_named(key[1]).closes_late or used.times[key] >= OFTEN_BOLD * others


def _is_doubtful(key: Key, spoken: set[Key], names: Mapping[Key, str], main: str) -> bool:
    """Whether one word beside a time is not a speaker because speakers are written otherwise: `(0:30) Gracias.`."""
    is_one_word = layout_named(key[1]).enough == 1 and " " not in names[key].strip()
    return is_one_word and not any(name == key[0] for name, layout in spoken if layout == main)


OF_SENTENCES = frozenset(
    {"name and dash"}
)  # as sentences may begin, too (*I- I did it*): used where others are written so
OFTEN_BOLD = 0.3  # of the labels of the others, at least
BRACKETS = frozenset({"name in brackets"})  # used for notes, too: speakers' only if all the others are


def without_numbers(line_labels: Sequence[Label | None]) -> list[Label | None]:
    """The labels, Q1, A1, Q2, A2 ... as Q, A, Q, A if they alternate through the whole file: two people, not many.

    Likewise words for who asks or answers with a rising number: Question 1, Question 2.
    """
    names = {label.name for label in line_labels if label}
    if not any(name[-1].isdigit() for name in names):
        return list(line_labels)
    labels = _renamed(line_labels, _numbered_words(line_labels) | _numbered_questions(line_labels))
    codes = [code for label in labels if label and (code := NUMBERED.fullmatch(label.name))]
    if _are_numbers_of_questions(codes):
        labels = _renamed(labels, {code.group(): code["letters"] for code in codes})
    return labels


def without_number_of_question(label: Label) -> Label:
    """The label, Q3 as Q."""
    code = QUESTION_OF_GUIDE.fullmatch(label.name)
    return label._replace(name=code["letter"]) if code else label


def _renamed(line_labels: Sequence[Label | None], names: Mapping[str, str]) -> list[Label | None]:
    return [label and label._replace(name=names.get(label.name, label.name)) for label in line_labels]


def _are_numbers_of_questions(codes: Sequence[re.Match[str]]) -> bool:
    """Whether codes such as Q1, A1, Q2, A2 count the questions and the answers of two people."""
    letters = [code["letters"].casefold() for code in codes]
    numbers = [int(code["number"]) for code in codes]
    asks, answers = (*letters[:2], "", "")[:2]
    takes_turns = letters == [asks, answers] * (len(letters) // 2) and numbers == _in_twos(len(numbers))
    return len(letters) >= 4 and takes_turns and answers in PAIRS.get(asks, set())


def _numbered_words(line_labels: Sequence[Label | None]) -> dict[str, str]:
    """Labels such as Question 3 with their word, where the word asks or answers and each number comes once or twice."""
    numbered: dict[str, list[str]] = {}
    for label in line_labels:
        match = NUMBERED_WORD.fullmatch(label.name) if label else None
        if label and match and fold(match["letters"]) in QUESTION_AND_ANSWER:
            numbered.setdefault(match["letters"], []).append(label.name)
    return {
        name: word
        for word, labels in numbered.items()
        if len(set(labels)) > 1 and len(labels) <= 2 * len(set(labels))
        for name in labels
    }


def _numbered_questions(line_labels: Sequence[Label | None]) -> dict[str, str]:
    """Labels such as Q3 with their letter, where each number comes once, they rise, and a word or a letter says who answers."""
    names = [label.name for label in line_labels if label]
    codes = [code for name in names if (code := QUESTION_OF_GUIDE.fullmatch(name))]
    are_answered = (
        _are_answered_by_word(names) and all(code["letter"] in "Qq" for code in codes)
    ) or _are_answered_by_letter(names, [code.group() for code in codes])
    return {code.group(): code["letter"] for code in codes} if _rise(codes) and are_answered else {}


def _rise(codes: Sequence[re.Match[str]]) -> bool:
    numbers = [int(code["number"]) for code in codes]
    return len(numbers) > 1 and all(one < other for one, other in pairwise(numbers))


def _are_answered_by_word(names: Sequence[str]) -> bool:
    return any(without_number(core(name)) in ANSWERING for name in names)


def _are_answered_by_letter(names: Sequence[str], questions: Sequence[str]) -> bool:
    """Whether each question is followed by an R or A: P1, R, P2, R."""
    answers = {core(name) for name in names[1::2]}
    return list(questions) == list(names[::2]) and len(answers) == 1 and answers <= ANSWER_LETTERS


# Words for kinds of speech, not for speakers: numbers after them count questions.
QUESTION_AND_ANSWER = (ASKING_ALONE | ANSWERING) & frozenset(
    "question pregunta pergunta frage respuesta answer resposta reponse antwort".split()
)


def _in_twos(count: int) -> list[int]:
    return [number // 2 for number in range(2, count + 2)]


def _key(label: Label) -> Key:
    return core(label.name), label.layout


def _is_bare(key: Key) -> bool:
    """Whether the label is only a name on its own line, without a time."""
    layout = layout_named(key[1])
    return layout.is_bare and not layout.beside


def _is_dialogue(spoken: set[Key], used: _LabelsUsed, alike: int, paragraphs: int, *, is_known: bool) -> bool:
    """Whether enough paragraphs begin with a speaker for the others to continue one; otherwise one person speaks."""
    count = sum(used.times[key] for key in spoken)
    if is_known:
        return count > 1 or alike > paragraphs / 2
    names = {name for name, _ in spoken}
    takes_turns = len(names) > 1 and count >= 4 * OFTEN and used.alternate(spoken) > TAKE_TURNS
    return count > 1 and (takes_turns or count >= _least_share(names) * paragraphs)


def _least_share(names: Set[str]) -> float:
    """The share of the paragraphs that must begin with these labels: one label alone needs more of them."""
    if len(names) > 1:
        return SPARSE
    return MANY_ANSWERS if ANSWER_LETTERS.issuperset(names) else ALONE


def _comes_again(key: Key, used: _LabelsUsed, *, is_named: bool) -> bool:
    """Whether an unknown label is used as speakers' are."""
    name, layout, count = used.names[key], layout_named(key[1]), used.times[key]
    if is_note_label(name) or layout.among is Among.PAIRS or _is_bare(key):
        return False
    if layout.enough == 1:
        return looks_like_name(name) or count > 1
    return looks_like_name(name) and count >= layout.enough and not _may_be_word(key, used, is_named=is_named)


def _may_be_word(key: Key, used: _LabelsUsed, *, is_named: bool) -> bool:
    """Whether a label may be one common word of a sentence: where others are known, it must come three times."""
    name = used.names[key]
    if " " in name or not name[1:].islower():
        return False
    if layout_named(key[1]).enough > 2:
        return True
    return is_named and used.times[key] <= 2 and used.words.has_common(name)


def _on_every_line(times: Mapping[Key, int], names: Mapping[Key, str], paragraphs: int) -> set[Key]:
    """Labels with which nearly every paragraph begins, a few that come again and again, however they are written."""
    often = {key for key, count in times.items() if count >= _often(key) and _may_speak(names[key])}
    again = {key for key in times.keys() - often if times[key] > 1 and key[1] in PLAIN and _may_speak(names[key])}
    return _covering(often, times, DENSE * paragraphs) or _covering(often | again, times, paragraphs)


def _two_sides(used: _LabelsUsed, paragraphs: int) -> set[Key]:
    """`1. ` and `2. `, where nearly every paragraph begins with one of the two and they take turns: otherwise they count."""
    sides = {key for key, count in used.times.items() if layout_named(key[1]).among is Among.SIDES and count > 1}
    are_two = len(sides) == len(SIDES) and used.alternate(sides) >= SURELY
    return sides if are_two and sum(used.times[key] for key in sides) >= DENSE * paragraphs else set()


def _often(key: Key) -> int:
    """How often such a label must come; more often than anything does in layouts where that shows nothing."""
    return OFTEN_ENOUGH.get(layout_named(key[1]).among, sys.maxsize)


def _covering(keys: Set[Key], times: Mapping[Key, int], least: float) -> set[Key]:
    """The labels of the first layout in which there are several and enough."""
    for layout in sorted({layout for _, layout in keys}):
        alike = {key for key in keys if key[1] == layout}
        if len(alike) > 1 and sum(times[key] for key in alike) >= least:
            return alike
    return set()


def _once_each(used: _LabelsUsed, paragraphs: int) -> set[Key]:
    """The labels of one exchange: every paragraph begins with one, and all are written as names are in one layout."""
    layouts_used = {layout for _, layout in used.times}
    are_names = all(shape_of(name) is not NONE and not is_note_label(name) for name in used.names.values())
    is_exchange = len(used.times) > 1 and len(used.order) >= paragraphs and len(layouts_used) == 1
    return set(used.times) if is_exchange and are_names else set()


def _may_speak(name: str) -> bool:
    """Whether a label, in small letters too, may name somebody: it has few words, and none that introduces something else."""
    words = fold(name).split(" ")
    return len(words) <= MOST_WORDS and words[0] not in NO_SPEAKER and not is_note_label(name)


def are_paired(name: str, names: Iterable[str]) -> bool:
    """Whether a folded letter, with or without a number, asks or answers beside one of the other names."""
    letter = without_number(name)
    letters = set(map(without_number, names))
    return bool(PAIRS.get(letter, set()) & letters) or any(letter in PAIRS.get(other, set()) for other in letters)


def _paired(times: Mapping[Key, int]) -> set[Key]:
    """`P. ` and `R. `, where both begin several paragraphs and are a pair of which one asks: other initials are of names."""
    spoken: set[Key] = set()
    for layout in sorted({layout for _, layout in times if layout_named(layout).among is Among.PAIRS}):
        often = {name for (name, other), count in times.items() if other == layout and count > 1}
        paired = {name for name in often if PAIRS.get(name, set()) & often}
        partners = {partner for name in paired for partner in PAIRS[name]}
        spoken |= {(name, layout) for name in paired | (often & partners)}
    return spoken


def _alone(used: _LabelsUsed, certain: set[Key]) -> set[Key]:
    """Lines with only a name, if several repeat and alternate and have no common word."""
    often = {
        key
        for key, count in used.times.items()
        if _is_bare(key)
        and count > 1
        and (key in certain or not used.words.has_common(used.names[key]) or _answers(key, certain, used))
    }
    count = sum(used.times[key] for key in often)
    is_several = len({name for name, _ in often}) > 1
    return often if is_several and count >= 4 and used.alternate(often) >= TAKE_TURNS else set()


def _answers(key: Key, certain: set[Key], used: _LabelsUsed) -> bool:
    """Whether a line of common words, such as *Field Engineer*, takes turns with somebody who is certainly a speaker."""
    asking = {one for one in certain if _is_bare(one)}
    return bool(asking) and used.times[key] >= OFTEN and used.alternate(asking | {key}) >= SURELY


def _main_layout(times: Counter[Key], spoken: set[Key]) -> str:
    used: Counter[str] = Counter()
    for key in spoken:
        used[key[1]] += times[key]
    return max(used, key=lambda layout: (used[layout], layout)) if used else ""


COLON = "name and colon"
BOLD = frozenset({"bold name"})  # which headings and fields of forms are, too
PLAIN = frozenset({COLON, *BOLD})


@dataclass(slots=True)
class _Evidence:
    """The speakers' labels and the text, by which rare labels are judged."""

    names: Mapping[Key, str]
    spoken: frozenset[Key]
    main: str
    text: str
    is_dense: bool
    shapes: Counter[str] = field(init=False)
    _words: Vocabulary | None = None

    def __post_init__(self) -> None:
        self.shapes = Counter(shape_of(self.names[key]) for key in self.spoken if key[1] == self.main)

    @property
    def has_numbers(self) -> bool:
        """Whether somebody has a code or a word with a number: Female 1, H1."""
        return any(shape == CODE or " " in shape for shape in self.shapes)

    @property
    def words(self) -> Vocabulary:
        """The words of the text, looked up when they are needed."""
        self._words = self._words or vocabulary_of(self.text)
        return self._words


def _with_seldom(keys: Sequence[Key | None], evidence: _Evidence) -> DetectedSpeakers:
    """The detected speakers with those who speak only once or twice after the first speaker, and lines that may name one."""
    seldom: set[Key] = set()
    doubtful: dict[Key, int] = {}
    for number, key in _to_look_at(keys, evidence):
        if key in seldom or key in doubtful:
            continue
        name = evidence.names[key]
        if _is_alike(name, key[1], evidence):
            seldom.add(key)
        elif key[1] == COLON and shape_of(name) is not NONE and not evidence.words.has_common(name):
            doubtful[key] = number
    return DetectedSpeakers(evidence.spoken | seldom, len({name for name, _ in seldom}), tuple(doubtful.values()))


def _to_look_at(keys: Sequence[Key | None], evidence: _Evidence) -> Iterator[tuple[int, Key]]:
    """(paragraph, label) of text in the layout of the speakers' labels that is not a speaker.

    The fields of a form come before the first speaker: there a label must be a whole name or a code, in a dense dialogue.
    """
    first = next((n for n, key in enumerate(keys) if key in evidence.spoken), len(keys))
    for number, key in enumerate(keys):
        if key and key not in evidence.spoken and key[1] == evidence.main:
            is_whole = evidence.is_dense and shape_of(evidence.names[key]) in (NAMES, CODE, INITIALS)
            if number > first or is_whole:
                yield number, key


def _is_alike(name: str, layout: str, evidence: _Evidence) -> bool:
    """Whether a rare label has the shape of the speakers' labels and is not a word of the text."""
    among = layout_named(layout).among
    if among in (Among.CODES, Among.EVERYWHERE):  # in the second nearly every paragraph begins with a name
        return evidence.is_dense or among is Among.EVERYWHERE
    shape = shape_of(name)
    if shape is NONE or is_note_label(name) or _is_bare_word(name, layout):
        return False
    if shape == CODE or " " in shape:
        return evidence.shapes[shape] > 0 or (evidence.is_dense and (shape == CODE or evidence.has_numbers))
    return not evidence.words.has_common(name) and _is_alike_name(name, layout, evidence)


def _is_alike_name(name: str, layout: str, evidence: _Evidence) -> bool:
    """Whether a name, initials or capitals are written as the speakers' are."""
    shape = shape_of(name)
    if shape == NAME:
        return layout in PLAIN and _is_called_so(name, evidence)
    if evidence.is_dense and layout not in BOLD and not _is_bare((name, layout)):
        return True
    return _has_only_such_shapes(shape, evidence.shapes)


def _is_bare_word(name: str, layout: str) -> bool:
    return _is_bare((name, layout)) and " " not in name


def _is_called_so(first_name: str, evidence: _Evidence) -> bool:
    """Whether one word may be somebody's name: all paragraphs have labels, or others are so written and the text calls it."""
    return evidence.is_dense or (evidence.shapes[NAME] > 0 and evidence.words.calls(first_name))


def _has_only_such_shapes(shape: str, shapes: Counter[str]) -> bool:
    """Whether several speakers have labels of this shape; of capitals and initials, only where no other has a plain name."""
    is_mixed = shape in (CAPITALS, INITIALS) and (shapes[NAME] > 0 or shapes[NAMES] > 0)
    return not is_mixed and shapes[shape] >= ALIKE
