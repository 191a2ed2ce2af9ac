"""Known ways to get lesson 5 wrong."""

from course.lessons.misconceptions import Misconception

MISCONCEPTIONS: tuple[Misconception, ...] = ()
