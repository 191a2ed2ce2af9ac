"""Train and measure a tiny decoder on the task "echo", beside what the grid has of the chain."""

from pathlib import Path

from course import trained
from course.study import make_results, make_weights
from course.study.grid import EXPERIMENTS, Experiment
from course.study.tables import table

ECHO = Experiment("echo", "gru", 6, 120, ("p0.00", "p1.00"), 2, ships=True)

if __name__ == "__main__":
    chain = [one for one in EXPERIMENTS if one.task == "chain"]
    for make in (make_weights, make_results):
        make.generate(Path(), Path(), [*chain, ECHO])
        print(make.why_stale(Path(), [*chain, ECHO]) or "fresh")
    print(trained.load("echo", "gru", "p1.00", 1).shape.output_dim)
    print(table("echo/gru", ("own_prefix_error", "gap")))
    print(trained.manifest()["makings"][-1]["tasks"])
