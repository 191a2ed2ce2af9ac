"""What a task is: a source of sequences, and what there is to know of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from course.engine import Batch, ModelShape
from course.engine.numerics import Array
from course.engine.training import Source

#: The seed of the sequences that every model of a task is measured on.
HELD_OUT_SEED = 2015
#: The seed of the sequences in a pool of a fixed size.
POOL_SEED = 1999


@dataclass(frozen=True)
class Task:
    """A source of sequences, and what there is to know of it.

    Attributes
    ----------
    name : str
        How commands and files call it: its module's name.
    title : str
        One line for a reader.
    feature_dim : int
        F, what the encoder sees; 0 where there is no context.
    classes : int
        How many tokens there are.
    steps : int
        T.
    draw : Source
        Draws training sequences.
    prefix_matters : bool
        False where a token is independent of the tokens before it, given the context, and where
        errors on an own prefix are the judge all the same (`digits`, whose prefix tells a little).
    test_pool : callable, optional
        Where the data are real: returns all sequences to test on, none of which `draw` draws.
    truth : callable, optional
        Where the truth is known: from a batch to a function from tokens (T, N) to the log
        probabilities (T, O, N) of each token after what comes before it.
    varied : callable, optional
        From a text that an experiment names, as ``"0.7"``, to other training sequences.
    """

    name: str
    title: str
    feature_dim: int
    classes: int
    steps: int
    draw: Source
    prefix_matters: bool
    test_pool: Callable[[], Batch] | None = None
    truth: Callable[[Batch], Callable[[Array], Array]] | None = None
    varied: Callable[[str], Source] | None = None

    def shape(self, cell_type: str, hidden_dim: int) -> ModelShape:
        """Return the sizes of a model for this task."""
        return ModelShape(cell_type, self.feature_dim, self.classes, hidden_dim, self.classes)

    def draw_test(self, columns: int, rng: np.random.Generator) -> Batch:
        """Draw test sequences."""
        source = from_pool(self.test_pool()) if self.test_pool else self.draw
        return source(columns, rng)

    def source(self, variant: str = "") -> Source:
        """Return where training sequences come from, those of a variant if one is named.

        Raises
        ------
        ValueError
            Where the task has no variants.
        """
        if not variant:
            return self.draw
        if self.varied is None:
            raise ValueError(f"the task {self.name!r} has no variants, got {variant!r}")
        return self.varied(variant)


class Shown(NamedTuple):
    """How a task is shown: what a file of one says by `SHOWN`, apart from what models hang on.

    Attributes
    ----------
    kind : str
        What is drawn of its tokens, one of `course.figures.things.KINDS`.
    short : str
        What it is called where there is little room; its title if empty.
    """

    kind: str = "symbols"
    short: str = ""


def from_pool(pool: Batch) -> Source:
    """Draw from so many sequences and no others, each as likely, with repetition."""

    def draw(columns: int, rng: np.random.Generator) -> Batch:
        return pool.take(rng.integers(0, pool.tokens.shape[1], columns))

    return draw


def pool_of(draw: Source) -> Callable[[str], Source]:
    """Return what makes a pool of so many sequences: ``"50"`` draws from 50, drawn once."""
    return lambda size: from_pool(draw(int(size), np.random.default_rng(POOL_SEED)))


def without_features(tokens: Array, mask: Array | None = None) -> Batch:
    """Return a batch of sequences (T, N) that have no context."""
    return Batch(np.zeros((0, tokens.shape[1]), np.float32), tokens, mask)


def held_out(task: Task, columns: int) -> Batch:
    """Return test sequences, the same at every call: so many, or all that there are.

    Parameters
    ----------
    task : Task
    columns : int
        N. Where the data are real there may be fewer, and each comes once.
    """
    if task.test_pool:
        test = task.test_pool()
        return test.take(np.arange(min(columns, test.tokens.shape[1])))
    return task.draw_test(columns, np.random.default_rng(HELD_OUT_SEED))
