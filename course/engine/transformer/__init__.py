"""A transformer decoder in NumPy: what it computes, forward and back, and how it is trained.

Arrow means "imports": `training -> generation -> passes -> tape -> shape`. `prompted`, which reads
a set before it writes, imports `passes` and is imported by itself.
Outside, a sequence is a column, as in all of the engine: contexts are ``(C, N)``, tokens
``(T, N)``, logits ``(T, O, N)``; drop the last axis and the shapes are the lessons'.
"""

from course.engine.transformer.generation import (
    forward_in_passes,
    generate,
    generate_anew,
    with_own,
)
from course.engine.transformer.passes import transformer_backward, transformer_forward
from course.engine.transformer.shape import (
    TransformerParams,
    TransformerShape,
    as_params,
    initial_transformer,
    transformer_shape,
)
from course.engine.transformer.tape import TransformerTape, causal, new_transformer_tape
from course.engine.transformer.training import train_transformer

__all__ = [
    "TransformerParams",
    "TransformerShape",
    "TransformerTape",
    "as_params",
    "causal",
    "forward_in_passes",
    "generate",
    "generate_anew",
    "initial_transformer",
    "new_transformer_tape",
    "train_transformer",
    "transformer_backward",
    "transformer_forward",
    "transformer_shape",
    "with_own",
]
