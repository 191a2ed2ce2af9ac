"""What of a program is taken away before it is compared, and what is not."""

from __future__ import annotations

import random

import pytest
from disguises import DISGUISES
from right_answers import LESSON_OF, answers_of
from some import some_quick

from course.grading.alike import normal
from course.grading.alike.normal import Names, parse, symbols
from course.grading.alike.prints import SIGNS, WINDOW, of_code, of_prose


def signs(source: str) -> list[tuple[str, str]]:
    tree = parse(source)
    assert tree is not None
    return [(one.text, "") for one in symbols(tree, Names([tree]))]


def values(source: str) -> set[int]:
    tree = parse(source)
    assert tree is not None
    return set(of_code(source, symbols(tree, Names([tree]))).values.tolist())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(a):\n    return a + 1", "def g(b):\n    # one more\n    return (1 +\n  b)"),
        ("def f(a: int) -> int:\n    '''Add.'''\n    return a", "def f(a):\n    return a"),
        ("import numpy as np\ny = np.exp(x)", "from numpy import exp\ny = exp(x)"),
        ("y = f(x, axis=0, out=z)", "y = f(x, out=z, axis=0)"),
        ("if a > b: pass", "if b < a: pass"),
        ("total += 2.0 * x", "total = x * 2 + total"),
        ("raise ValueError('h must be of shape (H,)')", "raise ValueError('this one is wrong')"),
        ("print(f'loss {x}')", "print(f'the value of it is {x}')"),
    ],
)
def test_the_same_said_otherwise_is_the_same(one: str, other: str) -> None:
    assert signs(one) == signs(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("y = a - b", "y = a + b"),
        ("y = np.exp(x)", "y = np.log(x)"),
        ("y = x.sum(axis=0)", "y = x.sum(axis=1)"),
        ("y = p['W_xh']", "y = p['W_hh']"),
        ("y = range(n)", "y = reversed(n)"),
    ],
)
def test_another_program_is_another(one: str, other: str) -> None:
    assert signs(one) != signs(other)


def test_which_name_stands_where_again_counts() -> None:
    one = "def f(a, b, i):\n    a[i] = b[i] @ a[i - 1] - b[i - 1]"
    other = "def f(a, b, i):\n    a[i] = b[i] @ b[i - 1] - a[i - 1]"
    assert signs(one) == signs(other)
    assert values(one) != values(other)


def test_a_common_stretch_that_is_long_enough_is_always_found() -> None:
    rng = random.Random(0)
    for _ in range(200):
        stretch = "".join(f"y = {rng.randrange(10**6)}\n" for _ in range(SIGNS + WINDOW))
        ahead = [f"x = {rng.randrange(10**6)}\n" * rng.randrange(5) for _ in range(2)]
        assert values(ahead[0] + stretch) & values(stretch + ahead[1])


def test_lines_that_are_no_python_cost_only_themselves() -> None:
    broken = "%time f(1)\ny = 1\nx = = 2\nif y:\n    !ls\n    z = 3"
    assert signs(broken) == signs("y = 1\nif y:\n    z = 3")


@pytest.mark.parametrize(
    "source", ["x = '''", "(" * 5000, "-" * 50_000 + "1", "x = 1\0", "x = 1\n" * 100_000]
)
def test_a_cell_that_cannot_be_read_has_no_tree_or_no_signs(source: str) -> None:
    tree = normal.parse(source)
    try:
        found = symbols(tree, Names([tree])) if tree else []
    except RecursionError:
        found = []
    assert found == []


def test_words_are_found_whatever_stands_between_them() -> None:
    one = of_prose("The mask gives weight *zero* to every later input; so `y_t` cannot reach it.")
    other = of_prose("the mask, gives weight zero\nto EVERY later input: So y_t cannot reach it")
    assert one.values.tolist() == other.values.tolist() != []
    assert not len(of_prose("too few of them").values)


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("function", some_quick(sorted(LESSON_OF)))
def test_a_disguised_answer_is_still_python(function: str, disguise: str) -> None:
    for answer in answers_of(function):
        rng = random.Random(answer.name)
        for cell in DISGUISES[disguise](answer.cells, rng):
            compile(cell, "<disguised>", "exec")
