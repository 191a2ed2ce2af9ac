"""Start a hub as a run of tests does, name what was made, and wait to be killed.

With an argument, no more than an account that is at work.
"""

import json
import subprocess
import sys
from contextlib import contextmanager

import hub_server
import leftovers
from hub_server import Hub, a_hub

NONE = "postgresql://127.0.0.1:9/none"
hub_server.INSTRUCTORS = ()  # whose JupyterLab would start with the hub


@contextmanager
def an_account():
    """Make as much of a hub as is quick."""
    made = Hub(leftovers.begin("hub"), "")
    made.folder.chmod(0o755)
    (made.folder / "home").mkdir()
    made.account("ann")
    yield made


with an_account() if sys.argv[1:] else a_hub(NONE, NONE) as hub:
    subprocess.Popen(
        ["sleep", "infinity"], user=hub.names["ann"], cwd="/", stdout=subprocess.DEVNULL
    )
    print(json.dumps({"folder": str(hub.folder), "names": [*hub.names.values()]}), flush=True)
    sys.stdin.read()
