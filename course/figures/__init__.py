"""Pictures: arrays in, axes out; and the diagrams of the lessons, as SVG."""

from course.figures import style
from course.figures.comparison import compare_logits
from course.figures.curves import schedules
from course.figures.unrolled import cells_svg, two_unrolled_svg, unrolled_svg

__all__ = [
    "cells_svg",
    "compare_logits",
    "schedules",
    "style",
    "two_unrolled_svg",
    "unrolled_svg",
]
