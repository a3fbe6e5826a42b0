"""What stands before the excerpts to review first is counted again by the audit."""

import pytest
from lxml import html

from pipeline.audit.recount.coverage.undecided import Undecided, is_announced

SHOWN = Undecided([{"excerpt_id": "a"}, {"excerpt_id": "b"}], set(), {})


@pytest.mark.parametrize(("shown", "is_right"), [(1, True), (2, False)])
def test_the_audit_counts_which_of_the_excerpts_to_review_first_are_shown(shown: int, is_right: bool) -> None:  # noqa: FBT001
    english = f"Review these 2 excerpts first, one for each person without a confirmed excerpt (shown below: {shown}, "
    spanish = f"Revise primero estos 2 extractos, uno por cada persona sin ningún extracto confirmado (mostrados abajo: {shown}; "
    head = (
        f'<p class="robust first"><span lang="en">{english}too doubtful to show: 1):</span>'
        f'<span lang="es">{spanish}demasiado dudosos para mostrarse: 1):</span> <a>P-1</a></p>'
    )
    article = html.fromstring(f"<article>{head}</article>")
    assert is_announced(article, ["a", "c"], SHOWN) is is_right
