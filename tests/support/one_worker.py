"""Which tests stay with one worker of pytest-xdist."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

#: Rooms whose files share what is made once, and takes half a minute: they go to one worker.
TOGETHER = ("tests/hub/",)


class ByFile(LoadFileScheduling):
    """Each file goes to one worker, and each room in `TOGETHER`."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what a test belongs to."""
        room = next((one for one in TOGETHER if nodeid.startswith(one)), "")
        return room or str(super()._split_scope(nodeid))
