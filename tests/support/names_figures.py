"""How many names, numbers and places the detectors find: planted by the hundred into sentences, and everyday words beside them.

    PYTHONPATH=.:tests/support .venv/bin/python tests/support/names_figures.py [--page]

Every identifier is invented, with check digits where there are any; no name is in a list of the detector. `--page` writes the
tables into docs/reliability.md.
"""

from __future__ import annotations

import random
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stdnum.ec.ci
import stdnum.es.dni
import stdnum.gb.nhs
import stdnum.iban
from scipy.stats import binomtest
from studies import ROOT, SHARED

from pipeline.people import fold_name
from pipeline.privacy.names import lexicon
from pipeline.privacy.names.detector import Detector
from pipeline.privacy.names.plan import NamedPerson, NamePlan
from pipeline.vocabulary import MaskStatus

PAGE = ROOT / "docs" / "reliability.md"
EACH = {"full name": 100, "title and name": 60, "one word of a name": 60}
OTHERS = 60  # of every other type
CONTROLS = 500
SEED = 20230531
CARRIERS = {"es": "interviews/paraguay_es/*.md", "en": "interviews/oral_history_csv/*.csv"}
SENTENCE = re.compile(r"[A-ZÁÉÍÓÚÑ¿¡][^.?!\n]{30,200}[.?!]")


@dataclass(frozen=True)
class Planted:
    """One identifier in its sentences."""

    kind: str
    text: str
    start: int
    end: int


def material(language: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "planted_names.toml").read_text("utf-8"))[language]


def carrier_sentences(language: str) -> tuple[list[str], str]:
    """Sentences around what is planted, and where they are from: public transcripts where they are at hand."""
    files = sorted((SHARED / "data").glob(CARRIERS[language]))
    text = "\n".join(path.read_text("utf-8", errors="replace") for path in files if "Template" not in path.name)
    sentences = [match[0] for match in SENTENCE.finditer(text) if not re.search(r"[*|#<>\[\]:@]|\d{4,}", match[0])]
    if len(sentences) < 50:
        return SENTENCE.findall(material(language)["carrier"]), "three sentences of our own"
    return sentences, f"{len(sentences):,} sentences of public transcripts"


class Planter:
    """Makes identifiers of one language."""

    def __init__(self, language: str) -> None:
        self.language, self.words = language, material(language)
        self.random = random.Random(f"{SEED} {language}")  # noqa: S311
        self.sentences, self.carrier = carrier_sentences(language)
        known = lexicon.words("given") | lexicon.words("ordinary") | lexicon.words("titles")
        self.given = [name for name in self.words["given"].split() if fold_name(name) not in known]
        self.surnames = [name for name in self.words["surnames"].split() if fold_name(name) not in known]
        self.short = dict(pair.split("=") for pair in self.words["short"].split())
        self.people = [self._person(number) for number in range(60)]

    def _person(self, number: int) -> NamedPerson:
        given = [*self.given, *self.short][number % (len(self.given) + len(self.short))]
        surnames = self.random.sample(self.surnames, 2 if self.language == "es" else 1)
        return NamedPerson(f"P{number:03}", number + 1, (" ".join([given, *surnames]),))

    def plan(self) -> NamePlan:
        return NamePlan(self.language, "figures", tuple(self.people))

    def all(self) -> Iterator[Planted]:
        """Everything that is planted."""
        for kind, make in self.makers().items():
            for _ in range(EACH.get(kind, OTHERS)):
                words, templates = make()
                yield self.planted(kind, words, self.random.choice(self.words[templates]))

    def makers(self) -> dict[str, Callable[[], Sequence[str]]]:
        return {
            "full name": lambda: (self.full_name(), "full"),
            "title and name": lambda: (self.one_word(), "titled"),
            "one word of a name": lambda: (self.one_word(), "alone"),
            "telephone": lambda: (self.phone(), "phone"),
            "identity number": lambda: (self.identity(), "identity"),
            "e-mail": lambda: (self.email(), "email"),
            "account": lambda: (self.account(), "account"),
            "plate": lambda: (self.plate(), "plate"),
            "coordinates": lambda: (self.coordinates(), "coordinates"),
            "address": lambda: (self.address(), "address"),
            "date of birth": lambda: (self.date(), "birth"),
            "plate, by country": lambda: (self.plate_by_country(), "plate_by_country"),
            "date of birth, in words": lambda: (self.date_in_words(), "birth_in_words"),
        }

    def planted(self, kind: str, words: str, template: str) -> Planted:
        before, after = (self.random.choice(self.sentences) for _ in range(2))
        sentence = template.replace("{x}", words)
        start = len(before) + 1 + template.index("{x}")
        return Planted(kind, f"{before} {sentence} {after}", start, start + len(words))

    def full_name(self) -> str:
        given, *surnames = self.random.choice(self.people).names[0].split()
        short = self.short.get(given) or self._regular(given)
        forms = [
            f"{given} {surnames[0]}", " ".join([given, *surnames]), f"{given[0]}. {surnames[0]}",
            f"{given} {surnames[0][0]}.", f"{' '.join(surnames)}, {given}", f"{short} {surnames[0]}",
            fold_name(f"{given} {surnames[0]}"), f"{given} {surnames[0]}".upper(),
            f"{self._bare(given)} {self._bare(surnames[0])}", f"{given} {self._misspelt(surnames[0])}",
            f"{self._misspelt(given)} {self._misspelt(surnames[0])}",
        ]  # fmt: skip
        return self.random.choice(forms)

    def _regular(self, given: str) -> str:
        is_spanish = self.language == "es" and given[-1] in "oa"
        return f"{given[:-1]}it{given[-1]}" if is_spanish else given

    def _misspelt(self, name: str) -> str:
        at = self.random.randint(2, len(name) - 2)
        return name[:at] + self.random.choice("aeioubdlmnrst") + name[at + 1 :]

    def _bare(self, name: str) -> str:
        return fold_name(name).capitalize()

    def one_word(self) -> str:
        given, *surnames = self.random.choice(self.people).names[0].split()
        return self.random.choice([surnames[0], surnames[0], given, self.short.get(given, given)])

    def digits(self, count: int) -> str:
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def phone(self) -> str:
        d = self.digits
        spanish = [
            f"9{d(2)} {d(3)} {d(3)}", f"9{d(8)}", f"+51 9{d(2)} {d(3)} {d(3)}", f"09{d(8)}", f"7{d(7)}", f"+591 7{d(7)}",
            f"(01) {self.random.choice('2346')}{d(2)}-{d(4)}", f"+593 9{d(8)}", f"6{d(2)} {d(2)} {d(2)} {d(2)}",
        ]  # fmt: skip
        first, third = self.random.choice("45789"), self.random.choice("345678")
        english = [
            f"07{first}{d(2)} {d(6)}", f"+44 7{first}{d(2)} {d(6)}", f"020 7{d(3)} {d(4)}", f"(212) {third}{d(2)}-{d(4)}",
            f"+1 312 {third}{d(2)} {d(4)}", f"0161 {self.random.choice('2348')}{d(2)} {d(4)}", f"415-{third}{d(2)}-{d(4)}",
        ]  # fmt: skip
        return self.random.choice(spanish if self.language == "es" else english)

    def identity(self) -> str:
        d, pick = self.digits, self.random.choice
        body, ci = d(8), f"{pick('01')}{pick('123456789')}{pick('012345')}{d(6)}"
        account = f"ES00{d(20)}"
        iban = f"ES{stdnum.iban.calc_check_digits(account)}{account[4:]}"
        spanish = [
            f"4{d(7)}", body + stdnum.es.dni.calc_check_digit(body), ci + _check(stdnum.ec.ci, ci), f"{d(7)} LP", d(7), iban,
            " ".join(re.findall(".{1,4}", iban)),
        ]  # fmt: skip
        nhs = self.nhs()
        ssn = f"{pick('23456')}{d(2)}-{pick('1234')}{pick('1234')}-{pick('123456')}{d(3)}"
        english = [
            nhs,
            f"{nhs[:3]} {nhs[3:6]} {nhs[6:]}",
            ssn,
            d(9),
            f"{pick('ABCDEFG')}{d(8)}",
            f"{pick('QR')}{pick('ABC')}{d(6)}C",
        ]
        return pick(spanish if self.language == "es" else english)

    def nhs(self) -> str:
        numbers = iter(lambda: self.digits(10), None)
        return next(number for number in numbers if stdnum.gb.nhs.is_valid(number))

    def name(self) -> str:
        given, surname, *_ = fold_name(self.random.choice(self.people).names[0]).split()
        return self.random.choice(
            [f"{given}.{surname}", f"{given[0]}{surname}", f"{given}{self.digits(2)}", f"{surname}_{given}"]
        )

    def email(self) -> str:
        domain = self.random.choice(["correo.example", "mail.example.org", "example.com", "uni.example.edu"])
        return f"{self.name()}@{domain}"

    def account(self) -> str:
        return (
            self.random.choice(["@", "facebook.com/", "https://www.instagram.com/", "t.me/", "linkedin.com/in/"])
            + self.name()
        )

    def plate(self) -> str:
        letters = "".join(self.random.choice("ABCDEFGHKLMNPRSTUVXYZ") for _ in range(3))
        spanish = [
            f"{letters}-{self.digits(3)}",
            f"{letters}-{self.digits(4)}",
            f"{self.digits(4)}-{letters}",
            f"A{self.digits(1)}B-{self.digits(3)}",
            f"{self.digits(4)}{letters}",
        ]
        english = [
            f"{letters[:2]}{self.digits(2)} {letters}",
            f"{letters} {self.digits(4)}",
            f"{letters}-{self.digits(3)}",
        ]
        return self.random.choice(spanish if self.language == "es" else english)

    def plate_by_country(self) -> str:
        """The forms that registers of vehicles describe, of five countries, and as plates are said."""
        a, b, c, e = (self.random.choice("ABCDEFGHKLMPRSTUVWXYZ") for _ in range(4))
        d = self.digits
        spanish = [
            f"{a}{d(1)}{b}-{d(3)}", f"{a}{b}-{d(4)}", f"{d(4)}-{d(1)}{a}", f"{d(4)}{d(1)}{a}",  # Peru: now, until 2009, two wheels
            f"{a}{b}{c}-{d(4)}", f"{a}{b}{c}-{d(3)}", f"{a}{b}{d(3)}{c}", f"{a}{b}-{d(3)}{c}",  # Ecuador: now, earlier, two wheels
            f"{d(4)}-{a}{b}{c}", f"{d(4)} {a}{b}{c}", f"{d(3)}{a}{b}{c}", f"{a}{b} {d(5)}", f"{d(2)}-CD-{d(2)}",  # Bolivia
            f"{a}{b}{c}-{d(3)}".lower(), f"{a}{b}{c} guion {d(3)}", " ".join(f"{a}{b}{c}{d(3)}"),
        ]  # fmt: skip
        english = [
            f"{a}{b}{d(2)} {c}{e}{a}", f"{a}{b}{d(2)}{c}{e}{a}", f"{a}{d(3)} {b}{c}{e}",  # Great Britain: now, until 2001
            f"{a}{b}{c}-{d(4)}", f"{d(1)}{a}{b}{c}{d(3)}", f"{a}{b}{c} {d(3)}",  # United States
            f"{a}{b}{c}-{d(3)}".lower(), f"{a}{b}{c} dash {d(3)}", " ".join(f"{a}{b}{c}{d(3)}"),
        ]  # fmt: skip
        return self.random.choice(spanish if self.language == "es" else english)

    def date_in_words(self) -> str:
        number, year, month = self.random.randint(1, 28), self.random.randint(40, 99), self.random.randint(0, 11)
        name, said = self.words["months"].split()[month], self.random.choice(self.words["years"].split("|"))
        day = self.random.choice(self.words["days"].split())
        spanish = [
            f"{day} de {name} de mil novecientos {said}", f"{day} de {name} del {said}", f"{number} de {name} del {year}",
            f"{day} de {name} de 19{year}", f"{number}/{name[:3]}/19{year}", f"{number}-{name[:3].upper()}-{year}",
            f"{name} {number} de 19{year}", f"{number} de {name}",
        ]  # fmt: skip
        english = [
            f"the {day} of {name}, nineteen {said}", f"{name} the {day}, 19{year}", f"{name} {number} '{year}",
            f"{day} {name} 19{year}", f"{number}-{name[:3]}-{year}", f"{name} {day}, nineteen {said}", f"the {number}th of {name}",
        ]  # fmt: skip
        return self.random.choice(spanish if self.language == "es" else english)

    def coordinates(self) -> str:
        lat, lon = self.random.uniform(-18, 55), self.random.uniform(-79, 3)
        degrees = [
            f"{abs(int(each))}°{self.random.randint(0, 59)}'{self.random.randint(0, 59)}\"" for each in (lat, lon)
        ]
        forms = [
            f"{lat:.5f}, {lon:.5f}", f"{lat:.4f} {lon:.4f}", f"{degrees[0]}S {degrees[1]}W", f"{degrees[0]} N, {degrees[1]} W",
            f"18L {self.random.randint(200000, 799999)} {self.random.randint(8000000, 8999999)}",
        ]  # fmt: skip
        return self.random.choice(forms)

    def address(self) -> str:
        street, number = self.random.choice(self.words["streets"].split("|")), self.random.randint(2, 1990)
        spanish = [
            f"{street} {number}",
            f"{street} N° {number}",
            f"{street} {number}, dpto 3",
            f"Mz. C Lote {number % 40 + 1}",
        ]
        return self.random.choice(spanish) if self.language == "es" else f"{number} {street}"

    def date(self) -> str:
        day, month, year = self.random.randint(1, 28), self.random.randint(0, 11), self.random.randint(1940, 2005)
        name = self.words["months"].split()[month]
        spanish = [
            f"{day} de {name} de {year}",
            f"{day:02}/{month + 1:02}/{year}",
            f"{day}-{month + 1}-{year}",
            f"{day} de {name} del {year}",
        ]
        english = [
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{day:02}/{month + 1:02}/{year}",
            f"the {day}th of {name} {year}"[4:],
        ]
        return self.random.choice(spanish if self.language == "es" else english)

    def control(self) -> str:
        year = self.random.randint(1990, 2020)
        amount = self.random.choice(
            [
                f"{self.random.randint(1, 99)} 000 000",
                str(self.random.randint(1000, 9999999)),
                "987 654 321",
                "1.250.000",
            ]
        )
        month = self.words["months"].split()[self.random.randint(0, 11)]
        filled = {
            "n": amount,
            "y": year,
            "y2": year + 3,
            "m": self.random.randint(100, 31000),
            "d": f"12 {'de ' * (self.language == 'es')}{month}",
        }
        return self.random.choice(self.words["controls"]).format(**filled)


def _check(module: Any, body: str) -> str:
    return next(digit for digit in "0123456789" if module.is_valid(body + digit))


def tally(language: str) -> tuple[dict[str, Counter[str]], Counter[str], Planter]:
    """By type what became of everything planted, and what became of sentences that name nobody."""
    planter = Planter(language)
    detector = Detector(planter.plan())
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for planted in planter.all():
        covered = {MaskStatus.MASKED: 0, MaskStatus.WAITING: 0}
        for mention in detector.mentions(planted.text):
            shared = range(max(mention.start, planted.start), min(mention.end, planted.end))
            covered[mention.status] += sum(planted.text[at].isalnum() for at in shared)
        whole = sum(character.isalnum() for character in planted.text[planted.start : planted.end])
        types[planted.kind]["planted"] += 1
        types[planted.kind]["masked"] += covered[MaskStatus.MASKED] == whole
        types[planted.kind]["met"] += sum(covered.values()) == whole
    controls: Counter[str] = Counter()
    for _ in range(CONTROLS):
        statuses = {mention.status for mention in detector.mentions(planter.control())}
        controls["sentences"] += 1
        controls["masked"] += MaskStatus.MASKED in statuses
        controls["proposed"] += MaskStatus.WAITING in statuses and MaskStatus.MASKED not in statuses
    return types, controls, planter


def alone(planter: Planter) -> str:
    """What is masked and proposed in the sentences around; the register holds none of their people."""
    text = " ".join(planter.sentences)
    mentions = Detector(planter.plan()).mentions(text)
    masked = sum(mention.status is MaskStatus.MASKED for mention in mentions)
    return f"{masked} masked, {len(mentions) - masked} proposed in {len(text.split()):,} words"


def share(count: int, total: int) -> str:
    """A share with its Wilson interval at 95 %, in %."""
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return f"{100 * count / total:.0f} ({100 * interval.low:.0f}-{100 * interval.high:.0f})"


def lines() -> Iterator[str]:
    """The figures as they are in docs/reliability.md: of all types, and by type what is masked in each language."""
    cells: dict[str, list[str]] = {}
    alone_of, around = [], []
    for language in ("es", "en"):
        types, controls, planter = tally(language)
        for kind, counts in [*types.items(), ("**all**", sum(types.values(), Counter()))]:
            total = counts["planted"]
            row = cells.setdefault(kind, [])
            row += [share(counts["masked"], total), share(counts["met"], total)]
        of = controls["sentences"]
        alone_of.append(f"{language} {share(controls['masked'], of)} and {share(controls['proposed'], of)} of {of}")
        around.append(f"{language} {planter.carrier}, {alone(planter)}")
    es_masked, es_met, en_masked, en_met = cells.pop("**all**")
    yield f"- all types: es {es_masked} masked, {es_met} masked or proposed; en {en_masked} and {en_met}"
    yield "- masked in es and en, by type:"
    yield from (f"  - {kind}: {row[0]}, {row[2]}" for kind, row in cells.items())
    yield "- masked and proposed in sentences that name nobody (amounts, years, laws, places, words that are names too),"
    yield f"  in %: {'; '.join(alone_of)}"
    yield f"- in the sentences around them: {'; '.join(around)}"


def updated(page: str, figures: str) -> str:
    """The page with its figures of names in speech."""
    pattern = r"(<!-- names -->\n).*?(?=<!-- /names -->)"
    return re.sub(pattern, lambda match: f"{match[1]}\n{figures}\n\n", page, flags=re.DOTALL)


if __name__ == "__main__":
    text = "\n".join(lines())
    sys.stdout.write(f"{text}\n")
    if "--page" in sys.argv[1:]:
        PAGE.write_text(updated(PAGE.read_text("utf-8"), text), "utf-8")
