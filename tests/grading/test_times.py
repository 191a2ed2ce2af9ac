"""When something was handed in: every usual way to write a time, and what is no time."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import nbgrader.apps.zipcollectapp
import nbgrader.coursedir
import nbgrader.exchange.default.collect
import nbgrader.utils
import pytest
from nbgraders import mended

from course.grading.records.timestamps import parse_utc, read_stamp

#: Half an hour before midnight in London, half an hour after it in Berlin.
MOMENT = datetime(2025, 3, 10, 23, 30)
SAME = """
2025-03-11 00:30:00 +0100
2025-03-11 00:30:00 +01:00
2025-03-11 00:30:00 +01
2025-03-11 00:30 +1
2025-03-11T00:30:00+01:00
2025-03-11T00:30:00+0100
2025-03-11T00:30:00 +01
2025-03-11 00:30:00.000000 +0100
2025-03-11T00:30:00.000000000+01:00
2025-03-11 00:30:00,000 +0100
2025-03-10 23:30:00
2025-03-10 23:30:00.000000 UTC
2025-03-10 23:30:00 GMT
2025-03-10 23:30:00 Z
2025-03-10T23:30:00Z
2025-03-10t23:30:00z
2025-03-10 23:30:00 -0000
2025-03-10 18:30:00 -0500
2025-03-10 18:30:00 -05:00
2025-03-10T18:30:00-05
2025-03-10 18:30 -5
2025-03-10 20:00:00 -0330
2025-03-11 05:15:00 +05:45
2025-03-11 00:30:00 CET
2025-03-10 18:30:00 EST
2025-03-11 00:30:00 Europe/Berlin
2025-03-10 16:30:00 America/Los_Angeles
2025-03-10 20:30:00 America/Argentina/Buenos_Aires
2025-03-11 00:30:00 UTC+1
2025-03-11 00:30:00 GMT+01:00
2025-03-11 00:30:00 (UTC+01:00)
2025-03-11 00:30:00 +0100 CET
Tue Mar 11 00:30:00 CET 2025
Tue Mar 11 00:30:00 2025 +0100
Tue, 11 Mar 2025 00:30:00 +0100
Tue Mar 11 2025 00:30:00 GMT+0100 (Central European Standard Time)
11 March 2025 00:30 +0100
March 11, 2025 12:30:00 AM +0100
11.03.2025 00:30:00 +0100
10.03.2025 23.30
2025/03/11 00:30:00 +0100
20250311T003000+0100
20250310T233000Z
20250310233000
2025-W11-1T23:30:00Z
2025-03-11T00:30:00[Europe/Berlin]
2025-03-11T00:30:00+01:00[Europe/Berlin]
2025-03-11 00:30:00 (CET)
2025-03-11 00:30:00 +0100 (CET)
2025-03-10T23:30:00Z [UTC]
2025-03-10T23:30:00[UTC]
""".strip().splitlines()
NO_TIME = """
handed in on Monday
monday
10
12:30
2025
March 2025
2025-02-30 00:00
03/11/2025 00:30
11/03/25 10:00
11.03.25 00:30
3.11.25
2025-03-11 00:30:00 (Central European Time)
2025-03-11T00:30:00[Europe/Nowhere]
1741649400
2025-03-11 00:30:00 MEZ
2025-03-11 00:30:00 ../../etc/passwd
2025-03-11 00:30:00 +9900
0001-01-01 00:00:00 +0100
9999-12-31 23:59:59 -0100
2025-03-10 23:30:00 UTC and more
nan
2025-03-11T00-30-00
11.03.2025 00h30 GMT+1 and
2025-03-11 10:00 +0100 17
11-March-2025 23-05
""".strip().splitlines()
#: Parts of a moment, joined in all ways: some are nobody's writing, and none may mislead.
DATES = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d. %m. %Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d %B %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%a, %d %b %Y",
    "%d-%m-%Y",
    "%d/%m/%Y",
)
TIMES = (
    "%H:%M:%S",
    "%H:%M",
    "%H.%M",
    "%H-%M-%S",
    "%H-%M",
    "%H%M%S",
    "%H%M",
    "%Hh%M",
    "%H %M %S",
    "%I:%M %p",
    "%I.%M %p",
    "%I:%M%p",
    "%H:%M:%S.%f",
)
BETWEEN = (" ", "T", "_", ", ", " at ", "-", " - ")
OFFSETS = {"": 0, "Z": 0, " UTC": 0, "+05:30": 330, " -0800": -480, " GMT+1": 60, "+01": 60}
OFFSETS |= {" (UTC+01:00)": 60, " CET": 60}


@pytest.mark.parametrize("text", SAME)
def test_every_usual_way_to_write_a_moment_is_that_moment(text: str) -> None:
    assert parse_utc(text) == MOMENT


@pytest.mark.parametrize("date", DATES)
def test_a_moment_is_read_as_it_was_written_or_not_at_all(date: str) -> None:
    read, misread = 0, []
    for moment, between, time, (zone, minutes) in itertools.product(
        (datetime(2025, 3, 11, 0, 30, 7), datetime(2025, 12, 31, 12, 59, 59)),
        BETWEEN,
        TIMES,
        OFFSETS.items(),
    ):
        text = moment.strftime(f"{date}{between}{time}") + zone
        whole = moment if "%S" in time else moment.replace(second=0)
        with contextlib.suppress(ValueError):
            if parse_utc(text) != whole - timedelta(minutes=minutes):
                misread.append(text)
            read += 1
    assert (misread, read > 100) == ([], True)


@pytest.mark.parametrize("sign", ["\u2212", "\u2013"])
def test_a_printed_minus_sign_is_one(sign: str) -> None:
    assert parse_utc(f"2025-03-10 18:30:00 {sign}0500") == MOMENT


@pytest.mark.parametrize("text", NO_TIME)
def test_what_does_not_say_one_moment_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"no date|whole date|month from the day|offset|time zone"):
        parse_utc(text)


def test_a_moment_with_a_zone_is_taken_to_utc_and_one_without_stays() -> None:
    assert parse_utc(MOMENT) == MOMENT
    assert parse_utc(MOMENT.replace(tzinfo=UTC)) == MOMENT
    east = timezone(timedelta(hours=1))
    assert parse_utc(datetime(2025, 3, 11, 0, 30, tzinfo=east)) == MOMENT
    assert parse_utc(None) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_time_is_read_in_any_encoding_an_editor_saves_it_in(
    tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "timestamp.txt").write_bytes(" 2025-03-11 00:30:00 +0100\r\n".encode(encoding))
    assert read_stamp(tmp_path) == (MOMENT, "")


def test_where_nothing_lies_nothing_is_wrong(tmp_path: Path) -> None:
    assert read_stamp(tmp_path) == (None, "")
    assert read_stamp(tmp_path / "nowhere") == (None, "")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (
            b"handed in on Monday\n",
            "holds no date and time that can be read: 'handed in on Monday'",
        ),
        ("11. März 2025".encode("latin-1"), "holds no date and time that can be read"),
        (bytes(range(256)), "holds no date and time that can be read"),
        (b"2025-03-10 " * 1000, "has 11000 bytes, more than a date"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "timestamp.txt"
    path.write_bytes(content)
    time, problem = read_stamp(tmp_path)
    assert time is None
    assert problem.startswith(f"{path} {why}")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
@pytest.mark.parametrize("kind", ["pipe", "folder", "dangling", "link"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    path, elsewhere = tmp_path / "timestamp.txt", tmp_path / "elsewhere"
    elsewhere.write_text("2025-03-10 23:30:00")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere" if kind == "dangling" else elsewhere)
    what = "no file" if kind in ("pipe", "folder") else "a link, and links are not followed"
    assert read_stamp(tmp_path) == (None, f"{path} is {what}")


def test_all_of_nbgrader_reads_times_in_this_way(tmp_path: Path) -> None:
    modules = (
        nbgrader.utils,
        nbgrader.coursedir,
        nbgrader.exchange.default.collect,
        nbgrader.apps.zipcollectapp,
    )
    with mended(tmp_path):
        for module in modules:
            assert vars(module)["parse_utc"] is parse_utc, module.__name__
    assert vars(nbgrader.utils)["parse_utc"] is not parse_utc, "in nbgrader's processes alone"
