"""Stars of paths are read by their structure; chance among equals by an exact chi-square."""

from itertools import product
from math import comb

import numpy as np
import pytest

from course import checks
from course.checks.cells.bounds import chi_square_bound
from course.checks.cells.stars import NoStarError

EDGES = np.array([[4, 0], [2, 4], [7, 9], [2, 5], [5, 3], [2, 7]])
STAR = EDGES, 9, [2, 7, 9]
ARMS, LENGTH = 3, 3


def test_a_star_is_read_whatever_the_order_of_its_edges():
    assert checks.read_arms(STAR, ARMS, LENGTH) == [[2, 4, 0], [2, 5, 3], [2, 7, 9]]
    assert checks.read_goal(STAR, ARMS, LENGTH) == [2, 7, 9]
    assert checks.read_path(STAR, ARMS, LENGTH) == [2, 7, 9]
    assert checks.read_names(STAR, ARMS, LENGTH, labels=10) == [0, 2, 3, 4, 5, 7, 9]


@pytest.mark.parametrize(
    "path", [[2, 7, 9], (2, 7, 9), np.array([2, 7, 9]), [*np.array([2, 7, 9])]]
)
def test_a_path_may_be_a_list_of_any_kind(path):
    assert checks.read_path((EDGES, np.int64(9), path), ARMS, LENGTH) == [2, 7, 9]


@pytest.mark.parametrize(
    ("edges", "kind"),
    [
        (EDGES[:5], "too few edges"),
        (np.vstack([EDGES, EDGES[:1]]), "too many edges"),
        (EDGES.ravel(), "too many edges"),
        (EDGES[:, :1], "another shape"),
        (EDGES + 0.5, "no whole numbers"),
        (None, "no whole numbers"),
        ([[4, 0], [2]], "no whole numbers"),
        (np.arange(12).reshape(6, 2), "too many names"),
        (np.vstack([EDGES[:5], EDGES[:1]]), "an edge twice"),
    ],
)
def test_edges_that_are_not_as_many_as_due_are_refused(edges, kind):
    with pytest.raises(NoStarError) as refused:
        checks.read_edges((edges, 9, [2, 7, 9]), ARMS, LENGTH)
    assert kind in refused.value.kind


@pytest.mark.parametrize(
    ("edges", "kind"),
    [
        (EDGES[:, ::-1], "turns its edges round"),
        (np.where(EDGES == 7, 2, EDGES), "no single centre"),
        (np.array([[2, 4], [4, 0], [0, 3], [2, 5], [2, 7], [7, 9]]), "other lengths"),
        (np.array([[2, 4], [2, 0], [2, 3], [2, 5], [2, 7], [7, 9]]), "too many arms"),
        (np.array([[2, 4], [4, 0], [0, 3], [2, 5], [5, 7], [7, 9]]), "too few arms"),
        (np.array([[4, 0], [2, 4], [7, 9], [9, 7], [5, 3], [3, 5]]), "edges|names|arms"),
    ],
)
def test_edges_that_make_no_arms_are_refused(edges, kind):
    with pytest.raises(NoStarError) as refused:
        checks.read_arms((edges, 9, [2, 7, 9]), ARMS, LENGTH)
    assert any(one in refused.value.kind for one in kind.split("|"))


def test_a_circle_of_edges_is_no_arm():
    circle = np.array([[2, 4], [0, 3], [3, 0], [5, 7]])
    with pytest.raises(NoStarError, match="edges"):
        checks.read_arms((circle, 4, [2, 4]), arms=2, length=3)


def test_edges_turned_round_cost_no_other_claim():
    turned = EDGES[:, ::-1], 9, [2, 7, 9]
    assert checks.read_path(turned, ARMS, LENGTH) == [2, 7, 9]
    assert len(checks.read_arms(turned, ARMS, LENGTH, either_way=True)) == ARMS
    single = np.array([[1, 4], [5, 1]])  # of one arm either end may be the goal then
    assert checks.read_goal((single, 5, [4, 1, 5]), arms=1, length=3) == [4, 1, 5]
    assert checks.read_goal((single, 4, [5, 1, 4]), arms=1, length=3) == [5, 1, 4]


@pytest.mark.parametrize(
    ("goal", "kind"),
    [(2, "the centre"), (7, "after the centre"), (6, "no node"), (9.0, "whole"), ([9], "whole")],
)
def test_a_goal_that_ends_no_arm_is_refused(goal, kind):
    with pytest.raises(NoStarError) as refused:
        checks.read_goal((EDGES, goal, [2, 7, 9]), ARMS, LENGTH)
    assert kind in refused.value.kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ([9, 7, 2], "back"),
        ([7, 9], "leaves the centre out"),
        ([2, 7], "leaves the goal out"),
        ([7], "centre and goal"),
        ([2, 5, 3], "another arm"),
        ([2, 7, 9, 9], "another path"),
        ([[2, 7], [7, 9]], "another path"),
        (279, "another path"),
    ],
)
def test_a_path_that_is_not_the_goals_arm_is_refused(path, kind):
    with pytest.raises(NoStarError) as refused:
        checks.read_path((EDGES, 9, path), ARMS, LENGTH)
    assert kind in refused.value.kind


@pytest.mark.parametrize(
    ("edges", "kind"),
    [(EDGES + 1, "not below"), (EDGES - 1, "below 0"), (np.where(EDGES == 9, 0, EDGES), "too few")],
)
def test_names_outside_the_labels_or_used_twice_are_refused(edges, kind):
    with pytest.raises(NoStarError) as refused:
        checks.read_names((edges, 9, [2, 7, 9]), ARMS, LENGTH, labels=10)
    assert kind in refused.value.kind


@pytest.mark.parametrize("star", [None, EDGES, (EDGES, 9), (EDGES, 9, [2], 1), "star"])
def test_what_is_not_three_things_is_refused(star):
    with pytest.raises(NoStarError, match="return edges, goal, path"):
        checks.three_parts(star)


def exact_tail(n, k, bound):
    """Return how often chi-square of n outcomes of k kinds is above a bound, the slow way."""
    above = 0
    for counts in product(range(n + 1), repeat=k - 1):
        last = n - sum(counts)
        if last < 0:
            continue
        ways, left = 1, n
        for count in (*counts, last):
            ways *= comb(left, count)
            left -= count
        if k / n * sum(count**2 for count in (*counts, last)) - n > bound + 1e-9:
            above += ways
    return above / k**n


@pytest.mark.parametrize(("n", "k"), [(40, 2), (30, 3), (25, 4), (1, 3), (7, 1)])
@pytest.mark.parametrize("alpha", [0.05, 1e-4, 1e-9])
def test_chi_square_is_above_its_bound_as_seldom_as_said(n, k, alpha):
    bound = chi_square_bound(n, k, alpha)
    assert exact_tail(n, k, bound) <= alpha
    assert bound == 0 or exact_tail(n, k, bound - 1e-6) > alpha


def test_fair_outcomes_pass_and_others_are_refused(rng):
    for k in (2, 3, 4):
        checks.assert_uniform(rng.integers(k, size=240), k, alpha=1e-9)
        with pytest.raises(AssertionError, match=r"chi-square is .* Alas"):
            checks.assert_uniform(rng.integers(k - 1, size=240), k, alpha=1e-9, because="Alas")


def test_an_outcome_that_there_is_not_is_refused():
    with pytest.raises(AssertionError, match="of 12 calls 3, 3, 3, 3 came out"):
        checks.assert_uniform([0, 1, 2, 3] * 3, 3, alpha=1e-9)
