"""The suggestion as a coder reads it: no figure where nothing was learnt of a code."""

from types import SimpleNamespace

import pandas as pd
from studies import SMALL

from pipeline.review.row_answers import Suggestion
from pipeline.steps.inputs import load_brief
from pipeline.steps.review import suggestions_in_words
from pipeline.study import locate_study


def test_a_code_that_was_not_learnt_is_suggested_without_a_probability() -> None:
    cells = pd.DataFrame(
        [("x", "efficiency", False, True, 0.41), ("x", "learning", False, True, 0.62)],
        columns=["excerpt_id", "criterion", "coded", "doubtful", "probability"],
    )
    votes = pd.DataFrame(
        [("x", "learning", "classifier:1", 1, '{"definition": 0.62}')],
        columns=["excerpt_id", "criterion", "voter", "vote", "because"],
    )
    inputs = SimpleNamespace(
        language="en", brief=load_brief(locate_study(SMALL)), frames={"codings": cells, "votes": votes}
    )
    suggestion = Suggestion(codes={}, links={}, doubtful=("efficiency", "learning"))
    assert suggestions_in_words({"x": suggestion}, inputs)["x"].endswith("Efficiency? (0.41), Lesson?")
