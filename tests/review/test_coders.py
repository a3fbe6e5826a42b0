"""The names of coders: one person under one name, and nobody under the machine's."""

import pytest

from pipeline.errors import ConfigError
from pipeline.review.coders import coder_name


@pytest.mark.parametrize("typed", ["Ana", " ana", "ANA ", "ana"])
def test_a_coder_keeps_the_spelling_that_the_ledger_has(typed: str) -> None:
    assert coder_name(typed, ["ana", "ben"]) == "ana"


def test_a_new_coder_is_written_as_typed_without_white_space_around() -> None:
    assert coder_name("  María   José ") == "María José"
    assert coder_name("Jose\u0301", ["José"]) == "José"


@pytest.mark.parametrize("typed", ["", "   ", "machine", "Machine ", "MÁQUINA", "a;b", "ana & ben", "ana\x00"])
def test_a_blank_reserved_or_double_name_is_refused_with_a_remedy(typed: str) -> None:
    with pytest.raises(ConfigError) as error:
        coder_name(typed)
    (problem,) = error.value.problems
    assert problem.where.startswith("--coder")
    assert problem.remedy
