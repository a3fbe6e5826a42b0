"""Who a label is: interviewer or respondent, and which person of the register."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.ingest.labels import core, fold
from pipeline.records import Participant, Role, SourceEntry

INTERVIEWER = "INTERVIEWER"
NAME_THEM = "name who speaks in raw/sources.csv, column speakers"
# Words of es, en, fr and pt, folded. A number may follow.
ASKING = frozenset(
    """entrevistador entrevistadora entrevistadores entrevistadoras entrevistador a entrevistadora or entrevistadore
    interviewer interviewers int interv moderador moderadora moderator mod facilitador facilitadora facilitator
    investigador investigadora researcher evaluador evaluadora evaluator encuestador encuestadora pesquisador pesquisadora
    avaliador avaliadora enqueteur enquetrice intervieweur intervieweuse animateur animatrice chercheur chercheuse
    evaluateur evaluatrice question pregunta pergunta probe probe aplicado sondeo repregunta follow up consultor consultora
    consultant entrevistador principal lead interviewer""".split()
) | {
    "entrevistador a",
    "entrevistadora or",
    "entrevistador as",
    "probe aplicado",
    "follow up",
    "lead interviewer",
    "investigador a",
}
ANSWERING = frozenset(
    """entrevistado entrevistada entrevistados entrevistadas respondent respondente interviewee informante informant
    participante participant part repondant repondante enquete enquetee interviewe interviewee respuesta answer resposta
    reponse testigo invitado invitada guest""".split()
) | {"entrevistado a", "persona entrevistada", "persona participante"}
# A single letter that asks, where another that answers stands beside it.
PAIRS = {"p": {"r"}, "q": {"a", "r"}, "i": {"r", "p"}, "e": {"r", "p", "i"}, "m": {"p", "r"}}
CODE = re.compile(r"(?:[a-z]|[a-z]{1,3} ?\d{1,3}|[a-z]+ \d{1,3})")
TITLES = frozenset(
    "don dona dr dra doctor doctora sr sra srta senor senora senorita mr mrs ms miss lic ing prof profesor profesora".split()
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: role, person of the register if known, and whether that is a guess."""

    role: Role
    participant_id: str = ""


@dataclass(frozen=True, slots=True)
class SpeakerMap:
    """What the registers and the settings say of speakers, for one file."""

    given: Mapping[str, str]
    interviewers: tuple[str, ...]
    people: tuple[Participant, ...]
    expected: tuple[str, ...]
    _names: dict[str, str] = field(default_factory=dict)

    def knows(self, label: str) -> bool:
        """Whether the label is a speaker's for certain."""
        name = core(label)
        return bool(name) and (
            fold(label) in self.given
            or name in self.given
            or self.asks(name)
            or answers(name)
            or bool(self.person(name))
        )

    def asks(self, name: str) -> bool:
        """Whether the folded name is an interviewer's, by the settings or by the word itself."""
        return _without_number(name) in ASKING or any(is_called(name, full) for full in self.interviewers)

    def person(self, name: str) -> str:
        """The one person of the register called so, among those named for the file, else among all; empty if none or several."""
        if name not in self._names:
            self._names[name] = self._find(name)
        return self._names[name]

    def _find(self, name: str) -> str:
        here = [person for person in self.people if person.participant_id in self.expected]
        for people in (here, self.people):
            exact = {p.participant_id for p in people if name in map(fold, (p.participant_id, *p.names))}
            near = exact or {p.participant_id for p in people if any(is_called(name, fold(full)) for full in p.names)}
            if len(near) == 1:
                return near.pop()
        return ""


def speaker_map(entry: SourceEntry, people: tuple[Participant, ...], interviewers: Iterable[str]) -> SpeakerMap:
    """The SpeakerMap of one file."""
    given = {fold(label): person for label, person in entry.speakers}
    return SpeakerMap(given, tuple(map(fold, interviewers)), people, entry.participant_ids)


def answers(name: str) -> bool:
    """Whether the folded name is a word for whoever answers."""
    return _without_number(name) in ANSWERING


def _without_number(name: str) -> str:
    return re.sub(r"\s*\d{1,3}$", "", name)


def is_called(name: str, full: str) -> bool:
    """Whether a label may stand for a full name: its words are among those of the name, in order; an initial may stand for one."""
    words, names = [w for w in name.split() if w not in TITLES], full.split()
    if not words or all(len(word) == 1 for word in words):
        return name == full
    rest = iter(names)
    return all(any(word == n or (len(word) == 1 and n.startswith(word)) for n in rest) for word in words)


@dataclass(frozen=True, slots=True)
class Heard:
    """How much a label says and how often it asks: what a guess can be made from."""

    words: int
    questions: int
    turns: int


def resolve(labels: Mapping[str, Heard], speakers: SpeakerMap) -> tuple[dict[str, Speaker], tuple[str, ...]]:
    """Who each label of a file is, and notes on what was guessed, doubtful or unknown (counts, never names)."""
    known = {label: found for label in labels if (found := _known(label, labels, speakers))}
    unknown = [label for label in labels if label not in known]
    notes: list[str] = []
    if unknown and not any(s.role is Role.INTERVIEWER for s in known.values()):
        asking = _who_asks({label: labels[label] for label in unknown}, alone=len(labels) == 1)
        if asking:
            known[asking] = Speaker(Role.INTERVIEWER)
            unknown.remove(asking)
            notes.append(f"the interviewer is a guess: who asks most and says least; {NAME_THEM}")
    known |= _unknown(unknown, known, speakers, notes)
    notes += _spellings(known)
    return known, tuple(notes)


def _known(label: str, labels: Iterable[str], speakers: SpeakerMap) -> Speaker | None:
    name = core(label)
    given = speakers.given.get(fold(label)) or speakers.given.get(name)
    if given:
        return Speaker(Role.INTERVIEWER) if given.upper() == INTERVIEWER else Speaker(Role.RESPONDENT, given)
    if speakers.asks(name) or PAIRS.get(name, set()) & {
        _without_number(core(other)) for other in labels if other != label
    }:
        return Speaker(Role.INTERVIEWER)
    person = speakers.person(name)
    return Speaker(Role.RESPONDENT, person) if person else None


def _who_asks(labels: Mapping[str, Heard], *, alone: bool) -> str:
    """The label that puts most of the questions and says less than its share, or none."""
    if alone or len(labels) < 2:
        return ""
    share = {label: heard.questions / max(1, heard.turns) for label, heard in labels.items()}
    most = max(share, key=lambda label: (share[label], -labels[label].words, label))
    words = sum(heard.words for heard in labels.values())
    others = max(value for label, value in share.items() if label != most)
    return most if share[most] > others and labels[most].words <= words / len(labels) else ""


def _unknown(
    unknown: Sequence[str], known: Mapping[str, Speaker], speakers: SpeakerMap, notes: list[str]
) -> dict[str, Speaker]:
    """Speakers whom no register names: respondents where they can be nothing else, other where they may be anybody."""
    found = {speaker.participant_id for speaker in known.values()}
    missing = [person for person in speakers.expected if person not in found]
    names = {core(label) for label in unknown}
    nobody_yet = not any(speaker.role is Role.RESPONDENT for speaker in known.values())
    is_only_one = len(names) == 1 and nobody_yet
    if is_only_one or (len(names) == 1 and len(missing) == 1):
        person = missing[0] if len(missing) == 1 else ""
        if not person:
            notes.append("the respondent is in no register")
        return dict.fromkeys(unknown, Speaker(Role.RESPONDENT, person))
    coded = {label for label in unknown if answers(core(label)) or CODE.fullmatch(core(label))}
    respondents = set(unknown) if missing and len(names) <= len(missing) else coded
    others = [label for label in unknown if label not in respondents]
    if respondents:
        notes.append(f"{_persons(respondents)} respondents are in no register: {NAME_THEM}")
    if others:
        notes.append(f"{_persons(others)} speakers are unknown and not counted: {NAME_THEM}")
    return {label: Speaker(Role.RESPONDENT if label in respondents else Role.OTHER) for label in unknown}


def _persons(labels: Iterable[str]) -> int:
    return len(set(map(core, labels)))


def _spellings(known: Mapping[str, Speaker]) -> list[str]:
    people: Counter[str] = Counter(speaker.participant_id for speaker in known.values() if speaker.participant_id)
    asking = len({core(label) for label, speaker in known.items() if speaker.role is Role.INTERVIEWER})
    spelt = [count for count in people.values() if count > 1]
    notes = [f"one speaker is spelt in {count} ways" for count in sorted(spelt)]
    return [*notes, f"{asking} labels are interviewers'"] if asking > 1 else notes
