"""The names in a zip of feedback pages, read as Canvas and Moodle read them on the way back."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from course.grading.lms.zips.giveback import entry_name


def canvas_reads(entry: str) -> list[str]:
    """Return user and file: of the name's parts between underscores the first two numbers.

    It ignores folders, and files of a Mac that begin with a dot.
    """
    name = PurePosixPath(entry).name
    assert not name.startswith(".")
    return [part for part in name.split("_") if part.isascii() and part.isdigit()][:2]


def moodle_reads(entry: str) -> tuple[str, ...]:
    """Return the participant's number and the plug-in: of the first part of the path that has them.

    Newer versions look at each part alone, older ones at the path with its slashes.
    """
    found = set()
    for text in (entry.split("/")[0], entry):
        parts = text.split("_", 4)
        assert len(parts) == 5, text
        found.add(tuple(parts[1:4]))
    [one] = found
    return one


@pytest.mark.parametrize(
    "handed_in",
    [
        "all/leeann_101_77_decoder_cells.ipynb",
        "all/leeann_LATE_101_77_decoder_cells-1.ipynb",
        "all/le_ann_101_77_x.ipynb",
        "all/åström_101_77_x.ipynb",
        "all/55_101_77_x.ipynb",  # a name of digits
    ],
)
@pytest.mark.parametrize("notebook", ["decoder_cells", "week_2_7"])
def test_canvas_finds_the_student_and_the_file_that_was_handed_in(
    handed_in: str, notebook: str
) -> None:
    entry, why = entry_name(handed_in, notebook)
    assert why == ""
    assert canvas_reads(entry) == ["101", "77"]
    assert entry.endswith(".html")


@pytest.mark.parametrize(
    "handed_in",
    [
        "all/Ann Lee_55_assignsubmission_file_/decoder_cells.ipynb",
        "all/Zoë Åström_55_assignsubmission_file/sub/Decoder Cells.ipynb",
        "all/Gus Gone_55_assignsubmission_file_decoder_cells.ipynb",
    ],
)
@pytest.mark.parametrize("notebook", ["decoder_cells", "week_2_7"])
def test_moodle_finds_the_participant(handed_in: str, notebook: str) -> None:
    entry, why = entry_name(handed_in, notebook)
    assert why == ""
    assert moodle_reads(entry) == ("55", "assignsubmission", "file")
    assert PurePosixPath(entry).name == f"{notebook}.html"
