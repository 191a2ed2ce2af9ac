"""What a learner sees while working, and what test cells are written with.

`check` is the learner's: ``checks.check(my_function)`` says which checks pass, and of the first
that does not what was expected, what came, and the likely cause. ``checks.run_claims(my_function)``
runs the claims of an exercise: its visible tests, which give points. The rest are assertions and
small inputs for test cells. Importing this costs no more than NumPy; in a notebook a claim that
fails is from then on shown in words.
"""

from course.checks.cells.asserts import (
    assert_agrees,
    assert_raises,
    assert_unchanged,
    each_cell_type,
    rounding_of,
)
from course.checks.cells.bounds import binomial_bounds
from course.checks.cells.calls import call_each, call_each_silently
from course.checks.cells.coins import read_coins
from course.checks.cells.docstrings import assert_docstring_written
from course.checks.cells.examples import Example, example, random_example
from course.checks.cells.losses import sum_of_powers, sum_within, weighted_logits
from course.checks.cells.stars import (
    read_arms,
    read_edges,
    read_goal,
    read_names,
    read_path,
    three_parts,
)
from course.checks.cells.statistics import (
    assert_count,
    assert_independent,
    assert_rate,
    assert_uniform,
)
from course.checks.cells.transformers import (
    TransformerExample,
    pass_runs,
    random_block,
    random_rows,
    random_transformer,
    read_pass_coins,
)
from course.checks.cells.works import assert_any_works, assert_works
from course.checks.dashboard.checking import check
from course.checks.dashboard.failing import say_claims_that_fail
from course.checks.dashboard.running import run_claims

__all__ = [
    "Example",
    "TransformerExample",
    "assert_agrees",
    "assert_any_works",
    "assert_count",
    "assert_docstring_written",
    "assert_independent",
    "assert_raises",
    "assert_rate",
    "assert_unchanged",
    "assert_uniform",
    "assert_works",
    "binomial_bounds",
    "call_each",
    "call_each_silently",
    "check",
    "each_cell_type",
    "example",
    "pass_runs",
    "random_block",
    "random_example",
    "random_rows",
    "random_transformer",
    "read_arms",
    "read_coins",
    "read_edges",
    "read_goal",
    "read_names",
    "read_pass_coins",
    "read_path",
    "rounding_of",
    "run_claims",
    "sum_of_powers",
    "sum_within",
    "three_parts",
    "weighted_logits",
]

say_claims_that_fail()
