"""`python -m second_verifier STUDY`: what a second verifier finds, a line each; ends with 3 where there is any."""

import sys
from pathlib import Path

from second_verifier import CHECKS, verify

differences = verify(Path(sys.argv[1]))
for difference in differences:
    print(difference)  # noqa: T201
print(f"{len(CHECKS)} checks, {len(differences)} differences")  # noqa: T201
sys.exit(3 if differences else 0)
