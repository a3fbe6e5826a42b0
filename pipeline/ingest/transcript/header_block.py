"""The lines of a form at the beginning of a file (Date: 3 May), and what they say of who speaks (Interviewer: Ana)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from typing import NamedTuple

from pipeline.ingest.transcript.marked_questions import is_question
from pipeline.ingest.transcript.roles import is_called, without_number
from pipeline.ingest.transcript.speaker_labels import Label, core, fold, looks_like_name
from pipeline.people import ANSWERING, ASKING, ASKING_ALONE
from pipeline.records import Reading, Span
from pipeline.vocabulary import SPOKEN, Part, Role

LOOKED_AT = 40  # lines at the beginning that may hold a form
LONGEST_TITLE = 80  # of a line without a colon among the form's
SEPARATOR = re.compile(r"[:=：|]")
LONGEST_KEY = 45
LONGEST_LEGEND = 160
LONGEST_LABEL = 40
LINES_BELOW = 500  # in which the label of a speaker comes again
END_OF_LABEL = re.compile(r"[:：\n*_\])}\t]|\s{2,}|[\s.][-–—]")
FIGURES = re.compile(r"\d+")
LABELLED = 0.4  # of the paragraphs, at least, where one without a label may be a header
FIRST_WORDS = 4  # of a paragraph, by which it is compared
LEAST_WORDS = 2  # of a title with a number, such as Interview 2
LEAST_FORM = 3  # lines of a form that comes again
LEAST_LINES = 2  # that make a form, where none is a field and none names somebody who speaks below
COUNTED = re.compile(
    r"[#*_ \t]*(?P<word>interview(?:ee)?|entrevista(?:d[oa])?|entretien|enqu[eê]t[eé]e?|participante?|respondente?|informante?"
    r"|encuestad[oa]|usuario|user|persona?|personne|pessoa)[ \t]*(?:n[.°º]*|no\.|#)?[ \t]*"
    r"(?P<number>\d{1,2})(?!\d|[.]\d)[*_ \t]*(?:[:.–—-].*)?$",
    re.IGNORECASE,
)
LEGEND = re.compile(
    r"(?:^|[,;/]\s*|\s{2,})[\[(*_]{0,3}(?P<key>[^\W\d_]{1,3}\d{0,2})[\])*_]{0,3}\s*"
    r"(?:[=:–—-]|stands for|steht für)\s*(?P<value>[^,;=\t\[\n]{2,40})"
)
RULE = "---"  # around the front matter of a Markdown file
YAML = re.compile(r"[\w][\w .-]*:(?:\s|$)|[-#] ")
IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,30})[)\]]")
BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
AND = re.compile(r"\s*(?:[,;/&]|\b(?:y|and|et|e|und|with|con|avec|com|mit)\b)\s*")
NAME_OF = re.compile(
    r"^(?:nombres?|nome|name|nom)(?: complet[eo]?)?(?: (?:del|de la|de l|de|do|da|of the|of))? "
)  # who has a role
# First words of a form's fields (es, en, fr, pt, de), folded.
FIELDS = frozenset(
    """fecha date datum data lugar place ort local lieu hora hour time uhrzeit heure codigo code id duracion duration dauer duree
    duracao idioma language sprache langue modalidad edad age alter idade sexo genero gender geschlecht profesion occupation beruf
    ocupacion proyecto project archivo file audio transcriptor transcrito transcripcion transcribed transcription transcript
    location medium title titulo titre topic tema theme thema organisation organization organizacion cargo position ubicacion
    comunidad municipio pais country contact contacto interview entrevista session sesion study estudio version recording grabacion
    recorded transkribiert interviewdatum aufnahme dateiname notas notes observaciones format formato start end inicio fin
    puesto compania funcao fonction poste entreprise negocio
    ocupacao profissao ciudad city region area departamento provincia distrito
    nivel level experience experiencia status consent consentimiento reference referencia number numero source fuente link url
    group grupo seudonimo pseudonym institution institucion empresa company department perfil profile""".split()
)
DONE_BY = frozenset(
    """entrevisto entrevistado por|entrevistada por|realizada por|realizado por|aplicada por|conducida por|moderado por|moderada por
    |interviewed by|conducted by|interview by|moderated by|facilitated by|gefuhrt von|interviewt von|realise par|mene par
    |conduzida por|entrevistou|modero|modera|facilito|facilita|entrevista a cargo de""".replace("\n", " ").split("|")
) | {"entrevisto"}
GERMAN = {"befragte", "befragter", "befragten", "interviewte", "interviewter", "interviewpartner", "interviewpartnerin"}
GREETINGS = frozenset(
    "hello hi hola hey yes no ok okay si buenos buenas good bonjour oui ola bom gracias thanks bien".split()
)


@dataclass(frozen=True, slots=True)
class Header:
    """Which spans are the header's, and the roles that it gives: folded name, initials or code -> role."""

    spans: frozenset[int] = frozenset()
    roles: Mapping[str, Role] = field(default_factory=dict)
    has_interviewee: bool = False  # a field says who is interviewed, by name or not

    def without(self, reading: Reading) -> Reading:
        """The reading with the header's lines as front matter."""
        if not self.spans:
            return reading
        spans = tuple(
            span._replace(part=Part.FRONT) if number in self.spans else span
            for number, span in enumerate(reading.spans)
        )
        return replace(reading, spans=spans)


PRESENT = frozenset(
    "participantes participants presentes present speakers attendees personas asistentes people teilnehmer".split()
)
NAMED_ROLE = re.compile(r"(?P<name>[^\W\d_][^(),;:\n]{1,50}?)\s*\((?P<role>[^()]{2,60})\)")


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    key: str
    value: str


class _Legend(NamedTuple):
    """The line of a legend and the role that it gives to each folded code."""

    number: int
    roles: Mapping[str, Role]


def header_of(reading: Reading) -> Header:
    """The form at the beginning of a transcript; nothing if it has none."""
    if any(span.speaker for span in reading.spans[:LOOKED_AT]):
        return Header()
    if front := _front_matter(reading):
        return _without_front_matter(reading, front)
    entries, legends = _entries(reading)
    if not entries and not legends:
        return Header()
    later = _later_labels(reading)
    form = _form_of(entries, later)
    if not _is_whole(form, entries, later):
        form = _Form()
    lines = _between(reading, form.lines) | {legend.number for legend in legends}
    if form.lines and _is_of_interview(entries):
        lines |= set(range(max(form.lines)))  # titles, a biography: nobody speaks before the form
    return Header(frozenset(lines), form.roles | _of_legends(legends), has_interviewee=form.has_interviewee)


def _is_whole(form: "_Form", entries: Sequence[_Entry], later: Set[str]) -> bool:
    """Whether the lines are a form: several, a field, names that are labels below, or one that says who asks and is no label."""
    names_somebody = any(is_called(label, name) for label in later for name in form.roles)
    if form.fields or len(form.lines) >= LEAST_LINES or names_somebody:
        return True
    is_label = any(core(entry.key) in later for entry in entries if entry.number in form.lines)
    return bool(later) and not is_label and Role.RESPONDENT not in form.roles.values()


def _front_matter(reading: Reading) -> range:
    """The lines between the two rules `---` at the beginning of a file, if all of them are of YAML; no lines otherwise."""
    words = [reading.text[span.start : span.end] for span in reading.spans[:LOOKED_AT]]
    if words[:1] != [RULE] or RULE not in words[1:]:
        return range(0)
    end = words.index(RULE, 1)
    inside = zip(reading.spans[1:end], words[1:end], strict=True)
    is_yaml = all(YAML.match(line) or reading.text[span.start - 1] in " \t" for span, line in inside)
    return range(end + 1) if is_yaml and end > 1 else range(0)


def _without_front_matter(reading: Reading, front: range) -> Header:
    """The front matter, the form below it, and the roles that both give."""
    entries = [_entry(n, reading.text[reading.spans[n].start : reading.spans[n].end]) for n in front]
    by_value = {core(entry.key): role for entry in entries if entry and (role := role_of_key(fold(entry.value)))}
    form = _form_of([entry for entry in entries if entry and core(entry.key) not in by_value], frozenset())
    rest = header_of(replace(reading, spans=reading.spans[front.stop :]))
    return Header(frozenset(front) | {front.stop + n for n in rest.spans}, dict(rest.roles) | form.roles | by_value)


@dataclass(slots=True)
class _Form:
    """The lines of a form so far, how many are fields such as `Date: 3 May`, and the roles that they give."""

    lines: list[int] = field(default_factory=list)
    fields: int = 0
    roles: dict[str, Role] = field(default_factory=dict)
    has_interviewee: bool = False

    def take(self, entry: _Entry, roles: Mapping[str, Role], *, is_field: bool) -> None:
        """Add a line; what an earlier line says of somebody takes precedence."""
        self.lines.append(entry.number)
        self.has_interviewee |= role_of_key(core(entry.key)) is Role.RESPONDENT and entry.value != ""
        self.fields += is_field
        self.roles = dict(roles) | self.roles


def _form_of(entries: Sequence[_Entry], later: Set[str]) -> _Form:
    """The form that the entries make, up to the first that is the label of a speaker: such labels come again `later`."""
    form = _Form()
    for entry in entries:
        first_word = fold(entry.key).split(" ")[0]
        is_label = core(entry.key) in later
        by_name = _names_with_roles(entry.value) if first_word in PRESENT else {}
        if role := role_of_key(core(entry.key)):
            names = _names(entry.value)
            if not names and (is_label or entry.value.rstrip()[-1:] in "?!."):
                break
            form.take(entry, dict.fromkeys(names, role) | by_name, is_field=bool(by_name))
        elif first_word in FIELDS | PRESENT:
            form.take(entry, by_name, is_field=True)
        elif is_label:
            break
    if Role.INTERVIEWER in form.roles.values():
        form.roles = dict.fromkeys(_present(entries, form.lines), Role.RESPONDENT) | form.roles
    return form


def _present(entries: Sequence[_Entry], lines: Sequence[int]) -> list[str]:
    """The names in the fields of the form that say who was there."""
    fields = [entry for entry in entries if entry.number in lines and fold(entry.key).split(" ")[0] in PRESENT]
    return list(chain.from_iterable(_names(entry.value) for entry in fields))


@dataclass(frozen=True, slots=True)
class LaterHeaders:
    """The spans of headers that come again in the middle of a file, as where several interviews follow each other."""

    spans: frozenset[int] = frozenset()
    count: int = 0

    def without(self, reading: Reading) -> Reading:
        """The reading with these paragraphs as parts of headers, no longer as text that somebody may speak."""
        return Header(self.spans).without(reading)


def later_headers(reading: Reading, labels: Sequence[Label | None]) -> LaterHeaders:
    """Paragraphs without a label that begin as one before the first label does, and those from there to the next label."""
    first = next((number for number, label in enumerate(labels) if label), 0)
    if sum(label is not None for label in labels) < LABELLED * (len(labels) - first):
        return LaterHeaders()
    beginnings = {_beginning(reading, span) for span in reading.spans[:first]} - {""}
    spans: set[int] = set()
    count = 0
    is_header = False
    for number in range(first, len(labels)):
        begins = labels[number] is None and not is_header and _beginning(reading, reading.spans[number]) in beginnings
        is_header = labels[number] is None and (is_header or begins)
        count += begins
        spans |= {number} if is_header else set()
    return LaterHeaders(frozenset(spans), count)


def repeated_forms(reading: Reading) -> Header:
    """The forms of a file that has one for each of several interviews, and the roles that they give; nothing if it has one."""
    forms = _forms(reading)
    if len(forms) < 2:
        return Header()
    spans = frozenset(chain.from_iterable(forms))
    words = {n: reading.text[reading.spans[n].start : reading.spans[n].end] for n in sorted(spans)}
    entries = [entry for n in words if (entry := _entry(n, words[n]))]
    return Header(spans, _form_of(entries, frozenset()).roles)


def _forms(reading: Reading) -> list[range]:
    """The forms of a file: lines on end that say who asks or answers, with a date or place among them."""
    forms: list[range] = []
    start = 0
    keys = [_key_of_form(reading, span) for span in reading.spans]
    for is_form, on_end in groupby(keys, key=bool):
        stop = start + len(list(on_end))
        roles = {role_of_key(key) for key in keys[start:stop]}
        if is_form and stop - start >= LEAST_FORM and len(roles) > 1 and None in roles:
            forms.append(range(start, stop))
        start = stop
    return forms


def _key_of_form(reading: Reading, span: Span) -> str:
    """The folded key of a line of a form, of which the value is no question; nothing if it is none."""
    entry = _entry(0, reading.text[span.start : span.end]) if span.end - span.start <= LONGEST_LEGEND else None
    if entry is None or span.part not in SPOKEN or "?" in entry.value or not entry.value:
        return ""
    key = core(entry.key)
    return key if key.split(" ")[0] in FIELDS or role_of_key(key) else ""


def holds_several(reading: Reading) -> bool:
    """Whether titles count interviews or persons: *Interview 1*, and further below *Interview 2*."""
    return bool(counting_titles(reading))


def counting_titles(reading: Reading) -> frozenset[int]:
    """The spans of titles that count interviews or persons, where there are several."""
    numbers: dict[str, dict[int, str]] = {}
    for number, span in enumerate(reading.spans):
        match = COUNTED.match(reading.text, span.start, span.end) if span.end - span.start <= LONGEST_TITLE else None
        if match and not is_question(reading.text[span.start : span.end]):
            numbers.setdefault(fold(match["word"]), {})[number] = match["number"]
    several = (counted for counted in numbers.values() if len(set(counted.values())) > 1)
    return frozenset(chain.from_iterable(several))


def _beginning(reading: Reading, span: Span) -> str:
    """The first words of a paragraph, figures as # and without names of people; nothing if they are too few, or a question."""
    if span.part is Part.MARKUP or is_question(reading.text[span.start : span.end]):
        return ""
    words = fold(FIGURES.sub("0", reading.text[span.start : min(span.end, span.start + 90)])).split(" ")
    if not any(word.isalpha() for word in words):
        return ""
    if len(words) > 1 and words[1] == "0":  # Interview 2: at the market
        return " ".join(words[:2])
    is_title = len(words) == LEAST_WORDS and "0" in words
    return " ".join(words[:FIRST_WORDS]) if is_title or len(words) > LEAST_WORDS else ""


def role_of_key(key: str) -> Role | None:
    """Who a folded word of a form or a legend names, if it does."""
    words = NAME_OF.sub("", without_number(key))
    if words in DONE_BY or words in ASKING or words.split(" ")[0] in ASKING or words in ASKING_ALONE - {"question"}:
        return Role.INTERVIEWER
    return Role.RESPONDENT if words in ANSWERING or words in GERMAN else None


def _entries(reading: Reading) -> tuple[list[_Entry], list[_Legend]]:
    """The `key: value` lines and legends at the beginning, up to the first line that is neither these nor a short title.

    Where a text such as a biography precedes the form, those below it: a form that names who asks and who answers.
    """
    blocks = _blocks(reading)
    of_form = next((block for block in blocks if _is_of_interview(block.entries)), blocks[0])
    return of_form.entries, of_form.legends


@dataclass(slots=True)
class _Block:
    """Lines on end that may be of a form."""

    entries: list[_Entry] = field(default_factory=list)
    legends: list[_Legend] = field(default_factory=list)


def _blocks(reading: Reading) -> list[_Block]:
    """The blocks at the beginning of a file, with a longer text or a question between two of them."""
    blocks = [_Block()]
    for number, span in enumerate(reading.spans[:LOOKED_AT]):
        words = reading.text[span.start : min(span.end, span.start + 260)]
        if codes := _legend(words):
            blocks[-1].legends.append(_Legend(number, codes))
        elif span.part not in SPOKEN:
            continue
        elif entry := _entry(number, words):
            blocks[-1].entries.append(entry)
        elif len(words) > LONGEST_TITLE or words[-1] in "?":
            blocks.append(_Block())
    return blocks


def _is_of_interview(entries: Sequence[_Entry]) -> bool:
    """Whether a form names who asks, and who answers, or date and place."""
    roles = {role_of_key(core(entry.key)) for entry in entries if _names(entry.value)}
    fields = sum(fold(entry.key).split(" ")[0] in FIELDS for entry in entries)
    return Role.INTERVIEWER in roles and (Role.RESPONDENT in roles or fields >= LEAST_LINES)


def _entry(number: int, words: str) -> _Entry | None:
    """A line such as `**Date:** 3 May` with its key and its value, if it is one."""
    plain = words.lstrip(" \t>*_|#•·-")
    sign = SEPARATOR.search(plain, 0, LONGEST_KEY + 4)
    key = plain[: sign.start()].rstrip(" *_\t") if sign else ""
    if sign is None or not key or not key[0].isalnum() or plain.startswith("//", sign.end()):
        return None
    return _Entry(number, key, plain[sign.end() :].strip(" *_\t|\\"))


def is_field(words: str) -> bool:
    """Whether a line is a field of a form, such as `Duration: 12 minutes`."""
    entry = _entry(0, words) if len(words) <= LONGEST_LEGEND else None
    return entry is not None and (fold(entry.key).split(" ")[0] in FIELDS or core(entry.key) in DONE_BY)


def _legend(words: str) -> dict[str, Role]:
    """The codes of a legend, `I = Interviewer, B = Befragte`, with their meaning; the line holds nothing else."""
    if len(words) > LONGEST_LEGEND:
        return {}
    meanings = {fold(m["key"]): fold(m["value"]).strip() for m in LEGEND.finditer(words)}
    roles = {key: role for key, value in meanings.items() if (role := role_of_key(value))}
    is_speech = len(meanings) == 1 and ":" in words and "=" not in words and words.count(" ") > 3
    if not roles or is_speech:
        return {}
    if len(meanings) == 2:
        other_role = Role.RESPONDENT if Role.INTERVIEWER in roles.values() else Role.INTERVIEWER
        return dict.fromkeys(meanings, other_role) | roles
    return roles


def _of_legends(legends: Sequence[_Legend]) -> dict[str, Role]:
    return {code: role for legend in legends for code, role in legend.roles.items()}


def _names(value: str) -> list[str]:
    """The folded names, initials and codes in the value of a field; none if it is speech rather than a name."""
    plain_value = BRACKETS.sub(" ", value)
    if value.rstrip()[-1:] in "?!" or len(plain_value) > 90:
        return []
    codes = [fold(code) for code in IN_BRACKETS.findall(value) if looks_like_name(code)]
    names: list[str] = []
    for name in AND.split(plain_value):
        plain = name.strip(" .,*_")
        if not plain:
            continue
        if not looks_like_name(plain) or len(plain.split()) > 5 or fold(plain).split(" ")[0] in GREETINGS:
            return codes if names or codes else []
        names.append(fold(plain))
    return names + codes


def _names_with_roles(value: str) -> dict[str, Role]:
    """The names of `Ana Rojas (interviewer), Luis Vega (teacher)`, with their first names, where one of them asks."""
    pairs = [(re.sub(r"^(?:y|and|et|e|und)\s+", "", m["name"].strip()), m["role"]) for m in NAMED_ROLE.finditer(value)]
    roles = {fold(name): role_of_key(fold(role)) for name, role in pairs}
    if Role.INTERVIEWER not in roles.values():
        return {}
    return {name: role or Role.RESPONDENT for name, role in roles.items()}


def _later_labels(reading: Reading) -> frozenset[str]:
    """The folded words before a colon, in bold or alone on a line, that come more than once after the beginning."""
    written = Counter(
        _before_sign(reading.text[span.start : min(span.end, span.start + 90)]) for span in reading.spans[:LINES_BELOW]
    )
    folded: Counter[str] = Counter()
    for name, count in written.items():
        if 0 < len(name) <= LONGEST_LABEL:
            folded[core(name)] += count
    return frozenset(name for name, count in folded.items() if count > 1)


def _before_sign(words: str) -> str:
    plain = words.lstrip("#*_->[({ \t")
    sign = END_OF_LABEL.search(plain, 0, LONGEST_LABEL + 3)
    return plain[: sign.start()] if sign else plain


def _between(reading: Reading, lines: Sequence[int]) -> set[int]:
    """The lines of the form and short ones between them."""
    if not lines:
        return set()
    return {
        number
        for number in range(lines[0], lines[-1] + 1)
        if reading.spans[number].part in SPOKEN and reading.spans[number].part is not Part.HEADING
    }
