"""Have a Dask worker that loads this grade with another NumPy."""

from course.grading.classes.workers import cluster  # noqa: F401 - before what it imports changes
from course.grading.steps import versions

own = dict(versions.versions())
versions.versions = lambda: own | {"numpy": "1.0"}
