"""Who a label is: interviewer or respondent, and which person of the register."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.ingest.transcript.speaker_labels import PARTICLES, core, fold
from pipeline.people import NOBODY, NameRegister, find_person
from pipeline.records import Participant, SourceEntry
from pipeline.vocabulary import Role

# What raw/sources.csv may say of a label instead of a participant id.
GIVEN_ROLES = {"INTERVIEWER": Role.INTERVIEWER, "OTHER": Role.OTHER}
NAME_THEM = "name who speaks in raw/sources.csv, column speakers"

# Words of es, en, fr and pt, folded; a number or a name may follow.
ASKING = frozenset(
    """entrevistador entrevistadora entrevistadores entrevistadoras interviewer interviewers moderador moderadora moderator
    facilitador facilitadora facilitator investigador investigadora researcher evaluador evaluadora evaluator encuestador
    encuestadora pesquisador pesquisadora avaliador avaliadora enqueteur enquetrice intervieweur intervieweuse animateur
    animatrice chercheur chercheuse evaluateur evaluatrice consultor consultora consultant""".split()
)
ASKING_ALONE = frozenset(
    ("int", "interv", "mod", "question", "pregunta", "pergunta", "probe", "probe aplicado", "sondeo", "repregunta", "follow up",
     "followup", "relance", "lead interviewer", "co interviewer")
)  # fmt: skip
ANSWERING = frozenset(
    """entrevistado entrevistada entrevistados entrevistadas respondent respondente interviewee informante informant
    participante participant repondant repondante enquete enquetee interviewe respuesta answer resposta reponse
    testigo invitado invitada guest part resp""".split()
) | {"entrevistado a", "persona entrevistada", "persona participante"}
# A single letter that asks, where another that answers stands beside it.
PAIRS = {
    "p": {"r"},
    "q": {"a", "r"},
    "i": {"r", "p"},
    "e": {"r", "p", "i", "entrevistado", "entrevistada"},
    "m": {"p", "r"},
}
CODE = re.compile(r"[a-z]|(?:[a-z]{1,3} ?\d{1,3} )?[a-z]{1,3} ?\d{1,3}|[a-z]+ \d{1,3}")
TITLES = frozenset(
    "don dona dr dra doctor doctora sr sra srta senor senora senorita mr mrs ms miss lic ing prof profesor profesora".split()
)
NEARLY_ALL = 0.9  # of what unknown speakers say: the one who says so much is the respondent


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: the role, and the person of the register where that is known."""

    role: Role
    participant_id: str = ""
    candidates: tuple[str, ...] = ()  # where the person is not known: who of the register may be meant
    is_guess: bool = False  # the register does not have the name as it is spelt here


@dataclass(frozen=True, slots=True)
class SpeakerMap:
    """What registers and settings say of speakers, for one file."""

    given: Mapping[str, str]
    interviewers: tuple[str, ...]
    people: tuple[Participant, ...]
    expected: tuple[str, ...]
    names: NameRegister
    _found: dict[str, Speaker | None] = field(default_factory=dict)

    def knows(self, label: str) -> bool:
        """Whether the label is a speaker's for certain."""
        name = core(label)
        return self.find(label) is not None or answers(name) or self.names.has(label)

    def asks(self, name: str) -> bool:
        """Whether the folded name is an interviewer's, by the settings or by the word itself."""
        words = _without_number(name)
        return words in ASKING_ALONE or words.split(" ")[0] in ASKING or name in self.interviewers

    def find(self, label: str) -> Speaker | None:
        """Who the label is by what is known for certain, if anybody."""
        if label not in self._found:
            self._found[label] = self._find(label)
        return self._found[label]

    def _find(self, label: str) -> Speaker | None:
        name = core(label)
        given = self.given.get(fold(label)) or self.given.get(name)
        if given:
            role = GIVEN_ROLES.get(given.upper())
            return Speaker(role) if role else Speaker(Role.RESPONDENT, given)
        if not name or self.asks(name):
            return Speaker(Role.INTERVIEWER) if name else None
        if (match := find_person(label, self.names, among=self.expected)).participant_id:
            return Speaker(Role.RESPONDENT, match.participant_id, is_guess=match.is_guess)
        if any(is_called(name, full) for full in self.interviewers):
            return Speaker(Role.INTERVIEWER)
        # Where a file names its people, one word is not enough to mean somebody else.
        match = NOBODY if self.expected and " " not in name else find_person(label, self.names)
        return Speaker(Role.RESPONDENT, match.participant_id, is_guess=match.is_guess) if match.participant_id else None


def speaker_map(entry: SourceEntry, people: tuple[Participant, ...], interviewers: Iterable[str]) -> SpeakerMap:
    """The SpeakerMap of one file."""
    given = {fold(label): person for label, person in entry.speakers}
    return SpeakerMap(given, tuple(map(fold, interviewers)), people, entry.participant_ids, NameRegister(people))


def answers(name: str) -> bool:
    """Whether the folded name is a word for whoever answers."""
    return _without_number(name) in ANSWERING


def _without_number(name: str) -> str:
    return re.sub(r"\s*\d{1,3}$", "", name)


def is_called(name: str, full: str) -> bool:
    """Whether a label may stand for a full name: its words are among the name's, in order; an initial may stand for one."""
    words = [word for word in name.split() if word not in TITLES]
    if not words or all(len(word) == 1 for word in words):
        return name == full
    rest = iter(full.split())
    return all(any(word == n or (len(word) == 1 and n.startswith(word)) for n in rest) for word in words)


@dataclass(frozen=True, slots=True)
class SpeakerStats:
    """How much a label says and how often it asks: what a guess can be made from."""

    words: int
    questions: int
    turns: int


def resolve(labels: Mapping[str, SpeakerStats], speakers: SpeakerMap) -> tuple[dict[str, Speaker], tuple[str, ...]]:
    """Who each label of a file is, and notes on what was guessed, doubtful or unknown (counts, never names)."""
    heads = _heads(labels, speakers)
    heard = {
        head: _together(labels[label] for label, of in heads.items() if of == head) for head in set(heads.values())
    }
    known, notes = _roles(dict(sorted(heard.items())), speakers)
    if notes:
        notes.append(NAME_THEM)
    notes += _spellings(labels, heads, known)
    notes += _strangers(known, speakers)
    return {label: _with_candidates(label, known[head], speakers) for label, head in heads.items()}, tuple(notes)


def _with_candidates(label: str, speaker: Speaker, speakers: SpeakerMap) -> Speaker:
    """A speaker whom nobody could identify, with the people of the register whom the label may mean."""
    is_declared = fold(label) in speakers.given or core(label) in speakers.given
    if speaker.participant_id or speaker.role is Role.INTERVIEWER or is_declared:
        return speaker
    match = find_person(label, speakers.names)
    return replace(speaker, candidates=match.candidates)


def _heads(labels: Mapping[str, SpeakerStats], speakers: SpeakerMap) -> dict[str, str]:
    """Each label with the one that stands for all spellings of the same unknown speaker: Ana and ANA, AP and Ana Paz."""
    longest_first = sorted(labels, key=lambda label: (-len(core(label)), label))
    heads: dict[str, str] = {}
    for label in longest_first:
        same = [head for head in dict.fromkeys(heads.values()) if _is_same(core(label), core(head))]
        known = speakers.find(label) is not None
        heads[label] = same[0] if len(same) == 1 and not known else label
    return heads


def _is_same(name: str, full: str) -> bool:
    words = [word for word in full.split() if word not in PARTICLES and word not in TITLES]
    initials = "".join(word[0] for word in words)
    is_short = len(words) > 1 and name.replace(" ", "") == initials
    return name == full or is_short or (len(words) > 1 and name.split()[:1] == words[:1] and is_called(name, full))


def _together(heard: Iterable[SpeakerStats]) -> SpeakerStats:
    parts = list(heard)
    return SpeakerStats(sum(p.words for p in parts), sum(p.questions for p in parts), sum(p.turns for p in parts))


def _roles(heard: Mapping[str, SpeakerStats], speakers: SpeakerMap) -> tuple[dict[str, Speaker], list[str]]:
    known = {label: found for label in heard if (found := _known(label, heard, speakers))}
    unknown = [label for label in heard if label not in known]
    notes: list[str] = []
    if unknown and not any(speaker.role is Role.INTERVIEWER for speaker in known.values()):
        asking = _who_asks(heard, unknown)
        if asking:
            known[asking] = Speaker(Role.INTERVIEWER)
            unknown.remove(asking)
            notes.append("who interviews is a guess")
        elif len(heard) > 1:
            notes.append("nobody could be told to be the interviewer")
    if unknown:
        people = {label: heard[label].words for label in unknown}
        known |= _unknown(people, known, speakers, notes)
    return known, notes


def _known(label: str, labels: Iterable[str], speakers: SpeakerMap) -> Speaker | None:
    others = {_without_number(core(other)).rpartition(" ")[2] for other in labels if other != label}
    is_given = fold(label) in speakers.given or core(label) in speakers.given
    if not is_given and PAIRS.get(core(label), set()) & others:
        return Speaker(Role.INTERVIEWER)
    return speakers.find(label)


def _who_asks(heard: Mapping[str, SpeakerStats], unknown: Sequence[str]) -> str:
    """The unknown label that puts most of the questions and says no more than its share, or none."""
    if len(heard) < 2:
        return ""
    share = {label: h.questions / max(1, h.turns) for label, h in heard.items()}
    candidates = [label for label in unknown if not answers(core(label))] or list(unknown)
    if len(candidates) == 1 and len(unknown) > 1:
        return candidates[0]
    most = max(candidates, key=lambda label: (share[label], -heard[label].words, label))
    words = sum(h.words for h in heard.values())
    others = max(value for label, value in share.items() if label != most)
    return most if share[most] > others and heard[most].words <= words / len(heard) else ""


def _unknown(
    said: Mapping[str, int], known: Mapping[str, Speaker], speakers: SpeakerMap, notes: list[str]
) -> dict[str, Speaker]:
    """Speakers whom no register names: respondents where they can be nothing else, other where they may be anybody."""
    found = {speaker.participant_id for speaker in known.values()}
    missing = [person for person in speakers.expected if person not in found]
    nobody_yet = not any(speaker.role is Role.RESPONDENT for speaker in known.values())
    main = max(said, key=lambda label: (said[label], label))
    if len(said) <= len(missing) or (nobody_yet and len(said) == 1):
        respondents = set(said)
    elif nobody_yet and said[main] >= NEARLY_ALL * sum(said.values()):
        respondents = {main}
    else:
        respondents = {label for label in said if answers(core(label)) or CODE.fullmatch(core(label))}
    person = missing[0] if len(missing) == len(respondents) == 1 else ""
    if respondents and not person:
        notes.append(f"in no register: {len(respondents)} of those who answer")
    if len(respondents) < len(said):
        notes.append(f"unknown, and their words not counted: {len(said) - len(respondents)} speakers")
    return {label: Speaker(Role.RESPONDENT, person) if label in respondents else Speaker(Role.OTHER) for label in said}


def _spellings(labels: Iterable[str], heads: Mapping[str, str], known: Mapping[str, Speaker]) -> list[str]:
    """How many spellings the same speaker has, where there is more than one."""
    who = {label: known[heads[label]].participant_id or heads[label] for label in labels}
    ways = Counter(person for person, _ in {(person, core(label)) for label, person in who.items()})
    spelt = Counter(count for count in ways.values() if count > 1)
    return [f"spelt in {count} ways: {times} of the speakers" for count, times in sorted(spelt.items())]


def _strangers(known: Mapping[str, Speaker], speakers: SpeakerMap) -> list[str]:
    """Ids that raw/sources.csv gives and raw/participants.csv does not have."""
    register = {person.participant_id for person in speakers.people}
    named = {speaker.participant_id for speaker in known.values()} | set(speakers.expected)
    missing = len(named - register - {""})
    return [f"{missing} participant ids are not in raw/participants.csv"] if missing and register else []
