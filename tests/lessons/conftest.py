"""What the tests of the lessons share."""

from same_chance import _same_chance_each_time, rng

__all__ = ["_same_chance_each_time", "rng"]
