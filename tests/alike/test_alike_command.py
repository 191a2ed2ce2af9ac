"""``course alike``: what is listed, what costs only its owner, and who can read the page."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import programs
import pytest
from elements import Elements
from tiny import LESSON_ID, cell, solved

from course.grading import alike
from course.grading.alike.command import look_at
from course.grading.alike.pairs import AT_LEAST
from course.grading.alike.pieces import CELL, MOST_WRITTEN, PICTURE, PROSE
from course.grading.classes.temporary import Classroom

pytestmark = pytest.mark.slow(seconds=10)

EVIL = "<script>alert('x')</script>"
LONG = programs.text("long_double")
LONG_COPIED = programs.text("long_double_copied")
ANSWER = (
    "Doubling adds a number to itself, and so each entry of an array moves away from nothing by "
    "as much as it was away before; signs stay as they are, and nothing stays nothing at all."
)


@pytest.fixture(scope="module")
def alike_class(new_class: Callable[..., Classroom]) -> Classroom:
    """A class in which two have the same program, two the same words, and some cannot be read."""
    room = new_class("alike")
    for place in range(12):
        answer = f"def double(x):\n    return x * 2 + {place} - {place}"
        words = " ".join(f"word{place}{number}" for number in range(40))
        room.hand_in(f"other{place}", json.dumps(solved(room, write_double=answer, why=words)))
    room.hand_in("ann", json.dumps(solved(room, write_double=LONG)))
    room.hand_in(f"bob {EVIL}".replace("/", ""), json.dumps(solved(room, write_double=LONG_COPIED)))
    room.hand_in("cid", json.dumps(solved(room, why=ANSWER)))
    room.hand_in("dan", json.dumps(solved(room, why=f"I think:\n\n{ANSWER.upper()}")))
    room.hand_in("no notebook", "{" * 30)
    room.hand_in("broken cell", json.dumps(solved(room, write_double="def double(x:\n  '''")))
    number = "0x" + "f" * 9000
    room.hand_in("long number", json.dumps(solved(room, write_double=f"y = {number}")))
    much = solved(room)
    much["cells"] += [cell("prose", f"own{place}", "a b c d e f " * 20_000) for place in range(9)]
    room.hand_in("much", json.dumps(much))
    return room


@pytest.fixture
def at_home(alike_class: Classroom, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSE_ROOT", str(alike_class.folder))
    return alike_class.folder


def pairs_of(room: Classroom) -> dict[tuple[str, str], Any]:
    found = look_at(room.folder, room.lesson).compared
    return {(pair.one, pair.other): pair.likenesses for pair in found.pairs}


def test_the_two_pairs_are_listed_and_no_other(alike_class: Classroom) -> None:
    pairs = pairs_of(alike_class)
    assert set(pairs) == {("ann", "bob <script>alert('x')<script>"), ("cid", "dan")}
    [words] = pairs["cid", "dan"]
    assert (words.unit.kind, words.unit.question, words.as_alike) == (PROSE, "why", 1)
    assert words.shared == words.of > 20


def test_what_cannot_be_read_is_named_and_costs_nobody_else_anything(
    alike_class: Classroom,
) -> None:
    found = look_at(alike_class.folder, alike_class.lesson)
    assert set(found.left_out) == {"no notebook"}
    assert {"broken cell", "long number", "much"} <= set(found.pieces)
    assert sum(len(piece.text) for piece in found.pieces["much"]) <= MOST_WRITTEN


def test_the_page_is_its_owners_alone_and_lies_where_no_student_gets_it(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in at_home.rglob("*") if path.is_file()}
    old = os.umask(0)
    try:
        assert alike.main(["1"]) == 0
    finally:
        os.umask(old)
    page = at_home / "reports" / LESSON_ID / "alike.html"
    assert page.stat().st_mode & 0o777 == 0o600
    made = {path for path in at_home.rglob("*") if path.is_file()} - before.keys()
    assert made == {page}
    assert all(path.read_bytes() == text for path, text in before.items())
    assert "19 submissions compared, 2 pairs that are alike in 2 groups" in capsys.readouterr().out


def test_the_page_shows_both_sides_marks_what_agrees_and_runs_nothing(at_home: Path) -> None:
    assert alike.main(["1"]) == 0
    page = (at_home / "reports" / LESSON_ID / "alike.html").read_text("utf-8")
    Elements(page, nested=True)
    assert "<script" not in page
    assert "default-src 'none'" in page
    marked = re.findall("<mark>(.*?)</mark>", page, re.DOTALL)
    assert any("weights" in text for text in marked)
    assert any("heavy" in text for text in marked), "the copy has other names"
    assert not any("return start + x.sum()" in text for text in marked)
    assert "no notebook</bdi>: the file is damaged" in page


def test_the_page_accuses_nobody(at_home: Path) -> None:
    assert alike.main(["1"]) == 0
    page = (at_home / "reports" / LESSON_ID / "alike.html").read_text("utf-8").lower()
    assert "alike is not copied" in page
    for word in ("plagiar", "cheat", "suspect", "fraud", "guilty", "offen"):
        assert word not in page


def test_a_text_that_many_have_is_common(room: Classroom) -> None:
    for place in range(AT_LEAST + 1):
        room.hand_in(f"student{place}", json.dumps(solved(room, write_double=LONG, why=ANSWER)))
    assert pairs_of(room) == {}


def test_the_lessons_solution_and_its_release_count_for_nothing(room: Classroom) -> None:
    for name in ("ann", "bob"):
        room.hand_in(name, json.dumps(solved(room)))
    assert pairs_of(room) == {}


def test_a_cell_and_a_picture_that_two_have_are_told(room: Classroom) -> None:
    picture = {"plot.png": {"image/png": "iVBORw0KGgo="}}
    for name, own in {"ann": "5f2e", "bob": "5f2e", "cid": "77aa"}.items():
        made = solved(room)
        added = {**cell("prose", own, "![plot](attachment:plot.png)"), "metadata": {}}
        if name != "cid":
            added["attachments"] = picture
        made["cells"].append(added)
        room.hand_in(name, json.dumps(made))
    [(pair, likenesses)] = pairs_of(room).items()
    assert pair == ("ann", "bob")
    assert {one.unit.kind for one in likenesses} == {CELL, PICTURE}


def test_without_submissions_it_says_what_to_do(
    room: Classroom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(room.folder))
    assert alike.main(["1"]) == 2
    assert f"nbgrader collect {LESSON_ID}" in capsys.readouterr().err
