"""A hub with three people who are logged in, each in Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import hub_server
import postgres
import pytest
from hub_people import SHOWN_MS, Person, log_in
from playwright.sync_api import expect, sync_playwright

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--process-per-site",
    # No page lives long enough for code that is optimised to pay.
    "--js-flags=--no-turbofan --no-maglev",
]


@pytest.fixture(scope="session")
def hub() -> Iterator[hub_server.Hub]:
    """JupyterHub, with PostgreSQL for its course's gradebook; skipped where it cannot be had."""
    why = hub_server.why_not() or ("" if postgres.programs() else "apt install postgresql")
    if why:
        pytest.skip(f"no hub can be started here: {why}")
    with postgres.a_server() as database, hub_server.a_hub(database.address) as running:
        yield running


@pytest.fixture(scope="session")
def people(hub: hub_server.Hub) -> Iterator[dict[str, Person]]:
    """The teacher, Ann and Bob."""
    chromium = shutil.which("chromium")
    if chromium is None:
        told = pytest.fail if os.environ.get("CI") else pytest.skip
        told("no Chromium on this machine: apt install chromium")
    expect.set_options(timeout=SHOWN_MS)
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        stack.callback(browser.close)
        found = {}
        for who in hub.names:
            context = browser.new_context(viewport={"width": 1300, "height": 850})
            context.set_default_timeout(SHOWN_MS)
            found[who] = log_in(hub, who, context)
        yield found


@pytest.fixture(scope="session")
def teacher(people: dict[str, Person]) -> Person:
    return people["teacher"]


@pytest.fixture(scope="session")
def ann(people: dict[str, Person]) -> Person:
    return people["ann"]


@pytest.fixture(scope="session")
def bob(people: dict[str, Person]) -> Person:
    return people["bob"]
