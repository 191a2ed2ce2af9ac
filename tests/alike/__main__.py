"""Measure ``course alike``: ``python3 tests/alike [--seed N] [WORD]...``.

For each exercise the tests' right answers, which were written independently, are compared as if
each were a student's: the pairs that are listed then are false alarms. Then a disguised copy of
each is added, one at a time, and it is counted how many are listed with their originals. Last, the
demonstration's class of each lesson. With words, only exercises that have each in their names.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "support"))

from measured import demo_pairs, exercises, given, measure


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python3 tests/alike")
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--seed", type=int, default=0, help="of the disguises; 0 if left out")
    asked = parser.parse_args()
    total: Counter[str] = Counter()
    known = {}
    for lesson, function in exercises(asked.words):
        if lesson.id not in known:
            known[lesson.id] = given(lesson)
        figures = measure(lesson, function, known[lesson.id], asked.seed)
        total += Counter(answers=figures.answers, pairs=figures.pairs, listed=len(figures.listed))
        total += Counter(figures.found)
        found = " ".join(f"{number:3}" for number in figures.found.values())
        print(f"{function:36} {figures.answers:3} answers, {figures.pairs:4} pairs", end=" ")
        print(f"{len(figures.listed)} listed; copies {found}", flush=True)
        print(*(f"    listed: {names}" for names in figures.listed), sep="\n", end="")
        print(end="\n" if figures.listed else "")
    print(f"\n{total['listed']} of {total['pairs']} pairs of unlike answers are listed")
    for disguise in figures.found:
        share = 100 * total[disguise] / total["answers"]
        print(f"{total[disguise]} of {total['answers']} copies found ({share:.0f} %): {disguise}")
    for lesson_id, its in known.items():
        lesson = next(one for one, _ in exercises() if one.id == lesson_id)
        size, pairs = demo_pairs(lesson, its)
        print(f"{lesson_id}: {pairs} pairs of the demonstration's {size} known mistakes listed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
