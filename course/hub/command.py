"""``python3 -m course hub-check``: whether a server keeps its people apart, and can grade."""

from __future__ import annotations

import argparse
import filecmp
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

import course
from course.bootstrap.words import command
from course.grading.classes.setting_up import settings
from course.grading.confinement.sandbox import why_no_sandbox
from course.grading.cycle.exchange import OWN, site_settings
from course.grading.records.coursefiles import look_at_name
from course.grading.records.opening import remedy
from course.grading.steps.execute import Judge
from course.hub.permissions import Inspected, of_course, of_environment, of_exchange, of_homes
from course.lessons import LessonError, course_root

#: The numbers of people's accounts: below are the system's, above is nobody.
PEOPLE = range(1000, 60000)


def main(argv: list[str] | None = None) -> int:
    """Look, and say what is wrong with the remedy; return 0 where nothing is."""
    parser = argparse.ArgumentParser(
        prog=command("hub-check"),
        description="Look whether a server with accounts keeps students apart from each other and "
        "from hidden tests and marks, and whether it can grade. Run it as the account that owns "
        "the course. It changes nothing.",
        epilog="Exit status: 0 where all is well, 1 where something is to be done, 2 where this is "
        "no course.",
    )
    parser.parse_args(argv)
    if sys.platform == "win32":
        print("nbgrader's exchange needs Linux or macOS", file=sys.stderr)
        return 2
    try:
        look_at_name(course_root())
        found = list(findings(course_root()))
    except LessonError as error:
        print(error, file=sys.stderr)
        return 2
    for one in found:
        print(f"wrong: {one.what}: {one.remedy}" if one.remedy else f"well: {one.what}")
    return 1 if any(one.remedy for one in found) else 0


def findings(root: Path) -> Iterator[Inspected]:
    """Look at everything, in the order in which it would be mended."""
    config, folders = settings(root)
    yield from of_environment(Path(sys.prefix))
    yield from of_package(Path(course.__file__).parent, root / "course")
    exchange = OWN["collect"](coursedir=folders, config=site_settings(root))
    yield from of_exchange(Path(exchange.root), folders.course_id, root.stat().st_uid)
    yield from of_course(root)
    yield from of_homes(homes())
    yield from of_gradebook(folders.db_url)
    why = why_no_sandbox()
    if not why:
        yield Inspected("submissions run in a sandbox")
    elif Judge(config=config).require_sandbox:
        yield Inspected("there is no sandbox, and nothing is graded without one", why)
    else:
        yield Inspected(
            "there is no sandbox, and submissions would run with the rights of this account",
            f"{why}; and set `c.Judge.require_sandbox = True` in nbgrader_config.py",
        )


def of_package(installed: Path, checkout: Path) -> Iterator[Inspected]:
    """Look whether the package that grades is that of the course's folder."""
    if not (checkout / "__init__.py").is_file() or checkout.samefile(installed):
        return
    other = next(_differing(checkout, installed), None)
    if other:
        yield Inspected(
            f"{other} in {checkout} is another than in {installed}, which grades",
            f"sudo {sys.executable} -m pip install --force-reinstall --no-deps {checkout.parent}",
        )


def _differing(one: Path, other: Path) -> Iterator[str]:
    for path in sorted(one.rglob("*")):
        inside = path.relative_to(one)
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(inside.parts):
            twin = other / inside
            if not twin.is_file() or not filecmp.cmp(path, twin, shallow=False):
                yield inside.as_posix()


def of_gradebook(address: str) -> Iterator[Inspected]:
    """Look whether the gradebook's database answers; a file is looked at when it is graded."""
    if address.startswith("sqlite"):
        said = "the gradebook is a file, for one grader at a time"
        yield Inspected(f"{said} (docs/scale.md: PostgreSQL)")
        return
    engine = None
    try:
        engine = create_engine(address)
        with engine.connect():
            yield Inspected(f"the gradebook is at {engine.url.host}")
    except ImportError as error:
        remedy_said = f"sudo {sys.executable} -m pip install psycopg2-binary"
        yield Inspected(f"the gradebook's driver is missing ({error})", remedy_said)
    except SQLAlchemyError as error:
        yield Inspected("the gradebook does not answer", remedy(error))
    finally:
        if engine is not None:
            engine.dispose()


def homes() -> Iterator[Path]:
    """Yield the homes of people's accounts."""
    from pwd import getpwall

    for account in getpwall():
        if account.pw_uid in PEOPLE and account.pw_uid != os.getuid():
            yield Path(account.pw_dir)


if __name__ == "__main__":
    sys.exit(main())
