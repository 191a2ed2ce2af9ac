"""The tiny lesson's course and class as fixtures."""

from tiny_class import released, room, tiny_course

__all__ = ["released", "room", "tiny_course"]
