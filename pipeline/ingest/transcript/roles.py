"""Who a label is: interviewer or respondent, and which person of the register."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import filterfalse

from pipeline.ingest.transcript.speaker_labels import PARTICLES, core, fold
from pipeline.people import ANSWERING, ASKING, ASKING_ALONE, NOBODY, UNNAMED, NameRegister, PersonMatch, find_person
from pipeline.records import Participant, SourceEntry
from pipeline.vocabulary import Role, RoleEvidence
from pipeline.wording.messages import message

# What raw/sources.csv may say of a label instead of a participant id.
GIVEN_ROLES = {"INTERVIEWER": Role.INTERVIEWER, "RESPONDENT": Role.RESPONDENT, "OTHER": Role.OTHER}
UNLABELLED = "UNLABELLED"  # the label of all words in a file without labels
NAME_THEM = "ingest/say_who_speaks"

# A single letter for the interviewer, if another letter answers.
PAIRS = {
    "p": {"r"},
    "q": {"a", "r"},
    "i": {"r", "p", "b", "e", "a"},
    "e": {"r", "p", "i", "entrevistado", "entrevistada"},
    "m": {"p", "r"},
}
QUESTION = "q"  # beside any word for who answers
CODE = re.compile(r"\d{1,4}|[a-z]{1,6}\d{1,6}[a-z]?|[a-z]|(?:[a-z]{1,3} ?\d{1,3} )?[a-z]{1,3} ?\d{1,3}|[a-z]+ \d{1,3}")
LETTER = re.compile(r"[a-z]")
# Who speaks, by the number that a program for transcription gives; folded.
MACHINE = re.compile(
    r"(?:unknown )?(?:speaker|hablante|orador|oradora|locuteur|locutor|locutora|falante|sprecher|spk|voz|voice)"
    r"(?: ?(?:\d{1,2}|[a-rt-z])| s)?|s\d{2}"
)
TITLES = frozenset(
    "don dona dr dra doctor doctora sr sra srta senor senora senorita mr mrs ms miss lic ing prof profesor profesora".split()
)
IN_BRACKETS = re.compile(r"\(([^()]+)\)$")
# Who neither asks nor answers, folded: what they say is somebody else's, or everybody's.
BESIDE = frozenset(
    "interpreter interprete traductor traductora translator tradutor tradutora traducteur traductrice".split()
)
NOBODY_ASKS = "ingest/no_interviewer_was_identified"
ASKS_MUCH = 0.25  # share of turns with a question from which a talkative speaker may be the one who asks
MOST_QUESTIONS = 0.6  # of all: somebody else who asks may do so in one of two turns
ASKS_MOSTLY = 0.5  # share of turns with a question from which somebody beside an interviewer interviews, too
MAIN = 0.5  # of the characters, of the only person who is interviewed by several
TALKATIVE = 0.75  # of the words: an interviewer seldom says more
TERSE = 0.4  # of the words: of two who ask equally often, one who says less may be the interviewer
TERSE_ASKS = 1.6  # times the other's questions per word
NEXT_TO_NOTHING = 0.25  # of the words of the other
EVERY_SECOND = 0.4  # of the turns are the interviewer's when several people are asked one after the other
LEAST_ANSWERING = 3
RARELY = 0.15  # of the turns of who speaks most often
LEAST_TURNS = 3  # of somebody who speaks with nobody but who asks, or whose label may be misspelt elsewhere
NEARLY_ALL = 0.9  # of the unknown speakers' words: one who says more is the respondent
LEAST_SURNAME = 3  # letters
NAME_OF_LETTERS = re.compile(r"[^\W\d_][^\d_]{4,}")  # long enough to be misspelt


NOBODY_CHOSEN = ("", RoleEvidence.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker: role, person of the register if known, and the evidence for the role."""

    role: Role
    participant_id: str = ""
    candidates: tuple[str, ...] = ()  # where the person is not known: who of the register may be meant
    is_guess: bool = False  # the register does not have the name as it is spelt here
    because: RoleEvidence = RoleEvidence.UNKNOWN


@dataclass(frozen=True, slots=True)
class SpeakerMap:
    """Speakers of one file according to registers and settings."""

    assignments: Mapping[str, str]
    interviewers: tuple[str, ...]
    people: tuple[Participant, ...]
    expected: tuple[str, ...]
    names: NameRegister
    header: Mapping[str, Role] = field(default_factory=dict)  # what the beginning of the file says: folded name -> role
    has_interviewee: bool = False  # it says that somebody is interviewed
    _found: dict[str, Speaker | None] = field(default_factory=dict)

    def knows(self, label: str) -> bool:
        """Whether the label is certainly a speaker."""
        name = core(label)
        return (
            self.find(label) is not None
            or is_word_for_respondent(name)
            or name in UNNAMED
            or MACHINE.fullmatch(name) is not None
            or self.names.has(label)
        )

    @property
    def unlabelled(self) -> Speaker | None:
        """The speaker of a file without labels, if raw/sources.csv names one."""
        return self.find(UNLABELLED) if fold(UNLABELLED) in self.assignments else None

    def is_interviewers_name(self, name: str) -> bool:
        """Whether the folded name is an interviewer's, by the settings or by the word itself."""
        words = without_number(name)
        return words in ASKING_ALONE or words.split(" ")[0] in ASKING or name in self.interviewers

    def find(self, label: str) -> Speaker | None:
        """The speaker whom the label certainly means, or None."""
        if label not in self._found:
            self._found[label] = self._find(label)
        return self._found[label]

    def _find(self, label: str) -> Speaker | None:
        name = core(label)
        if assignment := self.assignments.get(fold(label)) or self.assignments.get(name):
            assigned = self._assigned(assignment)
            is_nameless = assignment.upper() in GIVEN_ROLES and assigned.role is Role.RESPONDENT
            registered = self._in_registers(label, Role.RESPONDENT) if is_nameless else None
            return registered if registered and registered.participant_id else assigned
        if not name:
            return None
        role = self._role_in_header(name)
        if role is Role.INTERVIEWER:
            return Speaker(role, because=RoleEvidence.HEADER)
        by_word = self._by_word(label, name) if role is None else None
        return by_word or self._in_registers(label, role)

    def _assigned(self, assignment: str) -> Speaker:
        """Who a label is by raw/sources.csv, which names a role or a participant id.

        An id that the register does not have may be misspelt: whoever protects their words may be meant.
        """
        if role := GIVEN_ROLES.get(assignment.upper()):
            return Speaker(role, because=RoleEvidence.SOURCES)
        if is_registered(assignment, self.people):
            return Speaker(Role.RESPONDENT, assignment, because=RoleEvidence.SOURCES)
        return Speaker(Role.RESPONDENT, candidates=protected(self.people), because=RoleEvidence.SOURCES)

    def _by_word(self, label: str, name: str) -> Speaker | None:
        """Who the label is by a word for a role in it, or by the settings."""
        if self.is_interviewers_name(name) or self._asks_by_brackets(label):
            because = RoleEvidence.SETTINGS if name in self.interviewers else RoleEvidence.ROLE_WORD
            return Speaker(Role.INTERVIEWER, because=because)
        return Speaker(Role.OTHER, because=RoleEvidence.ROLE_WORD) if without_number(name) in BESIDE else None

    def _asks_by_brackets(self, label: str) -> bool:
        """Whether brackets behind a name say that this is who asks: `Ana (moderator)`."""
        inside = IN_BRACKETS.search(label)
        return inside is not None and without_number(fold(inside[1])) in ASKING

    def _in_registers(self, label: str, role: Role | None) -> Speaker | None:
        """Who the label is among the people of this file, the interviewers of the settings, then all of the register."""
        name = core(label)
        match = find_person(label, self.names, among=self.expected)
        if match.participant_id:
            return _of_register(match)
        if role is None and any(is_called(name, full) for full in self.interviewers):
            return Speaker(Role.INTERVIEWER, because=RoleEvidence.SETTINGS)
        # Where a file names its people, one word is not enough to mean somebody else.
        match = NOBODY if self.expected and " " not in name else find_person(label, self.names)
        if match.participant_id:
            return _of_register(match)
        return Speaker(role, because=RoleEvidence.HEADER) if role else None

    def _role_in_header(self, name: str) -> Role | None:
        """The role that the beginning of the file gives to somebody of this name, these initials or this code."""
        if name in self.header:
            return self.header[name]
        roles = {role for full, role in self.header.items() if " " in full and _is_same(name, full)}
        return roles.pop() if len(roles) == 1 else None


def is_registered(participant_id: str, people: Sequence[Participant]) -> bool:
    """Whether somebody of the register has this id; true without a register, which says nothing against it."""
    return not people or any(person.participant_id == participant_id for person in people)


def protected(people: Iterable[Participant]) -> tuple[str, ...]:
    """The ids of people who refuse or want no quotes."""
    return tuple(person.participant_id for person in people if not person.consent.is_shown)


def _of_register(match: PersonMatch) -> Speaker:
    return Speaker(Role.RESPONDENT, match.participant_id, is_guess=match.is_guess, because=RoleEvidence.REGISTER)


def speaker_map(entry: SourceEntry, people: tuple[Participant, ...], interviewers: Iterable[str]) -> SpeakerMap:
    """The SpeakerMap of one file."""
    assignments = {fold(label): person for label, person in entry.speakers}
    return SpeakerMap(assignments, tuple(map(fold, interviewers)), people, entry.participant_ids, NameRegister(people))


def is_word_for_respondent(name: str) -> bool:
    """Whether the folded name is a word for a respondent, or for a woman or a man with a number."""
    word = without_number(name)
    return word in ANSWERING or (word in UNNAMED and word != name)


def label_without_name(label: str) -> str:
    """A label as written if it is a word for a role, a program's number or a letter; '' if it may be somebody's name or id."""
    shown = " ".join(re.sub(r"\([^)]*\)", " ", label).split()).strip(" :")
    is_role = without_number(fold(shown)) in ASKING | ASKING_ALONE or is_word_for_respondent(fold(shown))
    return shown if is_role or MACHINE.fullmatch(fold(shown)) or LETTER.fullmatch(fold(shown)) else ""


def without_number(name: str) -> str:
    """A folded name without the number at its end."""
    return re.sub(r"\s*\d{1,3}$", "", name)


def is_called(name: str, full: str) -> bool:
    """Whether a label may refer to a full name: its words, or initials, are among the name's, in order."""
    words = [word for word in name.split() if word not in TITLES]
    if not words or all(len(word) == 1 for word in words):
        return name == full
    full_words = iter(full.split())
    return all(_comes_next(word, full_words) for word in words)


def _comes_next(word: str, full_words: Iterator[str]) -> bool:
    """Whether the word, or its initial, is among the words that are left of a full name; those up to it are used up."""
    return any(word == name or (len(word) == 1 and name.startswith(word)) for name in full_words)


@dataclass(frozen=True, slots=True)
class SpeakerStats:
    """How much and how often a label speaks and asks, to guess its role."""

    chars: int
    questions: int
    turns: int
    partners: frozenset[str] = frozenset()  # labels that speak before or after it more than by chance


def resolve(
    labels: Mapping[str, SpeakerStats], speakers: SpeakerMap, *, is_guided: bool = False
) -> tuple[dict[str, Speaker], tuple[str, ...]]:
    """Who each label of a file is, and notes on what was guessed, doubtful or unknown (counts, never names).

    `is_guided`: the questions are those of a guide, without a label, and all labels are of those who answer.
    """
    heads = _heads(labels, speakers)
    parts: dict[str, list[SpeakerStats]] = {}
    for label, head in heads.items():
        parts.setdefault(head, []).append(labels[label])
    stats = {head: _together(parts[head], heads) for head in sorted(parts)}
    identities, notes = _answering(stats, speakers) if is_guided else _roles(stats, speakers)
    identities = _with_only_person(identities, speakers)
    if notes:
        notes.append(message(NAME_THEM))
    notes += _spellings(labels, heads, identities)
    notes += _strangers(identities, speakers)
    return {label: _with_candidates(label, identities[head], speakers) for label, head in heads.items()}, tuple(notes)


def _with_candidates(label: str, speaker: Speaker, speakers: SpeakerMap) -> Speaker:
    """An unidentified speaker, with the people of the register whom the label may mean."""
    is_other = speaker.role is Role.OTHER and speaker.because is RoleEvidence.SOURCES
    if speaker.participant_id or speaker.role is Role.INTERVIEWER or is_other:
        return speaker
    match = find_person(label, speakers.names)
    return replace(speaker, candidates=tuple(dict.fromkeys((*speaker.candidates, *match.candidates))))


def _heads(labels: Mapping[str, SpeakerStats], speakers: SpeakerMap) -> dict[str, str]:
    """Each label with the main spelling of the same unknown speaker: Ana for ANA, Ana Paz for AP."""
    longest_first = sorted(labels, key=lambda label: (-len(core(label)), label))
    heads: dict[str, str] = {}
    for label in longest_first:
        same = [head for head in dict.fromkeys(heads.values()) if _is_same(core(label), core(head))]
        is_identified = speakers.find(label) is not None
        heads[label] = same[0] if len(same) == 1 and not is_identified else label
    return heads | _misspelt(labels, heads, speakers)


def _misspelt(labels: Mapping[str, SpeakerStats], heads: Mapping[str, str], speakers: SpeakerMap) -> dict[str, str]:
    """Unknown labels that hardly come with the one that differs by one letter and comes often: *Entrevitsador*.

    Only where two others speak: among many, two may have names that nearly are the same.
    """
    often = [label for label, each in labels.items() if each.turns >= LEAST_TURNS]
    seldom = [label for label, each in labels.items() if each.turns < LEAST_TURNS and not speakers.find(label)]
    if len({heads[label] for label in often}) > 2:
        return {}
    meant = {label: _meant(label, often) for label in seldom}
    return {label: heads[other] for label, other in meant.items() if other}


def _meant(label: str, often: Sequence[str]) -> str:
    """The only one of the labels of which this one may be a slip, or nothing."""
    others = [other for other in often if _is_slip(core(label), core(other))]
    return others[0] if len(others) == 1 else ""


def _is_slip(name: str, other: str) -> bool:
    """Whether two long names differ by one letter, or two that changed places, elsewhere than at the end."""
    are_words = NAME_OF_LETTERS.fullmatch(name) and NAME_OF_LETTERS.fullmatch(other)
    if not are_words or name[-1] != other[-1]:
        return False
    begin = _alike(name, other)
    one, two = name[begin:], other[begin:]
    end = _alike(one[::-1], two[::-1])
    one, two = one[: len(one) - end], two[: len(two) - end]
    return max(len(one), len(two)) <= 1 or (len(one) == 2 and one == two[::-1])


def _alike(name: str, other: str) -> int:
    """With how many of the same letters two names begin."""
    shorter = min(len(name), len(other))
    return next((at for at in range(shorter) if name[at] != other[at]), shorter)


def _is_same(name: str, full: str) -> bool:
    """Whether two folded labels may be one person's: alike, or initials, the surname or the first name of the longer one."""
    words = [word for word in full.split() if word not in PARTICLES and word not in TITLES]
    if name == full or len(words) < 2:
        return name == full
    is_surname = len(name) >= LEAST_SURNAME and name == words[-1]
    is_first = name.split()[:1] == words[:1] and is_called(name, full)
    return is_surname or is_first or name.replace(" ", "") == "".join(word[0] for word in words)


def _together(parts: Sequence[SpeakerStats], heads: Mapping[str, str]) -> SpeakerStats:
    return SpeakerStats(
        chars=sum(p.chars for p in parts),
        questions=sum(p.questions for p in parts),
        turns=sum(p.turns for p in parts),
        partners=frozenset(heads[partner] for p in parts for partner in p.partners),
    )


def _answering(stats: Mapping[str, SpeakerStats], speakers: SpeakerMap) -> tuple[dict[str, Speaker], list[str]]:
    """Everybody as who answers the questions of a guide, whatever a letter such as I means elsewhere."""
    answering = Speaker(Role.RESPONDENT, because=RoleEvidence.MARKED_QUESTIONS)
    identities = {label: speakers.find(label) or answering for label in stats}
    unregistered = sum(speaker is answering for speaker in identities.values())
    note = message("ingest/in_no_register_of_those_who", respondents_n=unregistered)
    return identities, [note] if unregistered else []


def _roles(stats: Mapping[str, SpeakerStats], speakers: SpeakerMap) -> tuple[dict[str, Speaker], list[str]]:
    identities = {label: identity for label in stats if (identity := _identity(label, stats, speakers))}
    unknown = [label for label in stats if label not in identities]
    notes: list[str] = []
    is_settled = True  # who asks, or nobody asks anything
    if unknown and not _has_role(identities, Role.INTERVIEWER):
        asking = _all_who_ask(stats, unknown)
        identities |= asking
        unknown = list(filterfalse(asking.__contains__, unknown))
        if asking:
            notes.append(message("ingest/who_interviews_is_a_guess"))
        elif len(stats) > 1:
            is_settled = not any(h.questions for h in stats.values())
            notes.append(message(NOBODY_ASKS))
    if unknown:
        unidentified = {label: stats[label] for label in unknown}
        identities |= _unknown(unidentified, identities, speakers, notes, is_settled=is_settled)
    return identities, notes


def _all_who_ask(stats: Mapping[str, SpeakerStats], unknown: Sequence[str]) -> dict[str, Speaker]:
    """The unknown labels that ask, as interviewers; none if nobody can be chosen."""
    if several := _who_ask_one_person(stats, unknown):
        return dict.fromkeys(several, Speaker(Role.INTERVIEWER, because=RoleEvidence.LENGTH))
    asking, because = _who_asks(stats, unknown)
    labels = [asking, *_who_ask_too(asking, stats, unknown)] if asking else []
    return dict.fromkeys(labels, Speaker(Role.INTERVIEWER, because=because))


def _who_ask_one_person(stats: Mapping[str, SpeakerStats], unknown: Sequence[str]) -> list[str]:
    """The two or more who speak with one person alone, who says most, and mostly ask; none if it is not so."""
    main = max(stats, key=lambda label: (stats[label].chars, label))
    others = [stats[label] for label in sorted(stats) if label != main]
    if len(others) < 2 or main not in unknown or not all(_asks_only(each, main) for each in others):
        return []
    together = _together(others, {main: main})
    often, rarely = (each.questions / max(1, each.chars) for each in (together, stats[main]))
    asks_more = together.chars <= stats[main].chars and often >= TERSE_ASKS * rarely
    return [label for label in unknown if label != main] if asks_more else []


def _asks_only(each: SpeakerStats, main: str) -> bool:
    """Whether somebody speaks with one person alone, and mostly asks."""
    return each.partners <= {main} and each.questions >= ASKS_MOSTLY * each.turns


def _has_role(identities: Mapping[str, Speaker], role: Role) -> bool:
    return any(speaker.role is role for speaker in identities.values())


def _identity(label: str, stats: Mapping[str, SpeakerStats], speakers: SpeakerMap) -> Speaker | None:
    is_assigned = (
        fold(label) in speakers.assignments or core(label) in speakers.assignments or core(label) in speakers.header
    )
    if not is_assigned and _asks_by_letter(label, stats):
        return Speaker(Role.INTERVIEWER, because=RoleEvidence.PAIR)
    return speakers.find(label)


def _asks_by_letter(label: str, stats: Mapping[str, SpeakerStats]) -> bool:
    """Whether a letter is the asking one of a pair, such as P beside R; not if R asks, because then R is a researcher."""
    letter = _letter_of_several(core(label), stats)
    other_names = {without_number(core(other)).rpartition(" ")[2] for other in stats if other != label} - {letter}
    answering = PAIRS.get(letter, set()) | (ANSWERING | UNNAMED if letter == QUESTION else set())
    if not answering & other_names or _are_in_a_row(other_names):
        return False
    share = {name: each.questions / max(1, each.turns) for name, each in stats.items()}
    most_besides = max((share[other] for other in stats if without_number(core(other)) != letter), default=1.0)
    asks_often = share[label] >= ASKS_MUCH or letter == core(label)
    return asks_often and (most_besides < ASKS_MUCH or most_besides < 2 * share[label])


def _letter_of_several(name: str, stats: Mapping[str, SpeakerStats]) -> str:
    """The folded label, or its letter where several interview and one answers: I1 and I2 beside B."""
    letter = without_number(name)
    alike = [label for label in stats if without_number(core(label)) == letter]
    return letter if 1 < len(alike) == len(stats) - 1 else name


def _are_in_a_row(names: Set[str]) -> bool:
    """Whether the labels are A, B, C, D ...: then each letter is a person, and none a role."""
    return {"a", "b", "c", "d"} <= names


def _who_asks(stats: Mapping[str, SpeakerStats], unknown: Sequence[str]) -> tuple[str, RoleEvidence]:
    """The unknown label that asks most questions without saying most words, or none; with the evidence."""
    if len(stats) < 2:
        return NOBODY_CHOSEN
    candidates = [label for label in unknown if not is_word_for_respondent(core(label))] or list(unknown)
    if len(candidates) == 1 and len(unknown) > 1:
        return candidates[0], RoleEvidence.ONLY_ONE_LEFT
    if hub := _speaks_with_everybody(stats, candidates):
        return hub, RoleEvidence.EVERYBODY
    if asking := _asks_most(stats, candidates):
        return asking, RoleEvidence.QUESTIONS
    main = sorted(stats, key=lambda label: (-stats[label].chars, label))[:2]
    if main[-1] in candidates and (_asks_tersely(main[-1], stats) or _says_little(main[-1], stats)):
        return main[-1], RoleEvidence.LENGTH
    return NOBODY_CHOSEN


def _who_ask_too(asking: str, stats: Mapping[str, SpeakerStats], unknown: Sequence[str]) -> list[str]:
    """The unknown labels that ask in most of their turns, as the interviewer does, where one person says most and asks little."""
    main = max(stats, key=lambda label: (stats[label].chars, label))
    if main not in unknown or main == asking or stats[main].chars < MAIN * sum(h.chars for h in stats.values()):
        return []
    share = {label: h.questions / max(1, h.turns) for label, h in stats.items()}
    besides = [label for label in unknown if label not in (main, asking) and stats[label].turns > 1]
    return [label for label in besides if share[label] >= max(ASKS_MOSTLY, 2 * share[main])]


def _speaks_with_everybody(stats: Mapping[str, SpeakerStats], candidates: Sequence[str]) -> str:
    """The label of nearly every second turn with which three others or more speak, and with nobody else."""
    if len(stats) <= LEAST_ANSWERING:
        return ""
    turns = sum(h.turns for h in stats.values())
    most = max(candidates, key=lambda label: (stats[label].turns, label))
    alone = sum(h.partners <= {most} for label, h in stats.items() if label != most)
    return most if stats[most].turns >= EVERY_SECOND * turns and alone >= NEARLY_ALL * (len(stats) - 1) else ""


def _shares_of_questions(stats: Mapping[str, SpeakerStats], candidates: Sequence[str]) -> dict[str, float]:
    """The share of turns with a question of who speaks often, or may be chosen: who only greets or films does not ask."""
    usual = RARELY * max(each.turns for each in stats.values())
    often = [label for label in stats if stats[label].turns > usual]
    return {label: stats[label].questions / max(1, stats[label].turns) for label in (often or candidates)}


def _asks_most(stats: Mapping[str, SpeakerStats], candidates: Sequence[str]) -> str:
    """The candidate with the greatest share of turns with a question, unless they say too much to be the interviewer."""
    share = _shares_of_questions(stats, candidates)
    chosen = share.keys() & set(candidates)
    if not chosen:
        return ""
    most = max(chosen, key=lambda label: (share[label], -stats[label].chars, label))
    chars = sum(h.chars for h in stats.values())
    next_share = max((value for label, value in share.items() if label != most), default=0.0)
    if share[most] > next_share and stats[most].chars <= chars / len(stats):
        return most
    asks_much_more = share[most] >= ASKS_MUCH and share[most] >= 2 * next_share
    is_who_asks = asks_much_more or (share[most] >= ASKS_MOSTLY and _asks_most_of_all(most, stats))
    return most if is_who_asks and stats[most].chars <= TALKATIVE * chars else ""


def _asks_most_of_all(label: str, stats: Mapping[str, SpeakerStats]) -> bool:
    """Whether most turns of the file with a question are this speaker's."""
    return stats[label].questions > MOST_QUESTIONS * sum(h.questions for h in stats.values())


def _asks_tersely(label: str, stats: Mapping[str, SpeakerStats]) -> bool:
    """Whether one of two main speakers says much less than the other and asks much more often per word."""
    chars = sum(h.chars for h in stats.values())
    main = sorted(stats, key=lambda each: (-stats[each].chars, each))[:2]
    counterparts = [h for each, h in stats.items() if each in main and each != label]
    if label not in main or len(counterparts) != 1 or sum(stats[each].chars for each in main) < NEARLY_ALL * chars:
        return False
    often, rarely = (h.questions / max(1, h.chars) for h in (stats[label], counterparts[0]))
    return often >= TERSE_ASKS * rarely and often > 0 and stats[label].chars <= TERSE * chars


def _says_little(label: str, stats: Mapping[str, SpeakerStats]) -> bool:
    """Whether one of two who take turns says very little compared with the other: a guess, which `check` reports."""
    others = [each for name, each in stats.items() if name != label]
    takes_turns = len(others) == 1 and abs(stats[label].turns - others[0].turns) <= 1
    return takes_turns and stats[label].turns > 1 and stats[label].chars <= NEXT_TO_NOTHING * others[0].chars


def _unknown(
    stats: Mapping[str, SpeakerStats],
    identities: Mapping[str, Speaker],
    speakers: SpeakerMap,
    notes: list[str],
    *,
    is_settled: bool,
) -> dict[str, Speaker]:
    """Speakers in no register: respondents if they cannot be anything else, other if they may be anybody."""
    missing = _missing(identities, speakers)
    by_word = {label for label in stats if is_word_for_respondent(core(label))}
    if any(who.role is Role.INTERVIEWER and who.because is RoleEvidence.ROLE_WORD for who in identities.values()):
        by_word |= {label for label in stats if core(label) in UNNAMED}
    respondents, because = by_word, RoleEvidence.UNKNOWN
    if is_settled:
        respondents, because = _left_to_answer(stats, by_word, len(missing), identities)
    if respondents and not len(missing) == len(respondents) == 1:
        notes.append(message("ingest/in_no_register_of_those_who", respondents_n=len(respondents)))
    if len(respondents) < len(stats):
        notes.append(message("ingest/unknown_and_their_words_not_counted", value=len(stats) - len(respondents)))
    return {
        **dict.fromkeys(stats, Speaker(Role.OTHER)),
        **dict.fromkeys(respondents, Speaker(Role.RESPONDENT, because=because)),
        **dict.fromkeys(respondents & by_word, Speaker(Role.RESPONDENT, because=RoleEvidence.ROLE_WORD)),
    }


def _with_only_person(identities: Mapping[str, Speaker], speakers: SpeakerMap) -> dict[str, Speaker]:
    """The only respondent without a person is the only person whom raw/sources.csv names for the file and who has no label."""
    missing = _missing(identities, speakers)
    nameless = [
        label for label, speaker in identities.items() if speaker.role is Role.RESPONDENT and not speaker.participant_id
    ]
    if len(missing) == len(nameless) == 1:
        return {**identities, nameless[0]: replace(identities[nameless[0]], participant_id=missing[0])}
    return dict(identities)


def _missing(identities: Mapping[str, Speaker], speakers: SpeakerMap) -> list[str]:
    """The people whom raw/sources.csv names for the file and who are none of these speakers."""
    present = {speaker.participant_id for speaker in identities.values()}
    expected = (person for person in speakers.expected if is_registered(person, speakers.people))
    return [person for person in expected if person not in present]


def _speaking_with_who_asks(stats: Mapping[str, SpeakerStats], identities: Mapping[str, Speaker]) -> set[str]:
    """The speakers who take turns only with interviewers."""
    asking = {label for label, speaker in identities.items() if speaker.role is Role.INTERVIEWER}
    often = {label: each.partners for label, each in stats.items() if each.turns >= LEAST_TURNS and each.partners}
    return {label for label, partners in often.items() if partners <= asking}


def _left_to_answer(
    stats: Mapping[str, SpeakerStats], by_word: set[str], missing: int, identities: Mapping[str, Speaker]
) -> tuple[set[str], RoleEvidence]:
    """Which unknown speakers are respondents, once the interviewer is known; `missing` people of the register have no label yet."""
    chars = {label: one.chars for label, one in stats.items()}
    is_answered = _has_role(identities, Role.RESPONDENT)
    if len(stats) <= missing or (not is_answered and len(stats) == 1):
        return set(stats), RoleEvidence.ONLY_ONE_LEFT
    main = max(chars, key=lambda label: (chars[label], label))
    if not is_answered and chars[main] >= NEARLY_ALL * sum(chars.values()):
        return {main}, RoleEvidence.LENGTH
    coded = by_word | {label for label in stats if CODE.fullmatch(core(label))}
    with_who_asks = _speaking_with_who_asks(stats, identities)
    return coded | with_who_asks, RoleEvidence.CODE if with_who_asks <= coded else RoleEvidence.ANSWERS


def _spellings(labels: Iterable[str], heads: Mapping[str, str], identities: Mapping[str, Speaker]) -> list[str]:
    """How many spellings the same speaker has, where there is more than one."""
    who = {label: identities[heads[label]].participant_id or heads[label] for label in labels}
    spellings = {(person, core(label)) for label, person in who.items()}
    ways = Counter(person for person, _ in spellings)
    spelt = Counter(count for count in ways.values() if count > 1)
    return [message("ingest/names_spelt", count=count, times=times) for count, times in sorted(spelt.items())]


def _strangers(identities: Mapping[str, Speaker], speakers: SpeakerMap) -> list[str]:
    """Ids that raw/sources.csv gives and raw/participants.csv does not have."""
    register = {person.participant_id for person in speakers.people}
    named = {speaker.participant_id for speaker in identities.values()} | set(speakers.expected)
    missing = len(named - register - {""})
    return [message("ingest/ids_not_in_the_register", n=missing)] if missing and register else []
