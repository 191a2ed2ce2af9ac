"""Who is who in a zip: groups, worksheets in other languages, and what an instructor says."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from zipped import NAME, Download, answer, laid, left

from course.grading.lms.people import Person
from course.grading.lms.zips.dates import read_date
from course.grading.lms.zips.fates import Chosen
from course.grading.lms.zips.lists import worksheet
from course.grading.lms.zips.roster import Roster
from course.grading.records.csvfiles import read_table

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section
"Lee, Ann",101,U1,ann,A
"Ray, Bob",102,U2,bob,A
"Poe, Cat",103,U3,cat,A
"""
GROUP = f"projectgroup1_102_70_{NAME}.ipynb"


def test_a_groups_submission_goes_to_the_member_who_handed_in_and_the_rest_is_told(
    tmp_path: Path,
) -> None:
    [fate] = Download(tmp_path, {"gradebook.csv": CANVAS}).fates({GROUP: answer("ours")})
    assert (fate.student, fate.collected) == ("bob", True)
    assert "projectgroup1" in fate.doubt
    assert "columns group and student" in fate.doubt


@pytest.mark.parametrize(
    "groups",
    [
        "group,student\nProject Group 1,ann\nProject Group 1,U2\nOthers,cat\n",
        "name,canvas_user_id,user_id,login_id,sections,group_name\n"
        "Ann,101,U1,ann,A,Project Group 1\nBob,102,U2,bob,A,Project Group 1\nCat,103,U3,cat,A,X\n",
    ],
    ids=["by hand", "from Canvas"],
)
def test_a_list_of_groups_gives_every_member_the_submission(tmp_path: Path, groups: str) -> None:
    download = Download(tmp_path, {"gradebook.csv": CANVAS, "groups.csv": groups})
    files = {GROUP: answer("ours"), "projectgroup1_102_71_helper.py": b"x = 1"}
    found = laid(download.fates(files))
    assert {who: set(places) for who, places in found.items()} == {
        "ann": {f"{NAME}.ipynb", "helper.py"},
        "bob": {f"{NAME}.ipynb", "helper.py"},
    }


def test_a_group_of_moodles_is_never_taken_for_the_participant_of_its_number(
    tmp_path: Path,
) -> None:
    table = (
        "Identifier,Full name,Username,Email address,Status\n"
        "Participant 7,Ann Lee,ann,ann@x.example,x\nParticipant 8,Bob Ray,bob,bob@x.example,x\n"
    )
    path = f"Team Red_7_assignsubmission_file/{NAME}.ipynb"
    fates = Download(tmp_path, {"worksheet.csv": table}).fates({path: answer("ours")})
    assert laid(fates) == {}
    assert "columns group and student" in left(fates)[path]
    (tmp_path / "two").mkdir()
    groups = "group,student\nTeam Red,ann@x.example\nTeam Red,BOB\nTeam Red,nobody\n"
    lists = {"worksheet.csv": table, "groups.csv": groups}
    found = Download(tmp_path / "two", lists).fates({path: answer("ours")})
    assert set(laid(found)) == {"ann", "bob"}
    assert all("1 of its members are not known" in fate.doubt for fate in found)


def test_a_worksheet_that_names_groups_is_a_worksheet_and_a_list_of_groups(
    tmp_path: Path,
) -> None:
    table = (
        "Identifier,Full name,Username,Email address,Status,Group\n"
        "Participant 7,Ann Lee,ann,ann@x.example,x,Team Red\n"
        "Participant 8,Bob Ray,bob,bob@x.example,x,Team Red\n"
        "Participant 9,Cat Poe,cat,cat@x.example,x,Blue\n"
    )
    path = f"Team Red_7_assignsubmission_file/{NAME}.ipynb"
    found = laid(Download(tmp_path, {"worksheet.csv": table}).fates({path: answer("ours")}))
    assert set(found) == {"ann", "bob"}


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        ("Yılmaz, İbrahim", "yılmazi\u0307brahim"),
        ("İnce, Işıl", "i\u0307nceişıl"),
        ("İnce, Işıl", "inceışıl"),
        ("Öztürk, Çağrı", "o\u0308ztu\u0308rkc\u0327ag\u0306rı"),
        ("van der Berg, Jan-Willem", "vanderbergjanwillem"),
        ("Ali_5, Ben", "ali_5ben"),
        ("शर्मा, प्रिया", "शर्माप्रिया"),
    ],
)
def test_a_students_own_name_is_no_groups(tmp_path: Path, listed: str, written: str) -> None:
    table = f'Student,ID,SIS Login ID,Section\n"{listed}",101,me,A\n'
    download = Download(tmp_path, {"gradebook.csv": table})
    [fate] = download.fates({f"{written}_LATE_101_7_{NAME}.ipynb": answer("mine")})
    assert (fate.student, fate.note) == ("me", "late, Canvas says")


def test_a_zip_of_the_systems_that_cannot_be_read_is_told_by_its_reason(tmp_path: Path) -> None:
    download = Download(tmp_path, {"gradebook.csv": CANVAS})
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "all.zip").write_bytes(b"PK\x03\x04 cut off")
    [fate] = download.decide()
    assert "could not be unpacked" in fate.why
    assert fate.to_be_told


def test_a_file_that_may_be_two_peoples_is_nobodys(tmp_path: Path) -> None:
    path = f"x_101_102_70_{NAME}.ipynb"
    fates = Download(tmp_path, {"gradebook.csv": CANVAS}).fates({path: answer("whose")})
    assert laid(fates) == {}
    assert "it may be of" in left(fates)[path]


@pytest.mark.parametrize(
    "lists", [{"gradebook.csv": "ID,SIS Login ID,Section\n101,ann,A\n102,bob,A\n"}, {}]
)
def test_without_names_a_file_that_may_be_two_peoples_is_nobodys(
    tmp_path: Path, lists: dict[str, str]
) -> None:
    download = Download(tmp_path, lists)
    if not lists:
        people = [Person("ann", lms_user_id="101"), Person("bob", lms_user_id="102")]
        download.roster = Roster(people)
    files = {f"x_101_102_70_{NAME}.ipynb": answer("?"), f"x_102_7_{NAME}.ipynb": answer("mine")}
    fates = download.fates(files)
    assert set(laid(fates)) == {"bob"}
    assert "it may be of" in left(fates)[f"x_101_102_70_{NAME}.ipynb"]


def test_an_instructor_says_whose_a_file_is(tmp_path: Path) -> None:
    path = "notebook from a mail.ipynb"
    download = Download(tmp_path, {"gradebook.csv": CANVAS})
    assert "chosen.csv" in left(download.fates({path: answer("mine")}))[path]
    found = laid(download.decide({f"all/{path}": Chosen("cat")}))
    assert found == {"cat": {f"{NAME}.ipynb": path}}


WORKSHEETS = {
    "German": (
        "ID,Vollständiger Name,ID-Nummer,E-Mail-Adresse,Status,Bewertung,Zuletzt geändert (Abgabe)",
        "Teilnehmer/in55,Ann Lee,m1,ann@uni.example,Zur Bewertung abgegeben,,"
        '"Donnerstag, 3. Januar 2030, 14:05"',
    ),
    "French": (
        "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Dernière modification",
        'Participant 55,Ann Lee,ann@uni.example,Remis,,"jeudi 3 janvier 2030, 14:05"',
    ),
    "Japanese": (
        "ID,氏名,メールアドレス,ステータス,評点,最終更新日時",
        "参加者 55,Ann Lee,ann@uni.example,提出済み,,2030年 01月 3日(木曜日) 14:05",
    ),
    "Arabic": (
        "المُعرَّف,الاسم الكامل,عنوان البريد,الحالة,الدرجة,آخر تعديل",
        'مشارك ٥٥,Ann Lee,ann@uni.example,مُسلَّم,,"الخميس، 3 يناير 2030، 2:05 م"',
    ),
}


@pytest.mark.parametrize("language", WORKSHEETS)
def test_moodles_worksheet_is_read_in_other_languages(tmp_path: Path, language: str) -> None:
    path = tmp_path / "worksheet.csv"
    path.write_text("\ufeff" + "\n".join(WORKSHEETS[language]) + "\n", encoding="utf-8")
    [entry] = worksheet(read_table(path), [])
    assert int(entry.number) == 55
    assert entry.cells["Full name"] == "Ann Lee"
    assert entry.cells["Email address"] == "ann@uni.example"
    assert read_date(entry.handed_in) == datetime(2030, 1, 3, 14, 5)


def test_a_column_without_a_known_heading_is_known_by_nbgraders_students(tmp_path: Path) -> None:
    path = tmp_path / "worksheet.csv"
    path.write_text("Id.,Név,Azonosító,Állapot\nRésztvevő 5,Ann Lee,al1,x\nRésztvevő 6,Bo,bo2,x\n")
    [ann, bo] = worksheet(read_table(path), [Person("al1")])
    assert (ann.cells["Username"], bo.cells["Username"]) == ("al1", "bo2")


def test_a_table_of_students_is_no_worksheet(tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    path.write_text("student,name\ns1,Ann\ns2,Bob\n")
    assert worksheet(read_table(path), []) == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Thursday, 3 January 2030, 12:00 PM", datetime(2030, 1, 3, 12)),
        ("Thursday, 3 January 2030, 12:30 AM", datetime(2030, 1, 3, 0, 30)),
        ("Dienstag, 11. März 2025, 00:30", datetime(2025, 3, 11, 0, 30)),
        ("jueves, 3 de enero de 2030, 12:00", datetime(2030, 1, 3, 12)),
        ("quinta-feira, 3 de janeiro de 2030 às 12:00", datetime(2030, 1, 3, 12)),
        ("poniedziałek, 4 listopada 2024, 12:00", datetime(2024, 11, 4, 12)),
        ("petak, 4. listopada 2024, 12:00", datetime(2024, 10, 4, 12)),
        ("3 Ocak 2030, Perşembe, 12:00", datetime(2030, 1, 3, 12)),
        ("вторник, 11 марта 2025, 09:15", datetime(2025, 3, 11, 9, 15)),
        ("2025-03-11 00:30:00", datetime(2025, 3, 11, 0, 30)),
        ("-", None),
        ("", None),
        ("03/01/2030, 14:05", None),
        ("last Tuesday", None),
        ("Thursday, 3 January 2030, 3:05 zm", None),
        ("Thursday, 35 January 2030, 3:05", None),
    ],
)
def test_dates_are_read_in_many_languages_and_never_guessed(
    text: str, moment: datetime | None
) -> None:
    assert read_date(text) == moment
