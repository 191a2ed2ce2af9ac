"""A class graded as it hands in: what arrives is entered, graded when it is due, and answered."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.grading.classes.grader import ClassGrader, Pool
from course.grading.classes.submission import Graded, Submission, read_folder
from course.grading.classes.watching.answers import Answers, utc_now
from course.grading.classes.watching.due import Hand, Rule
from course.grading.classes.watching.words import does_not_count, earned_of, replaced, waits
from course.grading.cycle.collecting import Arrival, Collect
from course.grading.faults import CannotRead, GradingFault
from course.grading.records.folders import what_lies_in
from course.grading.records.handedin import cannot_be_named
from course.grading.records.kept import make
from course.grading.records.tries import (
    GRADED,
    LONGEST,
    NOTHING,
    REPLACED,
    TRIES,
    WAITS,
    Try,
    change_try,
    enter_tries,
    read_tries,
)

#: Seconds before what could not be graded, and is not its student's fault, is tried again.
AGAIN_S = 60.0


class ArrivalGrader(ClassGrader):
    """Grades what students hand in through the exchange, as `ClassGrader` grades what is collected.

    What counts is moved to ``submitted/``, so that each later `course grade` finds there what the
    gradebook has the marks of.

    Parameters
    ----------
    course, config, lesson_id
        As `ClassGrader` has them.
    collect : Collect
        Knows the exchange.
    rule : Rule
        How many tries there are, and which counts.
    answers : Answers
        Tells students.
    say : callable
        Told a line of each submission.

    Attributes
    ----------
    rule : Rule
        The same, by the clock of the course where the settings name no time zone.
    deadlines : Deadlines
        When the lesson is due, as the gradebook had it at the last look.
    """

    def __init__(
        self,
        course: CourseDirectory,
        config: Config,
        lesson_id: str,
        collect: Collect,
        rule: Rule,
        answers: Answers,
        say: Callable[[str], None],
    ) -> None:
        super().__init__(course, config, lesson_id)
        self._collect, self._answers, self._say = collect, answers, say
        make(self.book.gradebook, TRIES)
        self.rule = replace(rule, zone=rule.zone or self.book.zone())
        self.deadlines = self.book.deadlines()
        self._there: dict[str, Arrival] = {}
        self._known: dict[str, Arrival | None] = {}
        self._later: dict[str, float] = {}
        self._hands: dict[str, Hand] = {}
        self._due: dict[str, Try] = {}
        folder = course.format_path(course.submitted_directory, ".", ".")
        self._arriving = Path(folder).resolve() / f".{lesson_id}.arriving"
        self._tidy()

    def _tidy(self) -> None:
        """Remove what was fetched; bring back what a killed watch had moved away."""
        for old in self._arriving.glob("*/old"):
            place = self._folder(old.parent.name)
            if not place.exists():
                old.rename(place)
        shutil.rmtree(self._arriving, ignore_errors=True)

    def look(self) -> bool:
        """Enter what has arrived since, and read what is known; say whether all of it is whole."""
        places = {one.place.name: one for one in self._arrived()}
        whole = {name: one for name, one in places.items() if one.is_whole}
        self._there = whole
        self._known |= whole
        with self.book.session() as db:
            tries = read_tries(db, self._lesson_id)
            known = {one.name for some in tries.values() for one in some}
            new = [
                Try(name, one.student, one.handed_in, _moment(one.changed_s))
                for name, one in whole.items()
                if name not in known
            ]
            enter_tries(db, self._lesson_id, new)
            db.commit()
        for one in new:
            tries[one.student].append(one)
        self.deadlines = self.book.deadlines()
        self._hands = {
            student: Hand(some, whole, self.deadlines.of(student), self.lesson.key, self._net)
            for student, some in tries.items()
        }
        return len(whole) == len(places)

    def _arrived(self) -> Iterator[Arrival]:
        """Find what lies in the exchange; say once of what is left out why it is."""
        for one in self._collect.arrived(self._known):
            why = cannot_be_named(one.place.name)
            if len(one.student) > LONGEST:
                why = f"has more than {LONGEST} signs"
            if why:
                self._known[one.place.name] = None
                self._say(f"{one.place.name!a}  is left out: the name {why}")
            else:
                yield one
        self._known |= dict.fromkeys(self._collect.left_out)

    def _net(self, one: Try) -> float:
        late, deadline = 0.0, self._hands[one.student].deadline
        if deadline is not None:
            late = (one.handed_in - deadline).total_seconds()
        return self.book.after_penalty(one.student, one.points or 0.0, late)

    def grade(self, pool: Pool) -> bool:
        """Grade one submission of each student who has one that is due; say whether there were any.

        Raises
        ------
        CannotWrite
            Where results cannot be written any more.
        """
        now, clock = utc_now(), time.monotonic()
        found = {student: hand.due(self.rule, now) for student, hand in self._hands.items()}
        self._due = {
            student: one
            for student, one in found.items()
            if one is not None and self._later.get(one.name, 0.0) <= clock
        }
        if not self._due:
            return False
        self.run(pool, sorted(self._due, key=lambda student: self._due[student].arrived))
        for student, why in self.tally.faults.items():
            self._put_off(self._due[student], why)
        self._tidy()
        return True

    def next_moment(self) -> datetime | None:
        """Return when something is due that waits now, None where nothing does."""
        now, moments = utc_now(), []
        for hand in self._hands.values():
            if any(one.told == WAITS for one in hand.tries):
                moments.append(self.rule.next_day(now))
            if hand.deadline and hand.deadline > now:
                moments.append(hand.deadline)
        return min(moments, default=None)

    @property
    def is_left(self) -> bool:
        """Whether something could not be graded, for a reason that is not its student's."""
        return bool(self._later)

    def is_put_off(self) -> bool:
        """Say whether something that could not be graded is to be tried again by now."""
        due = [name for name, clock in self._later.items() if clock <= time.monotonic()]
        for name in due:
            del self._later[name]
        return bool(due)

    def tell(self) -> None:
        """Give those a page who wait, and those whose page is missing."""
        now = utc_now()
        for hand in list(self._hands.values()):
            allowed = hand.allowed(self.rule, now)
            for one in hand.tries:
                if one.name not in self._there or one.name in allowed or one.name in self._later:
                    continue
                try:
                    self._tell(hand, one, now)
                except (OSError, GradingFault) as error:
                    self._put_off(one, str(error))

    def _tell(self, hand: Hand, one: Try, now: datetime) -> None:
        if one.is_graded and one.counts and one.told != GRADED:
            self._answer(one)
        elif not one.is_graded and one.told not in (NOTHING, REPLACED):
            newer = hand.replaced_by(one)
            told = REPLACED if newer else WAITS
            if told == one.told:
                return
            said = (
                replaced(self.rule, newer) if newer else waits(self.rule, one, hand.deadline, now)
            )
            self._answers.of_none(self.lesson, self._there[one.name].place, said)
            self._settle(replace(one, told=told))
            self._say(f"{one.student}  {self._lesson_id}  {said[0][0].lower()}{said[0][1:-1]}")

    def _astray(self) -> dict[str, str]:
        return {}  # a submission in the exchange is where it is

    def _to_do(self, student: str, regrade: bool) -> Submission | None:
        """Fetch what is due from the exchange; settle what needs no judge."""
        one = self._due[student]
        self.publisher.tidy(student)
        folder = self._fetched(one)
        task = read_folder(folder, student, self.lesson, self._course.ignore)
        if not self._names() & {*task.files, *task.odd}:
            why = self.tally.empty[student] = what_lies_in(folder, self._names())
            self._settle(replace(one, day="", told=NOTHING))
            self._say(f"{student}  {self._lesson_id}  {why}")
        elif (points := self._points(task)) is not None:  # by `course grade`, say
            self.tally.unchanged[student] = points
            graded = replace(one, points=points, version=self.lesson.key, counts=True, told="")
            self._settle(graded)
            self._answer(graded)
        else:
            return task
        return None

    def _fetched(self, one: Try) -> Path:
        """Copy a submission out of the exchange, to where it can be moved from."""
        folder = self._arriving / one.student
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            self._collect.do_copy(str(self._there[one.name].place), str(folder / "new"))
        except RuntimeError as error:  # too large
            raise CannotRead(str(error)) from error
        return folder / "new"

    def _write(
        self, graded: Graded, task: Submission, beside: Callable[[Any], None] = lambda _: None
    ) -> list[str]:
        """Write marks down where they count; else give the page alone."""
        earned = replace(
            self._due[task.student], points=graded.points(), version=self.lesson.key, told=""
        )
        hand = self._with(earned)
        best = hand.what_counts(self.rule)
        if best is not None and best.name == earned.name:
            earned = replace(earned, counts=True)
            with self._taken(task.student):
                changed = super()._write(
                    graded, task, lambda db: change_try(db, self._lesson_id, earned)
                )
            self._remember(earned)
            return changed
        assert best is not None
        place = self._there[earned.name].place
        said = does_not_count(self.rule, earned, best)
        self._answers.of_another(graded, self.lesson, place, [said])
        self._settle(replace(earned, counts=False, told=GRADED))
        return []

    @contextmanager
    def _taken(self, student: str) -> Iterator[None]:
        """Move what was fetched to ``submitted/``; take it back where the body fails."""
        folder, place = self._arriving / student, self._folder(student)
        new, old = folder / "new", folder / "old"
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            place.rename(old)
        new.rename(place)
        try:
            yield
        except BaseException:
            place.rename(new)
            if old.exists():
                old.rename(place)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def _keep(self, outcome: Any) -> str:
        why = super()._keep(outcome)
        if not why:
            one = self._of(self._due[outcome.task.student].name, outcome.task.student)
            if one.counts:
                self._answer(one)
            else:
                self._report(one)
        return why

    def _answer(self, one: Try) -> None:
        """Give out the page of what counts; where that fails, it is made again later."""
        try:
            self._answers.of_what_counts(one.student, self._there[one.name].place)
            self._settle(replace(one, told=GRADED))
        except (OSError, GradingFault) as error:
            self._put_off(one, str(error))
        else:
            self._report(one)

    def _report(self, one: Try) -> None:
        """Say what came of a submission, and how long its student waited."""
        most = sum(
            cell.points or 0.0
            for name in self.lesson.notebooks
            for cell in self.lesson.entries(name).values()
            if cell.kinds == {"GradeCell"}
        )
        tries = self._hands[one.student].tries
        said = earned_of(self.rule, one, tries, most, utc_now())
        self._say(f"{one.student}  {self._lesson_id}  {said}")

    def _put_off(self, one: Try, why: str) -> None:
        self._later[one.name] = time.monotonic() + AGAIN_S
        self._say(f"{one.student}  {self._lesson_id}  fault, tried again in a minute: {why}")

    def _settle(self, one: Try) -> None:
        """Write down what became of a submission that changes no marks."""
        with self.book.session() as db:
            change_try(db, self._lesson_id, one)
            db.commit()
        self._remember(one)

    def _with(self, one: Try) -> Hand:
        """Return what a student has handed in, with one of it as it is now."""
        hand = self._hands[one.student]
        others: Iterable[Try] = hand.tries
        if one.counts:
            others = [replace(other, counts=False) for other in hand.tries]
        tries = [one if other.name == one.name else other for other in others]
        return replace(hand, tries=tries)

    def _remember(self, one: Try) -> None:
        self._hands[one.student] = self._with(one)

    def _of(self, name: str, student: str) -> Try:
        return next(one for one in self._hands[student].tries if one.name == name)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
