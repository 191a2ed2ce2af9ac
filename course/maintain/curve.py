"""The curves of a still picture: one training with the settings that `labs.training` opens with."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np

from course.bootstrap.seals import Code, read_sealed, sealed
from course.engine import train
from course.labs.training.state import CURVE, Training

FILE = f"course/labs/training/{CURVE.name}"
COMMAND = "python3 -m course build curve"
#: Decimals that are kept, more than the picture shows.
DECIMALS = 4


def generate(_root: Path, out: Path) -> None:
    """Train what the still picture of a lab that trains shows; write it below a folder."""
    state = Training()
    state.start()
    state.wait()
    if state.fault:
        raise OSError(state.fault)
    said = {
        "command": COMMAND,
        "made_from": made_from(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "courses": [
            {
                "loss_nats": [round(loss, DECIMALS) for loss in course.loss_nats],
                "wrong": [[updates, round(part, DECIMALS)] for updates, part in course.wrong],
                "said": [] if course.said is None else course.said.tolist(),
            }
            for course in state.courses
        ],
    }
    path = out / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sealed(said), indent=1) + "\n", encoding="utf-8", newline="\n")


def made_from() -> dict[str, Any]:
    """Return the lab's settings, and a digest of the code that trains with them."""
    settings = Training().settings()
    code = Code(Path(__file__).parents[2]).digest(train, f"course.tasks.{settings['task']}:TASK")
    return {"settings": settings, "code_sha256": code}


def why_stale(root: Path) -> str:
    """Say why the curves of a repository are stale; nothing where they are fresh."""
    stored, why = read_sealed(root / FILE)
    if why:
        return why
    said, now = stored["made_from"], made_from()
    changed = [name.removesuffix("_sha256") for name in now if now[name] != said.get(name)]
    return f"the lab's {' and '.join(changed)} changed since it was made" if changed else ""
