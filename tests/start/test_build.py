"""What `build` makes, and what `build --check` finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from course.maintain import build
from course.maintain.build import FAILED, FRESH, STALE, Target


def make_two(root: Path, out: Path) -> None:
    (out / "made").mkdir()
    (out / "made" / "text.svg").write_text((root / "source.txt").read_text())
    numbers = np.array([float((root / "number.txt").read_text())])
    np.savez(out / "made" / "numbers.npz", numbers=numbers)


TWO = Target("two", ("made/*",), make_two)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "source.txt").write_text("one")
    (tmp_path / "number.txt").write_text("1.0")
    assert build.run(TWO, tmp_path, only_check=False) == FRESH
    return tmp_path


def test_what_was_just_made_is_fresh(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.run(TWO, root, only_check=True) == FRESH
    assert "fresh, 2 files" in capsys.readouterr().out


def test_a_changed_source_is_stale_until_it_is_built(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "source.txt").write_text("two")
    assert build.run(TWO, root, only_check=True) == STALE
    said = capsys.readouterr().out
    assert "made/text.svg has changed" in said
    assert "mend it with: python3 -m course build two" in said
    assert (root / "made" / "text.svg").read_text() == "one"
    assert build.run(TWO, root, only_check=False) == FRESH
    assert (root / "made" / "text.svg").read_text() == "two"


def test_a_missing_file_is_stale(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "made" / "text.svg").unlink()
    assert build.run(TWO, root, only_check=True) == STALE
    assert "made/text.svg is missing" in capsys.readouterr().out


def test_a_file_that_is_no_longer_made_is_stale_and_removed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "made" / "old.svg").touch()
    assert build.run(TWO, root, only_check=True) == STALE
    assert "made/old.svg is no longer made" in capsys.readouterr().out
    build.run(TWO, root, only_check=False)
    assert not (root / "made" / "old.svg").exists()


def test_arrays_are_compared_as_numbers(root: Path) -> None:
    (root / "number.txt").write_text(str(1 + 1e-12))
    assert build.run(TWO, root, only_check=True) == FRESH
    (root / "number.txt").write_text(str(1 + 1e-6))
    assert build.run(TWO, root, only_check=True) == STALE


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 3e-8, -0.7, 12.5, -950.0])
def test_one_unit_in_the_last_place_of_float32_is_fresh_and_a_thousandth_is_stale(
    tmp_path: Path, dtype: type[np.floating], value: float
) -> None:
    """Another processor rounds otherwise: nothing is stale for that."""
    made, moved, changed = (tmp_path / f"{name}.npz" for name in ("made", "moved", "changed"))
    next_one = np.nextafter(np.float32(value), np.float32(np.inf))
    np.savez(made, a=np.array([1.0, value], dtype=dtype))
    np.savez(moved, a=np.array([1.0, next_one], dtype=dtype))
    np.savez(changed, a=np.array([1.0, value * (1 + 1e-3) + 1e-3], dtype=dtype))
    assert build.same_content(made, moved)
    assert not build.same_content(made, changed)


@pytest.mark.parametrize(
    ("drawn", "same"),
    [
        ('<path d="M10.24 7"/> loss 0.87', True),
        ('<path d="M10.27 7"/> loss 0.87', False),
        ('<path d="M10.2 7"/> loss 0.87', False),
        ('<path d="M10.25 8"/> loss 0.87', False),
        ('<path d="M10.25 7"/> cost 0.87', False),
        ('<path d="M10.25 7"/>', False),
    ],
)
def test_a_drawing_may_differ_in_the_last_place_of_a_coordinate(
    tmp_path: Path, drawn: str, same: bool
) -> None:
    """A curve's point that lies between two hundredths is rounded as the processor's last digit."""
    (tmp_path / "one.svg").write_text('<path d="M10.25 7"/> loss 0.87')
    (tmp_path / "other.svg").write_text(drawn)
    assert build.same_content(tmp_path / "one.svg", tmp_path / "other.svg") == same


def test_float32_may_lose_a_few_units_and_float64_may_not(tmp_path: Path) -> None:
    for dtype, same in ((np.float32, True), (np.float64, False)):
        np.savez(tmp_path / "one.npz", a=np.array([0.25], dtype=dtype))
        np.savez(tmp_path / "other.npz", a=np.array([0.25 + 2e-6], dtype=dtype))
        assert build.same_content(tmp_path / "one.npz", tmp_path / "other.npz") == same


@pytest.mark.parametrize(
    "other",
    [{"a": [1.0, 2.0], "b": [1]}, {"a": [1.0]}, {"a": [[1.0, 2.0]]}, {"a": [1, 2]}, {}],
    ids=["another name", "another shape", "another dimension", "another type", "nothing"],
)
def test_arrays_of_another_kind_are_not_the_same(tmp_path: Path, other: dict[str, object]) -> None:
    np.savez(tmp_path / "one.npz", a=np.array([1.0, 2.0]))
    np.savez(tmp_path / "other.npz", **{name: np.array(of) for name, of in other.items()})
    assert not build.same_content(tmp_path / "one.npz", tmp_path / "other.npz")


def test_a_spoilt_array_file_is_not_the_same(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", a=np.ones(2))
    (tmp_path / "other.npz").write_bytes(b"PK no more")
    assert not build.same_content(tmp_path / "one.npz", tmp_path / "other.npz")


def test_a_failure_leaves_what_was_there(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(root: Path, out: Path) -> None:
        (out / "made").mkdir()
        (out / "made" / "text.svg").write_text("half")
        raise OSError("the disk broke")

    monkeypatch.setattr(build, "TARGETS", (Target("two", ("made/*",), fail),))
    monkeypatch.setenv("COURSE_ROOT", str(root))
    assert build.main([]) == FAILED
    assert "build failed: the disk broke" in capsys.readouterr().err
    assert (root / "made" / "text.svg").read_text() == "one"


def test_the_worst_of_the_targets_is_the_exit_status(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "TARGETS", (TWO, Target("none", (), lambda root, out: None)))
    monkeypatch.setenv("COURSE_ROOT", str(root))
    (root / "source.txt").write_text("two")
    assert build.main(["--check"]) == STALE
    assert build.main(["none", "--check"]) == FRESH


def test_an_unknown_target_is_answered_by_what_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        build.main(["pixels"])
    assert (
        "there is no target pixels; there are ['curve', 'figures', 'pictures', 'endings'"
        in capsys.readouterr().err
    )


def test_what_takes_long_is_made_where_it_is_named_and_else_looked_at(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def why(of: Path) -> str:
        return "the source is younger" if (of / "source.txt").read_text() == "two" else ""

    monkeypatch.setattr(build, "TARGETS", (Target("two", ("made/*",), make_two, why),))
    monkeypatch.setenv("COURSE_ROOT", str(root))
    assert build.main([]) == FRESH
    (root / "source.txt").write_text("two")
    for asked in ([], ["--check"], ["two", "--check"]):
        assert build.main(asked) == STALE
        said = capsys.readouterr().out
        assert "stale: the source is younger" in said
        assert "mend it with: python3 -m course build two" in said
    assert (root / "made" / "text.svg").read_text() == "one"
    assert build.main(["two"]) == FRESH
    assert (root / "made" / "text.svg").read_text() == "two"
