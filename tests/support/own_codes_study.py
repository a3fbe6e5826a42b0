"""A study whose three codes are its own: definitions without seeds and patterns, and six invented people who speak of them."""

from pathlib import Path

from pipeline.new_study import lay_out
from pipeline.vocabulary import NewCodebook

CODES = {
    "fees": ("Fees", "What people pay for water: fees, bills, debts, and whether they can afford them."),
    "repairs": ("Repairs", "Broken pumps and pipes: who repairs them, spare parts, how long repairs take."),
    "meetings": ("Meetings", "Assemblies and committees: who is invited, who speaks, how things are decided."),
}
PEOPLE = {  # person -> consent; Nadia's words may not be quoted, Omar's not be used
    "Bruna Salt": "yes",
    "Cora Finch": "yes",
    "Dario Moss": "yes",
    "Elka Thorn": "yes",
    "Nadia Frost": "no_quotes",
    "Omar Reed": "no",
}
SAYINGS = {
    "fees": (
        "We pay a monthly fee of {n} for the water, and the widows cannot afford it.",
        "The bill came to {n} in the dry months, so my sister fell into debt.",
        "They raised the fee again, from {n} to more, and nobody explained the bill.",
        "Whoever cannot pay the monthly fee is cut off after {n} weeks.",
    ),
    "repairs": (
        "The pump broke and we waited {n} weeks for a spare part from the coast.",
        "When the pipe leaks my cousin mends it himself, {n} times this year.",
        "The mechanic asked Lucinda for a spare part and never repaired the pump in {n} days.",
        "Our pump stood still for {n} months because no spare part was in the store.",
    ),
    "meetings": (
        "At the assembly {n} men spoke and the women sat at the back.",
        "The committee decides behind closed doors, {n} people, without an assembly.",
        "They invite us to the assembly one day before, {n} of us could go.",
        "In the assembly everybody raises a hand, {n} hands were counted.",
    ),
    "": (
        "My grandmother planted {n} trees by the road, they give shade now.",
        "The school has {n} children and a new roof since the spring.",
        "I have lived in this valley for {n} years and I like the mornings.",
        "On the market day we sell {n} baskets of maize and some cheese.",
    ),
}
CONSENT = {"yes": "yes", "no_quotes": "no quotes", "no": "no"}


def own_codes_study(root: Path) -> Path:
    """The study laid out at `root`, not analysed: everybody says each thing once, with numbers of their own."""
    lay_out(root, NewCodebook.EMPTY)
    blocks = (
        f'[[criteria]]\nid = "{code}"\nname.en = "{name}"\ndefinition.en = "{definition}"\n'
        for code, (name, definition) in CODES.items()
    )
    (root / "coded/codebook.toml").write_text("\n".join(blocks), "utf-8")
    register = root / "raw/participants.csv"
    rows = [f"P{n},{name},,,{consent},,,," for n, (name, consent) in enumerate(PEOPLE.items(), 1)]
    register.write_text("\n".join([register.read_text("utf-8").strip(), *rows, ""]), "utf-8")
    for n, name in enumerate(PEOPLE, 1):
        sayings = (
            each.format(n=3 + n * 7 + k)
            for group in zip(*SAYINGS.values(), strict=True)
            for k, each in enumerate(group)
        )
        talk = "\n".join(f"Interviewer: And what else is there?\n{name}: {words}" for words in sayings)
        (root / f"raw/interviews/{name.split()[0].lower()}.txt").write_text(talk, "utf-8")
    return root


def code_of(words: str) -> str:
    """The code that a careful reader gives to some words; "" for none."""
    beginnings = {each.split("{n}")[0]: code for code, sayings in SAYINGS.items() for each in sayings}
    return next(code for beginning, code in beginnings.items() if words.startswith(beginning))
