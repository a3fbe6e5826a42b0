"""A few invented people, and what is masked in a sentence about them."""

from pipeline.privacy.names.detector import Detector
from pipeline.privacy.names.plan import NamedPerson, NamePlan, placeholder
from pipeline.vocabulary import MaskStatus

PEOPLE = (
    NamedPerson("P01", 3, ("Eulalia Quiñca Ramos", "EQ", "Eulalia", "doña Eulalia")),
    NamedPerson("P02", 1, ("Renato Olivos Cárcamo", "doctor Olivos")),
    NamedPerson("P03", 4, ("José Huamán Rojas",)),
    NamedPerson("P04", 2, ("Rosa Luna",)),
    NamedPerson("P05", 6, ("William Ashdown",)),
    NamedPerson("P06", 5, ("Guadalupe Tello Curo",)),
    NamedPerson("P07", 7, ("Grace Okonjo",)),
)
PLAN = NamePlan(language="en", secret="of the tests", people=PEOPLE)  # noqa: S106


def masked(text: str, plan: NamePlan = PLAN) -> str:
    """The text as it is stored, with what is proposed in braces."""
    parts, at = [], 0
    numbers = {person.key: person.number for person in plan.people}
    for mention in Detector(plan).mentions(text):
        words = text[mention.start : mention.end]
        is_masked = mention.status is MaskStatus.MASKED
        shown = placeholder(mention.kind, numbers.get(mention.person, 0), plan.language)
        kept = f"{{{words}}}" if mention.status is MaskStatus.WAITING else words
        parts += [text[at : mention.start], shown if is_masked else kept]
        at = mention.end
    return "".join([*parts, text[at:]])
