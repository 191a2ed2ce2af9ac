"""Time a measurement of exposure bias: all of `course.exposure.measure`, which runs twice.

The goal is 30 ms for 200 contexts and 30 steps. From the repository's root, in the environment:

    PYTHONPATH=. python benchmarks/exposure.py [--rounds N]
"""

from __future__ import annotations

import argparse
import time
from statistics import median, quantiles

from course import trained
from course.exposure import measure

COLUMNS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    batch = trained.held_out("osc", COLUMNS)
    print(f"{COLUMNS} contexts, {len(batch.tokens)} steps, milliseconds of wall time")
    for cell in ("rnn", "lstm", "gru"):
        model, times = trained.load("osc", cell), []
        measure(model, batch)  # what is loaded at first use
        for _ in range(rounds):
            begun = time.perf_counter()
            measure(model, batch)
            times.append(1e3 * (time.perf_counter() - begun))
        print(f"{cell:>5}: median {median(times):.1f}, 95 % {quantiles(times, n=20)[-1]:.1f}")


if __name__ == "__main__":
    main()
