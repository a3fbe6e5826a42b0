"""One coder's searches: what meets a query, what its terms may be picked from, and counts by one side or crossed by two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pipeline.review.web.coder_queue import QUEUE, QueueEntry, entry_card
from pipeline.review.web.desk import Desk
from pipeline.review.web.refusals import refused
from pipeline.review.web.rounds import Item, is_visible
from pipeline.review.web.search.decided import decided_in
from pipeline.review.web.search.names import MACHINE, PEOPLE, WHO, names_of
from pipeline.review.web.search.orders import Attribute, CountOrder
from pipeline.review.web.search.query import Search
from pipeline.vocabulary import Lane, RefusalKind

HITS = 50  # excerpts that a search shows at once; the others can be made a queue or a table

Json = dict[str, Any]


class SearchDesk:
    """The searches of one coder. In a blind round they see their own answers alone, and nothing is counted by groups."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def find(self, query: str, *, is_whole: bool) -> Json:
        """The excerpts that meet a query: how many, of how many persons, the first of them with their words."""
        search = self._search()
        at = np.flatnonzero(search.find(query))
        study, ledger, shelf = self.desk.study, self.desk.ledger, self.desk.study.shelf
        persons = {int(code) for code in shelf.speakers.codes[at] if shelf.speakers.texts[code]}
        asked = search.codes_asked(query)
        shown = at if is_whole else at[:HITS]
        hits = [{**shelf.quote(i), "codes": _codes_of(shelf.ids[i], asked, search)} for i in shown]
        items = [entry_card(QueueEntry(shelf.ids[i], Lane.FOUND), study, ledger) for i in at[:QUEUE]]
        return {"count": len(at), "persons": len(persons), "hits": hits, "items": items}

    def choices(self) -> Json:
        """What the terms of a search may be picked from; codes and families are those of the study card."""
        search = self._search()
        study, shelf = self.desk.study, self.desk.study.shelf
        persons = sorted({code for code in shelf.persons.texts if code})
        return {
            "attributes": [_listed(key, attribute) for key, attribute in search.attributes.items() if attribute.labels],
            "files": sorted({shelf.paths[name] for name in shelf.sources.texts}),
            "persons": persons,
            "coders": sorted(set(search.names.by_key["by"].values()) - set(WHO.values())),
            "sides": [
                {"key": key, "name": dict(name)} for key, name in study.search.sides(study.form.codebook).items()
            ],
            "is_hidden": not is_visible(Item.COUNTS, self.desk.ledger.round),
        }

    def count(self, query: str, *, by: tuple[str, ...], language: str) -> Json:
        """The counts of what meets a query, by one side or crossed by two, with the figure and the CSV that `query` writes.

        ConfigError where the query cannot be used, or in a round in which counts would tell what others decided.
        """
        if not is_visible(Item.COUNTS, self.desk.ledger.round):
            what, remedy = "counts are not shown in a blind round", "close the round first"
            raise refused(RefusalKind.COUNTS_IN_ROUND, "find", what, remedy)
        search = self._search()
        study = self.desk.study
        masks = {"": search.find(query, coders=(PEOPLE,)), "machine_": search.find(query, coders=(MACHINE,))}
        people = tuple(name for name in search.coders_named(query) if name != MACHINE)
        confirmed = search.opinions(people or (PEOPLE,)).ayes
        codes = study.form.codebook.ids
        order = CountOrder(
            query=query,
            by=by,
            language=language,
            masks=masks,
            confirmed={code: excerpts for code, excerpts in confirmed.items() if code in codes},
        )
        return study.search.count(order, study.form.codebook)

    def _search(self) -> Search:
        self.desk.catch_up()
        study, ledger = self.desk.study, self.desk.ledger
        decided = decided_in(study, ledger)
        return Search(
            shelf=study.shelf,
            decided=decided,
            names=names_of(study, ledger, decided),
            families=dict(study.form.codebook.families),
            attributes=dict(study.search.attributes()),
            coder=ledger.coder,
        )


def _codes_of(excerpt_id: str, codes: Iterable[str], search: Search) -> list[Json]:
    """Of the codes that were asked for those of an excerpt, and whether people gave them."""
    carried = {code: search.is_by_people(excerpt_id, code) for code in codes}
    return [{"code": code, "is_by_people": by_people} for code, by_people in carried.items() if by_people is not None]


def _listed(key: str, attribute: Attribute) -> Json:
    """An attribute with its values."""
    values = [{"value": value, "name": dict(name)} for value, name in attribute.labels.items()]
    return {"key": key, "name": dict(attribute.name), "values": values}
