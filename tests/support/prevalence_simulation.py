"""How often the interval of a share of persons contains the true share: `python tests/support/prevalence_simulation.py [ROUNDS]`.

Persons speak of a code with a known probability, in few or many excerpts; a biased machine misses and invents, with some persons
far more than with the rest. A share of the excerpts is drawn by chance and decided. Beside the interval of
`pipeline.evidence.prevalence` comes the naive one: the same, over the persons in whose words the machine finds the code.
"""

import sys
from dataclasses import dataclass
from functools import cache
from math import ceil, sqrt
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from pipeline.evidence.prevalence import Excerpts, interval, person_figures


@dataclass(frozen=True)
class Machine:
    """How a machine errs: the share of excerpts that it finds and invents, and how many persons it hears badly."""

    name: str
    finds: float
    invents: float
    deaf: float = 0.4  # to these persons it listens with 40 % of its sensitivity


CHOSEN_ON = (  # the interval was chosen with these, by other random numbers
    Machine("misses and invents", 0.7, 0.03),
    Machine("invents", 0.9, 0.1),
    Machine("misses", 0.4, 0.001),
    Machine("good", 0.9, 0.005),
)
OTHERS = (
    Machine("nearly deaf", 0.15, 0.002),
    Machine("invents much", 0.95, 0.3),
    Machine("perfect", 1.0, 0.0, deaf=0.0),
    Machine("deaf to most", 0.85, 0.02, deaf=0.8),
    Machine("by chance", 0.1, 0.1, deaf=0.0),
)
MACHINES = (*CHOSEN_ON, *OTHERS)
SEED = 20261201
SHARES, PERSONS, DRAWN = (0.02, 0.05, 0.1, 0.3, 0.5), (20, 50, 100, 200), (0.5, 0.7)
GROUPS = (
    (20, 20),
    (50, 50),
    (100, 100),
    (50, 5),
    (50, 8),
    (100, 10),
    (100, 15),
)  # persons of a study and of a group in it
FEW = 3  # speakers to be expected, up to which the ends of the interval are looked at one by one
MOST, FURTHER = 23, 1.5  # excerpts of a person, and those of a speaker beyond the first that carry the code, on average


def draw(rng, machine, *, share, persons, drawn, group=0):
    """(estimate, naive interval) of one study, or of its first persons if a `group` has so many."""
    speaks = rng.random(persons) < share
    said = rng.integers(1, MOST + 1, persons)  # excerpts of each person
    person = np.repeat(np.arange(persons), said)
    number = np.arange(len(person)) - np.repeat(said.cumsum() - said, said)  # of an excerpt among those of its person
    carries = number < np.where(speaks, 1 + rng.poisson(FURTHER, persons), 0)[person]
    finds = (np.where(rng.random(persons) < machine.deaf, 0.4, 1.0) * machine.finds)[person]
    predicted = rng.random(len(person)) < np.where(carries, finds, machine.invents)
    sample = np.zeros(len(person), dtype=bool)
    sample[rng.choice(len(person), ceil(drawn * len(person)), replace=False)] = True
    excerpts = Excerpts(person, sample, carries & sample, predicted, sample)
    counted = np.bincount(person[predicted], minlength=persons) > 0
    members = np.arange(persons) < (group or persons)
    figures = person_figures(excerpts, persons).corrected[members]
    return interval(figures, excerpts.share_drawn), naive_interval(int(counted[members].sum()), int(members.sum()))


@cache
def naive_interval(speakers, persons):
    return interval(np.array([1.0] * speakers + [0.0] * (persons - speakers)), 1.0)


def misses(machine, *, share, persons, drawn, group, rounds):
    """How often the upper end is below the share of a group, and how often the lower end is above it."""
    rng = np.random.default_rng(
        [SEED, MACHINES.index(machine), round(1000 * share), persons, group, round(100 * drawn)]
    )
    made = [draw(rng, machine, share=share, persons=persons, drawn=drawn, group=group)[0] for _ in range(rounds)]
    return float(np.mean([each.high < share for each in made])), float(np.mean([each.low > share for each in made]))


def few_speakers(rounds):
    """The misses of all cases with three speakers or fewer to be expected, in studies and in groups of 5 to 20 persons."""
    return [
        misses(machine, share=share, persons=persons, drawn=drawn, group=group, rounds=rounds)
        for machine in OTHERS
        for share in SHARES
        for persons, group in GROUPS
        for drawn in (*DRAWN, 1.0)
        if share * group <= FEW
    ]


def coverage(machine, *, share, persons, drawn, rounds):
    """How often the interval contains the share, how wide it is, and how often the naive one contains it.

    Each case has random numbers of its own.
    """
    rng = np.random.default_rng([SEED, MACHINES.index(machine), round(1000 * share), persons, round(100 * drawn)])
    pairs = [draw(rng, machine, share=share, persons=persons, drawn=drawn) for _ in range(rounds)]
    held = [each.low <= share <= each.high for each, _ in pairs]
    naive = [each.low <= share <= each.high for _, each in pairs]
    return float(np.mean(held)), float(np.mean([each.high - each.low for each, _ in pairs])), float(np.mean(naive))


def main(rounds):
    """Print a line for every other machine, share, number of persons and share drawn, and a summary."""
    held, widths, all_naive = [], [], []
    for machine in OTHERS:
        for share in SHARES:
            for persons in PERSONS:
                for drawn in DRAWN:
                    contained, width, naive = coverage(
                        machine, share=share, persons=persons, drawn=drawn, rounds=rounds
                    )
                    held.append(contained)
                    widths.append(width)
                    all_naive.append(naive)
                    print(  # noqa: T201
                        f"{machine.name:20} share {share:.2f}  persons {persons:3}  drawn {drawn:.1f}  "
                        f"contains {contained:.3f}  width {width:.2f}  naive {naive:.3f}"
                    )
    error = 2 * sqrt(0.95 * 0.05 / rounds)
    print(  # noqa: T201
        f"{len(held)} cases of {rounds}: mean {np.mean(held):.3f}, {min(held):.3f} to {max(held):.3f}, "
        f"{sum(each < 0.93 for each in held)} below .93, {sum(each > 0.97 for each in held)} above .97; beyond the simulation "
        f"error of {error:.3f}: {sum(each < 0.93 - error for each in held)} and {sum(each > 0.97 + error for each in held)}; "
        f"width {np.mean(widths):.3f}; naive: mean {np.mean(all_naive):.3f}, {sum(each < 0.93 for each in all_naive)} below .93"
    )
    few = few_speakers(rounds // 4)
    too_low, too_high = np.array(few).T
    print(  # noqa: T201
        f"{len(few)} cases of {rounds // 4} with {FEW} speakers or fewer: the upper end is too low in {too_low.mean():.3f} "
        f"(at most {too_low.max():.3f}), the lower one too high in {too_high.mean():.3f} (at most {too_high.max():.3f})"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
