"""`nbgrader zip_collect` on zips as Canvas and Moodle make them."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path, PurePath

import pytest
from gradebooks import nbgrader, open_book
from tiny import LESSON_ID, solved
from zipped import make_zip

from course.grading.classes.temporary import Classroom
from course.grading.lms.people import Person
from course.grading.lms.zips import giveback
from course.grading.lms.zips.fates import Fate, decide
from course.grading.lms.zips.givennames import readings
from course.grading.lms.zips.roster import Roster

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("warm_judge")]

NOTEBOOK = "decoder_cells"
#: What Canvas exports beside the zip; bob is not in nbgrader yet, and Eve's name is spelled so.
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Doubling (9)
    Points Possible,,,,,5.00
"Lee, Ann",101,U1,ann,A,
"O'Neil, Bob",102,U2,bob,A,
"Åström-Lind, Eve M.",103,U3,eve,A,
"777, X",104,U4,mal,A,
"Null, Nil",105,U5,nil,A,
"""
MOODLE = """\
Identifier,"Full name","Email address",Status,Grade
"Participant 55","Ann Lee",Ann@uni.example,"Submitted for grading",
"Participant 56","Zoë Åström",zoe@uni.example,"Submitted for grading",
"""


def listed(room: Classroom) -> dict[str, dict[str, str]]:
    path = room.folder / "downloaded" / LESSON_ID / "collected.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {PurePath(row["file"]).name: row for row in csv.DictReader(file)}


def submitted(room: Classroom) -> dict[str, bytes]:
    found = (room.folder / "submitted").rglob("*.ipynb")
    return {"/".join(path.parts[-3:]): path.read_bytes() for path in found}


def place(student: str) -> str:
    return f"{student}/{LESSON_ID}/{NOTEBOOK}.ipynb"


@pytest.fixture
def answers(room: Classroom) -> dict[str, bytes]:
    """A right submission, an older wrong one, and somebody else's."""
    wrong = {"write_double": "def double(x):\n    return x", "write_total": ""}
    texts = {"right": {}, "wrong": wrong, "other": {"write_total": ""}}
    return {name: json.dumps(solved(room, **one)).encode() for name, one in texts.items()}


def test_a_zip_from_canvas_is_collected_and_graded(
    room: Classroom, answers: dict[str, bytes], tmp_path: Path
) -> None:
    inner = make_zip(
        tmp_path / "homework.zip",
        {
            "hw/decoder_cells.ipynb": answers["right"],
            "hw/leeann_101_999_decoder_cells.ipynb": answers["wrong"],  # not hers to say
            "__MACOSX/hw/._decoder_cells.ipynb": b"\x00",
        },
    )
    lesson = room.folder / "downloaded" / LESSON_ID
    make_zip(
        lesson / "archive" / "cs_2026_11_submissions.zip",
        {
            "leeann_LATE_101_71_decoder_cells.ipynb": answers["wrong"],
            "leeann_LATE_101_72_decoder_cells-1.ipynb": answers["right"],
            "oneilbob_102_73_my homework (2).ipynb": answers["other"],
            "åströmlindevem_103_74_homework.zip": inner,
            "777x_777_104_75_decoder_cells.ipynb": answers["wrong"],
            "nullnil_105_76_notes.txt": b"mine",
            "nullnil_105_text.html": b"<p>I could not upload it",
            "goneg_109_77_decoder_cells.ipynb": answers["right"],
            "readme.ipynb": answers["right"],
            "oneilbob_102_78_broken.zip": b"PK no zip",
        },
    )
    (lesson / "gradebook.csv").write_text(CANVAS, encoding="utf-8")
    with open_book(room.folder) as gradebook:
        gradebook.add_student("ann", lms_user_id="101")
    said = nbgrader("zip_collect", LESSON_ID, cwd=room.folder)
    assert submitted(room) == {
        place("ann"): answers["right"],
        place("bob"): answers["other"],
        place("eve"): answers["right"],
        place("mal"): answers["wrong"],
    }
    rows = listed(room)
    assert rows["leeann_LATE_101_71_decoder_cells.ipynb"]["why"].startswith(
        "decoder_cells-1.ipynb is newer"
    )
    assert rows["leeann_LATE_101_72_decoder_cells-1.ipynb"]["note"] == "late, Canvas says"
    assert "was called my homework (2)" in rows["oneilbob_102_73_my homework (2).ipynb"]["note"]
    assert "nobody has the number 109" in rows["goneg_109_77_decoder_cells.ipynb"]["why"]
    assert "not how the list calls 104" in rows["777x_777_104_75_decoder_cells.ipynb"]["note"]
    assert "its name is not as Canvas or Moodle make names" in rows["readme.ipynb"]["why"]
    assert "no notebook, and none of nil's" in rows["nullnil_105_76_notes.txt"]["why"]
    assert rows["nullnil_105_text.html"]["student"] == "nil"
    assert rows["oneilbob_102_78_broken.zip"]["why"].startswith("it could not be unpacked")
    assert "Late, Canvas says, but not by how much, so nbgrader takes no points: ann" in said
    assert "Not collected: cs_2026_11_submissions/goneg_109_77_decoder_cells.ipynb" in said
    extracted = lesson / "extracted" / "cs_2026_11_submissions"
    assert (extracted / "goneg_109_77_decoder_cells.ipynb").read_bytes() == answers["right"]
    assert room.autograde() == []
    assert {who: room.mark(who).points for who in ("ann", "bob", "eve")} == {
        "ann": 5,
        "bob": 3,
        "eve": 5,
    }
    room.generate_feedback()
    room.feedback_page("eve").unlink()
    packed = giveback.pack(room.folder, LESSON_ID)
    assert set(packed.pages) == {
        "ofleeann_101_72_decoder_cells.html",
        "ofoneilbob_102_73_decoder_cells.html",
    }
    assert set(packed.left) == {"eve", "mal"}
    assert "777's or another's" in packed.left["mal"]
    assert f"nbgrader generate_feedback {LESSON_ID}" in packed.left["eve"]
    giveback.write(packed, tmp_path / "new" / "feedback.zip")
    with zipfile.ZipFile(tmp_path / "new" / "feedback.zip") as archive:
        page = archive.read("ofleeann_101_72_decoder_cells.html")
    assert page == room.feedback_page("ann").read_bytes()


def test_a_zip_from_moodle_is_collected_and_graded(
    room: Classroom, answers: dict[str, bytes]
) -> None:
    lesson = room.folder / "downloaded" / LESSON_ID
    make_zip(
        lesson / "archive" / "CS-Doubling-12345.zip",
        {
            "Ann Lee_55_assignsubmission_file_/decoder_cells.ipynb": answers["right"],
            "Zoë Åström_56_assignsubmission_file/sub/Decoder Cells.ipynb": answers["other"],
            "Zoë Åström_56_assignsubmission_onlinetext/onlinetext.html": b"<p>Hello",
            "Gus Gone_57_assignsubmission_file_decoder_cells.ipynb": answers["wrong"],
        },
    )
    (room.folder / "downloaded" / "worksheet.csv").write_text(MOODLE, encoding="utf-8")
    with open_book(room.folder) as gradebook:
        gradebook.add_student("ann", email="ann@uni.example")
    nbgrader("zip_collect", LESSON_ID, cwd=room.folder)
    assert submitted(room) == {
        place("ann"): answers["right"],
        place("zoe@uni.example"): answers["other"],
    }
    why = listed(room)["Gus Gone_57_assignsubmission_file_decoder_cells.ipynb"]["why"]
    assert "nobody has the number 57" in why
    assert "grading worksheet" in why
    assert room.autograde() == []
    assert room.mark("ann").points == 5
    assert room.mark("zoe@uni.example").points == 3
    room.generate_feedback()
    assert set(giveback.pack(room.folder, LESSON_ID).pages) == {
        "Ann Lee_55_assignsubmission_file_/decoder_cells.html",
        "Zoë Åström_56_assignsubmission_file_/decoder_cells.html",
    }


def test_feedback_of_a_lesson_that_came_in_no_zip_is_an_error(
    room: Classroom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(room.folder))
    assert giveback.main(["1"]) == 2
    assert f"nbgrader zip_collect {LESSON_ID}" in capsys.readouterr().err


def fates(*paths: str, people: tuple[Person, ...] = (), by_name: bool = False) -> dict[str, Fate]:
    roster = Roster(people, by_name)
    found = decide([PurePath(path) for path in paths], ("teacher_forcing",), roster)
    return {fate.file.path.as_posix(): fate for fate in found}


ANN = Person("ann", "Ann", "Lee", "", "101")


def test_without_a_list_nbgraders_lms_user_id_tells() -> None:
    found = fates("x_101_7_a.ipynb", "y_102_8_a.ipynb", people=(ANN,))
    assert found["x_101_7_a.ipynb"].student == "ann"
    assert found["y_102_8_a.ipynb"].student == ""


def test_a_full_name_is_believed_only_on_request_and_only_if_one_has_it() -> None:
    path = "Ann Lee_5_assignsubmission_file_/a.ipynb"
    assert not fates(path, people=(ANN,))[path].collected
    assert fates(path, people=(ANN,), by_name=True)[path].student == "ann"
    both = (ANN, Person("lee", "Lee", "Ann"))
    assert not fates(path, people=both, by_name=True)[path].collected


def test_of_two_files_with_other_names_none_is_guessed() -> None:
    found = fates("leeann_101_7_a.ipynb", "leeann_101_8_b.ipynb", people=(ANN,))
    for fate in found.values():
        assert "is not called teacher_forcing.ipynb" in fate.why
        assert "chosen.csv" in fate.why


def test_the_number_of_the_upload_tells_the_newest_not_the_name() -> None:
    old, new = "leeann_101_70_teacher_forcing-3.ipynb", "leeann_101_71_teacher_forcing.ipynb"
    found = fates(old, new, people=(ANN,))
    assert not found[old].collected
    assert found[new].collected


def test_what_a_machine_adds_is_listed_and_nobody_is_troubled_with_it() -> None:
    found = fates("a/__MACOSX/x", "a/._b.ipynb", "a/.ipynb_checkpoints/c.ipynb", "a/.DS_Store")
    assert len(found) == 4
    assert not any(fate.collected or fate.to_be_told for fate in found.values())


def test_an_id_that_would_leave_the_folder_is_refused(tmp_path: Path) -> None:
    listing = tmp_path / "canvas.csv"
    listing.write_text('Student,ID,SIS Login ID,Section\n"Lee, Ann",101,../../x,A\n')
    roster = Roster(())
    assert roster.add(listing)
    [fate] = decide([PurePath("leeann_101_7_teacher_forcing.ipynb")], ("teacher_forcing",), roster)
    assert "cannot be the name of a folder" in fate.why


@pytest.mark.parametrize(
    ("name", "number", "late", "title"),
    [
        ("leeann_12345_67890_teacher_forcing.ipynb", "12345", False, "teacher_forcing.ipynb"),
        ("leeann_LATE_12345_67890_a-1.ipynb", "12345", True, "a-1.ipynb"),
        ("lee_1_22_333_a.ipynb", "1", False, "333_a.ipynb"),
        ("anon_Ab3dE_67890_a b.ipynb", "Ab3dE", False, "a b.ipynb"),
        ("LATE_anon_Ab3dE_67890_a.ipynb", "Ab3dE", True, "a.ipynb"),
        ("李明_5_6_a.ipynb", "5", False, "a.ipynb"),
    ],
)
def test_canvass_names_are_read(name: str, number: str, late: bool, title: str) -> None:
    found, *_ = readings(PurePath("submissions") / name)
    assert (found.system, found.number, found.late, found.title) == ("Canvas", number, late, title)


def test_a_bomb_in_a_students_zip_is_not_unpacked(
    room: Classroom, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from course.grading.lms.zips import ZipExtractor

    inner = make_zip(tmp_path / "inner.zip", {"zeros.ipynb": b"0" * 3 * 2**20})
    make_zip(tmp_path / "in" / "all.zip", {"leeann_101_7_a.zip": inner, "b_1_2_c.ipynb": b"{}"})
    extractor = ZipExtractor(most_mib=2)
    extractor.log.propagate = True
    (tmp_path / "out").mkdir()
    extractor.extract(str(tmp_path / "in"), str(tmp_path / "out"))
    files = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert files == {"leeann_101_7_a.zip", "b_1_2_c.ipynb"}


WITH_DATES = """\
Identifier,Full name,Email address,Status,Grade,Last modified (submission)
Participant 55,Ann Lee,ann@uni.example,Submitted for grading,,"Thursday, 3 January 2030, 2:05 PM"
Participant 56,Bob Ray,bob@uni.example,Submitted for grading - 2 hours late,,third of January
"""


def test_moodles_dates_reach_nbgraders_late_policy(
    room: Classroom, answers: dict[str, bytes]
) -> None:
    lesson = room.folder / "downloaded" / LESSON_ID
    make_zip(
        lesson / "archive" / "all.zip",
        {
            "Ann Lee_55_assignsubmission_file_/DECODER_CELLS.IPYNB": answers["right"],
            "Ann Lee_55_assignsubmission_file_/helper.py": b"x = 1",
            "Bob Ray_56_assignsubmission_file_/decoder_cells.ipynb.txt": answers["right"],
            "notes.ipynb": answers["right"],
        },
    )
    (lesson / "worksheet.csv").write_text(WITH_DATES, encoding="utf-8")
    chosen = "file,student,notebook\nall/notes.ipynb,cat,\nall/gone.ipynb,dan,\n"
    (lesson / "chosen.csv").write_text(chosen, encoding="utf-8")
    said = nbgrader(
        "zip_collect", LESSON_ID, "--LmsCollector.timezone=Europe/Berlin", cwd=room.folder
    )
    assert set(submitted(room)) == {
        place("ann@uni.example"),
        place("bob@uni.example"),
        place("cat"),
    }
    ann = room.folder / "submitted" / "ann@uni.example" / LESSON_ID
    assert (ann / "timestamp.txt").read_text() == "2030-01-03 13:05:00"
    assert (ann / "helper.py").read_bytes() == b"x = 1"
    assert not (
        room.folder / "submitted" / "bob@uni.example" / LESSON_ID / "timestamp.txt"
    ).exists()
    assert "read as times of Europe/Berlin" in said
    assert "'third of January' of Moodle's worksheet is not understood" in said
    assert "Moodle says 'Submitted for grading - 2 hours late'" in said
    assert "all/gone.ipynb, which is not in" in said
