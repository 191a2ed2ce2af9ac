"""A named wrong answer: what to change in the right one, and what a learner should read.

A lesson's ``misconceptions.py`` lists them. They serve the visible checks, which name the
mistake; the grader, which explains a lost point by one; and the test of the grader itself, which
must refuse every one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """One way to get a function wrong.

    Attributes
    ----------
    name : str
        Short and in words, ``"feeds_the_current_token"``; the class report counts by it.
    function : str
        The function that is wrong.
    sentence : str
        What the learner reads: what was done, and what to do instead.
    changes : mapping of str to str
        Old text to new text in the instructor's solution; each old text occurs exactly once.
    breaks : tuple of str
        `grade_id` of the claims that must refuse it.
    """

    name: str
    function: str
    sentence: str
    changes: Mapping[str, str]
    breaks: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"a misconception's name is words_with_underscores, not {self.name!r}")
        for need in ("sentence", "changes", "breaks"):
            if not getattr(self, need):
                raise ValueError(f"misconception {self.name} has no {need}")

    def apply(self, source: str) -> str:
        """Return the wrong answer's source.

        Parameters
        ----------
        source : str
            The instructor's solution cell.

        Returns
        -------
        str
            The source with all changes made at once.

        Raises
        ------
        ValueError
            Where an old text does not occur exactly once, or two of them overlap.

        Examples
        --------
        >>> wrong = Misconception("adds", "f", "Multiply.", {"a * b": "a + b"}, ("multiplies",))
        >>> wrong.apply("return a * b")
        'return a + b'
        """
        places = []
        for old, new in self.changes.items():
            if source.count(old) != 1:
                raise ValueError(
                    f"misconception {self.name}: {old!r} occurs {source.count(old)} times in the "
                    f"solution of {self.function}; it must occur exactly once"
                )
            places.append((source.index(old), old, new))
        changed, end = "", 0
        for start, old, new in sorted(places):
            if start < end:
                raise ValueError(f"misconception {self.name}: {old!r} overlaps another change")
            changed += source[end:start] + new
            end = start + len(old)
        return changed + source[end:]
