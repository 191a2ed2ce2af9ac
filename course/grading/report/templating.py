"""Templates of pages on a class: whatever they show is escaped, and all of it can be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from course.bootstrap.words import count
from course.grading.report.text import printable


def safe_templates(*folders: Path) -> Environment:
    """Return the templates in some folders, and those that pages on a class share.

    Parameters
    ----------
    folders : Path
        Where they lie.
    """
    environment = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["count"] = count
    return environment


def _visible(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
