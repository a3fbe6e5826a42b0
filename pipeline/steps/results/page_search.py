"""What searches of the review page ask of the study: attributes of persons, the machine's codings, and counts as `query` gives."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import study as folders
from pipeline import tables, wording
from pipeline.codebook import Codebook
from pipeline.evidence.coded_by import CELL, is_suggestion
from pipeline.evidence.groups import groups_of
from pipeline.evidence.queries.answers import SIDES
from pipeline.evidence.queries.terms import COLUMNS, Searched
from pipeline.publish import csvs
from pipeline.publish.crossings import attribute_name, value_name
from pipeline.records import Participant
from pipeline.review.web.search.orders import Attribute, CountOrder, SearchTools
from pipeline.review.web.shelf import Shelf, decoded
from pipeline.steps.inputs import Brief
from pipeline.steps.results.sides import side_heading
from pipeline.steps.review import load_frames
from pipeline.study import Study

Json = dict[str, Any]


def search_tools(
    study: Study, brief: Brief, people: Sequence[Participant], stored: Mapping[str, pa.Table], shelf: Shelf
) -> SearchTools:
    """The search functions of a study, over the excerpts that the page shows; what they need is read when first asked for."""
    searchable = SearchableStudy(study, brief, people, stored, shelf)
    return SearchTools(
        attributes=lambda: searchable.attributes,
        sides=searchable.sides,
        machine=lambda: searchable.machine,
        count=searchable.count,
    )


@dataclass
class SearchableStudy:
    """A study whose page is searched."""

    study: Study
    brief: Brief
    people: Sequence[Participant]
    stored: Mapping[str, pa.Table]
    shelf: Shelf

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes of those who speak in each excerpt, by name: as the register has them, else as surveys state them."""
        group_by = self.brief.settings.study.group_by
        registered = {person.participant_id: dict(person.attributes) for person in self.people}
        in_surveys: dict[str, dict[str, str]] = {}
        for source, name, value in tables.rows_of(self._stated, ["source_id", "attribute", "value"]):
            in_surveys.setdefault(source, {})[name] = value
        stated = [*registered.values(), *in_surveys.values()]
        names = dict.fromkeys(["group", *sorted({name for row in stated for name in row if name != group_by})])
        return {name: self._attribute(name, group_by, registered, in_surveys) for name in names}

    def _attribute(
        self,
        name: str,
        group_by: str,
        registered: Mapping[str, Mapping[str, str]],
        in_surveys: Mapping[str, Mapping[str, str]],
    ) -> Attribute:
        key, shelf = group_by if name == "group" else name, self.shelf
        by_person = [registered.get(who, {}).get(key, "").strip() for who in shelf.speakers.texts]
        by_source = [in_surveys.get(source, {}).get(key, "").strip() for source in shelf.sources.texts]
        pairs = np.stack([shelf.speakers.codes, shelf.sources.codes])
        present, places = np.unique(pairs, axis=1, return_inverse=True)
        groups = [
            frozenset(groups_of(by_person[who] or by_source[source])) - {""} for who, source in present.T.tolist()
        ]
        values = sorted(frozenset().union(*groups))
        return Attribute(
            name=_in_languages(partial(attribute_name, name)),
            labels={value: _in_languages(partial(value_name, name, value)) for value in values},
            groups=tuple(groups),
            places=places.reshape(-1),
        )

    @cached_property
    def machine(self) -> dict[str, dict[str, str]]:
        """What the classifier codes, whatever people decided: code -> excerpt -> stance."""
        rows = self.shelf.votes.rows
        is_classifier = pc.starts_with(rows["voter"].cast(pa.string()), "classifier:")
        at = self.shelf.votes.places[is_classifier.to_numpy(zero_copy_only=False).astype(bool)]
        votes = decoded(rows.filter(is_classifier))
        columns = (votes[name].to_pylist() for name in ("criterion", "stance", "because"))
        carried: dict[str, dict[str, str]] = {}
        for place, code, stance, because in zip(at.tolist(), *columns, strict=True):
            if not is_suggestion(because):
                carried.setdefault(code, {})[self.shelf.ids[place]] = stance
        return carried

    def sides(self, codebook: Codebook) -> dict[str, Mapping[str, str]]:
        """What counts may be given by: families, attributes, and columns of the excerpts."""
        names = [*codebook.families, *(name for name, each in self.attributes.items() if each.labels), *COLUMNS]
        return {name: _in_languages(partial(side_heading, name, codebook=codebook)) for name in names}

    def count(self, order: CountOrder, codebook: Codebook) -> Json:
        """The counts as the page shows them, with the file query.csv and the figure that the command writes."""
        from pipeline.steps.results.queries import Queries  # loads matplotlib, which the page starts without

        searched = replace(self._searched, codebook=codebook)
        machine = {code: excerpts for code, excerpts in self.machine.items() if code in codebook.ids}
        cells = {"": _cells(order.confirmed), "machine_": _cells(machine)}
        queries = Queries(searched, cells, self.brief.settings)
        at = [self.shelf.position[name] for name in searched.spoken["excerpt_id"]]
        masks = {prefix: mask[at] for prefix, mask in order.masks.items()}
        table = queries.counts(masks, order.by)
        shown = queries.named(table, order.by, order.language)
        sides = [side for side in SIDES if side in table.columns]
        svg = queries.figure(order.query, table, order.by, order.language)["query.svg"] if order.by else b""
        return {
            "sides": sides,
            "keys": [list(row) for row in tables.rows_of(table, sides)],
            "rows": shown.to_dict("records"),
            "csv": csvs.as_text(table),
            "figure": f"data:image/svg+xml;base64,{b64encode(svg).decode()}" if svg else "",
        }

    @cached_property
    def _stated(self) -> pd.DataFrame:
        return load_frames(self.study, "attributes")["attributes"]

    @cached_property
    def _searched(self) -> Searched:
        """The excerpts that count, as outputs show them, in the bounds that they have now, and who speaks in them."""
        from pipeline.steps import evidence  # loads scipy, which the page starts without

        frames = {name: decoded(self.stored[name]).to_pandas() for name in ("excerpts", "sources", "turns")}
        frames["attributes"] = self._stated
        settings, key = self.brief.settings, folders.person_key(self.study)
        group_by = settings.study.group_by
        persons = evidence.person_frame(self.people, frames["turns"], key=key, group_by=group_by)
        unshown = evidence.unshown_turns(self.people, frames)
        shown = evidence.shown_excerpts(frames, persons, unshown, key=key, settings=settings)
        spoken = evidence.searched_excerpts(shown, frames["sources"])
        attributes = evidence.attributes_of_persons(spoken, self.people, self._stated, group_by=group_by)
        return Searched(spoken, attributes, self.brief.codebook)


def _in_languages(text: Callable[[str], str]) -> dict[str, str]:
    return {language: text(language) for language in wording.LANGUAGES}


def _cells(codings: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Excerpt, code and stance of codings."""
    rows = [(excerpt, code, stance) for code, excerpts in codings.items() for excerpt, stance in excerpts.items()]
    return pd.DataFrame(rows, columns=CELL, dtype="str")
