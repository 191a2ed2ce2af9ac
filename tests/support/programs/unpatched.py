"""Grade a class as `course grade` and its workers do, and print what of others' modules it changed.

Arguments: a class's folder, a lesson; ``mended`` behind them mends nbgrader as its commands are.
"""

import inspect
import json
import sys
import tempfile
from pathlib import Path

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader
from course.grading.classes.temporary import Classroom
from course.grading.classes.workers.local import LocalPool
from course.grading.classes.workers.worker import Worker, warm_up
from course.grading.cycle.mended import mend

THEIRS = ("nbformat", "nbgrader", "nbconvert", "jsonschema", "traitlets")


def names():
    """Return what each name in their modules, and in the classes there, stands for."""
    found = {}
    for module in [m for n, m in sys.modules.items() if n.split(".")[0] in THEIRS]:
        for name, value in list(vars(module).items()):
            found[f"{module.__name__}.{name}"] = value
            if inspect.isclass(value) and value.__module__.split(".")[0] in THEIRS:
                for inside, member in list(vars(value).items()):
                    if inspect.isroutine(member) or isinstance(member, property):
                        found[f"{value.__module__}.{value.__qualname__}.{inside}"] = member
    return found


folder, lesson_id = Path(sys.argv[1]), sys.argv[2]
warm_up()
before = names()
config, course = settings(folder)
grader = ClassGrader(course, config, lesson_id)
pool = LocalPool(grader.lesson.data, 1)
tally = grader.run(pool, grader.students())
pool.close()
with tempfile.TemporaryDirectory() as place:  # what workers do, but here
    worker = Worker(Path(place))
    worker.learn(grader.lesson.data)
    [(conversion, _)] = worker._lessons.values()
    graded = [conversion.grade(grader._task(student)).points() for student in grader.students()]
grader.close()
room = Classroom(folder, lesson_id, folder / "again")
room.generate()
room.hand_in("ada", "")
room.autograde()
if "mended" in sys.argv:
    mend(folder)
after = names()
changed = [name for name, value in before.items() if after.get(name) is not value]
print(json.dumps({"points": [*tally.graded.values()], "here": graded, "changed": changed}))
