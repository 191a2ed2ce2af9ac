"""Which of several copies counts in a zip from Canvas or Moodle."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from zipped import ANN, NAME, RELEASED, answer, canvas, laid, left, make_zip, moodle

from course.grading.lms.zips.fates import Chosen

COPIES = ["-Copy1", " (1)", "-1", " - Kopie", " copy", " - Copy (2)", " – コピー", " — копия (2)"]
#: What is left of an upload that broke off, or of a file that something else wrote over.
BROKEN = {"empty": b"", "half": answer("mine")[:90], "deep": b"[" * 100_000, "zip": b"PK\x03\x04"}


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize(("of_exact", "of_copy", "counts"), [(9, 2, ""), (2, 9, "copy")])
def test_dates_tell_which_copy_is_the_newer_one(
    tmp_path: Path, copy: str, of_exact: int, of_copy: int, counts: str
) -> None:
    names = {"": f"{ANN}/{NAME}.ipynb", "copy": f"{ANN}/{NAME}{copy}.ipynb"}
    files = {names[""]: (answer("mine"), of_exact), names["copy"]: (answer("other"), of_copy)}
    fates = moodle(tmp_path).fates(files)
    assert laid(fates) == {"ann@uni.example": {f"{NAME}.ipynb": names[counts]}}
    [why] = left(fates).values()
    assert "is newer" in why
    assert "chosen.csv" in why


@pytest.mark.parametrize("copy", COPIES)
def test_the_exact_name_counts_where_dates_do_not_tell(tmp_path: Path, copy: str) -> None:
    exact, other = f"{ANN}/{NAME}.ipynb", f"{ANN}/{NAME}{copy}.ipynb"
    fates = moodle(tmp_path).fates({exact: answer("mine"), other: answer("other")})
    assert laid(fates) == {"ann@uni.example": {f"{NAME}.ipynb": exact}}
    assert "the exact name" in left(fates)[other]


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_no_notebook_does_not_count_beside_one(tmp_path: Path, broken: bytes) -> None:
    exact, copy = f"{ANN}/{NAME}.ipynb", f"{ANN}/{NAME} (1).ipynb"
    fates = moodle(tmp_path).fates({exact: (broken, 9), copy: (answer("mine"), 2)})
    assert laid(fates) == {"ann@uni.example": {f"{NAME}.ipynb": copy}}
    assert "cannot be read as a notebook" in left(fates)[exact]
    [doubt] = [fate.doubt for fate in fates if fate.collected]
    assert f"{NAME}.ipynb cannot be read as a notebook" in doubt


def test_a_clock_that_is_years_ahead_tells_nothing(tmp_path: Path) -> None:
    exact, copy = f"{ANN}/{NAME}.ipynb", f"{ANN}/{NAME}-Copy1.ipynb"
    download = moodle(tmp_path)
    (tmp_path / "archive").mkdir()
    with zipfile.ZipFile(tmp_path / "archive" / "all.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(exact, (2025, 3, 1, 12, 0, 0)), answer("mine"))
        archive.writestr(zipfile.ZipInfo(copy, (2107, 12, 31, 12, 0, 0)), RELEASED)
    assert laid(download.decide()) == {"ann@uni.example": {f"{NAME}.ipynb": exact}}


def test_where_nothing_tells_none_is_taken_and_all_are_named(tmp_path: Path) -> None:
    names = [f"{ANN}/{NAME}-Copy1.ipynb", f"{ANN}/{NAME} (1).ipynb"]
    download = moodle(tmp_path)
    fates = download.fates({name: answer(name) for name in names})
    assert laid(fates) == {}
    for why in left(fates).values():
        assert f"{NAME}-Copy1.ipynb" in why
        assert f"{NAME} (1).ipynb" in why
        assert "chosen.csv" in why
    chosen = download.decide({f"all/{names[1]}": Chosen()})
    places = [f"{NAME}.ipynb" in mine for mine in laid(chosen).values()]
    assert places == [True]


@pytest.mark.parametrize(("later", "says"), [(1, "nothing tells"), (9, "is newer")])
def test_copies_of_one_name_in_two_zips_are_told_apart(
    tmp_path: Path, later: int, says: str
) -> None:
    name = f"{ANN}/{NAME}.ipynb"
    make_zip(tmp_path / "archive" / "april.zip", {name: (answer("mine"), later)})
    fates = moodle(tmp_path).fates({name: (answer("other"), 1)})
    for why in left(fates).values():
        assert says in why
        assert f"april/{name}" in why


def test_of_copies_that_are_alike_any_will_do(tmp_path: Path) -> None:
    names = [f"{ANN}/{NAME}-Copy1.ipynb", f"{ANN}/{NAME} (1).ipynb"]
    fates = moodle(tmp_path).fates(dict.fromkeys(names, answer("mine")))
    assert len(laid(fates)["ann@uni.example"]) == 1


def test_the_only_copy_that_was_worked_on_counts_where_nothing_else_tells(tmp_path: Path) -> None:
    names = [f"{ANN}/{NAME}-Copy1.ipynb", f"{ANN}/{NAME} (1).ipynb"]
    fates = moodle(tmp_path).fates({names[0]: RELEASED, names[1]: answer("mine")})
    assert laid(fates) == {"ann@uni.example": {f"{NAME}.ipynb": names[1]}}


def test_a_newer_copy_that_nobody_worked_on_is_told(tmp_path: Path) -> None:
    files = {
        f"{ANN}/{NAME}.ipynb": (answer("mine"), 2),
        f"{ANN}/{NAME} (1).ipynb": (RELEASED, 9),
    }
    [taken] = [fate for fate in moodle(tmp_path).fates(files) if fate.collected]
    assert "as it was released" in taken.doubt
    assert f"{NAME}.ipynb" in taken.doubt


def test_seconds_between_packed_files_are_no_dates(tmp_path: Path) -> None:
    path = tmp_path / "archive" / "all.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for second, copy in enumerate(("", "-Copy1")):
            info = zipfile.ZipInfo(f"{ANN}/{NAME}{copy}.ipynb", (2025, 3, 1, 12, 0, 2 * second))
            archive.writestr(info, answer(copy))
    fates = moodle(tmp_path).decide()
    assert laid(fates) == {"ann@uni.example": {f"{NAME}.ipynb": f"{ANN}/{NAME}.ipynb"}}


def test_a_notebook_of_another_name_that_was_saved_later_is_told(tmp_path: Path) -> None:
    files = {
        f"{ANN}/{NAME}.ipynb": (answer("mine"), 2),
        f"{ANN}/{NAME}_final.ipynb": (answer("better"), 9),
    }
    fates = moodle(tmp_path).fates(files)
    [taken] = [fate for fate in fates if fate.collected]
    assert f"{NAME}_final.ipynb beside it was saved later" in taken.doubt


def test_canvass_numbers_tell_the_last_upload(tmp_path: Path) -> None:
    old, new = f"leeann_101_70_{NAME}.ipynb", f"leeann_101_75_{NAME}-1.ipynb"
    fates = canvas(tmp_path).fates({old: answer("mine"), new: answer("again")})
    assert laid(fates) == {"ann": {f"{NAME}.ipynb": new}}


def test_numbers_and_dates_that_contradict_each_other_tell_nothing(tmp_path: Path) -> None:
    exact, copy = f"leeann_101_70_{NAME}.ipynb", f"leeann_101_71_{NAME}-Copy1.ipynb"
    fates = canvas(tmp_path).fates({exact: (answer("mine"), 9), copy: (answer("other"), 2)})
    assert laid(fates) == {"ann": {f"{NAME}.ipynb": exact}}


def test_of_two_files_in_one_upload_the_copy_that_nobody_touched_does_not_count(
    tmp_path: Path,
) -> None:
    exact, copy = f"leeann_101_70_{NAME}.ipynb", f"leeann_101_71_{NAME} (1).ipynb"
    fates = canvas(tmp_path).fates({exact: answer("mine"), copy: RELEASED})
    assert laid(fates) == {"ann": {f"{NAME}.ipynb": exact}}


def test_dates_in_a_students_zip_are_compared_with_each_other(tmp_path: Path) -> None:
    inner = make_zip(
        tmp_path / "inner.zip",
        {f"{NAME}.ipynb": (answer("mine"), 9), f"{NAME}-Copy1.ipynb": (answer("other"), 2)},
    )
    fates = canvas(tmp_path).fates({"leeann_101_70_work.zip": inner})
    assert laid(fates)["ann"][f"{NAME}.ipynb"].endswith(f"work/{NAME}.ipynb")


def test_two_downloads_of_one_class_take_the_newer_files(tmp_path: Path) -> None:
    download = moodle(tmp_path)
    for name, day in (("monday", 2), ("friday", 9)):
        files = {f"{ANN}/{NAME}.ipynb": (answer(name), day)}
        make_zip(tmp_path / "archive" / f"{name}.zip", files)
    [taken] = [fate for fate in download.decide() if fate.collected]
    assert taken.file.path.parts[0] == "friday"
