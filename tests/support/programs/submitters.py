"""Students who hand in, each a process, and wait for their feedback: told on standard input.

A student with an account takes it on first. What each saw is printed as a line of JSON: when it was
handed in, how long that took, and after how many seconds there was a page.
"""

import json
import os
import pwd
import sys
import time
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeSubmit
from nbgrader.utils import notebook_hash
from traitlets.config import Config


def step_of(kind, asked, student):
    """Return a step of the exchange, as nbgrader's command of that name takes it."""
    config = Config()
    config.Exchange.root = asked["exchange"]
    config.Exchange.cache = str(Path(student["home"]) / "cache")
    course = CourseDirectory(config=config, course_id=asked["course"])
    course.assignment_id = asked["lesson"]
    course.student_id = student.get("says") or ("*" if student["account"] else student["name"])
    step = kind(coursedir=course, authenticator=Authenticator(config=config), config=config)
    step.log.setLevel("CRITICAL")
    return step


def be(name):
    """Take on an account, for good."""
    about = pwd.getpwnam(name)
    os.initgroups(name, about.pw_gid)
    os.setgid(about.pw_gid)
    os.setuid(about.pw_uid)


def hand_in(asked, student, begin):
    """Fetch, write, hand in when it is time, and wait for a page."""
    if student["account"]:
        be(student["name"])
    home = Path(student["home"])
    os.environ["HOME"] = str(home)
    os.chdir(home)
    if not Path(asked["lesson"]).exists():
        step_of(ExchangeFetchAssignment, asked, student).start()
    path = Path(asked["lesson"]) / f"{asked['notebook']}.ipynb"
    path.write_text(student["text"], encoding="utf-8")
    step = step_of(ExchangeSubmit, asked, student)
    time.sleep(max(0.0, begin + student["at_s"] - time.time()))
    before = time.time()
    step.start()
    after = time.time()
    [cached] = Path(step.cache_path).glob(f"*+{step.timestamp}")
    secret = (cached / "submission_secret.txt").read_text()
    page = Path(asked["exchange"], asked["course"], "feedback")
    page = page / f"{notebook_hash(secret=secret, notebook_id=asked['notebook'])}.html"
    while not page.exists() and time.time() < after + student.get("patience_s", 1800):
        time.sleep(1.0)  # when it came, it says itself
    seen = {"student": student["name"], "at_s": before - begin, "took_s": after - before}
    if page.exists():
        seen |= {"waited_s": page.stat().st_mtime - after, "page": page.read_text("utf-8")}
    return seen


def main():
    asked = json.load(sys.stdin)
    begin = time.time() + asked["prepare_s"]
    processes = []
    for student in asked["students"]:
        seen = Path(asked["seen"]) / f"{len(processes)}.json"
        process = os.fork()
        if process == 0:
            status, out = (
                1,
                os.open(seen, os.O_WRONLY | os.O_CREAT, 0o600),
            )  # before it is a student's
            try:
                os.write(out, json.dumps(hand_in(asked, student, begin)).encode())
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        processes.append(process)
    failed = [os.waitpid(process, 0)[1] for process in processes]
    sys.exit(bool(any(failed)))


main()
