"""Where the exporters used to be; for one release, `course.grading.lms.export` answers here too."""

from __future__ import annotations

import warnings
from typing import Any

_EXPORTERS = ("CanvasExport", "GradesExport", "MoodleExport")


def __getattr__(name: str) -> Any:
    """Return an exporter by its former path, and say its new one."""
    if name not in _EXPORTERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from course.grading.lms import export

    warnings.warn(
        f"{__name__}.{name} is now {export.__name__}.{name}: write that in nbgrader_config.py and "
        f"after --exporter; the old path goes with the next release",
        DeprecationWarning,
        stacklevel=2,
    )
    return getattr(export, name)
