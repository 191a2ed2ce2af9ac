"""**Validate** in the notebook's toolbar: the tests, as far as a learner can see them."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course.bootstrap.words import told as in_words
from course.grading.cycle.validating import ClaimsValidator
from course.learner import told


def main(argv: list[str] | None = None) -> int:
    """Run one notebook; print what its claims are worth as JSON."""
    parser = argparse.ArgumentParser(prog="python -m course.learner.validate")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--json", action="store_true", help="the only form that there is")
    path = parser.parse_args(argv).notebook.resolve()
    validator = ClaimsValidator()
    try:
        found: dict[str, Any] = validator.validate(str(path))
    except Exception as error:  # of the notebook's kernel, for instance
        print(json.dumps({"text": f"Not run to its end: {in_words(error)}"}))
        return 2
    print(json.dumps(answer(validator, found)))
    return 1 if found else 0


def answer(validator: ClaimsValidator, found: dict[str, Any]) -> dict[str, str]:
    """Return what is shown: ``text``, and the same as ``html``.

    Parameters
    ----------
    validator : ClaimsValidator
        Which has run the notebook.
    found : dict
        What it returned.
    """
    changed = [one["source"] for name in ("changed", "type_changed") for one in found.get(name, [])]
    if changed:
        first = [text.splitlines()[0] if text else "" for text in changed]
        return {
            "text": "Cells that are not to be changed have another text; to grade, their own is "
            "put back:\n" + "\n".join(f"  {line}" for line in first)
        }
    tests = [{**asdict(one), "diagnoses": []} for one in validator.held]
    lines = [f"{told.sign(test)} {test['claim']}" for test in tests]
    heading = f"{validator.summary()}, by the tests that you can see."
    return {"text": "\n".join([heading, *lines]), "html": told.claims(tests, heading)}


if __name__ == "__main__":
    sys.exit(main())
