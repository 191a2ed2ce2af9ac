"""Grading a whole class: one writer, many workers, nothing lost. See `benchmarks/README.md`."""
