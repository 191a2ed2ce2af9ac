"""Chromium as tests start it."""

from __future__ import annotations

import os
import shutil

import pytest

#: When a test no longer waits for a page: what ends a test of something that hangs. A machine with
#: much else to do shows one after half a minute.
SHOWN_MS = 240_000
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Pages of one JupyterLab share a process, in which its programs are compiled once.
    "--process-per-site",
    # No page lives long enough for code that is optimised to pay, nor for small heaps.
    "--js-flags=--no-turbofan --no-maglev --min-semi-space-size=64 --max-semi-space-size=64",
]


def found_chromium() -> str:
    """Return the program; where there is none, skip the tests that need it, but not in CI."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        told = pytest.fail if os.environ.get("CI") else pytest.skip
        told("no Chromium on this machine: apt install chromium")
    return found
