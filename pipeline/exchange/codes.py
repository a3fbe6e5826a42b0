"""The codebook as a tree of REFI-QDA codes: families, codes and sub-codes, with colours and definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pipeline import wording
from pipeline.codebook import Codebook, Criterion
from pipeline.exchange.project import Code, guid_of
from pipeline.publish.labels import colours

ID, FAMILY = "id: ", "family: "  # how the last lines of a description name a code's id and family


def stated(description: str, mark: str) -> str:
    """What the last line of a description states after a mark (ID, FAMILY), as an export of a study writes it; or nothing."""
    last = description.rpartition("\n")[2]
    return last.removeprefix(mark) if last.startswith(mark) else ""


def codes_of(codebook: Codebook, study_id: str, language: str) -> tuple[Code, ...]:
    """The tree: a code per family that only groups, below it the codes, below these their sub-codes."""
    tree = _Tree(codebook, study_id, language, colours(codebook), _names(codebook, language))
    return tuple(
        Code(
            guid=guid_of(study_id, "family", family),
            name=tree.family_name(family),
            description=f"{FAMILY}{family}",
            is_codable=False,
            codes=tuple(tree.code(criterion) for criterion in codebook.of_family(family) if not criterion.parent),
        )
        for family in codebook.families
    )


def _names(codebook: Codebook, language: str) -> dict[str, str]:
    """The name of each code; where two have one name, each with its id, because programs keep one code of a name."""
    names = {criterion.id: criterion.text("name", language) or criterion.id for criterion in codebook.criteria}
    alike = Counter(name.casefold() for name in names.values())
    return {code: f"{name} ({code})" if alike[name.casefold()] > 1 else name for code, name in names.items()}


class _Tree:
    """What a code of the tree is made with."""

    def __init__(
        self, codebook: Codebook, study_id: str, language: str, colour: Mapping[str, str], names: Mapping[str, str]
    ) -> None:
        self._codebook, self._study_id, self._language = codebook, study_id, language
        self._colours, self._names = colour, names

    def family_name(self, family: str) -> str:
        """The name of a family; with a mark where a code has the same."""
        name = wording.closed_word("family", family, self._language)
        taken = {each.casefold() for each in self._names.values()}
        return f"{name} *" if name.casefold() in taken else name

    def code(self, criterion: Criterion) -> Code:
        """A code with what is below it: codes of which it is the parent, and its sub-codes by name."""
        below = [each for each in self._codebook.criteria if each.parent == criterion.id]
        named = [name for name in criterion.sub_codes if name not in self._codebook.ids]
        color = self._colours[criterion.id]
        sub_codes = (Code(guid_of(self._study_id, "code", name), name, color=color) for name in named)
        return Code(
            guid=guid_of(self._study_id, "code", criterion.id),
            name=self._names[criterion.id],
            description=self._description(criterion),
            color=color,
            codes=(*map(self.code, below), *sub_codes),
        )

    def _description(self, criterion: Criterion) -> str:
        texts = {field: criterion.text(field, self._language) for field in ("definition", "include", "exclude")}
        parts = [
            texts["definition"],
            *(
                wording.text(f"exchange.{field}", self._language, text=texts[field])
                for field in ("include", "exclude")
                if texts[field]
            ),
            f"{ID}{criterion.id}",
        ]
        return "\n\n".join(part for part in parts if part)
