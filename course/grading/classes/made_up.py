"""Submissions made from the instructor's notebook: solved, unsolved, wrong in known ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def fill_in(released: Path, texts: Mapping[str, str]) -> str:
    """Return a released notebook with some cells' texts replaced, as a student would hand it in.

    Parameters
    ----------
    released : Path
        The notebook that students get.
    texts : mapping of str to str
        New texts by ``grade_id``.
    """
    notebook = json.loads(released.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in texts:
            cell["source"] = texts[grade_id]
    return json.dumps(notebook)
