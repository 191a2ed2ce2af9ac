"""A hub with people who are logged in, each in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import hub_server
import postgres
import pytest
from chromium import ARGS, SHOWN_MS, found_chromium
from hub_people import Person, log_in
from playwright.sync_api import Playwright


@pytest.fixture(scope="session")
def hub() -> Iterator[hub_server.Hub]:
    """JupyterHub, with PostgreSQL for its course's gradebook; skipped where it cannot be had."""
    why = hub_server.why_not() or ("" if postgres.programs() else "apt install postgresql")
    if why:
        pytest.skip(f"no hub can be started here: {why}")
    with (
        postgres.a_server() as database,
        hub_server.a_hub(database.address, database.another("other")) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def arrive(hub: hub_server.Hub, playwright: Playwright) -> Iterator[Callable[..., Person]]:
    """Logs somebody in, in a browser of their own."""
    browser = playwright.chromium.launch(executable_path=found_chromium(), args=ARGS)

    def begin(who: str, *told: str) -> Person:
        context = browser.new_context(viewport={"width": 1300, "height": 850})
        context.set_default_timeout(SHOWN_MS)
        return log_in(hub, who, context, *told)

    yield begin
    browser.close()


@pytest.fixture(scope="session")
def people(arrive: Callable[..., Person]) -> dict[str, Person]:
    """The teacher, Ann and Bob."""
    return {who: arrive(who) for who in ("teacher", "ann", "bob")}


@pytest.fixture(scope="session")
def teacher(people: dict[str, Person]) -> Person:
    return people["teacher"]


@pytest.fixture(scope="session")
def ann(people: dict[str, Person]) -> Person:
    return people["ann"]


@pytest.fixture(scope="session")
def bob(people: dict[str, Person]) -> Person:
    return people["bob"]
