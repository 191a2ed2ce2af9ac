"""A transformer's weights: one vector, seen under the lessons' names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course.engine.parameters import ModelShape, Parameters, initial_parameters

#: The lessons' `params`: arrays by name, and ``blocks``, a list of dicts of arrays.
TransformerParams = dict[str, Any]

BLOCK_NAMES = ("W_q", "W_k", "W_v", "W_o", "W_1", "b_1", "W_2", "b_2")


@dataclass(frozen=True)
class TransformerShape(ModelShape):
    """The sizes of a transformer decoder.

    Attributes
    ----------
    cell_type : str
        ``"transformer"``.
    feature_dim : int
        C, the size of a context vector.
    input_dim, hidden_dim, output_dim : int
        I, d and O.
    blocks : int
    inner_dim : int
        f, the rows of ``W_1``.
    max_steps : int
        T_max, for how many positions there are embeddings.
    """

    blocks: int
    inner_dim: int
    max_steps: int

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each array by its name, those of block 0 as ``0/W_q``."""
        d, f = self.hidden_dim, self.inner_dim
        each = dict(zip(BLOCK_NAMES, [(d, d)] * 4 + [(f, d), (f,), (d, f), (d,)], strict=True))
        return {
            "W_in": (d, self.input_dim),
            "W_context": (d, self.feature_dim),
            "positions": (self.max_steps, d),
            **{f"{b}/{name}": size for b in range(self.blocks) for name, size in each.items()},
            "W_out": (self.output_dim, d),
            "b_out": (self.output_dim,),
            "x_start": (self.input_dim,),
        }


def transformer_shape(
    context_dim: int,
    tokens: int,
    max_steps: int,
    model_dim: int = 32,
    blocks: int = 2,
    inner_dim: int | None = None,
) -> TransformerShape:
    """Return the sizes of a transformer that writes tokens; f is 2 d if not given.

    >>> shape = transformer_shape(4, 16, 30)
    >>> sum(int(np.prod(size)) for size in shape.arrays().values())
    18720
    """
    inner_dim = inner_dim or 2 * model_dim
    return TransformerShape(
        "transformer", context_dim, tokens, model_dim, tokens, blocks, inner_dim, max_steps
    )


def as_params(parameters: Parameters) -> TransformerParams:
    """Return a transformer's arrays as the lessons have them: views, no copies.

    Raises
    ------
    TypeError
        For the weights of another model.
    """
    shape = parameters.shape
    if not isinstance(shape, TransformerShape):
        raise TypeError(f"expected the weights of a transformer, got those of {shape}")
    params: TransformerParams = {}
    for name in parameters:
        block, _, inside = name.rpartition("/")
        if not block:
            params[inside] = parameters[name]
            continue
        params.setdefault("blocks", [{} for _ in range(shape.blocks)])
        params["blocks"][int(block)][inside] = parameters[name]
    return params | {"blocks": params.get("blocks", [])}


def initial_transformer(
    shape: TransformerShape, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> Parameters:
    r"""Draw weights uniformly from :math:`\pm 1/\sqrt{d}`; biases and ``x_start`` are 0."""
    parameters = initial_parameters(shape, rng, dtype)
    for name in parameters:
        if name.rpartition("/")[2] in ("b_1", "b_2", "b_out"):
            parameters[name][...] = 0
    return parameters
