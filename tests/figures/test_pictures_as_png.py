"""Lessons' pictures as PNG: made of the SVG beside them, and of another only where that changed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course.grading.steps.released import PIXELS
from course.lessons import LessonError, course_root
from course.maintain import pictures

DRAWN = sorted(course_root().glob("source/*/images/*.svg"))
LINE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">{}</svg>'
RED = LINE.format('<rect width="20" height="20" fill="#ff0000"/>')


def pixels(png: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(png)).convert("RGBA"))


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "source" / "08_added" / "images" / "line.svg"
    path.parent.mkdir(parents=True)
    path.write_text(RED)
    return path


def made(drawing: Path, name: str) -> bytes:
    root = drawing.parents[3]
    [path] = pictures.generate(root, root / name)
    assert path == root / name / "source" / "08_added" / "images" / "line.png"
    return path.read_bytes()


def test_a_picture_has_the_colours_of_its_drawing_and_twice_its_pixels(drawing: Path) -> None:
    found = pixels(made(drawing, "out"))
    assert found.shape == (20 * PIXELS, 40 * PIXELS, 4)
    assert (found[:, : 20 * PIXELS] == [255, 0, 0, 255]).all()
    assert (found[:, 20 * PIXELS :] > 240).all()


def test_letters_are_drawn_with_the_fonts_that_matplotlib_brings() -> None:
    word = '<text x="2" y="15" font-family="\'No Such Font\', {}">ill</text>'
    sans, mono = (
        pixels(pictures.png(LINE.format(word.format(family))))[..., 0] < 128
        for family in ("sans-serif", "monospace")
    )
    assert sans.any(axis=0).nonzero()[0][-1] < mono.any(axis=0).nonzero()[0][-1]


def test_another_renderers_picture_of_the_same_drawing_is_fresh(drawing: Path) -> None:
    first = made(drawing, "out")
    other = Image.open(io.BytesIO(first))
    there = drawing.with_suffix(".png")
    about = pictures.PngInfo()
    about.add_text(pictures.SEAL, other.info[pictures.SEAL])
    other.convert("RGBA").rotate(180).save(there, pnginfo=about)
    assert there.read_bytes() != first
    assert made(drawing, "again") == there.read_bytes()


def test_a_drawing_that_changed_is_drawn_again(drawing: Path) -> None:
    drawing.with_suffix(".png").write_bytes(made(drawing, "out"))
    drawing.write_text(RED.replace("#ff0000", "#0000ff"))
    assert (pixels(made(drawing, "again"))[0, 0] == [0, 0, 255, 255]).all()


def test_what_is_no_picture_of_ours_is_drawn_again(drawing: Path) -> None:
    drawing.with_suffix(".png").write_bytes(b"no picture")
    assert (pixels(made(drawing, "out"))[0, 0] == [255, 0, 0, 255]).all()


def test_what_is_no_drawing_is_named(drawing: Path) -> None:
    drawing.write_text("<svg")
    with pytest.raises(LessonError, match=r"line\.svg cannot be drawn as PNG"):
        made(drawing, "out")


@pytest.mark.parametrize("drawing", DRAWN, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_each_picture_is_that_of_the_drawing_and_small(drawing: Path) -> None:
    picture = drawing.with_suffix(".png").read_bytes()
    svg = drawing.read_text(encoding="utf-8")
    assert pictures.seal_in(picture) == pictures.seal(svg)
    assert len(picture) < 75_000
    assert "var(" not in svg  # a colour that the renderer would not know
    # Opaque and light, on dark pages too.
    found = pixels(picture)
    assert (found[..., 3] == 255).all()
    assert found[..., :3].mean() > 220
