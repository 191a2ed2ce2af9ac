"""Digests are of what code says and uses, and not of where and how it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from course.bootstrap.seals import Code, is_sealed, sealed

MODULES = {
    "engine/steps.py": "RATE = 0.5\nUNUSED = 1\n\ndef step(x):\n    return RATE * x\n",
    "engine/__init__.py": "from course.engine.steps import step\n",
    "task.py": (
        "import numpy as np\nfrom course.engine import step\n\n"
        "def draw(n):\n    return step(np.zeros(n)), 'numbers.bin'\n"
    ),
    "numbers.bin": "123",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in MODULES.items():
        path = tmp_path / "course" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "course"


def digest(package: Path, entry: str = "course.task:draw") -> str:
    return Code(package.parent).digest(entry)


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("task.py", "def draw(n):\n", 'def draw(n):  # why\n    """Say."""\n'),
        ("task.py", "step(np.zeros(n))", "(step(np.zeros(\n        n)))"),
        ("task.py", "from course.engine import", "from course.engine.steps import"),
        ("task.py", "from course.engine import", "from .engine import"),
        ("engine/steps.py", "UNUSED = 1", "UNUSED = 2"),
    ],
)
def test_what_says_the_same_has_the_same_digest(
    package: Path, name: str, old: str, new: str
) -> None:
    before = digest(package)
    rewrite(package / name, old, new)
    assert digest(package) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("task.py", "zeros", "ones"),
        ("task.py", "import numpy as np", "import cupy as np"),
        ("engine/steps.py", "RATE = 0.5", "RATE = 0.25"),
        ("engine/steps.py", "RATE * x", "RATE + x"),
        ("engine/steps.py", "def step(x)", "def step(x, y=1)"),
        ("engine/steps.py", "RATE = 0.5\n", "RATE = 0.5\nif UNUSED:\n    RATE = 1\n"),
        ("engine/steps.py", "RATE = 0.5\n", "RATE = 0.5\nprint()\n"),
        ("numbers.bin", "123", "124"),
    ],
)
def test_what_says_something_else_has_another_digest(
    package: Path, name: str, old: str, new: str
) -> None:
    before = digest(package)
    rewrite(package / name, old, new)
    assert digest(package) != before


def test_a_moved_module_or_file_changes_no_digest(package: Path) -> None:
    before = digest(package)
    (package / "engine/steps.py").rename(package / "stepping.py")
    rewrite(package / "engine/__init__.py", "course.engine.steps", "course.stepping")
    (package / "numbers.bin").rename(package / "engine/other.bin")
    rewrite(package / "task.py", "numbers.bin", "engine/other.bin")
    (package / "task.py").rename(package / "drawing.py")
    assert digest(package, "course.drawing:draw") == before


def test_a_definition_that_moves_to_another_module_changes_no_digest(package: Path) -> None:
    before = digest(package)
    rewrite(package / "engine/steps.py", "RATE = 0.5\n", "from course.rates import RATE\n")
    (package / "rates.py").write_text("RATE = 0.5\n")
    assert digest(package) == before


def test_two_functions_of_one_name_are_told_apart(package: Path) -> None:
    (package / "other.py").write_text("def step(x):\n    return x\n")
    for name in ("one", "two"):
        (package / f"{name}.py").write_text(
            "from course.engine import step\nfrom course.other import step as second\n\n"
            "def both(x):\n    return step(x) - second(x)\n"
        )
    rewrite(package / "two.py", "engine import step", "other import step")
    rewrite(package / "two.py", "other import step as", "engine import step as")
    assert digest(package, "course.one:both") != digest(package, "course.two:both")


def test_what_is_imported_within_a_function_or_as_a_module_counts(package: Path) -> None:
    (package / "late.py").write_text(
        "import course.engine.steps as steps\n\ndef late():\n    return steps.RATE\n\n"
        "def later():\n    from course.engine.steps import RATE\n    return RATE\n"
    )
    before = [digest(package, f"course.late:{name}") for name in ("late", "later")]
    rewrite(package / "engine/steps.py", "RATE = 0.5", "RATE = 0.25")
    after = [digest(package, f"course.late:{name}") for name in ("late", "later")]
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_functions_that_call_each_other_have_a_digest(package: Path) -> None:
    (package / "turns.py").write_text(
        "def a(n):\n    return n and b(n)\n\ndef b(n):\n    a(n - 1)\n"
    )
    assert set(Code(package.parent).reached("course.turns:a")) == {
        ("course.turns", "a"),
        ("course.turns", "b"),
    }


def test_what_is_not_defined_is_named(package: Path) -> None:
    with pytest.raises(ValueError, match=r"course\.task in .* defines no 'drawn'"):
        digest(package, "course.task:drawn")


def test_a_change_by_hand_breaks_the_seal() -> None:
    said = sealed({"loss": 1.0})
    assert is_sealed(said)
    assert not is_sealed(said | {"loss": 2.0})
    assert not is_sealed({"loss": 1.0})
