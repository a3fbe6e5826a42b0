"""Sections of a page in which nobody speaks: its methods, the guide, a conclusion, requirements, references."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import NamedTuple

from pipeline.ingest.transcript.layout_engine import is_unspoken
from pipeline.ingest.transcript.marked_questions import is_question, level_of
from pipeline.ingest.transcript.speaker_labels import core, fold
from pipeline.records import Reading, Span
from pipeline.vocabulary import Part

LONGEST_TITLE = 60
MOST_SPACES = 6  # of a title that is no heading
NUMBER = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*[.)]?|[IVX]{1,4}[.)])\s+")
LABEL = re.compile(r"[^\w\n]{0,6}(?P<name>\w[^\n:：*_\])>=]{0,39}?)[*_\])>]{0,4}\s?[:：]")
LEAST_QUESTIONS = 3  # of a guide
NEARLY_ALL = 0.8  # of the paragraphs of a guide ask

# Words with which titles begin (es, en, pt, fr), folded. Sections that hold neither questions nor labels:
SILENT = frozenset(
    """methodology method methods metodologia metodo metodos methodologie methode introduction introduccion introducao
    consent consentimiento consentimento consentement objective objectives objetivo objetivos objectif objectifs cronograma
    schedule calendrier contents indice sumario sommaire copyright citation rastreabilidade trazabilidad traceability
    participants participantes""".split()
) | {"informed consent", "termo de consentimento", "table of contents", "about the interview", "sobre la entrevista"}
CLOSING = frozenset(
    """conclusion conclusions conclusiones conclusao conclusoes requisitos requerimientos requirements exigences references
    referencias referencia bibliography bibliografia bibliographie analysis analisis analise analyse versionamento changelog
    annex annexe anexo anexos appendix apendice findings hallazgos
    summary resumen resumo synthese takeaways insights reflection reflections reflexion reflexiones reflexao""".split()
) | {"informe final", "final report", "interview analysis", "version history", "historico de versao", "historico de versoes",
     "historial de versiones", "control de versiones", "lessons learned", "lecciones aprendidas", "key takeaways"}  # fmt: skip
# Sections of questions that are put to nobody, or that the team answers.
OF_THE_TEAM = frozenset("""guide guia guion roteiro script grille observations observaciones observacoes""".split()) | {
    "interview guide",
    "question guide",
    "guide d entretien",
    "lista de preguntas",
    "lista de perguntas",
}
BEGINNINGS = frozenset("qa transcript transcription transcripcion transcricao".split()) | {
    "q a",
    "questions and answers",
    "preguntas y respuestas",
    "perguntas e respostas",
    "questions et reponses",
    "desarrollo de la entrevista",
    "cuerpo de la entrevista",
    "body of the interview",
    "desenvolvimento da entrevista",
}
TAILS = ("de la entrevista", "de las entrevistas", "of the interview", "da entrevista", "de l entretien")


class _Title(NamedTuple):
    number: int  # of its span
    level: int


PAGE_NUMBER = re.compile(r"[-–—\[( ]{0,3}(\d{1,3})[-–—\]) ]{0,3}")
LONGEST_PAGE_NUMBER = 9
LEAST_PAGES = 2


@dataclass(frozen=True, slots=True)
class _Page:
    """The spans of a reading with their titles, the labels that come again, and which paragraphs ask."""

    reading: Reading
    titles: dict[int, str]  # folded, by the number of the span
    labelled: dict[int, str]  # the folded label, by the number of the span
    asking: Set[int]

    def sections(self) -> Iterator[range]:
        """What is below each title, up to the next that is not below it."""
        spans = self.reading.spans
        open_titles: list[_Title] = []
        for number in self.titles:
            level = _level(self.reading, spans[number])
            while open_titles and level <= open_titles[-1].level:
                yield range(open_titles.pop().number, number)
            open_titles.append(_Title(number, level))
        yield from (range(title.number, len(spans)) for title in open_titles)

    def is_silent(self, section: range) -> bool:
        """Whether nobody speaks in a section, by its title and by what it holds."""
        title, below = self.titles[section.start], section[1:]
        if self._has_speakers(section):
            return False
        if _begins(title, OF_THE_TEAM, is_heading=self._is_heading(section.start)) or self._only_asks(below):
            return True
        is_other = _begins(title, SILENT | CLOSING, is_heading=self._is_heading(section.start))
        return is_other and self.asking.isdisjoint(below)

    def _has_speakers(self, section: range) -> bool:
        """Whether labels below a title may be speakers': below one that closes a page, only those that are used above, too."""
        inside = {name for number, name in self.labelled.items() if number in section}
        above = {name for number, name in self.labelled.items() if number < section.start}
        title = self.titles[section.start]
        is_closing = bool(above) and _begins(title, CLOSING, is_heading=self._is_heading(section.start))
        return bool(inside & above if is_closing else inside)

    def _is_heading(self, number: int) -> bool:
        return self.reading.spans[number].part is Part.HEADING

    def _only_asks(self, below: Sequence[int]) -> bool:
        spoken = [number for number in below if not is_unspoken(self.reading.spans[number])]
        asking = sum(number in self.asking for number in spoken)
        return asking >= max(LEAST_QUESTIONS, NEARLY_ALL * len(spoken))


def without_other_sections(reading: Reading) -> Reading:
    """The reading, in which sections around the interview are no longer possible speech.

    Unchanged if all questions are inside them: then one of them is the interview.
    """
    titles = {number: title for number, span in enumerate(reading.spans) if (title := _title(reading, span))}
    if not titles:
        return reading
    page = _page(reading, titles)
    silent = {number for section in page.sections() if page.is_silent(section) for number in section}
    silent |= _before_the_interview(page, silent)
    if not silent or (page.asking <= silent and page.labelled.keys() <= silent):
        return reading
    spans = tuple(_as_section(span) if number in silent else span for number, span in enumerate(reading.spans))
    return replace(reading, spans=spans)


def _page(reading: Reading, titles: dict[int, str]) -> _Page:
    names = {
        number: core(span.speaker) or _label(reading, span)
        for number, span in enumerate(reading.spans)
        if number not in titles
    }
    times = Counter(names.values())
    labelled = {n: name for n, name in names.items() if name and (reading.spans[n].speaker or times[name] > 1)}
    asking = {
        number
        for number, span in enumerate(reading.spans)
        if not is_unspoken(span) and is_question(reading.text[span.start : span.end])
    }
    return _Page(reading, titles, labelled, asking)


def _before_the_interview(page: _Page, silent: Set[int]) -> set[int]:
    """What precedes the title of the interview itself, such as *Questions and answers*, if nobody speaks or asks there."""
    first = next((number for number, title in page.titles.items() if title in BEGINNINGS and number not in silent), 0)
    before = set(range(first)) - silent
    is_quiet = page.asking.isdisjoint(before) and page.labelled.keys().isdisjoint(before)
    return before | {first} if first and is_quiet else set()


def _as_section(span: Span) -> Span:
    return span if is_unspoken(span) and span.part is not Part.HEADING else span._replace(part=Part.SECTION)


def _title(reading: Reading, span: Span) -> str:
    """The folded words of a heading, or of a line that is nothing but a title known by its words; '' for any other line."""
    if span.speaker or span.end - span.start > LONGEST_TITLE or (is_unspoken(span) and span.part is not Part.HEADING):
        return ""
    words = reading.text[span.start : span.end].strip(" \t#*_:.-–—\\")
    if span.part is not Part.HEADING and (": " in words or words.count(" ") > MOST_SPACES):
        return ""
    plain = NUMBER.sub("", words, count=1)
    title = fold(plain)
    if span.part is Part.HEADING:
        return title
    is_known = title in BEGINNINGS or _begins(title, SILENT | CLOSING | OF_THE_TEAM, is_heading=False)
    return title if is_known and plain[:1].isupper() else ""


def _begins(title: str, words: Set[str], *, is_heading: bool) -> bool:
    """Whether a title is one of these, or begins with one; a line that is no heading must hold nothing else."""
    first_word = next((word for word in words if title == word or title.startswith(f"{word} ")), None)
    if first_word is None:
        return False
    remainder = title.removeprefix(first_word).strip()
    return is_heading or not remainder or remainder in TAILS


def _level(reading: Reading, span: Span) -> int:
    """The level of a heading; a line that is a title closes all below it."""
    return level_of(reading, span) if span.part is Part.HEADING else 0


def _label(reading: Reading, span: Span) -> str:
    match = None if is_unspoken(span) else LABEL.match(reading.text, span.start, min(span.end, span.start + 60))
    return core(match["name"]) if match else ""


def without_page_marks(reading: Reading) -> Reading:
    """The reading of a plain text, in which page numbers, and lines repeated beside them, are marks of pages."""
    marks = _page_marks(reading) if reading.reader.startswith("plain") else set()
    if not marks:
        return reading
    spans = enumerate(reading.spans)
    return replace(
        reading, spans=tuple(span._replace(part=Part.MARKUP) if number in marks else span for number, span in spans)
    )


def _page_marks(reading: Reading) -> set[int]:
    """The lines that are nothing but 1, 2, 3 ... through the whole text, and those above and below that come again."""
    spans = reading.spans
    numbered = {n: int(match[1]) for n, span in enumerate(spans) if (match := _number_alone(reading, span))}
    first = next(iter(numbered.values()), 0)
    if (
        len(numbered) < LEAST_PAGES
        or first > LEAST_PAGES
        or list(numbered.values()) != list(range(first, first + len(numbered)))
    ):
        return set()
    beside = chain.from_iterable((number - 1, number + 1) for number in numbered)
    around = set(beside) & set(range(len(spans)))
    printed = {number: _as_printed(reading, spans[number]) for number in sorted(around | {0})}
    times = Counter(printed.values())
    return numbered.keys() | {number for number in around if printed[number] and times[printed[number]] > 1}


def _count_pages(numbers: Sequence[int]) -> bool:
    """Whether numbers are those of pages: each is one more than the last, from the first page or the second."""
    are_few = len(numbers) < LEAST_PAGES or numbers[0] > LEAST_PAGES
    return not are_few and all(other == one + 1 for one, other in pairwise(numbers))


def _number_alone(reading: Reading, span: Span) -> re.Match[str] | None:
    is_short = span.end - span.start <= LONGEST_PAGE_NUMBER and not is_unspoken(span)
    return PAGE_NUMBER.fullmatch(reading.text, span.start, span.end) if is_short else None


def _as_printed(reading: Reading, span: Span) -> str:
    """The words of a short line with figures as 0; nothing for a longer one, which may be speech."""
    words = reading.text[span.start : span.end]
    return (
        re.sub(r"\d+", "0", words)
        if len(words) <= LONGEST_TITLE and ":" not in words and not is_question(words)
        else ""
    )
