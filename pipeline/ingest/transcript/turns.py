"""A reading as turns: who speaks from where to where, in answer to what; everything else listed with its reason."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from pipeline.ingest.document_turns import split_document
from pipeline.ingest.page_sections import without_other_sections, without_page_marks
from pipeline.ingest.reading_builder import names_of_marked_labels, without_marked_labels
from pipeline.ingest.transcript.document_signs import (
    address_somebody,
    ask_oneself,
    is_impersonal,
    is_punctuated,
    reads_like_document,
)
from pipeline.ingest.transcript.doubts import RecognisedSpeakers, doubts
from pipeline.ingest.transcript.header_block import header_of, holds_several, later_headers, repeated_forms
from pipeline.ingest.transcript.inner_marks import Line, with_inner_labels, without_marks
from pipeline.ingest.transcript.layout_engine import Recognised, is_unspoken, recognise
from pipeline.ingest.transcript.marked_questions import (
    QUESTION_MARKS,
    MarkedQuestions,
    has_questions,
    with_whole_questions,
)
from pipeline.ingest.transcript.roles import (
    NAME_THEM,
    NOBODY_ASKS,
    Speaker,
    SpeakerMap,
    SpeakerStats,
    label_without_name,
    resolve,
)
from pipeline.ingest.transcript.speaker_detection import DetectedSpeakers
from pipeline.ingest.transcript.speaker_labels import Label, fold
from pipeline.ingest.transcript.times import SP, is_time
from pipeline.ingest.transcript.turn_builder import LayoutRecord, Split, TurnBuilder, TurnSpan
from pipeline.ingest.transcript.walks import (
    AFTERWARDS,
    FIELD,
    GUIDE,
    NO_LABEL,
    asks_on,
    only_interviewer_is_labelled,
    questions_of_answers,
    walk,
    walk_labelled_answers,
    walk_labelled_questions,
)
from pipeline.records import Exclusion, Reading, Span
from pipeline.vocabulary import Kind, Part, Role, RoleEvidence, Undecided
from pipeline.wording.messages import first_few, message

LONGEST_CODE = 3  # characters of the longest label that may lack its colon
SLIPS = 1 / 3  # at most this share of the lines after a time, or of the labels, may lack the colon
WITH_COLON = "name and colon"
SENTENCE = r"(?=[^\W\d_a-zß-ÿ]|[¿¡(\[\"“«])"  # begins behind a label
FORGOTTEN = 10  # paragraphs without a label that a person should look at, where there are never half as many elsewhere
ASKS_MOST = 0.75  # of the words: an interviewer seldom says more
# Neighbours in at most this share of somebody's turns are there by chance, as where two interviews of a file meet.
BY_CHANCE = 0.1
ONLY_ANSWERS = "ingest/only_the_respondents_are_labelled"
ONLY_QUESTIONS = "ingest/only_the_interviewer_is_labelled"
WORTH_A_LOOK = 80  # characters between turns: a sentence
WORTH_A_NOTE = 500  # characters without a speaker that a person should know of
NOT_LABELS = frozenset({NO_LABEL, GUIDE})


def split(reading: Reading, *, kind: Kind, speakers: SpeakerMap) -> Split:
    """The turns of a reading and the exclusions in its text; together they hold every character but white space."""
    if kind is Kind.DOCUMENT:
        return split_document(reading)
    may_speak = _once_marked(reading, speakers)
    count_doubtful = len(may_speak) + _count_going_on(reading)
    reading = without_marked_labels(reading, may_speak)
    reading = with_whole_questions(without_page_marks(reading))
    forms = repeated_forms(reading)
    reading = forms.without(reading)
    header = header_of(reading)
    reading = without_other_sections(header.without(reading))
    speakers = replace(speakers, header={**forms.roles, **header.roles}, has_interviewee=header.has_interviewee)
    has_speakers = any(span.speaker for span in reading.spans)
    recognised = _recognised(reading, speakers, has_speakers=has_speakers)
    later = later_headers(reading, recognised.labels)
    reading = later.without(reading)
    lines = [Line(span, label) for span, label in zip(reading.spans, recognised.labels, strict=True)]
    labelled = _without_colon(reading.text, _with_slips(reading.text, lines))
    slips = _places_of_slips(lines, labelled)
    lines = labelled
    lines = with_inner_labels(reading.text, lines)
    reading, lines = without_marks(replace(reading, spans=tuple(line.span for line in lines)), lines)
    if not recognised.detected.spoken and not has_speakers:
        return _one_voice(reading, speakers)
    walked = _walked(reading, lines, speakers, recognised)
    if walked is None:
        return _one_voice(reading, speakers)
    stats = _stats_by_label(walked.builder)
    identities, role_notes = resolve(stats, speakers, is_guided=walked.is_guided)
    speaking = RecognisedSpeakers(
        reading,
        lines,
        stats,
        identities,
        seldom=len(recognised.detected.doubtful) + count_doubtful,
        later_headers=later.count + bool(forms.spans),
        slips=len(slips),
        is_prompted=walked.is_prompted,
    )
    undecided = _undecided(speaking, is_asking=message(NOBODY_ASKS) not in role_notes)
    if not speakers.assignments:
        undecided += [*_left_out(walked.builder), *doubts(speaking)]
    notes = (
        *walked.notes,
        *_note_on_slips(slips),
        *role_notes,
        *_unattributed(walked.builder),
        *_note_on_talkative_interviewers(stats, identities),
    )
    record = replace(_record(recognised, walked.layout), undecided=tuple(undecided))
    return _finished(reading, walked.builder, identities, notes, record)


def _once_marked(reading: Reading, speakers: SpeakerMap) -> set[int]:
    """Where names that are set apart begin, come once, and are in no register: somebody may speak, or the word is important."""
    names = names_of_marked_labels(reading)
    counts = Counter(map(fold, names.values()))
    return {start for start, name in names.items() if counts[fold(name)] == 1 and not speakers.knows(name)}


def _count_going_on(reading: Reading) -> int:
    """How many names that are set apart may begin a sentence, and be no label: their words go on with a small letter."""
    begins = set(reading.marked_labels)
    return sum(
        label.start in begins and reading.text[words.start].islower() for label, words in pairwise(reading.spans)
    )


def _recognised(reading: Reading, speakers: SpeakerMap, *, has_speakers: bool) -> Recognised:
    """The labels of a reading; none in subtitles with speakers, whose reader has taken them."""
    if has_speakers and reading.reader.startswith("subtitles"):
        return Recognised((None,) * len(reading.spans))
    return recognise(
        reading.text, reading.spans, knows=speakers.knows, asks=speakers.is_interviewers_name, is_dialogue=has_speakers
    )


@dataclass(frozen=True, slots=True)
class _Walked:
    """The turns of a file whose speakers have labels, or some of them."""

    builder: TurnBuilder
    layout: str
    notes: tuple[str, ...]
    is_guided: bool = False  # the questions have no label
    is_prompted: bool = False  # the answers have none, and the questions are marked


def _walked(reading: Reading, lines: Sequence[Line], speakers: SpeakerMap, recognised: Recognised) -> _Walked | None:
    """The turns, by who has a label: both sides, those who answer, or those who ask; nothing if that tells no answers."""
    builder = TurnBuilder(reading.text)
    asked = frozenset() if _somebody_asks(lines, speakers) else questions_of_answers(reading, lines)
    if asked:
        walk_labelled_answers(builder, reading, lines, asked)
        return _Walked(builder, recognised.layout, (message(ONLY_ANSWERS),), is_guided=True)
    if only_interviewer_is_labelled(lines, speakers):
        questions = walk_labelled_questions(builder, reading, lines)
        is_list = not questions.spans and asks_on(reading, lines)
        is_prompted = bool(questions.spans) and questions.is_sure and questions.are_answered
        layout = questions.layout or recognised.layout
        return None if is_list else _Walked(builder, layout, (message(ONLY_QUESTIONS),), is_prompted=is_prompted)
    walk(builder, reading, lines)
    notes = (*_seldom(reading, recognised.detected), *_unlabelled(lines))
    has_speakers = any(line.span.speaker for line in lines)
    return _Walked(builder, "speakers of the file's format" if has_speakers else recognised.layout, notes)


def _somebody_asks(lines: Sequence[Line], speakers: SpeakerMap) -> bool:
    """Whether a label is of somebody who asks by a word, the header or a register."""
    names = {line.label.name for line in lines if line.label}
    identities = [speakers.find(name) for name in sorted(names)]
    return any(speaker is not None and speaker.role is Role.INTERVIEWER for speaker in identities)


def _record(recognised: Recognised, layout: str) -> LayoutRecord:
    return LayoutRecord(layout=layout, runner_up=recognised.runner_up, margin=round(recognised.margin, 3))


def _seldom(reading: Reading, detected: DetectedSpeakers) -> Iterator[str]:
    """Notes on those who speak only once or twice, and on lines that may be theirs."""
    if detected.seldom:
        yield message("ingest/speak_only_once_or_twice", seldom=detected.seldom)
    if detected.doubtful:
        places = first_few([reading.spans[number].place for number in detected.doubtful])
        yield message("ingest/may_be_a_speaker", places=places, remedy=message(NAME_THEM))


def _unlabelled(lines: Sequence[Line]) -> Iterator[str]:
    """A note if labels stop for much longer than anywhere else in the file: they may have been forgotten."""
    if any(line.span.speaker for line in lines):
        return
    runs: list[list[Span]] = [[]]
    for line in lines:
        if line.label:
            runs.append([])
        elif not is_unspoken(line.span):
            runs[-1].append(line.span)
    longest, *shorter = sorted(runs[1:], key=len, reverse=True) or [[]]
    usual = len(shorter[0]) if shorter else 0
    if len(longest) >= FORGOTTEN and len(longest) >= 2 * usual and shorter:
        yield message("ingest/paragraphs_without_a_label", count=len(longest), place=longest[0].place)


def _with_slips(text: str, lines: Sequence[Line]) -> list[Line]:
    """The lines, with labels that lack their colon (`A The school`) where nearly every other line behind a time has one."""
    codes = {
        line.label.name: line.label.layout for line in lines if line.label and len(line.label.name) <= LONGEST_CODE
    }
    if not codes:
        return list(lines)
    after_times = [number for number in range(1, len(lines)) if _is_time(text, lines[number - 1].span)]
    bare = [number for number in after_times if lines[number].label is None]
    if len(bare) > SLIPS * len(after_times):
        return list(lines)
    slip = re.compile(rf"(?P<name>{'|'.join(map(re.escape, sorted(codes)))}){SP}+(?=[^\W_a-z]|[¿¡])")
    corrected = list(lines)
    for number in bare:
        span = lines[number].span
        if match := slip.match(text, span.start, span.end):
            corrected[number] = Line(span, Label(match["name"], codes[match["name"]], match.end()))
    return corrected


def _places_of_slips(before: Sequence[Line], after: Sequence[Line]) -> list[str]:
    """Where lines have a label that they did not have before."""
    return [line.span.place for line, old in zip(after, before, strict=True) if line.label and not old.label]


def _note_on_slips(places: Sequence[str]) -> Iterator[str]:
    """A note on the places of labels without their colon that were read as labels."""
    if places:
        yield message("ingest/labels_without_their_colon", count=len(places), places=first_few(places))


def _without_colon(text: str, lines: Sequence[Line]) -> list[Line]:
    """The lines, with labels whose colon is missing or another sign (`INT How is it?`) between two turns of others.

    Only where such labels end with a colon in most places. A name may begin a sentence, too: it is a label where somebody
    else would otherwise have the label twice on end, and where no capital follows, with which a surname begins.
    """
    times = Counter(line.label.name for line in lines if line.label and line.label.layout == WITH_COLON)
    slips = _slips(text, lines, times)
    if not 0 < len(slips) <= SLIPS * times.total():
        return list(lines)
    labels = {number: label for number, line in enumerate(lines) if (label := line.label or slips.get(number))}
    names = [label.name for label in labels.values()]
    corrected = list(lines)
    for number, name, before, after in zip(labels, names, ["", *names[:-1]], [*names[1:], ""], strict=True):
        if number in slips and _is_between(name, before=before, after=after):
            corrected[number] = Line(lines[number].span, slips[number])
    return corrected


def _slips(text: str, lines: Sequence[Line], names: Mapping[str, int]) -> dict[int, Label]:
    """The lines without a label that begin with the name in one and a sentence, with the label that this would be."""
    again = [name for name, count in names.items() if count > 1 or any(map(str.isdigit, name))]
    if not again:
        return {}
    either = "|".join(map(re.escape, sorted(again, key=lambda name: (-len(name), name))))
    slip = re.compile(rf"(?P<name>{either})(?:{SP}?[;.)]{SP}*|{SP}+[-–—]{SP}+|(?P<space>{SP}+)){SENTENCE}")
    slips: dict[int, Label] = {}
    for number, line in enumerate(lines):
        is_free = not (line.label or line.span.speaker or is_unspoken(line.span))
        if is_free and (match := slip.match(text, line.span.start, line.span.end)) and not _may_be_surname(match):
            slips[number] = Label(match["name"], WITH_COLON, match.end())
    return slips


def _may_be_surname(slip: re.Match[str]) -> bool:
    """Whether the word behind a name and a space alone may be a surname: `Rosa Quispe went to Lima`."""
    is_name = len(slip["name"]) > 1 and not _is_plainly_label(slip["name"])
    return is_name and slip["space"] is not None and slip.string[slip.end()].isalpha()


def _is_plainly_label(name: str) -> bool:
    """Whether no sentence begins with this: a code, a word for a role, capitals."""
    return len(name) > 1 and (name.isupper() or any(c.isdigit() for c in name) or label_without_name(name) != "")


def _is_between(name: str, *, before: str, after: str) -> bool:
    """Whether a label comes where another speaks before and after; of a name, where both are the same."""
    return name not in (before, after) and before != "" and (_is_plainly_label(name) or before == after)


def _is_time(text: str, span: Span) -> bool:
    return is_time(text, span.start, span.end)


def _one_voice(reading: Reading, speakers: SpeakerMap) -> Split:
    """A file without speakers: each paragraph a turn of one respondent, but for the questions that are marked.

    Where nothing tells questions from answers and there are questions, the words wait for a person.
    """
    builder = TurnBuilder(reading.text)
    lines = [Line(span, None) for span in reading.spans]
    questions = walk_labelled_questions(builder, reading, lines)
    speaker, undecided = _voice(reading, builder, questions, speakers)
    note = message(
        "ingest/no_speakers_words_wait" if speaker.role is Role.OTHER else "ingest/no_speakers_one_respondent"
    )
    if not speakers.assignments:
        undecided += _left_out(builder)
    record = LayoutRecord(layout=questions.layout, undecided=tuple(undecided))
    return _finished(reading, builder, {NO_LABEL: speaker}, (note,) if builder.turns else (), record)


def _voice(
    reading: Reading, builder: TurnBuilder, questions: MarkedQuestions, speakers: SpeakerMap
) -> tuple[Speaker, list[Undecided]]:
    """Who speaks where nobody has a label, and why a person should say so."""
    if speakers.unlabelled:
        return speakers.unlabelled, []
    waiting = Speaker(Role.OTHER)
    if questions.spans and holds_several(reading):
        return waiting, [Undecided.NO_SPEAKERS, Undecided.SEVERAL_INTERVIEWS]
    if questions.spans and not questions.are_answered:
        return waiting, [Undecided.LIST_OF_QUESTIONS]
    if questions.spans:
        return _answering(builder, questions, is_interview=speakers.has_interviewee)
    if has_questions(reading):
        return waiting, [Undecided.NO_SPEAKERS]
    if reads_like_document(reading):
        return waiting, [Undecided.DOCUMENT]
    if not is_punctuated(reading):
        return waiting, [Undecided.UNPUNCTUATED]
    unnamed = [] if speakers.expected else [Undecided.ONE_VOICE]
    return Speaker(Role.RESPONDENT, because=RoleEvidence.NO_QUESTIONS), unnamed


def _answering(
    builder: TurnBuilder, questions: MarkedQuestions, *, is_interview: bool
) -> tuple[Speaker, list[Undecided]]:
    """Who answers marked questions, and why a person should look; nobody where question marks alone tell and nobody is asked.

    Where a form says who is interviewed, somebody is.
    """
    asked = [builder.text[turn.start : turn.end] for turn in builder.turns if turn.label == GUIDE]
    impersonal = [Undecided.IMPERSONAL] if _answers_impersonally(builder) or ask_oneself(asked) else []
    asks_nobody = impersonal and questions.layout == QUESTION_MARKS and not address_somebody(asked)
    if asks_nobody and not is_interview:
        return Speaker(Role.OTHER), [Undecided.NO_SPEAKERS, *impersonal]
    guess = [] if questions.is_sure else [Undecided.GUESSED]
    return Speaker(Role.RESPONDENT, because=RoleEvidence.MARKED_QUESTIONS), [*guess, *impersonal]


def _answers_impersonally(builder: TurnBuilder) -> bool:
    """Whether nobody speaks of themselves below marked questions, as on a page of frequent questions."""
    return is_impersonal(" ".join(builder.text[turn.start : turn.end] for turn in builder.turns if turn.label != GUIDE))


def _undecided(speaking: RecognisedSpeakers, *, is_asking: bool) -> list[Undecided]:
    """Why the words of the file may wait."""
    has_questions = any(each.questions for each in speaking.stats.values())
    roles = {speaker.role for speaker in speaking.identities.values()}
    if not is_asking and has_questions:
        return [Undecided.NOBODY_ASKS]
    return [Undecided.NOBODY_KNOWN] if Role.OTHER in roles and Role.RESPONDENT not in roles else []


def _left_out(builder: TurnBuilder) -> list[Undecided]:
    """Whether stretches are left out that may be somebody's words: at the beginning, between the turns, at the end."""
    if not builder.turns:
        return []
    first, last = builder.turns[0].start, builder.turns[-1].start
    front = [e for e in builder.exclusions if e.reason in (str(Part.FRONT), str(Part.SECTION))]
    fields = [
        e for e in builder.exclusions if e.reason in (FIELD, str(Part.SECTION)) or e.reason.startswith("no speaker")
    ]
    afterwards = [e for e in fields if e.reason == AFTERWARDS]
    end = len(builder.text)
    is_left_out = {
        Undecided.BEGINNING_LEFT_OUT: _chars(front, 0, first) > WORTH_A_NOTE,
        Undecided.MIDDLE_LEFT_OUT: _chars(fields, first, last) > WORTH_A_LOOK,
        Undecided.END_LEFT_OUT: _chars(fields, last, end) > WORTH_A_NOTE
        or _chars(afterwards, last, end) > WORTH_A_LOOK,
    }
    return [why for why, is_so in is_left_out.items() if is_so]


def _chars(exclusions: Sequence[Exclusion], start: int, end: int) -> int:
    return sum(exclusion.chars for exclusion in exclusions if start <= exclusion.start < end)


def _note_on_talkative_interviewers(
    stats: Mapping[str, SpeakerStats], identities: Mapping[str, Speaker]
) -> Iterator[str]:
    """A note if those who ask say nearly all: the labels may be the other way round, P for participant."""
    words = sum(each.chars for each in stats.values())
    asking_words = sum(each.chars for label, each in stats.items() if identities[label].role is Role.INTERVIEWER)
    if len(stats) > 1 and ASKS_MOST * words < asking_words < words:
        yield message("ingest/the_interviewers_say_of_the_words", value=asking_words / words)


def _finished(
    reading: Reading,
    builder: TurnBuilder,
    identities: Mapping[str, Speaker],
    notes: tuple[str, ...],
    record: LayoutRecord,
) -> Split:
    """The turns with who speaks them and what they answer."""
    question, guide = "", sum(turn.label == GUIDE for turn in builder.turns)
    for turn in builder.turns:
        turn.speaker = (
            Speaker(Role.INTERVIEWER, because=RoleEvidence.MARKED_QUESTIONS)
            if turn.label == GUIDE
            else identities[turn.label]
        )
        if turn.speaker.role is Role.INTERVIEWER:
            question = _flat(builder.text, turn)
        else:
            turn.question = question
        turn.label = "" if turn.label in NOT_LABELS else turn.label
    guide_notes = [message("ingest/numbered_questions_of_the_guide_read", guide=guide)] if guide else []
    return Split(
        tuple(builder.turns), tuple(builder.exclusions), (*notes, *guide_notes), reading=reading, record=record
    )


def _unattributed(builder: TurnBuilder) -> list[str]:
    """A note if much of the text after the first speaker has no speaker."""
    after = sum(e.chars for e in builder.exclusions if e.reason == FIELD or e.reason.startswith("no speaker"))
    front = sum(e.chars for e in builder.exclusions if e.reason == str(Part.FRONT))
    lost = {"ingest/before_the_first_speaker": front, "ingest/without_a_speaker": after}
    return [
        message("ingest/left_out_characters", chars=chars, where=message(where))
        for where, chars in lost.items()
        if chars > WORTH_A_NOTE
    ]


def _flat(text: str, turn: TurnSpan) -> str:
    return " ".join(text[turn.start : turn.end].split())


def _stats_by_label(builder: TurnBuilder) -> dict[str, SpeakerStats]:
    """What each label says and asks; turns of one label on end, as those of a file with a time on every line, are one."""
    turns = [turn for turn in builder.turns if turn.label != GUIDE]
    words: dict[str, list[str]] = defaultdict(list)
    for label, on_end in groupby(turns, key=lambda turn: turn.label):
        words[label].append(" ".join(builder.text[turn.start : turn.end] for turn in on_end))
    partners = _partners([turn.label for turn in turns])
    return {label: _stats_of(texts, partners[label]) for label, texts in words.items()}


def _partners(labels: Sequence[str]) -> dict[str, frozenset[str]]:
    """With whom each speaker takes turns, apart from chance neighbours."""
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    for one, other in pairwise(labels):
        if one != other:
            beside[one][other] += 1
            beside[other][one] += 1
    partners: dict[str, frozenset[str]] = dict.fromkeys(labels, frozenset())
    for label, counts in beside.items():
        least = BY_CHANCE * counts.total()
        partners[label] = frozenset(other for other, count in counts.items() if count > least)
    return partners


def _stats_of(texts: Sequence[str], partners: frozenset[str]) -> SpeakerStats:
    return SpeakerStats(
        chars=sum(map(len, texts)), questions=sum("?" in text for text in texts), turns=len(texts), partners=partners
    )
