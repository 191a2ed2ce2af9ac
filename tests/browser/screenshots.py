"""What tests saw, kept for people to look at: no test looks at it, and to make it takes long."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Locator, Page

FOLDER = os.environ.get("COURSE_SCREENSHOTS")


def keep(seen: Locator | Page, name: str) -> None:
    """Keep by a name what something looks like, where `COURSE_SCREENSHOTS` names a folder."""
    if FOLDER:
        seen.screenshot(path=Path(FOLDER) / f"{name}.png")
