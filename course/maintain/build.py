"""``python3 -m course build``: make again all that is generated, or say what is stale.

Diagrams come from `course.figures`, the endings of lessons from their order, golden arrays from the
instructor's notebooks, the release from all of these, and the README's table of lessons from what
notebooks say of themselves; trained weights and measured results from `course.study`. Everything is
made in a temporary folder first, so that a failure leaves the repository as it was.

Weights and results take many minutes, and no training gives the same last digits everywhere. What
is trained is made where it is named; otherwise it is only looked at: it carries digests of all that
it hangs on.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from zipfile import BadZipFile

from course.bootstrap.files import write_whole
from course.bootstrap.problems import refused
from course.bootstrap.words import command, count
from course.lessons import LessonError, course_root, find_lessons, not_lessons

FRESH, STALE, FAILED = 0, 1, 2

#: How far apart numbers of a golden array may be and still be the same, relatively and absolutely:
#: processors differ that much. Of float64 it is the seventh place that differs, since golden files
#: are rounded to it; float32 loses a few units in its last place in every step of a decoder.
TOLERANCE = {"float32": 1e-5, "float64": 2.5e-7}


@dataclass(frozen=True)
class Target:
    """Something that is generated.

    Attributes
    ----------
    name : str
        As it is called on the command line.
    owns : tuple of str
        Patterns of repository paths that only this target writes; a file there that is no longer
        made is removed.
    make : callable
        ``make(root, out)`` reads the repository and writes the same relative paths below `out`.
    why_stale : callable, optional
        For what takes minutes to make: from the repository to why it is stale, found without
        making it; empty where it is fresh. Such a target is made only where it is named.
    """

    name: str
    owns: tuple[str, ...]
    make: Callable[[Path, Path], None]
    why_stale: Callable[[Path], str] | None = None


def made_by(*modules: str) -> Callable[[Path, Path], None]:
    """Return what makes the files of some modules; these are imported when they are needed."""

    def make(root: Path, out: Path) -> None:
        for module in modules:
            import_module(module).generate(root, out)

    return make


def looked_at_by(*modules: str) -> Callable[[Path], str]:
    """Return what tells why the files of some modules are stale."""

    def why_stale(root: Path) -> str:
        return "; ".join(filter(None, (import_module(name).why_stale(root) for name in modules)))

    return why_stale


def make_endings(root: Path, out: Path) -> None:
    """Write how each lesson ends: on grading, and the lesson that comes next."""
    from course.maintain import endings

    endings.generate(root, out)


def make_release(root: Path, out: Path) -> None:
    """Generate what students get, with nbgrader, in a folder and a gradebook of its own.

    The visible tests travel with the package too: `checks.run_claims` runs them. The pictures are
    in the notebooks already, and not kept beside them once more.
    """
    from course.grading.classes.temporary import Classroom
    from course.maintain import visible

    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        for lesson in find_lessons(root / "source"):
            notebook = Classroom(root, lesson.id, Path(folder) / lesson.id).generate()
            there = out / "release" / lesson.id
            shutil.copytree(notebook.parent, there, ignore=shutil.ignore_patterns("images"))
            visible.generate(notebook, out / "course" / "lessons" / lesson.id / "tests.json")


def make_results(root: Path, out: Path) -> None:
    """Measure trained models, and write the tables that the lessons quote."""
    from course.study import make_weights

    if why := make_weights.why_stale(root):
        raise LessonError(f"the weights are stale ({why}); make them first, with: build weights")
    made_by(*_RESULTS)(root, out)


#: What trains the models that come with the course.
_WEIGHTS = ("course.study.make_weights", "course.study.make_masks")
#: What makes the tables of results.
_RESULTS = (
    "course.study.make_results",
    "course.study.make_experiments",
    "course.study.make_beyond",
)


#: In the order of making: each may read what those before it wrote.
TARGETS = (
    Target(
        "curve",
        ("course/labs/training/training_curve.json",),
        made_by("course.maintain.curve"),
        looked_at_by("course.maintain.curve"),
    ),
    Target(
        "figures",
        ("source/*/images/lab_*.svg", "docs/images/*.svg"),
        made_by("course.maintain.diagrams", "course.maintain.stills"),
    ),
    Target("pictures", ("source/*/images/*.png",), made_by("course.maintain.pictures")),
    Target("endings", (), make_endings),
    Target(
        "golden",
        ("course/lessons/*/golden.npz", "course/lessons/*/golden.json"),
        made_by("course.maintain.golden"),
    ),
    Target("release", ("release/*/**/*", "course/lessons/*/tests.json"), make_release),
    Target("readme", ("README.md",), made_by("course.maintain.readme")),
    Target(
        "weights",
        tuple(
            f"course/trained/{name}"
            for name in ("weights_*.npz", "manifest.json", "masks.npz", "masks.json")
        ),
        made_by(*_WEIGHTS),
        looked_at_by(*_WEIGHTS),
    ),
    Target(
        "results",
        tuple(
            f"course/trained/{name}"
            for name in ("results.json", "experiments.json", "beyond.json", "curves.npz")
        ),
        make_results,
        looked_at_by(*_RESULTS),
    ),
)


def main(argv: list[str]) -> int:
    """Make the targets, or check them; return 0 where fresh, 1 where stale, 2 where it failed."""
    parser = argparse.ArgumentParser(
        prog=command("build"),
        description="Make again all that is generated. Targets: "
        + ", ".join(target.name for target in TARGETS)
        + "; all of them, in this order, if none is named. Curve, weights and results are only "
        "looked at unless they are named: to train the weights takes up to half an hour on two "
        "cores, goes on where it was interrupted, and shows how far it is.",
        epilog="Exit status: 0 done or fresh, 1 something is stale (--check), 2 it failed.",
    )
    parser.add_argument("target", nargs="*", help="what to make")
    parser.add_argument("--check", action="store_true", help="change nothing; say what is stale")
    asked = parser.parse_args(argv)
    known = [target.name for target in TARGETS]
    if unknown := set(asked.target) - set(known):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {known}")
    chosen = [target for target in TARGETS if not asked.target or target.name in asked.target]
    status = FRESH
    for folder in ("source", "release"):
        for other in not_lessons(course_root() / folder):
            print(f"note: {other}", file=sys.stderr)
    for target in chosen:
        looks = target.why_stale and (asked.check or target.name not in asked.target)
        try:
            made = (
                look_at(target, course_root()) if looks else run(target, course_root(), asked.check)
            )
        except (LessonError, OSError, ValueError) as error:
            said = isinstance(error, OSError) and refused(error, course_root())
            print(f"build failed: {said or error}", file=sys.stderr)
            made = FAILED
        status = max(status, made)
        if made == FAILED and not asked.check:  # what follows may be made from it
            break
    return status


def look_at(target: Target, root: Path) -> int:
    """Say whether a target that takes long to make is fresh, by what it says it was made from.

    Parameters
    ----------
    target : Target
        With `why_stale`.
    root : Path
        The repository.

    Returns
    -------
    int
        `FRESH` or `STALE`.
    """
    assert target.why_stale is not None
    why = target.why_stale(root)
    if why:
        print(f"{target.name:8} stale: {why}")
        print(f"  mend it with: {command(f'build {target.name}')}")
        return STALE
    print(f"{target.name:8} fresh")
    return FRESH


def run(target: Target, root: Path, only_check: bool) -> int:
    """Make one target and bring the repository up to date with it, or say what is not.

    Parameters
    ----------
    target : Target
        What to make.
    root : Path
        The repository.
    only_check : bool
        Leave the repository as it is.

    Returns
    -------
    int
        `FRESH` or `STALE`.
    """
    print(f"{target.name:8} ", end="", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"build-{target.name}-") as folder:
        out = Path(folder)
        target.make(root, out)
        differences = dict(compare(target, root, out))
        n_made = sum(path.is_file() for path in out.rglob("*"))
        if not differences:
            print(f"fresh, {count(n_made, 'file')}")
            return FRESH
        if only_check:
            print(f"stale, {len(differences)} of {count(n_made, 'file')}")
            for path, why in differences.items():
                print(f"  {path} {why}")
            print(f"  mend it with: {command(f'build {target.name}')}")
            return STALE
        for path in differences:
            if (out / path).is_file():
                write_whole(root / path, (out / path).read_bytes())
            else:
                (root / path).unlink()
                _remove_empty((root / path).parent, root)
        print(f"made, {len(differences)} of {count(n_made, 'file')} changed")
    return FRESH


def compare(target: Target, root: Path, out: Path) -> Iterator[tuple[str, str]]:
    """Yield each stale path of the repository, and why it is stale.

    Parameters
    ----------
    target : Target
        What was made.
    root, out : Path
        The repository, and the folder of what was made just now.
    """
    made = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    owned = {
        path.relative_to(root).as_posix()
        for pattern in target.owns
        for path in root.glob(pattern)
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }
    for path in sorted(made | owned):
        if path not in made:
            yield path, "is no longer made"
        elif not (root / path).is_file():
            yield path, "is missing"
        elif not same_content(root / path, out / path):
            yield path, "has changed"


def same_content(one: Path, other: Path) -> bool:
    """Say whether two files are the same: byte by byte, or number by number where they hold any."""
    if one.read_bytes() == other.read_bytes():
        return True
    if one.suffix == ".npz":
        return same_arrays(one, other)
    return one.suffix == ".svg" and same_drawing(one, other)


#: A number with a fraction, as a drawing's coordinates are written.
_FRACTION = re.compile(r"(-?\d+\.\d+)")


def same_drawing(one: Path, other: Path) -> bool:
    """Say whether two SVG files draw the same, though coordinates may be rounded to either side.

    Fractions may differ by one unit in their last place; everything else is compared as text.
    """
    a, b = (_FRACTION.split(path.read_text(encoding="utf-8")) for path in (one, other))
    return len(a) == len(b) and all(
        x == y or (i % 2 == 1 and _differ_in_the_last_place(x, y))
        for i, (x, y) in enumerate(zip(a, b, strict=True))
    )


def _differ_in_the_last_place(one: str, other: str) -> bool:
    """Say whether two numbers are one unit apart in the last place of the one written longer."""
    places = max(len(number.partition(".")[2]) for number in (one, other))
    return abs(Decimal(one) - Decimal(other)) <= Decimal(1).scaleb(-places)


def same_arrays(one: Path, other: Path) -> bool:
    """Say whether two ``.npz`` files hold the same names, types and, nearly, numbers.

    How nearly depends on the type: see `TOLERANCE`.
    """
    import numpy as np

    def same(a: np.ndarray, b: np.ndarray) -> bool:
        if a.dtype != b.dtype or a.shape != b.shape:
            return False
        near = TOLERANCE.get(a.dtype.name)
        if near is None:
            return np.array_equal(a, b)
        return np.allclose(a, b, rtol=near, atol=near, equal_nan=True)

    try:
        with np.load(one) as a, np.load(other) as b:
            return set(a) == set(b) and all(same(a[name], b[name]) for name in a)
    except (ValueError, EOFError, BadZipFile):
        return False


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder that a removed file leaves empty, and so on upwards."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
