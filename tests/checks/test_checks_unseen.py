"""Wrong answers of learners who write in a style of their own are named, or told in words."""

import linecache
import re
import warnings

import pytest
from some import some_quick
from unseen import answers_of_cells, answers_of_decoders
from unseen.styles import SOURCES

from course.checks.dashboard.checking import examine
from course.checks.known import diagnosis

ANSWERS = [*answers_of_cells.ANSWERS, *answers_of_decoders.ANSWERS]

#: Said wrongly, it sends a learner astray: only where the words that are asked for have it too.
ASTRAY = re.compile(
    r"earlier call|\bfloat64\b(?! are right)|is no longer|\bseed|between calls|one call to the next"
)


def written(function_name, changes):
    """Return a learner's function, in which some lines are others."""
    source = SOURCES[function_name]
    for old, new in changes.items():
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    # So that an exception's traceback has the lines, as in a notebook.
    linecache.cache["<answer>"] = len(source), None, source.splitlines(keepends=True), "<answer>"
    namespace = {}
    exec(compile(source, "<answer>", "exec"), namespace)
    return namespace[function_name]


def told(function, function_name):
    """Return all that a learner is told, by the grader and by the check."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = diagnosis.diagnose(function, function_name)
        report = examine(function, function_name)
    failure = report.failure
    words = [one.sentence for one in names] + [report.begin and f"not written. {report.begin}"]
    if failure:
        words += [failure.finding, failure.cause]
    return "\n".join(filter(None, words)), names


@pytest.mark.parametrize("name", SOURCES)
def test_the_right_answer_in_each_style_is_told_nothing(name):
    assert told(written(name, {}), name) == ("", [])


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    some_quick(ANSWERS, 9),
    ids=[f"{name}-{i}-{words}" for i, (name, _, words) in enumerate(ANSWERS)],
)
def test_a_wrong_answer_is_told_what_it_does(name, changes, words):
    said, _ = told(written(name, changes), name)
    assert re.search(words, said), said
    astray = ASTRAY.search(said)
    assert not astray or "float16" in words, said
