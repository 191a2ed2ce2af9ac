"""Batched NumPy decoders: what they compute, what they are fed, and how they are trained.

Arrow means "imports":
`training -> optim, parameters, decoder -> feeding, cells -> layout -> numerics`.
A sequence is a column: states are ``(H, N)``, tokens ``(T, N)``, logits ``(T, O, N)``; drop the
last axis and the shapes are the lessons'. `transformer`, above all these, is imported by itself.
"""

from course.engine.decoder import Tape, backward, context_from, forward
from course.engine.feeding import (
    Feed,
    Schedule,
    constant,
    free_running,
    ramp,
    scheduled_sampling,
    teacher_forcing,
)
from course.engine.numerics import cross_entropy, log_softmax, one_hot, softmax
from course.engine.parameters import ModelShape, Parameters, initial_parameters
from course.engine.training import (
    Batch,
    History,
    Measured,
    Progress,
    Trained,
    TrainingPlan,
    train,
)

__all__ = [
    "Batch",
    "Feed",
    "History",
    "Measured",
    "ModelShape",
    "Parameters",
    "Progress",
    "Schedule",
    "Tape",
    "Trained",
    "TrainingPlan",
    "backward",
    "constant",
    "context_from",
    "cross_entropy",
    "forward",
    "free_running",
    "initial_parameters",
    "log_softmax",
    "one_hot",
    "ramp",
    "scheduled_sampling",
    "softmax",
    "teacher_forcing",
    "train",
]
