"""Measure what a wrong function does: what its result depends on, and is made of."""
