"""`course watch` killed at any moment: begun again, nothing is lost, and no try counts twice."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator

import programs
import pytest
import warm
from graded_class import rows
from tiny import LESSON_ID
from watched import Watched, headline, kept_pool_for, noon

from course.grading.classes.temporary import Classroom
from course.grading.classes.watching import watch

pytestmark = [
    pytest.mark.slow(seconds=90),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, under SQLAlchemy 2
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange needs POSIX"),
]
MOMENTS = [
    "entered",
    "fetched",
    "moved",
    "published",
    "written",
    "page made",
    "page given",
    "answered",
]


@pytest.fixture(scope="module", autouse=True)
def _kept_workers() -> Iterator[None]:
    """Have what is not to be killed done by workers that are kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "pool_for", kept_pool_for)
        yield


@pytest.fixture(scope="module")
def graded(new_class: Callable[..., Classroom]) -> Watched:
    """Ann's first submission is graded; of three tries a day two are left, and the best counts."""
    made = Watched(new_class("to be killed"))
    made.set(tries_a_day=3, counts="best", time_zone=noon())
    made.write("ann", right=False)
    made.catch_up()
    return made


def killed(made: Watched, moment: str) -> None:
    """Watch until it is killed."""
    place, program = made.room.folder, programs.text("watch_killed")
    done = warm.run("-c", program, str(place), LESSON_ID, moment, cwd=place)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


@pytest.mark.sampled(one_in=2)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_better_submission_counts_and_takes_one_try(
    graded: Watched, new_class: Callable[..., Classroom], moment: str
) -> None:
    made = graded.copied(new_class(f"killed {moment}", graded.room.folder))
    made.write("ann")
    killed(made, moment)
    assert made.catch_up()
    assert made.points() == {"ann": 5}
    assert [(one.points, one.counts, one.told) for one in made.tries("ann")] == [
        (3, False, "graded"),
        (5, True, "graded"),
    ]
    assert len({one.day for one in made.tries("ann")}) == 1
    assert headline(made.pages("ann")[-1]).startswith("5 of 8 points")
    before = rows(made.room)
    assert "1  unchanged since they were graded" in made.grade("--collect")
    assert rows(made.room) == before
    assert not list((made.room.folder / "submitted").glob(".*"))


def test_a_worse_submission_changes_no_mark(
    graded: Watched, new_class: Callable[..., Classroom]
) -> None:
    made = graded.copied(new_class("killed worse", graded.room.folder))
    made.write("ann")
    made.catch_up()
    before = rows(made.room)
    made.write("ann", right=False)
    killed(made, "page given")
    assert rows(made.room) == before
    assert made.catch_up()
    assert rows(made.room) == before
    assert [(one.points, one.counts) for one in made.tries("ann")] == [
        (3, False),
        (5, True),
        (3, False),
    ]
