"""Path-star without widgets: whose stars they are, one training in a thread, what is said of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from course.engine import log_softmax
from course.exposure import negative_log_likelihood
from course.figures.drawing import Picture
from course.labs import LABS, SOLVED
from course.labs.hooks.failures import STARS as TOLD_OF
from course.labs.page.state import complete
from course.labs.path_star import drawn, run, state
from course.labs.path_star.drawn import STARS, amiss
from course.labs.path_star.pictures import first_of_arm, star
from course.labs.path_star.state import PathStar
from course.study.path_star import StarTraining, outcomes, says, trained_in
from course.study.stars import ORDERS, Order, Size, draw_stars, prompted, to_write
from course.trained.results import find

RIGHT: Callable[..., Any] = SOLVED["path_star"]
SMALL = {"arms": 2, "length": 3, "updates": 40}


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Callable[[PathStar, int], PathStar]:
    """Wait until so many updates are made."""
    made = threading.Condition()

    def telling(*given: Any, callback: Any, **named: Any) -> Any:
        def tell(progress: Any) -> bool:
            stop = bool(callback(progress))
            with made:
                made.notify_all()
            return stop

        return trained_in(*given, callback=tell, **named)

    def reach(lab: PathStar, updates: int) -> PathStar:
        with made:
            assert made.wait_for(lambda: lab.made >= updates, timeout=600), lab.message()
        return lab

    monkeypatch.setattr(run, "trained_in", telling)
    return reach


def trained(**given: Any) -> PathStar:
    lab = complete(PathStar(RIGHT), **(SMALL | given))
    lab.start()
    lab.wait()
    return lab


# Whose stars they are.


def test_the_stars_are_those_that_the_learners_function_draws() -> None:
    lab = complete(PathStar(RIGHT))
    assert lab.message() == ""
    stars = lab._drawn.stars
    for n in (0, 7, STARS - 1):
        edges, goal, path = RIGHT(2, 5, 10, np.random.default_rng([drawn.SEED, n]))
        np.testing.assert_array_equal(stars.edges[:, :, n], edges)
        assert stars.paths[:, n].tolist() == path
        assert goal == path[-1]
    assert len({tuple(path) for path in stars.paths.T.tolist()}) > STARS / 2


def test_stars_are_drawn_some_at_a_time_and_those_of_another_size_anew() -> None:
    lab = PathStar(RIGHT)
    assert lab.advance(0.0)
    assert lab._drawn.theirs == 1
    assert lab.advance(0.0)
    assert lab._drawn.theirs == 2
    lab.arms = 3
    assert lab.advance(0.0)
    assert lab._drawn.theirs == 1
    assert lab._drawn.stars.edges.shape == (12, 2, STARS)


def test_without_a_function_the_lab_draws_its_own() -> None:
    lab = PathStar()
    assert not lab.advance(0.0)
    assert lab._drawn.theirs == 0
    assert lab.message() == ""
    own = draw_stars(Size(2, 5), STARS, np.random.default_rng(drawn.SEED))
    np.testing.assert_array_equal(lab._drawn.stars.edges, own.edges)


EDGES = np.array([[0, 1], [1, 2], [0, 3], [3, 4]])


@pytest.mark.parametrize(
    ("edges", "goal", "path", "said"),
    [
        (EDGES, 2, [0, 1, 2], ""),
        (EDGES[::-1], 4, [0, 3, 4], ""),
        (EDGES, 4, [0, 1, 2], "the path ends at 2, and the goal is 4"),
        (EDGES, 2, [0, 3, 2], "the path steps from 3 to 2, where there is no edge"),
        (EDGES[:, ::-1], 2, [0, 1, 2], "the path steps from 0 to 1, where there is no edge"),
        (EDGES + 2, 4, [2, 3, 4], "a node is called 6, expected whole numbers from 0 to 5"),
        (EDGES - 0.5, 2, [0, 1, 2], "a node is called -0.5, expected whole numbers from 0 to 5"),
        ([[0, 1], [1, 2], [0, 3], [3, 2]], 2, [0, 1, 2], "the edges are no star of 2 arms"),
        ([[0, 1], [1, 2], [0, 3], [1, 4]], 4, [0, 1, 4], "the edges are no star of 2 arms"),
        ([[0, 1], [1, 2], [2, 3], [3, 4]], 2, [0, 1, 2], "the edges are no star of 2 arms"),
        ([[0, 1], [1, 2], [2, 1], [0, 2]], 2, [0, 1, 2], "the edges are no star of 2 arms"),
    ],
)
def test_what_is_amiss_with_a_star_is_said(edges: Any, goal: int, path: Any, said: str) -> None:
    told = amiss(Size(2, 3), np.array(edges, float), float(goal), np.array(path, float))
    assert told.startswith(said)
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda *_: None, "returned None: does it end with `return ...`?"),
        (lambda *_: ([[0, 1]], 1, [0, 1]), "returned for edges shape (1, 2), expected (8, 2)."),
        (lambda *given: (*RIGHT(*given)[:2], [0] * 5), "the path ends at 0, and the goal is"),
    ],
)
def test_a_function_that_draws_no_star_is_told_and_the_labs_own_are_shown(
    function: Any, said: str
) -> None:
    lab = complete(PathStar(function))
    assert said in lab.message()
    assert "The stars that you see are the lab's own." in lab.message()
    own = draw_stars(Size(2, 5), STARS, np.random.default_rng(drawn.SEED))
    np.testing.assert_array_equal(lab._drawn.stars.paths, own.paths)
    assert "<svg" in lab.picture()


def test_one_wrong_star_among_right_ones_is_found() -> None:
    calls = []

    def mostly(*given: Any) -> Any:
        calls.append(given)
        edges, goal, path = RIGHT(*given)
        return edges, goal, path[::-1] if len(calls) == 30 else path

    lab = complete(PathStar(mostly))
    assert "mostly(2, 5, 10, rng): the path ends at" in lab.message()
    assert len(calls) == 30
    assert lab._drawn.theirs == 0


def test_a_function_that_is_not_written_and_then_is_is_asked_anew(
    notebook: Any, unwritten: Any
) -> None:
    lab = complete(PathStar(notebook.define("path_star", unwritten)))
    assert lab.message().startswith("path_star is not written yet.")
    notebook["RIGHT"] = RIGHT

    def written(*given: Any) -> Any:
        return RIGHT(*given)

    notebook.define("path_star", written)
    complete(lab)
    assert lab.message() == ""
    assert lab._drawn.theirs == STARS


def test_what_a_slow_function_has_not_drawn_in_time_is_the_labs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(state, "DRAWN_S", 0.0)
    monkeypatch.setattr(PathStar, "advance", lambda self, _: self._drawn.more(0.0))
    lab = PathStar(RIGHT, order="backwards", length=5, updates=1)
    lab.start()
    lab.wait()
    assert "on 200 stars, 1 of them drawn by your path_star, which is slow" in lab.words()


# One training.


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_measured_is_what_such_a_training_comes_to(order: Order) -> None:
    lab = trained(order=order, seed=2)
    assert lab.run is not None
    model, _ = trained_in(StarTraining(order, updates=40), Size(2, 3), 2)
    expected, seen = outcomes(model, StarTraining(order), lab.run.stars), lab.run.seen[-1]
    assert [one.updates for one in lab.run.seen] == list(range(2, 41, 2))
    for name, said in (("forced", seen.forced), ("used", seen.used)):
        told = [expected[f"{name}_{k + 1}"] for k in range(len(said))]
        np.testing.assert_allclose(seen.right(said), told)
    assert seen.whole(2) == expected["whole"]
    batch = prompted(lab.run.stars, order)
    log_p = log_softmax(says(model, batch, "truth"))
    nats = negative_log_likelihood(log_p, batch.tokens).mean(axis=1)
    np.testing.assert_allclose(seen.nats, nats, rtol=1e-6)
    assert "done after 40 of 40 updates" in lab.progress_line()
    assert "after 40, on 200 stars, drawn by your path_star" in lab.words()


def test_the_choice_among_arms_is_the_first_node_behind_the_centre() -> None:
    paths = np.array([[9], [1], [2], [3]])
    for order in ORDERS:
        assert to_write(paths, order)[first_of_arm(Size(2, 4), order), 0] == 1


def test_stop_stops_and_what_was_measured_stays(reach: Any) -> None:
    lab = PathStar(RIGHT, updates=1500)
    lab.start()
    assert reach(lab, 80).running
    assert lab.left_s() is not None
    lab.stop()
    assert not lab.running
    assert "stopped after" in lab.progress_line()
    assert 80 <= lab.made < 1500
    assert lab.run is not None
    assert lab.run.seen
    assert 'class="line truth"' in lab.picture()


def test_a_new_start_ends_the_old_one() -> None:
    lab = PathStar(RIGHT, updates=100_000)
    lab.start()
    [first] = lab._threads
    lab.length, lab.updates = 3, 5
    lab.start()
    assert not first.is_alive()
    lab.wait()
    assert lab.made == 5


def test_a_failure_in_the_thread_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise FloatingPointError("the loss is NaN")

    monkeypatch.setattr(run, "trained_in", fails)
    lab = trained()
    assert lab.message() == "The training failed: FloatingPointError: the loss is NaN"
    assert "FloatingPointError" in caplog.text
    assert "the first measurement is not there yet" in lab.words()


@pytest.mark.parametrize("moved", [{"seed": 3}, {"order": "backwards"}, {"arms": 4}])
def test_the_words_say_that_moved_controls_count_from_the_next_start(moved: Any) -> None:
    lab = trained()
    key, picture = lab.key(), lab.picture()
    assert "next Train" not in lab.words()
    complete(lab, **moved)
    assert lab.words().endswith("You changed a setting; it takes effect at the next Train.")
    assert (lab.key(), lab.picture()) == (key, picture)
    complete(lab, shown=3)
    assert lab.key() != key
    assert lab.picture() != picture


def test_other_orders_on_stars_of_this_size_are_remembered_once_they_are_done() -> None:
    lab = trained(order="backwards")
    assert "by other orders" not in lab.words()
    lab.order = "forwards"
    lab.start()
    lab.wait()
    assert "Whole paths by other orders, here before: backwards" in lab.words()
    lab.length = 4
    lab.start()
    lab.wait()
    assert "by other orders" not in lab.words()


def test_before_the_first_start_the_words_ask_for_a_prediction_and_give_nothing_away() -> None:
    lab = complete(PathStar(RIGHT))
    assert "Say at which position it will be wrong" in lab.words()
    assert lab.progress_line() == "not begun"
    assert lab.picture().count("<svg") == 3
    assert all(chart.finding == "Nothing is measured yet" for chart in lab.charts())


# What is drawn.


def test_the_lab_opens_on_other_stars_than_the_lesson_does() -> None:
    with closing(LABS["path_star"].path_star(RIGHT)) as view:
        assert f"path_star/{view.state.size}" != TOLD_OF


def test_after_a_training_the_first_star_is_one_on_which_it_errs_and_the_others_are_as_drawn() -> (
    None
):
    lab = trained()
    assert lab.run is not None
    seen = lab.run.seen[-1]
    lucky, unlucky = seen.truth.copy(), seen.truth.copy()
    unlucky[0, 3:5] += 1
    lab.run.seen.append(replace(seen, forced=unlucky))
    assert lab._offered() == [3, 0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert "1 wrong when it is fed the truth" in lab.things()[0].finding
    lab.run.seen.append(replace(seen, forced=lucky))
    assert lab._offered() == list(range(10))


def test_a_star_has_all_its_nodes_and_crosses_where_the_model_is_wrong() -> None:
    path, truth = np.array([0, 1, 2]), np.array([1, 2])
    rows = {"fed the truth": np.array([3, 2]), "running free": np.array([3, 4])}
    drawing = star(EDGES, path, rows, truth, rows["running free"], "found")
    assert drawing.body.count("<circle") == 5 + 2  # nodes, and rings around what was written
    assert drawing.body.count('class="cross"') == 3
    assert "0→1 1→2 0→3 3→4" in drawing.body
    for told in ("To be written: 1 2", "fed the truth: 3 2", "running free: 3 4"):
        assert told in drawing.alt


def test_each_panel_says_its_finding_to_those_who_cannot_see_it() -> None:
    for lab in (complete(PathStar(RIGHT)), trained()):
        pictures: tuple[Picture, ...] = (*lab.things(), *lab.charts())
        for picture in pictures:
            assert picture.alt.endswith(f"{picture.finding}.")


def test_the_dotted_line_stands_at_one_part_in_as_many_as_there_are_arms() -> None:
    chart, loss = PathStar(arms=4).charts()
    assert chart.marks[0].y.tolist() == [25.0, 25.0]
    np.testing.assert_allclose(loss.marks[0].y, np.log(4))


def test_the_still_picture_tells_what_the_lessons_quote() -> None:
    picture = LABS["path_star"].still().replace("\N{NO-BREAK SPACE}", " ")
    for order in ("forwards", "backwards"):
        whole = 100 * find(f"path_star/2x5/{order}/whole").mean
        assert (
            f"Written {order}: {whole:.0f} % of whole paths are right, running free, five seeds."
            in picture
        )
    first = 100 * find("path_star/2x5/forwards/forced_1").mean
    assert (
        f"fed the truth: {first:.0f} %, 100 %, 100 %, 100 %; running free: {first:.0f} %" in picture
    )


# The page.


def test_the_buttons_train_and_stop_and_closing_stops_too(reach: Any) -> None:
    before = threading.active_count()
    view = LABS["path_star"].path_star(RIGHT, "All positions at a half.")
    assert "All positions at a half." in view.prediction.value
    view.controls["updates"].value = 1500
    view.begin.click()
    reach(view.state, 2)
    view._look(view._runs)
    assert view.bar.max == 1500
    assert view.bar.value >= 2
    view.end.click()
    assert "stopped after" in view.line.value
    view.begin.click()
    view.close()
    assert threading.active_count() == before
