"""Wrong answers of learners who write in a style of their own are named, or told in words."""

import linecache
import re
import warnings

import pytest
from some import some_quick
from unseen import answers_of_a_notebook, answers_of_cells, answers_of_decoders
from unseen.styles import NOTEBOOK, SOURCES

from course.checks.dashboard.checking import examine
from course.checks.dashboard.report import FAILS
from course.checks.known import diagnosis

pytestmark = pytest.mark.usefixtures("_asked_once")

FORCED = "decoder_forward_teacher_forcing"
_ROWS = answers_of_a_notebook.ROWS

ANSWERS = [*answers_of_cells.ANSWERS, *answers_of_decoders.ANSWERS]

#: Said wrongly, it sends a learner astray: only where the words that are asked for have it too.
ASTRAY = re.compile(
    r"earlier call|\bfloat64\b(?! are right)|is no longer|\bseed|between calls|one call to the next"
)


#: No sentence of ours: numbers or words twice, marks where none belong, a shape that contradicts.
AWKWARD = re.compile(
    r"= \d+ \d+ |\b([a-z]+) \1\b|\ba (?!one\b)(?=[aeio][a-z])|[ (][,;]|[,;]\."
    r"|shape (\([\d, ]*\)), where \([A-Z, ]+\) = \2 is asked|(?<!-)\b1 (values|rows|steps)\b"
)


def of_ours(said):
    """Return what is told, without what Python and NumPy say, and without the learner's lines."""
    return re.sub(r"`[^`]*`|with \w+Error: .*?(?=\. That means|\n|\Z)", "...", said)


def written(function_name, changes, source=None):
    """Return a learner's function, in which some lines are others."""
    source = source or SOURCES[function_name]
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


@pytest.mark.sampled(one_in=3)
@pytest.mark.parametrize(
    ("name", "changes", "words"),
    some_quick(ANSWERS, 9, seconds=45),
    ids=[f"{name}-{i}-{words}" for i, (name, _, words) in enumerate(ANSWERS)],
)
def test_a_wrong_answer_is_told_what_it_does(name, changes, words):
    said, _ = told(written(name, changes), name)
    assert re.search(words, said), said
    astray = ASTRAY.search(said)
    assert not astray or "float16" in words, said
    assert not AWKWARD.search(of_ours(said)), said


@pytest.mark.sampled(one_in=3)
@pytest.mark.parametrize(
    ("name", "changes", "words"),
    some_quick(answers_of_a_notebook.ANSWERS, 9),
    ids=[f"{name}-{i}" for i, (name, *_) in enumerate(answers_of_a_notebook.ANSWERS)],
)
def test_a_wrong_line_of_a_notebook_is_told(name, changes, words):
    said, named = told(written(name, changes, NOTEBOOK), name)
    assert re.search(words, said, re.DOTALL), said
    assert named, said
    assert not ASTRAY.search(said), said
    assert not AWKWARD.search(of_ours(said)), said


@pytest.mark.sampled(one_in=3)
@pytest.mark.parametrize(
    ("name", "changes"),
    some_quick(answers_of_a_notebook.RIGHT, 9),
    ids=[f"{name}-{i}" for i, (name, _) in enumerate(answers_of_a_notebook.RIGHT)],
)
def test_a_right_notebook_in_an_odd_style_is_told_nothing(name, changes):
    assert told(written(name, changes, NOTEBOOK), name) == ("", [])


@pytest.mark.parametrize(
    "changes",
    [
        {"    rows = []": "    state = tuple(0 * one for one in state)\n    rows = []"},
        {_ROWS: "return np.argmax(np.array(rows), axis=-1)"},
        {_ROWS: "return rows, state"},
        {_ROWS: "return np.array(rows) + np.random.default_rng().normal()"},
    ],
    ids=["ignores the context", "indices", "a tuple", "chance"],
)
def test_what_keeps_nothing_is_not_said_to_remember(changes):
    report = examine(written(FORCED, changes, NOTEBOOK), FORCED)
    assert report.failure
    assert FAILS not in dict(report.table)["remembers nothing between calls"].values()


@pytest.mark.parametrize(
    ("sentence", "awkward"),
    [
        ("Called with I = 3, H = 1 2 values come back.", True),
        ("The result has shape (2,), where (H,) = (2,) is asked for.", True),
        ("It is the the state.", True),
        ("The result has shape (5,), where (H,) = (6,) is asked for.", False),
        ("Row 0 is right: look at out[t] = ...: it is written once.", False),
    ],
)
def test_an_awkward_sentence_is_noticed(sentence, awkward):
    assert bool(AWKWARD.search(sentence)) == awkward
