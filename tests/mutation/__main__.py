"""Try the grader with wrong answers: ``python3 tests/mutation [WORD]...``.

Every named misconception and every machine-made mutant of the instructor's solutions is put in the
solution's place, and the lesson's tests are run until one refuses it. Printed are the scores,
refused of all, by lesson and function, and each mutant that survives and is not in the lesson's
``equivalent.toml``, which has the proofs of those that are right answers. The exit status is 1
where there is one. With words, only what has each in its name is tried.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy comes: children are forked from here
sys.path.append(str(Path(__file__).parents[1] / "support"))

from trial import (
    SURVIVED,
    TIMED_OUT,
    Trial,
    all_mutants,
    equivalents,
    machine_made,
    named_mistakes,
    outcomes_of,
)


def score(kind: str, trials: list[Trial], allowed: dict[str, str]) -> list[str]:
    """Try some wrong answers and print their score; return what is not as it should be."""
    tried: Counter[tuple[str, str]] = Counter()
    refused, equivalent, slow = tried.copy(), tried.copy(), tried.copy()
    wrong = []
    for trial, outcome in outcomes_of(trials):
        where = trial.lesson_id, trial.function
        tried[where] += 1
        slow[where] += outcome == TIMED_OUT
        refused[where] += outcome != SURVIVED
        equivalent[where] += outcome == SURVIVED and trial.name in allowed
        if outcome == SURVIVED and trial.name not in allowed:
            wrong.append(f"survived: {trial.name}{to_be_proved(trial)}")
        elif outcome != SURVIVED and trial.name in allowed:
            wrong.append(f"refused, but listed as equivalent: {trial.name}")
    for where, count in sorted(tried.items()):
        row = f"{kind:16} {where[0]:22} {where[1]:36} {refused[where]:4} refused"
        row += f" + {equivalent[where]:2} equivalent of {count:4}"
        print(row + (f" ({slow[where]} without end)" if slow[where] else ""))
    all_refused, all_equivalent = refused.total(), equivalent.total()
    print(f"{kind}: {all_refused} refused + {all_equivalent} equivalent of {tried.total()}\n")
    return wrong


def to_be_proved(trial: Trial) -> str:
    """Return a survivor's entry in ``equivalent.toml``, but for the proof."""
    found = (one for lesson_id, one in all_mutants() if lesson_id == trial.lesson_id)
    mutant = next((one for one in found if str(one) == trial.name), None)
    if mutant is None:
        return ""
    return (
        f"\n  add a test that refuses it, or a proof to tests/lessons/{trial.lesson_id}/"
        f'equivalent.toml:\n\n[[equivalent]]\nfunction = "{mutant.function}"\n'
        f"before = {json.dumps(mutant.before)}\nafter = [{json.dumps(mutant.after)}]\n"
        f'because = "..."\n'
    )


def main(argv: list[str]) -> int:
    """Try everything; return 1 where something survives."""
    parser = argparse.ArgumentParser(
        prog="python tests/mutation",
        description="Name every wrong answer that no test of its lesson refuses.",
    )
    parser.add_argument("words", metavar="WORD", nargs="*", help="in the name of what is tried")
    words = parser.parse_args(argv).words
    began = time.perf_counter()
    allowed = equivalents()
    named, made = (
        [t for t in trials if all(word in t.name or word == t.function for word in words)]
        for trials in (named_mistakes(), machine_made())
    )
    if not named and not made:
        parser.error(f"no wrong answer has {' and '.join(words)} in its name")
    wrong = score("named mistakes", named, {})
    wrong += score("mutants", made, allowed)
    if not words:
        unknown = allowed.keys() - {trial.name for trial in made}
        wrong += [f"listed as equivalent, but no mutant: {name}" for name in sorted(unknown)]
    print(*wrong, f"{time.perf_counter() - began:.0f} s", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
