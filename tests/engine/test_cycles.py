import gc

import pytest

from pipeline.engine.cycles import unsearched


@unsearched()
def failing() -> None:
    assert not gc.isenabled()
    raise KeyError


def test_the_search_for_cycles_goes_on_after_work_without_it_even_if_that_fails() -> None:
    assert gc.isenabled()
    with pytest.raises(KeyError):
        failing()
    assert gc.isenabled()


def test_work_within_work_leaves_the_search_to_the_outer_one() -> None:
    with unsearched():
        with unsearched():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
