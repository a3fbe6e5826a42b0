"""How many of the numbered hostile cases hold."""

HOSTILE = {f"{number:02}" for number in (*range(1, 42), 46)}


def tally(held: set[str], broken: set[str]) -> str:
    """How many of the hostile cases 1 to 41 and 46 hold; one that did not run does not count as held."""
    missing = len(HOSTILE - held - broken)
    named = f"; not case {', '.join(sorted(broken))}" if broken else ""
    not_run = f"; {missing} did not run" if missing else ""
    others = (held | broken) - HOSTILE
    further = f"; of {len(others)} further numbered cases {len(held - HOSTILE)} hold" if others else ""
    return f"hostile cases: {len(held & HOSTILE)}/{len(HOSTILE)} hold{named}{not_run}{further}"
