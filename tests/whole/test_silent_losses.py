"""The table of silent losses is what its command prints, and this program loses nothing of it."""

import pytest
import silent_losses
from studies import ROOT

PAGE = ROOT / "tests" / "support" / "silent_losses.md"


@pytest.mark.filterwarnings("ignore")
def test_the_page_is_what_the_command_prints() -> None:
    assert PAGE.read_text("utf-8") == silent_losses.page(), (
        "PYTHONPATH=. python tests/support/silent_losses.py > tests/support/silent_losses.md"
    )


@pytest.mark.filterwarnings("ignore")
def test_each_file_is_refused_with_its_place_or_kept_whole() -> None:
    for loss in silent_losses.losses():
        said = loss.ours()
        whole = ("Llega poco" in said and "nobody" not in said) or "'NA'" in said or "32000 + 8000" in said
        assert said.startswith("refused: ") or whole or "no text layer" in said or "_x0041_" in said, loss.file
