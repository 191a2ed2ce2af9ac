"""Stars: what they are made of, how a model reads them, in which orders a path is written."""

from __future__ import annotations

import numpy as np
import pytest

from course.engine.numerics import Array
from course.study.stars import ORDERS, Order, Size, Stars, draw_stars, prompted, to_write

N = 300
every_size = pytest.mark.parametrize(
    "size", [Size(2, 5), Size(4, 3), Size(1, 2), Size(3, 2)], ids=str
)


def drawn(size: Size, seed: int = 0, columns: int = N) -> Stars:
    return draw_stars(size, columns, np.random.default_rng(seed))


def even(counts: Array) -> bool:
    """Say whether none is further from its share than six sigma: by chance one in 5e8 is."""
    share = 1 / len(counts)
    sigma = np.sqrt(counts.sum() * share * (1 - share))
    return bool((abs(counts - counts.sum() * share) < 6 * sigma).all())


@every_size
def test_every_arm_leads_over_its_own_nodes_from_the_centre(size: Size) -> None:
    stars = drawn(size)
    for n in range(N):
        edges, centre = stars.edges[:, :, n].tolist(), stars.paths[0, n]
        after = {a: b for a, b in edges if a != centre}
        firsts, met = [b for a, b in edges if a == centre], {centre}
        assert len(firsts) == size.arms
        for node in firsts:
            arm = [node]
            while arm[-1] in after:
                arm.append(after[arm[-1]])
            assert len(arm) == size.hops
            met |= set(arm)
        assert len(met) == size.edges + 1
        assert met <= set(range(size.labels))


@every_size
def test_a_path_steps_along_edges_from_the_centre_to_an_end(size: Size) -> None:
    stars = drawn(size)
    for n in range(N):
        pairs = set(map(tuple, stars.edges[:, :, n].tolist()))
        steps = zip(stars.paths[:-1, n].tolist(), stars.paths[1:, n].tolist(), strict=True)
        assert set(steps) <= pairs
        assert stars.paths[-1, n] not in {a for a, _ in pairs}


def test_every_name_stands_at_every_node_as_often() -> None:
    size = Size(2, 3)
    stars = drawn(size, columns=6000)
    for node in stars.paths:
        assert even(np.bincount(node, minlength=size.labels))


def test_edges_come_in_any_order_and_the_goal_is_at_the_end_of_any_arm() -> None:
    size = Size(3, 3)
    stars = drawn(size, columns=6000)
    first = (stars.edges[:, 0] == stars.paths[0]) & (stars.edges[:, 1] == stars.paths[1])
    places = first.argmax(axis=0)
    assert even(np.bincount(places, minlength=size.edges))
    smaller = [
        np.sort(stars.edges[:, 1, n][stars.edges[:, 0, n] == stars.paths[0, n]]).tolist()
        for n in range(6000)
    ]
    arms = [firsts.index(stars.paths[1, n]) for n, firsts in enumerate(smaller)]
    assert even(np.bincount(arms, minlength=size.arms))


def test_the_same_seed_draws_the_same_stars_and_another_others() -> None:
    np.testing.assert_array_equal(drawn(Size(2, 4), 1).edges, drawn(Size(2, 4), 1).edges)
    assert (drawn(Size(2, 4), 1).edges != drawn(Size(2, 4), 2).edges).any()


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("forwards", [1, 2, 3]),
        ("backwards", [3, 2, 1]),
        ("backwards_then_forwards", [3, 2, 1, 1, 2, 3]),
    ],
)
def test_the_centre_is_not_written(order: Order, expected: list[int]) -> None:
    assert to_write(np.array([[7], [1], [2], [3]]), order)[:, 0].tolist() == expected


@pytest.mark.parametrize("order", ORDERS)
def test_a_model_reads_edges_goal_and_centre_and_nothing_else(order: Order) -> None:
    size = Size(2, 4)
    stars = drawn(size, columns=5)
    batch, V = prompted(stars, order), size.labels
    assert batch.given.shape == (size.edges + 2, 3 * V, 5)
    assert batch.members == size.edges
    np.testing.assert_array_equal(batch.given[: size.edges, :V].argmax(axis=1), stars.edges[:, 0])
    np.testing.assert_array_equal(
        batch.given[: size.edges, V : 2 * V].argmax(axis=1), stars.edges[:, 1]
    )
    asked = batch.given[size.edges :, 2 * V :].argmax(axis=1)
    np.testing.assert_array_equal(asked, stars.paths[[-1, 0]])
    assert batch.given.sum(axis=1)[: size.edges].tolist() == [[2.0] * 5] * size.edges
    assert batch.given.sum(axis=1)[size.edges :].tolist() == [[1.0] * 5] * 2
    np.testing.assert_array_equal(batch.tokens, to_write(stars.paths, order))
