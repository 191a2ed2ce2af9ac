"""Draw the lessons' pictures, which are SVG, as the PNG that notebooks hold.

JupyterLab, VS Code and Colab draw an attachment that is PNG, and not all of them one that is SVG.
It is opaque, and so readable on a dark page; its letters are those of the fonts that Matplotlib
brings. A PNG says of which SVG it was made, and stays until that changes: another version of the
renderer makes none stale.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from course.figures.svg import CARD
from course.lessons import LessonError

#: Pixels of a picture for each that it takes on the page, the sharpest first; the last is taken
#: where every other makes a file of more than `MOST_BYTES`.
PIXELS = (2, 1.5)
MOST_BYTES = 75_000
#: Enough for the few colours of a picture and what lies between them at an edge.
COLOURS = 64
#: What a PNG's text says of the SVG that it was made of.
SEAL = "Drawn from SVG"


def generate(root: Path, out: Path) -> list[Path]:
    """Draw each SVG of a lesson below a folder, beside its own name; return what was written.

    Raises
    ------
    LessonError
        Where a drawing is no SVG.
    """
    written = []
    for drawing in sorted((root / "source").glob("*/images/*.svg")):
        there = drawing.with_suffix(".png")
        svg = drawing.read_text(encoding="utf-8")
        made = out / there.relative_to(root)
        made.parent.mkdir(parents=True, exist_ok=True)
        try:
            fresh = there.is_file() and seal_in(there.read_bytes()) == seal(svg)
            made.write_bytes(there.read_bytes() if fresh else png(svg))
        except ValueError as error:
            raise LessonError(f"{drawing} cannot be drawn as PNG: {error}") from None
        written.append(made)
    return written


def png(svg: str) -> bytes:
    """Return a drawing as PNG, with the most `PIXELS` to each of its own that make a small file."""
    *sharper, last = PIXELS
    found = (_png(svg, pixels) for pixels in sharper)
    return next((made for made in found if len(made) <= MOST_BYTES), None) or _png(svg, last)


def _png(svg: str, pixels: float) -> bytes:
    import matplotlib
    import resvg_py

    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        background=CARD,
        zoom=pixels,
        skip_system_fonts=True,
        font_dirs=[str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")],
        sans_serif_family="DejaVu Sans",
        monospace_family="DejaVu Sans Mono",
    )
    about = PngInfo()
    about.add_text(SEAL, seal(svg))
    file = io.BytesIO()
    opaque = Image.open(io.BytesIO(drawn)).convert("RGB")
    few = opaque.quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    few.save(file, "PNG", optimize=True, pnginfo=about)
    return file.getvalue()


def seal(svg: str) -> str:
    """Return what a PNG says of the drawing that it was made of, and of how."""
    return hashlib.sha256(f"{PIXELS[0]} {COLOURS} {CARD} {svg}".encode()).hexdigest()


def seal_in(picture: bytes) -> str:
    """Return what a PNG says of the drawing that it was made of; ``""`` for another picture."""
    try:
        with Image.open(io.BytesIO(picture)) as image:
            return str(image.info.get(SEAL, ""))
    except UnidentifiedImageError:
        return ""
