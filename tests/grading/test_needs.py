"""What of a slow cell is run again: all that something needs, and no experiment."""

from __future__ import annotations

import pytest

from course.grading.confinement.needs import Needs


def kept(cell: str, *others: str, answers: tuple[str, ...] = ("f",)) -> list[str]:
    """Return what answers need of a cell, statement by statement."""
    text = Needs([cell, *others], answers).for_answers(cell)
    return [line for line in text.splitlines() if line.strip(" 0;")]


USES = "import numpy as np\ndef f(x):\n    h = x\n    return table[h] + helper(h)"


@pytest.mark.parametrize(
    "needed",
    [
        "table = slow()",
        "table[0] = slow()",
        "table.field = slow()",
        "table += [slow()]",
        "table.append(slow())",
        "x, (y, table) = slow()",
        "for table in slow(): pass",
        "with slow() as table: pass",
        "if slow(): table = 3",
        "del table",
        "print(table := slow())",
        "helper = make(slow())",
        "class Table: pass",
        "def unused(): pass",
        "import slow",
        "from slow import *",
        "globals()['table'] = slow()",
        "exec('table = slow()')",
        "%time table = slow()",
        "%run slow.py",
        "!slow",
        "np.table = table = 3",
    ],
)
def test_what_a_function_needs_is_kept(needed: str) -> None:
    assert kept(needed, USES)


@pytest.mark.parametrize(
    "experiment",
    [
        "slow()",
        "result = slow()",
        "f(3)",
        "for h in range(9): x = f(h)",
        "np.random.seed(0)",
        "print(table, helper(3))",
        "plt.plot(f(3)); plt.show()",
        "while True: pass",
        "%time f(3)",
        "%timeit f(3)",
        "assert f(3) == 4",
    ],
)
def test_an_experiment_is_not(experiment: str) -> None:
    assert kept(experiment, USES) == []


def test_what_is_needed_by_what_is_needed_is_kept() -> None:
    cell = "a = slow()\nb = a + 1\nc = slow()"
    assert kept(cell, "def helper(x):\n    return b", USES) == ["a = slow()", "b = a + 1"]


def test_what_only_a_later_cell_reads_is_kept_for_that_one() -> None:
    cells = ["a = slow()\nb = slow()", "print(a)", USES]
    needs = Needs(cells, ["f"])
    assert needs.for_answers(cells[0]) == "0\n0"
    assert needs.for_later(cells[0], 1) == "a = slow()\n0"
    assert needs.for_later(cells[0], 2) == "0\n0"


def test_every_line_keeps_its_number() -> None:
    cell = "slow(\n    1,\n)\n\nx = 1; def_ = 'ä'; slow()\ndef f(x):\n    return x"
    assert Needs([cell], ["f"]).for_answers(cell).split("\n") == [
        *("0", "", "", "", "0; 0; 0"),
        *("def f(x):", "    return x"),
    ]


@pytest.mark.parametrize("cell", ["def f(:", "no python at all", "\x00", ""])
def test_what_cannot_be_read_is_left_as_it_is(cell: str) -> None:
    assert Needs([cell, USES], ["f"]).for_answers(cell) == cell
