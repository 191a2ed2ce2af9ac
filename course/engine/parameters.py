"""A model's weights: the lessons' `decoder_params` and the encoder's, as views of one vector.

One vector, so that clipping and Adam are a handful of operations whatever the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import DTypeLike

from course.engine.cells import find_cell
from course.engine.numerics import Array

DECODER_NAMES = ("W_xh", "W_hh", "b_xh", "b_hh", "W_hy", "b_y", "x_start")


@dataclass(frozen=True)
class ModelShape:
    """The sizes of a model.

    Attributes
    ----------
    cell_type : {"rnn", "lstm", "gru"}
    feature_dim : int
        F, what the encoder reads; 0 where a task has no context.
    input_dim, hidden_dim, output_dim : int
        I, H and O.
    """

    cell_type: str
    feature_dim: int
    input_dim: int
    hidden_dim: int
    output_dim: int

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each array by its name."""
        H, rows = self.hidden_dim, find_cell(self.cell_type).gates * self.hidden_dim
        return {
            "W_xh": (rows, self.input_dim),
            "W_hh": (rows, H),
            "b_xh": (rows,),
            "b_hh": (rows,),
            "W_hy": (self.output_dim, H),
            "b_y": (self.output_dim,),
            "x_start": (self.input_dim,),
            "W_context": (H, self.feature_dim),
            "b_context": (H,),
        }


@dataclass(frozen=True)
class Parameters(Mapping[str, Array]):
    """Named arrays that share one vector: a change of either is a change of both.

    Attributes
    ----------
    shape : ModelShape
    flat : array (P,)
        All numbers, in the order of ``shape.arrays()``.
    """

    shape: ModelShape
    flat: Array
    _views: dict[str, Array] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shapes = self.shape.arrays()
        ends = np.cumsum([prod(size) for size in shapes.values()])
        if self.flat.shape != (ends[-1],):
            raise ValueError(
                f"{self.shape} has {ends[-1]} parameters, got an array of shape "
                f"{self.flat.shape}: are these the weights of another model?"
            )
        pieces = np.split(self.flat, ends[:-1])
        views = {
            name: piece.reshape(size)
            for (name, size), piece in zip(shapes.items(), pieces, strict=True)
        }
        object.__setattr__(self, "_views", views)

    def __getitem__(self, name: str) -> Array:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def decoder_params(self) -> dict[str, Array]:
        """Return copies of the decoder's arrays: what a learner's function is given."""
        return {name: self._views[name].copy() for name in DECODER_NAMES}

    def copy(self) -> Parameters:
        """Return the same numbers in arrays of their own."""
        return Parameters(self.shape, self.flat.copy())

    def zeros_like(self) -> Parameters:
        """Return zeros of the same shapes, for gradients."""
        return Parameters(self.shape, np.zeros_like(self.flat))


def initial_parameters(
    shape: ModelShape, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> Parameters:
    r"""Draw weights uniformly from :math:`\pm 1/\sqrt{H}`, as PyTorch does; ``x_start`` is 0.

    Parameters
    ----------
    shape : ModelShape
    rng : Generator
    dtype : dtype, optional
        float32 or float64; the draws are the same.
    """
    bound = shape.hidden_dim**-0.5
    size = sum(prod(size) for size in shape.arrays().values())
    parameters = Parameters(shape, rng.uniform(-bound, bound, size).astype(dtype))
    parameters["x_start"][...] = 0
    return parameters
