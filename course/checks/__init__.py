"""What a learner sees while working, and what test cells are written with.

`check` is the learner's: ``checks.check(my_function)`` says which claims hold, and of the first
that fails what was expected, what came, and the likely cause. The rest are assertions and small
inputs for test cells. Importing this costs no more than NumPy.
"""

from course.checks.asserts import (
    assert_agrees,
    assert_raises,
    assert_unchanged,
    each_cell_type,
)
from course.checks.calls import call_each, call_each_silently
from course.checks.coins import read_coins
from course.checks.dashboard import check
from course.checks.docstrings import assert_docstring_written
from course.checks.examples import Example, example, random_example
from course.checks.statistics import assert_count, assert_independent, assert_rate, binomial_bounds
from course.checks.works import assert_any_works, assert_works

__all__ = [
    "Example",
    "assert_agrees",
    "assert_any_works",
    "assert_count",
    "assert_docstring_written",
    "assert_independent",
    "assert_raises",
    "assert_rate",
    "assert_unchanged",
    "assert_works",
    "binomial_bounds",
    "call_each",
    "call_each_silently",
    "check",
    "each_cell_type",
    "example",
    "random_example",
    "read_coins",
]
