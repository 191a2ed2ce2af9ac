"""What tests of right answers share: what their probes show."""

from asked_once import _asked_once_in_all

__all__ = ["_asked_once_in_all"]
