"""What a zip from Canvas or Moodle may hold: other endings, other files, other alphabets, traps."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path, PurePath

import pytest
import zipped
from zipped import ANN, NAME, Download, answer, laid, left, make_zip

from course.grading.lms.zips import ZipExtractor
from course.grading.lms.zips.givennames import readings

WHO = "ann@uni.example"


@pytest.fixture
def moodle(tmp_path: Path) -> Download:
    return zipped.moodle(tmp_path)


@pytest.fixture
def canvas(tmp_path: Path) -> Download:
    return zipped.canvas(tmp_path)


@pytest.mark.parametrize(
    "title",
    [
        "TEACHER_FORCING.IPYNB",
        "teacher_forcing.ipynb.txt",
        "teacher_forcing.ipynb.json",
        "teacher_forcing.json",
        "teacher_forcing.ipynb.ipynb",
        "Teacher Forcing (1).ipynb.txt",
        "teacher_forcing.ipynb (1).txt",
        "Copy of teacher_forcing.ipynb",
        "my homework.IPYNB.TXT",
    ],
)
def test_a_notebook_is_taken_whatever_ending_a_browser_gave_it(
    moodle: Download, title: str
) -> None:
    fates = moodle.fates({f"{ANN}/{title}": answer("mine"), f"{ANN}/notes.txt": b"no notebook"})
    assert laid(fates)[WHO] == {f"{NAME}.ipynb": f"{ANN}/{title}", "notes.txt": f"{ANN}/notes.txt"}


def test_a_text_beside_nothing_is_told_with_what_to_ask_for(moodle: Download) -> None:
    fates = moodle.fates({f"{ANN}/{NAME}.txt": b"{}", f"{ANN}/{NAME}.ipynb.html": b"<html>"})
    assert laid(fates) == {}
    assert "the page of a notebook" in left(fates)[f"{ANN}/{NAME}.ipynb.html"]
    assert "ask for the notebook" in left(fates)[f"{ANN}/{NAME}.txt"]


def test_what_lies_beside_a_notebook_in_a_students_zip_goes_with_it(
    moodle: Download, tmp_path: Path
) -> None:
    files = {
        f"work/{NAME}.ipynb": answer("mine"),
        "work/helper.py": b"x = 1",
        "work/data/a.csv": b"1,2",
        "work/plot.png": b"png",
        "readme.txt": b"outside",
        "__MACOSX/work/._helper.py": b"\0",
        "work/.DS_Store": b"\0",
    }
    inner = make_zip(tmp_path / "inner.zip", files)
    fates = moodle.fates({f"{ANN}/homework.zip": inner})
    assert set(laid(fates)[WHO]) == {f"{NAME}.ipynb", "helper.py", "data/a.csv", "plot.png"}
    outside = left(fates)[f"{ANN}/homework/readme.txt"]
    assert "outside of the notebook's folder" in outside
    assert "by hand" in outside


def test_a_zip_beside_the_notebook_is_unpacked_beside_it(moodle: Download, tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "inner.zip", {"helper.py": b"x = 1", "data/a.csv": b"1"})
    fates = moodle.fates({f"{ANN}/{NAME}.ipynb": answer("mine"), f"{ANN}/more.zip": inner})
    assert set(laid(fates)[WHO]) == {f"{NAME}.ipynb", "helper.py", "data/a.csv"}


def test_a_file_beside_the_zip_goes_beside_the_notebook_in_it(
    moodle: Download, tmp_path: Path
) -> None:
    inner = make_zip(tmp_path / "inner.zip", {f"hw/{NAME}.ipynb": answer("mine")})
    fates = moodle.fates({f"{ANN}/hw.zip": inner, f"{ANN}/helper.py": b"x = 1"})
    assert set(laid(fates)[WHO]) == {f"{NAME}.ipynb", "helper.py"}


def test_a_file_uploaded_beside_a_zip_goes_beside_the_notebook_in_it(
    canvas: Download, tmp_path: Path
) -> None:
    inner = make_zip(tmp_path / "inner.zip", {f"hw/{NAME}.ipynb": answer("mine")})
    fates = canvas.fates({"leeann_101_70_hw.zip": inner, "leeann_101_71_helper.py": b"x = 1"})
    assert set(laid(fates)["ann"]) == {f"{NAME}.ipynb", "helper.py"}


def test_a_file_that_canvas_numbered_goes_by_both_names(canvas: Download) -> None:
    files = {
        f"leeann_101_70_{NAME}-1.ipynb": answer("mine"),
        "leeann_101_71_helper-1.py": b"x = 1",
    }
    assert set(laid(canvas.fates(files))["ann"]) == {f"{NAME}.ipynb", "helper.py", "helper-1.py"}


@pytest.mark.parametrize("name", ["timestamp.txt", "TIMESTAMP.TXT", "submission_secret.txt"])
def test_nobody_hands_in_the_graders_own_files(moodle: Download, name: str) -> None:
    fates = moodle.fates({f"{ANN}/{NAME}.ipynb": answer("mine"), f"{ANN}/{name}": b"2001-01-01"})
    assert set(laid(fates)[WHO]) == {f"{NAME}.ipynb"}
    assert "the grader's" in left(fates)[f"{ANN}/{name}"]


def test_a_notebook_that_only_jupyter_saved_is_told(moodle: Download) -> None:
    path = f"{ANN}/.ipynb_checkpoints/{NAME}-checkpoint.ipynb"
    assert "chosen.csv" in left(moodle.fates({path: answer("mine")}))[path]


@pytest.mark.parametrize("kind", ["hw.rar", "hw.7z", "hw.tar.gz"])
def test_an_archive_of_another_kind_is_told(moodle: Download, kind: str) -> None:
    why = left(moodle.fates({f"{ANN}/{kind}": b"Rar!"}))[f"{ANN}/{kind}"]
    assert "unpack it by hand" in why


def test_what_was_typed_in_the_system_is_told_and_not_asked_for_again(moodle: Download) -> None:
    typed = "Ann Lee_55_assignsubmission_onlinetext/onlinetext.html"
    fates = moodle.fates({typed: b"<p>Hello", f"{ANN}/{NAME}.ipynb": answer("mine")})
    assert set(laid(fates)[WHO]) == {f"{NAME}.ipynb"}
    assert "typed in Moodle" in left(fates)[typed]


@pytest.mark.parametrize(
    "spelled",
    [
        "i\u0307brahim",
        "ใจดีสมหญิง",
        "शर्माप्रिया",
        "a\u030astro\u0308mzoe\u0308",
        "李明",
        "o_neil2",
        "nguyễnthịhoa",
        "קוהן",
    ],
)
@pytest.mark.parametrize("late", ["", "LATE_"])
def test_canvass_names_are_read_in_every_script(spelled: str, late: str) -> None:
    found, *_ = readings(PurePath(f"{spelled}_{late}102_7_a.ipynb"))
    assert (found.system, found.name, found.number) == ("Canvas", spelled, "102")
    assert found.late == bool(late)


@pytest.mark.parametrize(("listed", "written"), [("Åström, Zoë", "a\u030astro\u0308mzoe\u0308")])
def test_a_name_is_the_same_however_it_is_composed(
    tmp_path: Path, listed: str, written: str
) -> None:
    table = f'Student,ID,SIS Login ID,Section\n"{listed}",101,zoe,A\n'
    fates = Download(tmp_path, {"gradebook.csv": table}).fates(
        {f"{written}_101_7_{NAME}.ipynb": answer("mine")}
    )
    [fate] = fates
    assert (fate.student, fate.note) == ("zoe", "")


def write_raw(path: Path, name: bytes, content: bytes, flags: int = 0) -> None:
    """Write a zip of one file whose name is these bytes."""
    stand_in = "x" * len(name)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(stand_in, content)
    raw = path.read_bytes().replace(stand_in.encode(), name)
    if flags:
        raw = raw.replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00" + flags_of(flags))
        central = raw.index(b"PK\x01\x02") + 8
        raw = raw[:central] + flags_of(flags) + raw[central + 2 :]
    path.write_bytes(raw)


def flags_of(flags: int) -> bytes:
    return struct.pack("<H", flags)


@pytest.mark.parametrize("name", ["Zoë_7.ipynb", "李明_7.ipynb", "Mülle\u0308r.ipynb"])
def test_names_in_utf8_without_the_flag_are_read_as_they_were_meant(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "in").mkdir()
    write_raw(tmp_path / "in" / "all.zip", name.encode(), b"{}")
    ZipExtractor().extract(str(tmp_path / "in"), str(tmp_path / "out"))
    assert (tmp_path / "out" / "all" / name).read_bytes() == b"{}"


def test_names_of_dos_are_read_as_dos_wrote_them(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_raw(tmp_path / "in" / "all.zip", "Müller.ipynb".encode("cp437"), b"{}")
    ZipExtractor().extract(str(tmp_path / "in"), str(tmp_path / "out"))
    assert (tmp_path / "out" / "all" / "Müller.ipynb").is_file()


def test_a_file_behind_a_password_is_told_and_stops_nothing(
    moodle: Download, tmp_path: Path
) -> None:
    write_raw(tmp_path / "inner.zip", f"{NAME}.ipynb".encode(), b"secret", flags=0x1)
    inner = (tmp_path / "inner.zip").read_bytes()
    bob = f"Bob Ray_56_assignsubmission_file_/{NAME}.ipynb"
    fates = moodle.fates({f"{ANN}/hw.zip": inner, bob: answer("mine")})
    assert set(laid(fates)) == {"bob@uni.example"}
    assert "password" in left(fates)[f"{ANN}/hw/{NAME}.ipynb"]
    assert {fate.student for fate in fates if "password" in fate.why} == {WHO}


@pytest.mark.parametrize("way", ["deflated", "bzip2", "lzma", "nameless"])
def test_a_damaged_zip_of_one_student_stops_nobody(moodle: Download, way: str) -> None:
    packed = io.BytesIO()
    ways = {"bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}
    with zipfile.ZipFile(packed, "w", ways.get(way, zipfile.ZIP_DEFLATED)) as archive:
        if way == "nameless":
            archive.writestr("..", b"x")
        else:
            archive.writestr(f"{NAME}.ipynb", answer("mine") * 50)
    content = bytearray(packed.getvalue())
    if way != "nameless":
        content[60:90] = b"\x07" * 30
    bob = f"Bob Ray_56_assignsubmission_file_/{NAME}.ipynb"
    fates = moodle.fates({f"{ANN}/hw.zip": bytes(content), bob: answer("his")})
    assert list(laid(fates)) == ["bob@uni.example"]
    whys = "; ".join(left(fates).values())
    assert "has no name" in whys if way == "nameless" else "could not be unpacked" in whys


@pytest.mark.parametrize("name", ["../../../out.ipynb", "/etc/out.ipynb", "..\\..\\out.ipynb"])
def test_nothing_is_written_outside_of_the_folder(
    moodle: Download, tmp_path: Path, name: str
) -> None:
    (tmp_path / "out.ipynb").write_text("mine")
    inner = make_zip(tmp_path / "inner.zip", {name: b"{}", f"{NAME}.ipynb": answer("mine")})
    fates = moodle.fates({f"{ANN}/hw.zip": inner})
    assert f"{NAME}.ipynb" in laid(fates)[WHO]
    assert (tmp_path / "out.ipynb").read_text() == "mine"
    assert not Path("/etc/out.ipynb").exists()
    written = {path.resolve() for path in tmp_path.rglob("*out.ipynb")}
    assert all(path.is_relative_to(tmp_path) for path in written)


def test_a_name_that_a_terminal_would_obey_is_made_harmless(
    moodle: Download, tmp_path: Path
) -> None:
    name = "a\x1b[2J\r\u202eb.py"
    inner = make_zip(tmp_path / "inner.zip", {name: b"x", f"{NAME}.ipynb": answer("mine")})
    found = laid(moodle.fates({f"{ANN}/hw.zip": inner}))[WHO]
    assert set(found) == {f"{NAME}.ipynb", "a_[2J__b.py"}


@pytest.mark.parametrize("folder", [f"{NAME}.ipynb", "timestamp.txt", "helper.py"])
def test_a_folder_in_the_place_of_a_file_stops_nobody(
    moodle: Download, tmp_path: Path, folder: str
) -> None:
    inner = make_zip(tmp_path / "inner.zip", {f"{folder}/x.py": b"x = 1"})
    files = {f"{ANN}/{NAME}.IPYNB": answer("mine"), f"{ANN}/helper.py": b"x = 1"}
    fates = moodle.fates({**files, f"{ANN}/more.zip": inner})
    assert set(laid(fates)[WHO]) == {f"{NAME}.ipynb", "helper.py"}
    assert left(fates)[f"{ANN}/more/{folder}/x.py"]


def test_of_two_entries_of_one_name_the_last_counts_and_the_first_is_kept(
    moodle: Download, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.writestr(f"{NAME}.ipynb", answer("first"))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(f"{NAME}.ipynb", answer("last"))
    fates = moodle.fates({f"{ANN}/hw.zip": (tmp_path / "inner.zip").read_bytes()})
    [taken] = [fate for fate in fates if fate.notebook and fate.collected]
    assert b"last" in (moodle.extracted / taken.file.path).read_bytes()
    assert any("a later file of the same name" in why for why in left(fates).values())


def test_a_zip_that_is_too_large_is_told_by_name(moodle: Download, tmp_path: Path) -> None:
    moodle.extractor.most_files = 2
    inner = make_zip(tmp_path / "inner.zip", {f"{n}.txt": b"" for n in range(3)})
    why = left(moodle.fates({f"{ANN}/hw.zip": inner}))[f"{ANN}/hw.zip"]
    assert "3 files" in why
    assert "ZipExtractor.most_mib" in why


def test_a_file_whose_name_is_too_long_is_told(moodle: Download, tmp_path: Path) -> None:
    files = {f"{'x' * 300}.py": b"x = 1", f"{NAME}.ipynb": answer("mine")}
    inner = make_zip(tmp_path / "inner.zip", files)
    fates = moodle.fates({f"{ANN}/hw.zip": inner})
    assert set(laid(fates)[WHO]) == {f"{NAME}.ipynb"}
    assert any("File name too long" in why for why in left(fates).values())
