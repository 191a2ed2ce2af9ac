"""Have a worker of Dask's grade with other versions than the grader."""

from course.grading.classes import versions

own = dict(versions.versions())
versions.versions = lambda: own | {"numpy": "1.0"}
