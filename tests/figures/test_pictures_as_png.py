"""Lessons' pictures as PNG: made of the SVG beside them, and of another only where that changed."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

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
    assert found.shape == (40, 80, 4)
    assert (found[:, :40] == [255, 0, 0, 255]).all()
    assert (found[:, 40:] > 240).all()


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


def test_a_picture_whose_file_would_be_large_is_less_sharp(monkeypatch: pytest.MonkeyPatch) -> None:
    small = len(pictures.png(RED))
    monkeypatch.setattr(pictures, "MOST_BYTES", small)
    assert pixels(pictures.png(RED)).shape[:2] == (40, 80)
    monkeypatch.setattr(pictures, "MOST_BYTES", small - 1)
    assert pixels(pictures.png(RED)).shape[:2] == (30, 60)


@pytest.mark.parametrize("drawing", DRAWN, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_letter_of_a_picture_is_smaller_than_twelve_pixels(drawing: Path) -> None:
    svg = drawing.read_text(encoding="utf-8")
    width, across = (
        re.search(rf'<svg[^>]*? {name}="(?:0 0 )?([\d.]+)', svg) for name in ("width", "viewBox")
    )
    assert width
    assert across
    scale = float(width[1]) / float(across[1])
    sizes = {float(size) for size in re.findall(r"font-size[=:] ?\"?([\d.]+)", svg)}
    assert sizes
    assert min(sizes) * scale >= 12 - 1e-3
