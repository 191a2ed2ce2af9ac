"""Path-star: what its measures mean, what training comes to, what the five seeds say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from course.engine import Parameters
from course.engine.transformer import initial_transformer
from course.engine.transformer.prompted import Fed
from course.study import path_star
from course.study.path_star import (
    LONG,
    MEASURES,
    SIZES,
    STUDIES,
    TEACHER_FORCED,
    StarTraining,
    held_out_stars,
    outcomes,
    says,
    shape_for,
    trained_in,
    ways_of,
)
from course.study.stars import Order, Size, draw_stars, prompted
from course.trained.results import find

SMALL = Size(2, 3)


def untrained(size: Size = SMALL) -> Parameters:
    return initial_transformer(shape_for(size), np.random.default_rng(1))


@pytest.mark.parametrize("way", {**TEACHER_FORCED, **LONG}.values(), ids=str)
def test_what_is_measured_is_what_a_model_says_forced_and_in_use(way: StarTraining) -> None:
    model, stars = untrained(), draw_stars(SMALL, 400, np.random.default_rng(3))
    batch, found = prompted(stars, way.order), outcomes(untrained(), way, stars)
    feeds: tuple[Fed, Fed] = ("nothing", "nothing") if way.fed == "nothing" else ("truth", "own")
    for name, fed in zip(("forced", "used"), feeds, strict=True):
        right = (says(model, batch, fed).argmax(axis=1) == batch.tokens).mean(axis=1)
        told = [found[f"{name}_{k + 1}"] for k in range(len(batch.tokens))]
        np.testing.assert_allclose(told, right)
    forwards = says(model, batch, feeds[1]).argmax(axis=1)[-SMALL.hops :]
    whole = (forwards == batch.tokens[-SMALL.hops :]).all(axis=0).mean()
    assert found["whole"] == pytest.approx(whole)
    assert found.keys() <= MEASURES.keys()


def test_orders_begin_with_the_same_weights_and_meet_the_same_stars(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    met: dict[str, list[np.ndarray]] = {}
    orders: tuple[Order, ...] = ("forwards", "backwards", "backwards_then_forwards")
    for order in orders:

        def noting(*given: object, order: str = order) -> object:
            stars = draw_stars(*given)  # type: ignore[arg-type]
            met.setdefault(order, []).append(stars.edges)
            return stars

        monkeypatch.setattr(path_star, "draw_stars", noting)
        trained_in(StarTraining(order, updates=2), SMALL, 4)
    for order in orders[1:]:
        for one, other in zip(met[order], met["forwards"], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.slow(seconds=15)
def test_forwards_stays_at_chance_at_its_first_node_and_backwards_is_learned() -> None:
    """With a star that is learned in a second; chance of 1 / 3 is missed by 5 sigma at most."""
    size, stars = Size(3, 3), held_out_stars(Size(3, 3), 600)
    forwards, backwards = (
        outcomes(
            trained_in(StarTraining(order, updates=250), size, 0)[0], StarTraining(order), stars
        )
        for order in ("forwards", "backwards")
    )
    assert abs(forwards["forced_1"] - 1 / 3) < 5 * np.sqrt(2 / 9 / 600)
    assert forwards["forced_2"] > 0.98
    assert forwards["whole"] == pytest.approx(forwards["forced_1"], abs=0.02)
    assert backwards["whole"] > 0.9


def test_longer_ways_are_tried_on_the_first_size_alone() -> None:
    assert ways_of(SIZES[0]).keys() == {*TEACHER_FORCED, *LONG}
    assert ways_of(SIZES[1]) == TEACHER_FORCED
    assert {way.updates for way in LONG.values()} == {path_star.LONGER}


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.path)
def test_the_five_seeds_say_what_the_lesson_tells(study: object) -> None:
    """By teacher forcing forwards 1/arms, all else right; the other orders nearly all."""
    path = study.path  # type: ignore[attr-defined]
    arms, length = map(int, path.partition("/")[2].split("x"))
    first, whole = find(f"{path}/forwards/forced_1"), find(f"{path}/forwards/whole")
    assert abs(first.mean - 1 / arms) < 0.03
    assert whole.mean == pytest.approx(first.mean, abs=0.005)
    for k in range(2, length):
        assert find(f"{path}/forwards/forced_{k}").mean > 0.99
    for order in ("backwards", "backwards_then_forwards"):
        assert find(f"{path}/{order}/whole").mean > 0.9


def test_a_run_stops_where_its_callback_says_so() -> None:
    way = replace(TEACHER_FORCED["forwards"], updates=50)
    _, losses = trained_in(way, SMALL, 0, callback=lambda made: made.updates == 3)
    assert len(losses) == 3
